// Package probe lets the benchmark look into the processes that it measures: what they allocate and, as a
// profile, where their time goes. It is part of the benchmark's builds of the servers and of no other.
package probe

import (
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime/metrics"
)

// Announcement begins the line of standard output that tells the benchmark where the probe listens.
const Announcement = "probe "

// Serve starts the probe on a free loopback port and announces it. The listener lives as long as the process.
func Serve() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/allocs", allocs)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	go func() { _ = http.Serve(l, mux) }() // ends with the process
	_, err = fmt.Fprintf(os.Stdout, "%s%s\n", Announcement, l.Addr())
	return err
}

// allocs answers with the objects and bytes allocated and the collections made since the start.
func allocs(w http.ResponseWriter, _ *http.Request) {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:objects"}, {Name: "/gc/heap/allocs:bytes"}, {Name: "/gc/cycles/total:gc-cycles"}}
	metrics.Read(s)
	fmt.Fprintf(w, "%d %d %d\n", s[0].Value.Uint64(), s[1].Value.Uint64(), s[2].Value.Uint64())
}
