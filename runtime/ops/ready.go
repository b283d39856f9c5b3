package ops

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/beds-project/beds/runtime/logging"
)

// A Check is one condition of readiness. It must honour its context: a node
// that says ready and consumes nothing is the peers' classic (celery#6760,
// airflow#15799), so a check should do what it claims, such as one round trip.
type Check struct {
	Name string
	// Run returns nil if the condition holds, else an error that an operator
	// can act on.
	Run func(context.Context) error
}

// readiness serves /readyz.
type readiness struct {
	timeout time.Duration
	checks  []*runningCheck
}

func newReadiness(checks []Check, timeout time.Duration) *readiness {
	r := &readiness{timeout: timeout}
	for _, c := range checks {
		r.checks = append(r.checks, &runningCheck{Check: c})
	}
	return r
}

// A Result is one check's line in the answer of /readyz.
type Result struct {
	Name   string `json:"name"`
	Error  string `json:"error,omitempty"`
	TookMS int64  `json:"took_ms"`
}

// ServeHTTP answers 200 if all checks pass, else 503 with those that don't.
func (s *readiness) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), s.timeout)
	defer cancel()
	passed, failed := []Result{}, []Result{}
	for _, res := range s.runAll(ctx) {
		if res.Error == "" {
			passed = append(passed, res)
		} else {
			failed = append(failed, res)
		}
	}
	status := http.StatusOK
	if len(failed) > 0 {
		status = http.StatusServiceUnavailable
	}
	writeJSON(w, status, map[string]any{"ready": len(failed) == 0, "failing": failed, "passing": passed})
}

// runAll runs the checks side by side and keeps their order.
func (s *readiness) runAll(ctx context.Context) []Result {
	results := make([]Result, len(s.checks))
	var wg sync.WaitGroup
	for i, c := range s.checks {
		wg.Go(func() { results[i] = c.result(ctx) })
	}
	wg.Wait()
	return results
}

// A runningCheck runs at most once at a time: a check that hangs costs one
// goroutine, not one for each probe.
type runningCheck struct {
	Check
	mu      sync.Mutex
	current *run
}

// A run is one execution, which several probes may wait for.
type run struct {
	done  chan struct{}
	err   error
	began time.Time
}

func (c *runningCheck) result(ctx context.Context) Result {
	began := time.Now()
	err := c.wait(ctx, c.start(ctx))
	res := Result{Name: c.Name, TookMS: time.Since(began).Milliseconds()}
	if err != nil {
		res.Error = logging.Scrub(err.Error())
	}
	return res
}

// start joins the run in progress, or begins one. Its context is that of the
// probe which began it, without the cancellation: another may be waiting too.
func (c *runningCheck) start(ctx context.Context) *run {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != nil {
		return c.current
	}
	r := &run{done: make(chan struct{}), began: time.Now()}
	c.current = r
	deadline, _ := ctx.Deadline()
	go func() {
		ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), deadline)
		defer cancel()
		r.err = contain(ctx, c.Run)
		c.mu.Lock()
		c.current = nil
		c.mu.Unlock()
		close(r.done)
	}()
	return r
}

func (c *runningCheck) wait(ctx context.Context, r *run) error {
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return fmt.Errorf("no answer for %s; the check still runs", time.Since(r.began).Round(time.Millisecond))
	}
}

// contain turns a panic into a failed check.
func contain(ctx context.Context, f func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the check panicked: %v", p)
		}
	}()
	return f(ctx)
}
