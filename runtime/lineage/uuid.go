package lineage

import (
	crand "crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"sync"
	"time"
)

// NewV7 returns a version 7 UUID (RFC 9562). Those of one process come in
// strictly ascending order, whatever the clock does; it is safe for concurrent
// use and does not allocate.
func NewV7() [16]byte { return process.next() }

// process is the generator behind NewV7.
var process = generator{now: func() int64 { return time.Now().UnixMilli() }, random: fill}

// fill reads the system's randomness, which by its contract never fails: the
// runtime ends a process that can't have any.
func fill(b []byte) { _, _ = crand.Read(b) }

const (
	// counterMax fills the 12 bits of rand_a and 30 bits below the variant.
	counterMax = 1<<42 - 1
	// randomBytes are drawn for each id: four for the counter's step, four for
	// the id's end.
	randomBytes = 8
	// batchBytes are drawn at once: a system call for each id would cost more
	// than all the rest of it.
	batchBytes = 512 * randomBytes
)

// A generator counts by random steps within a millisecond (RFC 9562, 6.2,
// method 2): its ids ascend and yet can't be guessed from their neighbours.
type generator struct {
	now    func() int64
	random func([]byte)

	mu      sync.Mutex
	ms      int64
	counter uint64
	pool    [batchBytes]byte
	left    int
}

func (g *generator) next() [16]byte {
	g.mu.Lock()
	step, random := g.draw()
	// A clock that stands still or steps back leaves the last millisecond in
	// force, and the counter goes on from there.
	if ms := g.now(); ms > g.ms {
		g.ms, g.counter = ms, seed(step)
	} else if g.counter += 1 + uint64(step&0xffff); g.counter > counterMax {
		// Full after some sixty million ids: borrow the next millisecond.
		g.ms, g.counter = g.ms+1, seed(step)
	}
	u := layout(g.ms, g.counter, random)
	g.mu.Unlock()
	return u
}

// seed begins a millisecond in the lower half of the counter: the upper half
// is room to count.
func seed(step uint32) uint64 { return uint64(step) << 9 }

// draw returns fresh random bits; g.mu is held.
func (g *generator) draw() (step, random uint32) {
	if g.left == 0 {
		g.random(g.pool[:])
		g.left = len(g.pool)
	}
	bits := g.pool[g.left-randomBytes : g.left]
	step, random = binary.LittleEndian.Uint32(bits), binary.LittleEndian.Uint32(bits[4:])
	g.left -= randomBytes
	return step, random
}

// layout puts time, counter and randomness where RFC 9562 has them.
func layout(ms int64, counter uint64, random uint32) [16]byte {
	var u [16]byte
	binary.BigEndian.PutUint64(u[0:], uint64(ms)<<16|0x7000|counter>>30)
	binary.BigEndian.PutUint32(u[8:], 0x8000_0000|uint32(counter&(1<<30-1)))
	binary.BigEndian.PutUint32(u[12:], random)
	return u
}

// AppendUUID appends the text form, 36 bytes.
func AppendUUID(b []byte, u [16]byte) []byte {
	var t [uuidTextBytes]byte
	hex.Encode(t[0:8], u[0:4])
	t[8] = '-'
	hex.Encode(t[9:13], u[4:6])
	t[13] = '-'
	hex.Encode(t[14:18], u[6:8])
	t[18] = '-'
	hex.Encode(t[19:23], u[8:10])
	t[23] = '-'
	hex.Encode(t[24:36], u[10:16])
	return append(b, t[:]...)
}

// ParseUUID reads the text form: lower case, four dashes, nothing else.
func ParseUUID(s string) (u [16]byte, ok bool) {
	if len(s) != uuidTextBytes {
		return u, false
	}
	n := 0
	for i := 0; i < len(s); {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if s[i] != '-' {
				return u, false
			}
			i++
			continue
		}
		high, low := nibble(s[i]), nibble(s[i+1])
		if high > 15 || low > 15 {
			return u, false
		}
		u[n] = high<<4 | low
		n, i = n+1, i+2
	}
	return u, true
}

// nibble is the value of a hexadecimal digit, or 255.
func nibble(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}
