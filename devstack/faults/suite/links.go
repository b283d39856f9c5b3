package suite

import (
	"context"
	"time"

	"github.com/beds-project/beds/devstack/faults/proxy"
)

func links() []Fault {
	var faults []Fault
	for _, link := range []string{LinkBroker, LinkMaria, LinkMongo, LinkClient} {
		faults = append(faults,
			Fault{Name: "reset-" + link, Doc: "reset in mid-frame at swept byte offsets, both directions: " + link, Short: link == LinkBroker,
				Mixes: true, Run: sweep(link)},
			toxic("latency-"+link, "200 ms more in each direction", link, 4*time.Second, proxy.Toxic{Latency: 200 * time.Millisecond}),
			toxic("jitter-"+link, "0 to 300 ms more, chunk by chunk", link, 4*time.Second, proxy.Toxic{Jitter: 300 * time.Millisecond}),
			toxic("bandwidth-"+link, "20 kB a second", link, 4*time.Second, proxy.Toxic{BytesPerS: 20_000}),
			toxic("halfopen-"+link, "a black hole for longer than three heartbeats; connections made before never come back",
				link, longPause, proxy.Toxic{Blackhole: true}),
			Fault{Name: "answers-" + link, Doc: "did it, lost the answer: requests pass, answers are swallowed, then a reset; again and again: " + link,
				Short: link == LinkMaria || link == LinkMongo, Mixes: true, Run: loseAnswers(link)})
	}
	return faults
}

func toxic(name, doc, link string, hold time.Duration, t proxy.Toxic) Fault {
	return Fault{Name: name, Doc: doc + ": " + link, Hold: hold, Mixes: !t.Blackhole,
		Begin: func(_ context.Context, e *Env) error { e.Links[link].Set(t); return nil },
		End:   func(_ context.Context, e *Env) error { e.Links[link].Set(proxy.Toxic{}); return nil }}
}

// offsets sweep through AMQP's frame header (7 bytes), method header and end, through
// MariaDB's packet header (4) and MongoDB's (16), and into bodies.
var offsets = []int{0, 1, 3, 4, 6, 7, 8, 11, 12, 15, 16, 17, 20, 33, 64, 129, 200, 347, 700, 1500, 4096, 9000}

func sweep(link string) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error {
		list, pause := offsets, 300*time.Millisecond
		if e.Short {
			list, pause = offsets[e.Rng.IntN(4):], 200*time.Millisecond
			list = []int{list[0], list[4], list[7], list[13], list[17]}
		}
		for _, n := range list {
			for _, d := range []proxy.Direction{proxy.Up, proxy.Down} {
				e.Links[link].CutAfter(d, n)
				sleep(ctx, pause)
			}
		}
		e.Links[link].CutAfter(proxy.Up, -1)
		e.Links[link].CutAfter(proxy.Down, -1)
		return ctx.Err()
	}
}

func loseAnswers(link string) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error {
		rounds := 10
		if e.Short {
			rounds = 3
		}
		p := e.Links[link]
		for range rounds {
			p.Set(proxy.Toxic{DropDown: true})
			sleep(ctx, 150*time.Millisecond)
			p.Reset()
			p.Set(proxy.Toxic{})
			sleep(ctx, 600*time.Millisecond)
		}
		return ctx.Err()
	}
}
