// Package ops shows an operator how a node is: health, readiness, metrics and
// build over HTTP on loopback, and the same to systemd.
package ops

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"syscall"
	"time"
)

// Bounds of the listener. A probe or a scraper needs far less; whoever holds
// connections open must not cost the node its descriptors.
const (
	maxConnections   = 64
	maxHeaderBytes   = 8 << 10
	readTimeout      = 5 * time.Second
	writeTimeout     = 15 * time.Second
	idleTimeout      = 30 * time.Second
	shutdownTimeout  = 2 * time.Second
	defaultCheckTime = 2 * time.Second
)

// Options says what to serve.
type Options struct {
	// Listen is address:port; port 0 picks a free one.
	Listen string
	// Alive says whether the process works at all; nil is yes. It decides
	// /healthz, and should decide the systemd watchdog too.
	Alive func() error
	// Checks must all pass before /readyz says yes.
	Checks []Check
	// CheckTimeout bounds each check; 0 is 2 s.
	CheckTimeout time.Duration
	// Metrics is served at /metrics; nil serves an empty page.
	Metrics *Registry
	// Version is shown at /buildinfo beside what the Go linker knows.
	Version string
}

// A ListenError says that the address can't be used and what to do.
type ListenError struct {
	Address string
	Err     error
}

// Error names the address and the cure.
func (e *ListenError) Error() string {
	cure := "correct listen in [health]"
	switch {
	case errors.Is(e.Err, syscall.EADDRINUSE):
		cure = "another process has this port; stop it, or choose another port or port 0 (any free one) for listen in [health]"
	case errors.Is(e.Err, syscall.EACCES):
		cure = "ports below 1024 need a privilege; choose a higher one for listen in [health]"
	case errors.Is(e.Err, syscall.EADDRNOTAVAIL):
		cure = "this machine doesn't have the address; use 127.0.0.1 for listen in [health]"
	}
	return fmt.Sprintf("ops: can't listen on %s: %v; %s", e.Address, e.Err, cure)
}

// Unwrap returns the cause.
func (e *ListenError) Unwrap() error { return e.Err }

// A Server is the operator's HTTP listener.
type Server struct {
	listener net.Listener
	http     *http.Server
}

// Listen takes the port, so that a conflict is found before the node starts
// work. The caller ends the Server with Run or Close.
func Listen(o Options) (*Server, error) {
	l, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, &ListenError{Address: o.Listen, Err: err}
	}
	if o.CheckTimeout <= 0 {
		o.CheckTimeout = defaultCheckTime
	}
	return &Server{
		listener: limit(l, maxConnections),
		http: &http.Server{
			Handler:           newMux(o),
			ReadHeaderTimeout: readTimeout,
			ReadTimeout:       readTimeout,
			WriteTimeout:      writeTimeout,
			IdleTimeout:       idleTimeout,
			MaxHeaderBytes:    maxHeaderBytes,
			// What net/http has to say is about broken clients; no operator
			// is to be woken by a port scan.
			ErrorLog: log.New(io.Discard, "", 0),
		},
	}, nil
}

// Address is where the server listens, with the port that was picked.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Run serves until ctx ends, then finishes what is in work. It returns nil
// unless the listener broke.
func (s *Server) Run(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(s.listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("ops: listener on %s failed: %w", s.Address(), err)
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close()
	}
	<-failed
	return nil
}

// Close gives the port back without having run.
func (s *Server) Close() error { return errors.Join(s.http.Close(), ignoreClosed(s.listener.Close())) }

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
