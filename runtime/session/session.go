package session

import (
	"context"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Session is one live connection. When it ends, all that came from it is void: channels,
// delivery tags, reply addresses. It is safe for concurrent use; its channels are not, each
// belongs to one goroutine (amqp091-go#291, #294).
type Session struct {
	id   uint64
	link *link

	done chan struct{}
	err  error // set before done is closed

	failOnce sync.Once
	failed   chan struct{}
	failure  error // set before failed is closed

	mu   sync.Mutex
	open chan struct{} // closed while publishing is allowed
}

func newSession(id uint64, l *link) *Session {
	s := &Session{id: id, link: l, done: make(chan struct{}), failed: make(chan struct{}), open: make(chan struct{})}
	close(s.open)
	return s
}

// ID counts the sessions of a Conn from 1.
func (s *Session) ID() uint64 { return s.id }

// User is the account this session authenticated as; empty when only a certificate says so.
func (s *Session) User() string { return s.link.user }

// Channel opens a channel. The goroutine that asked for it owns it.
func (s *Session) Channel() (*amqp.Channel, error) { return s.link.conn.Channel() }

// Done is closed when the session has ended.
func (s *Session) Done() <-chan struct{} { return s.done }

// Err says why the session ended; nil while it lives.
func (s *Session) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// Fail ends the session: the caller has found it to be unusable. The first error is kept.
func (s *Session) Fail(err error) {
	s.failOnce.Do(func() {
		s.failure = err
		close(s.failed)
	})
}

// Writable waits until the broker accepts publishing on this session. It returns nil at
// once in the normal case, the session's error when it ends first, or ctx's.
func (s *Session) Writable(ctx context.Context) error {
	s.mu.Lock()
	open := s.open
	s.mu.Unlock()
	select {
	case <-open:
		return nil
	default:
	}
	select {
	case <-open:
		return nil
	case <-s.done:
		return s.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gate closes (blocked) or opens the way for publishers.
func (s *Session) gate(blocked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.open:
		if blocked {
			s.open = make(chan struct{})
		}
	default:
		if !blocked {
			close(s.open)
		}
	}
}

func (s *Session) end(err error) {
	s.err = err
	close(s.done)
}
