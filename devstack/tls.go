package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
)

// security is how the listener speaks TLS; without a certificate it does not.
type security struct{ certificate, key, authorities string }

func (s *security) bind(flags *flag.FlagSet) {
	flags.StringVar(&s.certificate, "tls-cert", "", "`file` of the server's certificate (PEM): speak TLS and nothing else")
	flags.StringVar(&s.key, "tls-key", "", "`file` of its private key")
	flags.StringVar(&s.authorities, "tls-ca", "", "`file` of authorities: refuse clients without a certificate of theirs")
}

// secure puts TLS in front of a listener where that was asked for.
func (s *security) secure(l net.Listener) (net.Listener, error) {
	if s.certificate == "" && s.key == "" && s.authorities == "" {
		return l, nil
	}
	pair, err := tls.LoadX509KeyPair(s.certificate, s.key)
	if err != nil {
		return nil, fmt.Errorf("-tls-cert and -tls-key can't be loaded: %w", err)
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	if s.authorities != "" {
		data, err := os.ReadFile(s.authorities)
		if err != nil {
			return nil, fmt.Errorf("-tls-ca: %w", err)
		}
		c.ClientCAs, c.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
		if !c.ClientCAs.AppendCertsFromPEM(data) {
			return nil, errors.New("-tls-ca holds no certificate")
		}
	}
	return tls.NewListener(l, c), nil
}
