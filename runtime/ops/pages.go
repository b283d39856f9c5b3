package ops

import (
	"bytes"
	"encoding/json"
	"net/http"
	"runtime/debug"

	"github.com/beds-project/beds/runtime/logging"
)

// newMux routes the four pages; everything else is 404, every method but GET
// and HEAD 405.
func newMux(o Options) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { serveHealth(w, o.Alive) })
	mux.Handle("GET /readyz", newReadiness(o.Checks, o.CheckTimeout))
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) { serveMetrics(w, o.Metrics) })
	build := readBuild(o.Version)
	mux.HandleFunc("GET /buildinfo", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, build) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	})
}

// serveHealth says whether the process is alive, and nothing about its servers:
// restarting a node doesn't bring a database back.
func serveHealth(w http.ResponseWriter, alive func() error) {
	if alive != nil {
		if err := alive(); err != nil {
			writeJSON(w, http.StatusServiceUnavailable, map[string]any{"alive": false, "error": logging.Scrub(err.Error())})
			return
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"alive": true})
}

// serveMetrics renders the page before it sends any of it, so that a scraper
// never takes half of one for the whole.
func serveMetrics(w http.ResponseWriter, r *Registry) {
	var page bytes.Buffer
	if r != nil {
		_, _ = r.WriteTo(&page)
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = page.WriteTo(w)
}

// Build is what /buildinfo shows.
type Build struct {
	Version  string `json:"version"`
	Module   string `json:"module"`
	Go       string `json:"go"`
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"`
	// Modified is true if the working tree had changes that aren't committed.
	Modified bool `json:"modified"`
}

func readBuild(version string) Build {
	b := Build{Version: version}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Module, b.Go = info.Main.Path, info.GoVersion
	if b.Version == "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
}
