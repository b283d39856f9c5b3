package cache

import (
	"context"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/session"
)

// A lane gathers the changes of one template. While a message is being confirmed, what
// comes in the meantime goes into the next one.
type lane struct {
	flying bool
	next   *batch
}

// A batch is what one message tells.
type batch struct {
	ids  []runtime.GUID
	all  bool
	done chan struct{} // closed when no other node can answer from before the change
}

// A flight is a message on its way to the other nodes.
type flight struct {
	*batch
	acks map[runtime.GUID]bool
	want map[runtime.GUID]bool // nil before the confirmation
	end  *time.Timer
}

// Announce tells the other nodes to forget records, all of the template where ids is
// nil, and returns when they have. It returns early when three quarters of the time that
// ctx leaves are over, or after one and a half leases, which is less than the default
// deadline of a request: a write that took effect is not turned into a failure here.
func (p *Peers) Announce(ctx context.Context, template string, ids []runtime.GUID) {
	p.mu.Lock()
	now := p.clock()
	p.prune(now)
	if len(p.members) == 0 && p.isSettled(now) {
		p.mu.Unlock()
		return
	}
	done := p.enqueue(template, ids)
	p.mu.Unlock()
	wait := p.lease * 3 / 2
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline)*3/4)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-done:
		return
	case <-timer.C:
	case <-ctx.Done():
	case <-p.ctx.Done():
	}
	p.late.Add(1)
}

// isSettled reports whether every node that may serve is among the members.
func (p *Peers) isSettled(now int64) bool {
	return now < p.fresh.Load() && now >= p.settled.Load()
}

// enqueue adds to the template's next message; p.mu is held.
func (p *Peers) enqueue(template string, ids []runtime.GUID) <-chan struct{} {
	l := p.lanes[template]
	if l == nil {
		l = new(lane)
		p.lanes[template] = l
	}
	if l.next == nil {
		l.next = &batch{done: make(chan struct{})}
	}
	b := l.next
	b.ids = append(b.ids, ids...)
	if ids == nil || len(b.ids) > maxIDs {
		b.ids, b.all = nil, true
	}
	if b.all {
		b.ids = nil
	}
	if !l.flying && p.ctx.Err() == nil {
		l.flying = true
		p.publishing.Go(func() { p.fly(template, l) })
	}
	return b.done
}

// fly sends what the lane holds until it is empty.
func (p *Peers) fly(template string, l *lane) {
	for {
		p.mu.Lock()
		b := l.next
		l.next = nil
		if b == nil || p.ctx.Err() != nil {
			l.flying = false
			p.mu.Unlock()
			return
		}
		p.seq++
		seq := p.seq
		p.flights[seq] = &flight{batch: b, acks: map[runtime.GUID]bool{}}
		p.mu.Unlock()
		m := message{Kind: kindEvent, From: p.self, Seq: seq, Template: template, IDs: b.ids, All: b.all}
		if !p.send(eventKey+template, m.encode()) {
			return
		}
		p.announced.Add(1)
		p.confirmed(seq)
	}
}

// send publishes until RabbitMQ has confirmed; false means that the node stops.
func (p *Peers) send(key string, body []byte) bool {
	pause := session.Backoff{Min: 10 * time.Millisecond, Max: time.Second}
	for {
		if p.publish(p.ctx, key, body) == nil {
			return true
		}
		if pause.Wait(p.ctx) != nil {
			return false
		}
	}
}

// confirmed begins the wait for the members: the message lies in their queues.
func (p *Peers) confirmed(seq uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.flights[seq]
	now := p.clock()
	p.prune(now)
	f.want = make(map[runtime.GUID]bool, len(p.members)+1)
	for id := range p.members {
		f.want[id] = true
	}
	if !p.isSettled(now) {
		f.want[p.self] = true // never answers: somebody may be unknown
	}
	for id := range f.acks {
		delete(f.want, id)
	}
	if len(f.want) == 0 {
		p.land(seq, f)
		return
	}
	f.end = time.AfterFunc(p.lease, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.land(seq, f)
	})
}

// acked notes that a member has forgotten.
func (p *Peers) acked(seq uint64, id runtime.GUID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.flights[seq]
	switch {
	case f == nil: // a lease has passed
	case f.want == nil:
		if len(f.acks) < maxMembers {
			f.acks[id] = true
		}
	default:
		p.release(seq, f, id)
	}
}

// left forgets a member that said goodbye.
func (p *Peers) left(id runtime.GUID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.members, id)
	for seq, f := range p.flights {
		if f.want != nil {
			p.release(seq, f, id)
		}
	}
}

func (p *Peers) release(seq uint64, f *flight, id runtime.GUID) {
	delete(f.want, id)
	if len(f.want) == 0 {
		p.land(seq, f)
	}
}

// land ends a flight, once; p.mu is held.
func (p *Peers) land(seq uint64, f *flight) {
	if p.flights[seq] != f {
		return
	}
	delete(p.flights, seq)
	if f.end != nil {
		f.end.Stop()
	}
	close(f.done)
}
