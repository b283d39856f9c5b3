package config

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
)

// maxPEMBytes bounds a file of certificates; the world's authorities fit.
const maxPEMBytes = 4 << 20

// A TLSError says which key of a TLS table names an unusable file.
type TLSError struct {
	// Key is ca_file or cert_file.
	Key     string
	Message string
}

func (e *TLSError) Error() string { return e.Key + ": " + e.Message }

// Client returns the settings for a connection to host, or nil where TLS is
// off. The server's certificate is always verified: against ca_file if there
// is one, else against the system's authorities. server_name wins over host.
func (t TLS) Client(host string) (*tls.Config, error) {
	if !t.Enabled {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if t.ServerName != "" {
		c.ServerName = t.ServerName
	}
	if t.CAFile != "" {
		pool, err := readAuthorities(t.CAFile)
		if err != nil {
			return nil, err
		}
		c.RootCAs = pool
	}
	if t.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return nil, &TLSError{Key: "cert_file", Message: fmt.Sprintf("certificate and key can't be loaded: %v; both must be PEM and belong together", err)}
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

func readAuthorities(path string) (*x509.CertPool, error) {
	data, err := readBounded(path, maxPEMBytes)
	if err != nil {
		return nil, &TLSError{Key: "ca_file", Message: fmt.Sprintf("%s can't be read: %s; give the authority's certificate (PEM)", quotePath(path), cause(err))}
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, &TLSError{Key: "ca_file", Message: quotePath(path) + " holds no certificate; it must be PEM, beginning with -----BEGIN CERTIFICATE-----"}
	}
	return pool, nil
}
