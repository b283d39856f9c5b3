package client

import "sync"

// response ends a call.
type response struct {
	body []byte
	err  error
}

// call is one request that waits for its reply.
type call struct {
	id   uint64
	sent bool          // handed to a channel; guarded by pendingCalls.mu
	out  outgoing      // what was sent
	done chan response // buffered: whoever answers never waits
}

// pendingCalls matches replies with callers. It is bounded: a node that is slow, or gone,
// must not grow the memory of its clients.
type pendingCalls struct {
	limit int

	mu    sync.Mutex
	next  uint64
	calls map[uint64]*call
}

func newPendingCalls(limit int) *pendingCalls {
	return &pendingCalls{limit: limit, calls: map[uint64]*call{}}
}

// add makes a call with an id that this client never uses again.
func (p *pendingCalls) add() (*call, error) {
	c := &call{done: make(chan response, 1)}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.calls) >= p.limit {
		return nil, ErrBusy
	}
	p.next++
	c.id = p.next
	p.calls[c.id] = c
	return c, nil
}

// sent notes that a request goes out; false when its caller has stopped waiting.
func (p *pendingCalls) sent(out outgoing) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.calls[out.id]
	if ok {
		c.sent, c.out = true, out
	}
	return ok
}

// takeBack returns a request that went out and came to nothing; false when nobody waits.
func (p *pendingCalls) takeBack(id uint64) (outgoing, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.calls[id]
	if !ok {
		return outgoing{}, false
	}
	c.sent = false
	return c.out, true
}

// resolve answers a call; false when nobody waits for it any more.
func (p *pendingCalls) resolve(id uint64, body []byte, err error) bool {
	p.mu.Lock()
	c, ok := p.calls[id]
	delete(p.calls, id)
	p.mu.Unlock()
	if ok {
		c.done <- response{body, err}
	}
	return ok
}

// remove forgets a call, answered or not.
func (p *pendingCalls) remove(c *call) {
	p.mu.Lock()
	delete(p.calls, c.id)
	p.mu.Unlock()
}

// failSent fails the calls whose requests went out; the others go out in the next session.
func (p *pendingCalls) failSent(err error) { p.fail(err, func(c *call) bool { return c.sent }) }

// failAll fails every call.
func (p *pendingCalls) failAll(err error) { p.fail(err, func(*call) bool { return true }) }

func (p *pendingCalls) fail(err error, which func(*call) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, c := range p.calls {
		if which(c) {
			delete(p.calls, id)
			c.done <- response{nil, err} // has room: a call is answered once, when it leaves the map
		}
	}
}
