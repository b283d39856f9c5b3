package stack

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// A Sample is what a node uses at one moment.
type Sample struct {
	At         time.Time
	PID        int
	RSS        float64 // MiB
	Goroutines float64
	Files      float64 // open descriptors
	Sockets    float64 // of them, connections
}

// Sample reads /proc and the node's own metrics.
func (n *Node) Sample(ctx context.Context) (Sample, error) {
	s := Sample{At: time.Now(), PID: n.PID()}
	if s.PID == 0 {
		return s, fmt.Errorf("node %s does not run", n.Name)
	}
	proc := fmt.Sprintf("/proc/%d", s.PID)
	statm, err := os.ReadFile(proc + "/statm")
	if err != nil {
		return s, err
	}
	if fields := strings.Fields(string(statm)); len(fields) > 1 {
		pages, _ := strconv.ParseFloat(fields[1], 64)
		s.RSS = pages * float64(os.Getpagesize()) / (1 << 20)
	}
	files, err := os.ReadDir(proc + "/fd")
	if err != nil {
		return s, err
	}
	s.Files = float64(len(files))
	for _, f := range files {
		if to, err := os.Readlink(proc + "/fd/" + f.Name()); err == nil && strings.HasPrefix(to, "socket:") {
			s.Sockets++
		}
	}
	s.Goroutines, err = n.metric(ctx, "go_goroutines")
	return s, err
}

// metric reads one unlabelled value from /metrics.
func (n *Node) metric(ctx context.Context, name string) (float64, error) {
	text, err := n.Metrics(ctx)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	return 0, fmt.Errorf("node %s has no metric %s", n.Name, name)
}

// Metrics is the text of /metrics.
func (n *Node) Metrics(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.Health+"/metrics", nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	return string(text), err
}

// Slope is the least-squares slope of a value in units a minute.
func Slope(samples []Sample, value func(Sample) float64) float64 {
	if len(samples) < 2 {
		return 0
	}
	var sx, sy, sxx, sxy float64
	for _, s := range samples {
		x, y := s.At.Sub(samples[0].At).Minutes(), value(s)
		sx, sy, sxx, sxy = sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	n := float64(len(samples))
	if d := n*sxx - sx*sx; d != 0 {
		return (n*sxy - sx*sy) / d
	}
	return 0
}
