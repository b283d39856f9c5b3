package pool

import (
	"sync"
	"time"
)

// ackDelay is how long a finished delivery may wait for others to be acknowledged with it.
// It costs nobody latency, since the reply has gone out, only prefetch window.
const ackDelay = 2 * time.Millisecond

// maxAckBatch is where larger batches stop paying (measured: one ack per 32 costs 13% of an
// RPC loop's rate against none at all, one each 25%).
const maxAckBatch = 64

// acker gathers the finished deliveries of one channel. Workers mark tags from any
// goroutine; the one goroutine that owns the channel flushes. Acknowledging with multiple
// from several goroutines ends in 406 and a dead channel (amqp091-go#296).
//
// Tags of a channel count up from 1 without gaps. Normally all up to the low-water mark,
// below which everything is finished, are acknowledged by one frame. When a slow delivery
// has half of the prefetch window finished behind it, these are acknowledged one by one and
// the slow ones remembered as holes; until the holes are filled, multiple must not be used,
// since it would acknowledge them too.
type acker struct {
	batch int           // finished deliveries that are worth a flush at once
	clog  int           // finished deliveries behind an unfinished one that are too many
	soon  chan struct{} // something waits; flush within ackDelay
	now   chan struct{} // a batch waits

	mu     sync.Mutex
	floor  uint64          // every tag up to here is booked as acknowledged, or a hole
	low    uint64          // every tag from floor up to here is finished
	high   uint64          // largest finished tag
	done   []bool          // ring over the tags above low; at most the prefetch window
	behind int             // finished tags above low
	holes  map[uint64]bool // unfinished tags up to floor
	late   []uint64        // filled holes
	armed  bool            // soon was signalled since the last flush
	urgent bool            // now was signalled since the last flush
}

func newAcker(prefetch int) *acker {
	size := 1
	for size < prefetch+1 {
		size <<= 1
	}
	return &acker{
		batch: max(1, min(prefetch/4, maxAckBatch)), clog: max(1, prefetch/2),
		soon: make(chan struct{}, 1), now: make(chan struct{}, 1),
		done: make([]bool, size), holes: map[uint64]bool{},
	}
}

// flag is the place of tag in the ring.
func (a *acker) flag(tag uint64) *bool { return &a.done[tag&uint64(len(a.done)-1)] }

// mark notes that tag is finished and wakes the owner when that is due.
func (a *acker) mark(tag uint64) {
	a.mu.Lock()
	if tag <= a.floor {
		delete(a.holes, tag)
		a.late = append(a.late, tag)
	} else {
		*a.flag(tag) = true
		a.behind++
		a.high = max(a.high, tag)
		a.advance()
	}
	wake, hurry := !a.armed, !a.urgent && (int(a.low-a.floor)+len(a.late) >= a.batch || a.behind >= a.clog)
	a.armed, a.urgent = true, a.urgent || hurry
	a.mu.Unlock()
	if hurry {
		signal(a.now)
	} else if wake {
		signal(a.soon)
	}
}

// advance raises the low-water mark over everything that is finished.
func (a *acker) advance() {
	for a.low < a.high && *a.flag(a.low + 1) {
		a.low++
		*a.flag(a.low) = false
		a.behind--
	}
}

// take returns what to acknowledge now, all up to upTo if that is not 0 and each of singles,
// and books it as acknowledged. Its caller must send it, in this order, or drop the channel.
func (a *acker) take() (upTo uint64, singles []uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.armed, a.urgent = false, false
	singles, a.late = a.late, nil
	if a.low > a.floor {
		if len(a.holes) == 0 {
			upTo, singles = a.low, nil // it covers the late ones too
		} else {
			for tag := a.floor + 1; tag <= a.low; tag++ {
				singles = append(singles, tag)
			}
		}
		a.floor = a.low
	}
	if a.behind >= a.clog {
		singles = a.skip(singles)
	}
	return upTo, singles
}

// skip appends what is finished above the low-water mark and makes holes of the rest.
func (a *acker) skip(singles []uint64) []uint64 {
	for tag := a.low + 1; tag <= a.high; tag++ {
		if flag := a.flag(tag); *flag {
			*flag = false
			singles = append(singles, tag)
		} else {
			a.holes[tag] = true
		}
	}
	a.floor, a.low, a.behind = a.high, a.high, 0
	return singles
}

// acknowledge is the part of amqp.Channel that flush needs.
type acknowledge interface {
	Ack(tag uint64, multiple bool) error
}

// flush acknowledges what is finished. Only the owner of ch may call it.
func (a *acker) flush(ch acknowledge) error {
	upTo, singles := a.take()
	if upTo > 0 {
		if err := ch.Ack(upTo, true); err != nil {
			return err
		}
	}
	for _, tag := range singles {
		if err := ch.Ack(tag, false); err != nil {
			return err
		}
	}
	return nil
}

func signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default: // already signalled
	}
}
