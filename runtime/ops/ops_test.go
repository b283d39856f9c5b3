package ops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a server for one test and returns its address and its end.
func start(t *testing.T, o Options) (url string, stop func() error) {
	t.Helper()
	o.Listen = "127.0.0.1:0"
	s, err := Listen(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	var stopped bool
	stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-done
	}
	t.Cleanup(func() { _ = stop() })
	return "http://" + s.Address(), stop
}

// client keeps no connection, so that none outlives a test.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}

func get(t *testing.T, url string) (status int, body string, header http.Header) {
	t.Helper()
	res, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text), res.Header
}

func TestPages(t *testing.T) {
	r := NewRegistry()
	r.Counter("beds_test_total", "Tests.").With().Inc()
	url, stop := start(t, Options{Metrics: r, Version: "1.2.3"})
	tests := []struct {
		path, contentType, want string
		status                  int
	}{
		{"/healthz", "application/json", `"alive": true`, 200},
		{"/readyz", "application/json", `"ready": true`, 200},
		{"/metrics", "text/plain; version=0.0.4; charset=utf-8", "\nbeds_test_total 1\n", 200},
		{"/buildinfo", "application/json", `"version": "1.2.3"`, 200},
		{"/debug/pprof/", "text/plain; charset=utf-8", "not found", 404},
		{"/", "text/plain; charset=utf-8", "not found", 404},
	}
	for _, tt := range tests {
		status, body, header := get(t, url+tt.path)
		if status != tt.status || header.Get("Content-Type") != tt.contentType || !strings.Contains(body, tt.want) {
			t.Errorf("%s: %d %q\n%s", tt.path, status, header.Get("Content-Type"), body)
		}
		if header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be cached", tt.path)
		}
	}
	res, err := client.Post(url+"/healthz", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST gives %d", res.StatusCode)
	}
	if err := stop(); err != nil {
		t.Errorf("Run = %v", err)
	}
}

func TestHealthFails(t *testing.T) {
	url, _ := start(t, Options{Alive: func() error { return errors.New("stuck at amqp://u:canary@h") }})
	status, body, _ := get(t, url+"/healthz")
	if status != 503 || !strings.Contains(body, "stuck") || strings.Contains(body, "canary") {
		t.Errorf("%d %s", status, body)
	}
}

func TestReadyListsWhatFails(t *testing.T) {
	url, _ := start(t, Options{Checks: []Check{
		{"fine", func(context.Context) error { return nil }},
		{"rabbitmq", func(context.Context) error { return errors.New("no session") }},
		{"broken", func(context.Context) error { panic("oops") }},
	}})
	status, body, _ := get(t, url+"/readyz")
	var answer struct {
		Ready            bool
		Failing, Passing []Result
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if status != 503 || answer.Ready || len(answer.Passing) != 1 || len(answer.Failing) != 2 {
		t.Fatalf("%d %s", status, body)
	}
	if f := answer.Failing; f[0].Name != "rabbitmq" || f[0].Error != "no session" || f[1].Error != "the check panicked: oops" {
		t.Errorf("got %+v", f)
	}
}

// A check that ignores its context costs one goroutine, however many probes.
func TestReadyWithACheckThatHangs(t *testing.T) {
	release, calls := make(chan struct{}), 0
	url, _ := start(t, Options{CheckTimeout: 20 * time.Millisecond, Checks: []Check{{"hangs", func(context.Context) error {
		calls++
		<-release
		return nil
	}}}})
	for range 3 {
		if status, body, _ := get(t, url+"/readyz"); status != 503 || !strings.Contains(body, "the check still runs") {
			t.Errorf("%d %s", status, body)
		}
	}
	close(release)
	for {
		if status, _, _ := get(t, url+"/readyz"); status == 200 {
			break
		}
	}
	if calls < 1 || calls > 4 {
		t.Errorf("the check ran %d times", calls)
	}
}

func TestReadyFollowsTheState(t *testing.T) {
	ready := make(chan bool, 1)
	url, _ := start(t, Options{Checks: []Check{{"state", func(context.Context) error {
		if !<-ready {
			return errors.New("draining")
		}
		return nil
	}}}})
	for _, want := range []bool{true, false, true} {
		ready <- want
		if status, _, _ := get(t, url+"/readyz"); (status == 200) != want {
			t.Errorf("ready %v gives %d", want, status)
		}
	}
}

func TestListenErrors(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for address, want := range map[string]string{
		taken.Addr().String(): "another process has this port; stop it, or choose another port or port 0",
		"192.0.2.1:9":         "this machine doesn't have the address; use 127.0.0.1",
		"nonsense":            "correct listen in [health]",
	} {
		_, err := Listen(Options{Listen: address})
		var le *ListenError
		if !errors.As(err, &le) || le.Address != address || !strings.Contains(err.Error(), want) {
			t.Errorf("Listen(%q) = %v, want %q", address, err, want)
		}
	}
}

func TestCloseWithoutRun(t *testing.T) {
	s, err := Listen(Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
	again, err := Listen(Options{Listen: s.Address()})
	if err != nil {
		t.Fatalf("the port isn't free again: %v", err)
	}
	_ = again.Close()
}

// Whoever holds connections open gets maxConnections of them, and stopping
// doesn't wait for him.
func TestConnectionsAreBounded(t *testing.T) {
	url, stop := start(t, Options{})
	address := strings.TrimPrefix(url, "http://")
	var held []net.Conn
	for range maxConnections {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
		if _, err := c.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	impatient := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 100 * time.Millisecond}
	if res, err := impatient.Get(url + "/healthz"); err == nil {
		res.Body.Close()
		t.Error("one connection too many is served")
	}
	held[0].Close()
	if status, _, _ := get(t, url+"/healthz"); status != 200 {
		t.Errorf("after one has gone: %d", status)
	}
	began := time.Now()
	if err := stop(); err != nil || time.Since(began) > 2*shutdownTimeout {
		t.Errorf("Run = %v after %v", err, time.Since(began))
	}
}
