package suite

import (
	"context"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/beds-project/beds/bench/load"
	"github.com/beds-project/beds/bench/probe"
)

// A Measure is what one contestant did in one window. CPU is in microseconds for each operation.
type Measure struct {
	Rate           float64 // operations a second
	P50, P90       float64 // of a request, in microseconds
	P99, P999, Max float64
	ServerCPU      float64 // -1 where there is no server
	BrokerCPU      float64
	DatabaseCPU    float64
	ClientCPU      float64
	Allocs, Bytes  float64 // of the server, for each operation; -1 where there is none
	Bad, Lost      int
	Overloaded     bool    `json:",omitempty"`
	Offered        float64 `json:",omitempty"` // open loop: the rate that was asked for
	GCs            float64 // collections of the server a second
	ServerCores    float64 // cores that the server kept busy
	TotalCPU       float64 // of server, broker, database and client together
	Foreign        float64 // cores busy in processes that are not ours, over the window
	Seconds        float64
	Requests       int
}

// usage is what the processes have used at one moment.
type usage struct {
	server, broker, maria, mongo, client, machine time.Duration
	allocs                                        probe.Allocs
}

// ours is what all processes of the benchmark have used.
func (u *usage) ours() time.Duration { return u.server + u.broker + u.maria + u.mongo + u.client }

func (e *Env) usage(s *Server) (u usage) {
	u.broker, u.maria, u.mongo = probe.CPU(e.Broker), probe.CPU(e.MariaPID), probe.CPU(e.MongoPID)
	u.client, u.machine = probe.CPU(os.Getpid()), probe.Machine()
	if s != nil {
		u.server = probe.CPU(s.PID())
		u.allocs, _ = probe.ReadAllocs(s.probe) // zeros show in the table
	}
	return u
}

// measure drives a contestant through one window. ops is how many operations one request holds.
func (e *Env) measure(ctx context.Context, c *Contestant, win load.Window) (Measure, error) {
	var before, after usage
	win.Begin = func() { before = e.usage(c.Server) }
	win.End = func() { after = e.usage(c.Server) }
	s, err := c.Drive(ctx, win)
	if err != nil {
		return Measure{}, fmt.Errorf("%s: %w", c.Name, err)
	}
	return derive(s, c, &before, &after), nil
}

func derive(s *load.Sample, c *Contestant, before, after *usage) Measure {
	ops := float64(s.Requests * max(c.Ops, 1))
	if ops == 0 {
		ops = math.SmallestNonzeroFloat64
	}
	per := func(a, b time.Duration) float64 { return float64((b - a).Microseconds()) / ops }
	us := func(q float64) float64 { return float64(s.Quantile(q).Nanoseconds()) / 1000 }
	m := Measure{
		Rate: ops / s.Elapsed.Seconds(), P50: us(.5), P90: us(.9), P99: us(.99), P999: us(.999), Max: us(1),
		ServerCPU: -1, Allocs: -1, Bytes: -1,
		BrokerCPU: per(before.broker, after.broker), ClientCPU: per(before.client, after.client),
		DatabaseCPU: per(before.maria+before.mongo, after.maria+after.mongo),
		TotalCPU:    per(before.ours(), after.ours()),
		Foreign:     max(0, (after.machine-before.machine-after.ours()+before.ours()).Seconds()/s.Elapsed.Seconds()),
		Bad:         s.Bad, Lost: s.Lost, Seconds: s.Elapsed.Seconds(), Requests: s.Requests,
	}
	if c.Server != nil {
		m.ServerCPU = per(before.server, after.server)
		m.ServerCores = (after.server - before.server).Seconds() / s.Elapsed.Seconds()
		m.Allocs = float64(after.allocs.Objects-before.allocs.Objects) / ops
		m.Bytes = float64(after.allocs.Bytes-before.allocs.Bytes) / ops
		m.GCs = float64(after.allocs.Collections-before.allocs.Collections) / s.Elapsed.Seconds()
	}
	return m
}
