package pool

import (
	"math/rand/v2"
	"testing"
)

// ledger is a broker's view of the acknowledgements of one channel.
type ledger struct {
	t        *testing.T
	finished map[uint64]bool // by the workers
	acked    map[uint64]bool
	low      uint64
}

func (l *ledger) Ack(tag uint64, multiple bool) error {
	if !multiple {
		l.one(tag)
		return nil
	}
	for ; l.low < tag; l.low++ {
		if !l.acked[l.low+1] {
			l.one(l.low + 1)
		}
	}
	return nil
}

func (l *ledger) one(tag uint64) {
	if !l.finished[tag] {
		l.t.Fatalf("tag %d acknowledged before it was finished", tag)
	}
	if l.acked[tag] {
		l.t.Fatalf("tag %d acknowledged twice", tag) // 406 and a dead channel
	}
	l.acked[tag] = true
}

// TestAckerNeverAcknowledgesTheUnfinished lets a window of deliveries finish in random
// order, some of them very late, and checks each frame against what was finished.
func TestAckerNeverAcknowledgesTheUnfinished(t *testing.T) {
	for _, prefetch := range []int{1, 2, 3, 7, 16, 250} {
		a := newAcker(prefetch)
		l := &ledger{t: t, finished: map[uint64]bool{}, acked: map[uint64]bool{}}
		rnd := rand.New(rand.NewPCG(1, uint64(prefetch)))
		var hand, slow []uint64
		next, total := uint64(1), uint64(20_000)
		for len(l.acked) < int(total) {
			for next <= total && next <= uint64(len(l.acked))+uint64(prefetch) {
				if rnd.IntN(2000) == 0 && len(slow) < prefetch/2 {
					slow = append(slow, next)
				} else {
					hand = append(hand, next)
				}
				next++
			}
			from := &hand
			if len(slow) > 0 && (len(hand) == 0 || rnd.IntN(1000) == 0) {
				from = &slow
			}
			if len(*from) > 0 {
				i := rnd.IntN(len(*from))
				tag := (*from)[i]
				*from = append((*from)[:i], (*from)[i+1:]...)
				l.finished[tag] = true
				a.mark(tag)
			}
			if len(a.now) > 0 || len(a.soon) > 0 && rnd.IntN(100) == 0 || len(hand)+len(slow) == 0 {
				_ = a.flush(l)
				for len(a.now)+len(a.soon) > 0 {
					select {
					case <-a.now:
					case <-a.soon:
					}
				}
			}
		}
	}
}

func TestAckerWakesItsOwner(t *testing.T) {
	a := newAcker(16) // batch 4, clog 8
	a.mark(1)
	if len(a.soon) != 1 || len(a.now) != 0 {
		t.Fatal("the first finished delivery must wake the owner, without hurry")
	}
	a.mark(2)
	a.mark(3)
	a.mark(4)
	if len(a.now) != 1 {
		t.Fatal("a batch must be flushed at once")
	}
	<-a.soon
	<-a.now
	if upTo, singles := a.take(); upTo != 4 || singles != nil {
		t.Fatalf("took %d and %v", upTo, singles)
	}
	for tag := uint64(6); tag <= 13; tag++ {
		a.mark(tag)
	}
	if len(a.now) != 1 {
		t.Fatal("half a window behind a slow delivery must be flushed")
	}
	if upTo, singles := a.take(); upTo != 0 || len(singles) != 8 {
		t.Fatalf("took %d and %v", upTo, singles)
	}
	a.mark(14) // tag 5 still runs: nothing may be acknowledged as multiple
	if upTo, singles := a.take(); upTo != 0 || len(singles) != 1 {
		t.Fatalf("took %d and %v", upTo, singles)
	}
	a.mark(5)
	a.mark(15)
	if upTo, singles := a.take(); upTo != 15 || singles != nil {
		t.Fatalf("took %d and %v", upTo, singles)
	}
}
