package suite

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/beds-project/beds/devstack/faults/check"
	"github.com/beds-project/beds/devstack/faults/journal"
	"github.com/beds-project/beds/devstack/faults/load"
	"github.com/beds-project/beds/devstack/faults/stack"
)

const (
	// recoveryLimit is how long the product may take to its first success after a fault.
	recoveryLimit = 45 * time.Second
	warmUp        = 700 * time.Millisecond
	coolDown      = 800 * time.Millisecond
)

// Outcome is what one case has shown.
type Outcome struct {
	Name, Doc, Tag string
	check.Result
	Recovery time.Duration // from the end of the fault to the first success in both stores
	// Meanwhile is how many orders (MariaDB) and examples (MongoDB) a second succeeded
	// while the fault lasted: what does not depend on what is broken goes on.
	Meanwhile [2]float64
	Took      time.Duration
	Idle      stack.Sample // after the case, without load
	Tried     int64
	Samples   []stack.Sample
	Notes     []string
}

// Runner runs cases one after the other on one Env.
type Runner struct {
	Env   *Env
	stamp string
	count int
}

// NewRunner begins a run with a name of its own, so that runs never meet in the data.
func NewRunner(e *Env) (*Runner, error) {
	if err := os.MkdirAll(filepath.Dir(e.journalPath("x")), 0o700); err != nil {
		return nil, err
	}
	return &Runner{Env: e, stamp: strconv.FormatInt(time.Now().Unix()%(36*36*36*36*36), 36)}, nil
}

// Run runs one case: load, fault, recovery, settlement, check.
func (r *Runner) Run(ctx context.Context, f Fault) (*Outcome, error) {
	e, start := r.Env, time.Now()
	tag, guid := r.begin()
	w, err := journal.Create(e.journalPath(tag))
	if err != nil {
		return nil, err
	}
	out := &Outcome{Name: f.Name, Doc: f.Doc, Tag: tag}
	secrets, err := e.watchSecrets()
	if err != nil {
		return nil, err
	}
	client := load.Dial(e.clientURL(), "beds.events", e.canary(), load.Late(w))
	if !client.Connected(30 * time.Second) {
		return nil, errors.New("the load does not get a connection to RabbitMQ")
	}
	e.Load = load.Start(ctx, load.Config{Client: client, Journal: w, Case: tag, Canary: e.canary(), Group: guid, Workers: 24, Rate: e.Rate,
		Seed: e.Seed + uint64(r.count), Only: f.Only, Timeout: 3 * time.Second, GiveUp: 75 * time.Second})
	stop := r.sample(out)
	r.disturb(ctx, &f, out)
	e.Load.Stop()
	stop()
	out.Tried = e.Load.Tried.Load()
	if n := e.Load.Again.Load(); f.Smooth && n > 0 {
		e.Found(check.Unexpected, tag, "%d attempts failed although a node was always there", n)
	}
	r.settle()
	if s, err := e.Node.Sample(ctx); err == nil {
		out.Idle = s
	}
	client.Close()
	if err := w.Close(); err != nil {
		return nil, err
	}
	if err := r.collect(); err != nil {
		return nil, err
	}
	if err := e.search(ctx, secrets, client.Leaks()); err != nil {
		return nil, err
	}
	err = r.judge(ctx, &f, out)
	out.Notes, out.Took = e.notes, time.Since(start)
	return out, err
}

// begin gives the case its tag and its GUID.
func (r *Runner) begin() (tag, guid string) {
	e := r.Env
	r.count++
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	h := hex.EncodeToString(b)
	e.Tag = r.stamp + string("0123456789abcdefghijklmnopqrstuvwxyz"[r.count/36%36]) + string("0123456789abcdefghijklmnopqrstuvwxyz"[r.count%36])
	e.guid = h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
	e.findings, e.notes, e.letters = nil, nil, nil
	return e.Tag, e.guid
}

// disturb performs the fault under load and waits for the recovery.
func (r *Runner) disturb(ctx context.Context, f *Fault, out *Outcome) {
	e := r.Env
	sleep(ctx, warmUp)
	began := time.Now()
	orders, examples := e.Load.Successes()
	if err := f.perform(ctx, e); err != nil {
		e.Found(check.Unexpected, f.Name, "the fault could not be performed: %v", err)
	}
	if s := time.Since(began).Seconds(); s > 0 {
		o, x := e.Load.Successes()
		out.Meanwhile = [2]float64{float64(o-orders) / s, float64(x-examples) / s}
	}
	e.Load.FaultEnds()
	limit := time.Now().Add(recoveryLimit)
	for ctx.Err() == nil {
		took, ok := e.Load.Recovered()
		if ok {
			out.Recovery = took
			break
		}
		if time.Now().After(limit) {
			out.Recovery = recoveryLimit // at least
			e.Found(check.Unexpected, f.Name, "no recovery within %v after the end of the fault", recoveryLimit)
			r.revive(ctx)
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	sleep(ctx, coolDown)
}

// revive starts the node anew, so that one broken case does not break the next.
func (r *Runner) revive(ctx context.Context) {
	e := r.Env
	if err := e.Node.Kill(); err != nil {
		e.Note("%v", err)
	}
	if err := e.Node.Start(ctx); err != nil {
		e.Note("%v", err)
	}
}

// settle waits until nothing is under way any more.
func (r *Runner) settle() {
	e := r.Env
	if err := e.Broker.WaitEmpty(30 * time.Second); err != nil {
		e.Found(check.Unexpected, "queues", "%v", err)
	}
}

// collect takes the dead letters that the case has left.
func (r *Runner) collect() error {
	letters, err := r.Env.Broker.Collect()
	r.Env.letters = append(r.Env.letters, letters...)
	return err
}

func (r *Runner) judge(ctx context.Context, f *Fault, out *Outcome) error {
	e := r.Env
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	stores, err := check.Scan(ctx, e.DB, e.Tag, strings.ReplaceAll(e.guid, "-", ""))
	if err != nil {
		return err
	}
	res, err := check.Case(check.Input{Journal: e.journalPath(e.Tag), Case: e.Tag, Letters: e.letters,
		Stores: stores, Allow: f.Allow, Dead: f.Dead, Extra: e.findings})
	if err != nil {
		return err
	}
	out.Result = *res
	return nil
}

// sample watches the node until the returned function is called.
func (r *Runner) sample(out *Outcome) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			if s, err := r.Env.Node.Sample(ctx); err == nil {
				out.Samples = append(out.Samples, s)
			}
			sleep(ctx, time.Second)
		}
	}()
	return func() { cancel(); <-done }
}

// Line is the outcome for people.
func (o *Outcome) Line() string {
	verdict := "ok  "
	if o.Failed() {
		verdict = "FAIL"
	}
	return fmt.Sprintf("%s %-26s attempted %5d  acked %5d  ok %5d  lost %d  unexpected %d  duplicated %d  recovered %4d  refused %d  dead %d  recovery %6.2fs  meanwhile %3.0f/%3.0f a second (%.0fs)",
		verdict, o.Name, o.Attempted, o.Acknowledged, o.OK, o.Lost, o.Unexpected, o.Duplicated, o.Recovered, o.Refused, o.Dead, o.Recovery.Seconds(),
		o.Meanwhile[0], o.Meanwhile[1], o.Took.Seconds())
}
