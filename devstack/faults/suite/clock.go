package suite

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/beds-project/beds/devstack/faults/check"
	"github.com/beds-project/beds/devstack/faults/journal"
	"github.com/beds-project/beds/devstack/faults/load"
	"github.com/beds-project/beds/devstack/faults/proxy"
	"github.com/beds-project/beds/devstack/faults/stack"
)

// clocks steps wall clocks, one process's at a time: the machine's is never touched.
func clocks() []Fault {
	return []Fault{
		{Name: "clock-node", Doc: "steps of the node's wall clock by hours, forward and back, alone and beside a node whose clock is right", Smooth: true, Run: clockNode},
		{Name: "clock-halfopen", Doc: "a half-open link to RabbitMQ just after the node's clock was set back by hours: it must be noticed all the same", Run: clockHalfOpen},
		{Name: "clock-mariadb", Doc: "steps of MariaDB's wall clock by hours, forward and back", Run: clockServer(stack.MariaDB)},
		{Name: "clock-rabbitmq", Doc: "steps of RabbitMQ's wall clock by hours, forward and back", Run: clockServer(stack.RabbitMQ)},
	}
}

// steps are offsets from the true time: hours forward, back beyond where it began, and right again.
var steps = []time.Duration{3 * time.Hour, -5 * time.Hour, 0}

// stepHold outlasts the interval at which a session's watchdog looks.
const stepHold = heartbeat + time.Second

// clockNode runs the load on a node whose clock steps; then on two whose clocks differ.
func clockNode(ctx context.Context, e *Env) (err error) {
	if e.Clock == "" {
		e.Note("skipped: no build whose clock can be stepped was given (-clock)")
		return nil
	}
	clock := filepath.Join(e.Dir, "clock.ns")
	if err := setClock(clock, 0); err != nil {
		return err
	}
	n, err := e.second(ctx, "faults-clock", e.Clock, "BEDS_FAULTS_CLOCK="+clock)
	if err != nil {
		return err
	}
	e.leave(e.Node)
	for _, step := range steps {
		if err := e.stepUnderLock(ctx, clock, step); err != nil {
			return err
		}
		sleep(ctx, stepHold)
		if err := e.stepped(ctx, step); err != nil {
			return err
		}
	}
	if err := e.Node.Start(ctx); err != nil {
		return err
	}
	for _, step := range steps {
		if err := setClock(clock, step); err != nil {
			return err
		}
		sleep(ctx, 2*time.Second)
	}
	e.leave(n)
	return nil
}

// clockHalfOpen: whoever measures silence by the time of day waits for hours.
func clockHalfOpen(ctx context.Context, e *Env) error {
	if e.Clock == "" {
		e.Note("skipped: no build whose clock can be stepped was given (-clock)")
		return nil
	}
	clock := filepath.Join(e.Dir, "clock.ns")
	if err := setClock(clock, 0); err != nil {
		return err
	}
	n, err := e.NewNode("faults-clock", e.Clock, true, "BEDS_FAULTS_CLOCK="+clock)
	if err != nil {
		return err
	}
	e.Extra = append(e.Extra, n)
	if err := n.Start(ctx); err != nil {
		return err
	}
	e.leave(e.Node)
	if err := setClock(clock, -5*time.Hour); err != nil {
		return err
	}
	hole := toxic("", "", LinkBroker, longPause, proxy.Toxic{Blackhole: true})
	if err := hole.perform(ctx, e); err != nil {
		return err
	}
	before, _ := e.Load.Successes()
	for limit := time.Now().Add(recoveryLimit); ctx.Err() == nil; sleep(ctx, 50*time.Millisecond) {
		if now, _ := e.Load.Successes(); now > before {
			break
		}
		if time.Now().After(limit) {
			e.Found(check.Unexpected, n.Name, "the half-open link was not noticed within %v", longPause+recoveryLimit)
			break
		}
	}
	if err := e.Node.Start(ctx); err != nil {
		return err
	}
	e.leave(n)
	return nil
}

// setClock steps the clock of the nodes that have mapped the file.
func setClock(file string, offset time.Duration) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY, 0o600) // not truncated: it is mapped
	if err != nil {
		return err
	}
	_, err = f.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(offset)), 0)
	return errors.Join(err, f.Close())
}

// stepUnderLock steps the clock while a request waits for a row that somebody has locked.
// Its deadline must still come when it should, neither at once nor hours later.
func (e *Env) stepUnderLock(ctx context.Context, clock string, step time.Duration) error {
	c := e.client()
	defer c.Close()
	name := fmt.Sprintf("%s-lock%d", e.Tag, int(step.Hours()))
	id := e.publishTimes(ctx, c, 1, journal.Entry{Key: name, Op: "write", Template: load.Order, Name: name}, "rel.write.order",
		fmt.Sprintf(`{"number":%q,"customer":%q,"placed":"2026-11-24","total":"1.00","note":%q}`, name, e.Load.Group, name))
	change := journal.Entry{Key: name + ".u1", Op: "update", Template: load.Order, Name: name, Base: 1}
	data := fmt.Sprintf(`{"id":%q,"revision":1,"note":%q}`, id, change.Key)
	if err := e.lateAnswer(ctx, c, id, change.Key, data, func() error { return setClock(clock, step) }); err != nil {
		return err
	}
	e.publishTimes(ctx, c, 1, change, "rel.write.order", data)
	return ctx.Err()
}

// stepped makes sure that the node's clock has really been stepped: it dates its orders.
func (e *Env) stepped(ctx context.Context, want time.Duration) error {
	var seconds int64
	if err := e.DB.Maria.QueryRowContext(ctx, `SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), updated) FROM msOrder WHERE number_ord =
		(SELECT number FROM faults_effects WHERE customer = UNHEX(REPLACE(?, '-', '')) ORDER BY seq DESC LIMIT 1)`, e.group()).Scan(&seconds); err != nil {
		return err
	}
	if got := time.Duration(seconds) * time.Second; (got - want).Abs() > time.Minute {
		e.Found(check.Unexpected, e.Tag, "the node's clock is off by %v after a step of %v", got, want)
	}
	return nil
}

// lateAnswer locks an order, asks for a change of it that must be done within a second,
// and lets something happen meanwhile.
func (e *Env) lateAnswer(ctx context.Context, c *load.Client, id, key, data string, meanwhile func() error) error {
	tx, err := e.DB.Maria.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // it only locks
	var revision int64
	if err := tx.QueryRowContext(ctx, "SELECT revision FROM msOrder WHERE id = UNHEX(REPLACE(?, '-', '')) FOR UPDATE", id).Scan(&revision); err != nil {
		return err
	}
	step := time.AfterFunc(300*time.Millisecond, func() {
		if err := meanwhile(); err != nil {
			e.Found(check.Unexpected, key, "the clock could not be stepped: %v", err)
		}
	})
	defer step.Stop()
	body := fmt.Appendf(nil, `{"v":1,"template":"order","op":"update","event_id":%q,"key":%q,"deadline_ms":1000,"data":%s}`, "ms.dev."+key, key, data)
	began := time.Now()
	r, err := e.call(ctx, c, load.Message{RoutingKey: "rel.write.order", Correlation: key + "#0", MessageID: key, Type: "update", Body: body})
	if took := time.Since(began); err != nil || r.Status == "ok" || took < 500*time.Millisecond {
		e.Found(check.Unexpected, key, "with a deadline of a second and a locked row it was answered after %v with %+v, %v", took, r, err)
	}
	return nil
}

// clockServer starts a server with a library that changes its clock, steps it, and starts
// it again without.
func clockServer(server string) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) (err error) {
		if e.Faketime == "" {
			e.Note("skipped: the library libfaketime is not installed (Debian's package faketime)")
			return nil
		}
		clock := filepath.Join(e.Dir, "clock."+server)
		if err := fakeClock(clock, 0); err != nil {
			return err
		}
		defer func() {
			heal, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
			defer cancel()
			err = errors.Join(err, e.Servers.Do(heal, "stop", server), e.Servers.Start(heal, server))
		}()
		if err := e.Servers.Do(ctx, "stop", server); err != nil {
			return err
		}
		if err := e.Servers.Start(ctx, server, "LD_PRELOAD="+e.Faketime, "FAKETIME_TIMESTAMP_FILE="+clock,
			"FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"); err != nil {
			return err
		}
		for _, step := range append([]time.Duration{0}, steps...) {
			if err := fakeClock(clock, step); err != nil {
				return err
			}
			sleep(ctx, 4*time.Second)
			e.noteClock(ctx, server, step)
		}
		return nil
	}
}

// fakeClock writes what libfaketime reads at every look at the clock; the rename keeps it
// from reading half of it.
func fakeClock(file string, offset time.Duration) error {
	if err := os.WriteFile(file+".new", fmt.Appendf(nil, "%+d\n", int64(offset.Seconds())), 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// noteClock makes sure that MariaDB's clock has really been stepped.
func (e *Env) noteClock(ctx context.Context, server string, want time.Duration) {
	if server != stack.MariaDB {
		return
	}
	var now int64
	if err := e.DB.Maria.QueryRowContext(ctx, "SELECT UNIX_TIMESTAMP()").Scan(&now); err != nil {
		e.Note("clock unknown: %v", err)
		return
	}
	if got := time.Until(time.Unix(now, 0)) - want; got.Abs() > time.Minute {
		e.Found(check.Unexpected, server, "its clock is %v away from the step of %v", got, want)
	}
}
