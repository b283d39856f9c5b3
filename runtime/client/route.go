package client

import (
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime/session"
)

// A route is how requests and replies of one session travel. There are two ways for each,
// and the broker spends a third less on the better ones (docs/benchmarks.md, T0-topology):
// the direct exchange in place of the topic exchange, and a queue of the client's own in
// place of direct reply-to. Which of them a session can have depends on what nodes have
// declared and on the account's rights, so each new session finds out.
type route struct {
	topic   string
	direct  string // "" where requests go to the topic exchange
	replyTo string

	mu      sync.Mutex
	detours map[string]time.Time // keys that are not bound on the direct exchange, until when
}

const (
	// detour is how long a key that is not bound on the direct exchange goes without it.
	detour = 30 * time.Second
	// maxDetours bounds the keys remembered.
	maxDetours = 1024
	// unboundKey leads nowhere; publishing to it shows whether publishing is allowed.
	unboundKey = "beds.unbound"
)

// findRoute tries what the broker allows. Each attempt has a channel of its own, which a
// refusal closes.
func findRoute(s *session.Session, topic, replyPrefix string, log *slog.Logger) *route {
	r := &route{topic: topic, replyTo: replyAddress, detours: map[string]time.Time{}}
	direct := session.DirectExchange(topic)
	err := attempt(s, func(ch *amqp.Channel) error {
		if err := ch.ExchangeDeclarePassive(direct, amqp.ExchangeDirect, true, false, false, false, nil); err != nil {
			return err
		}
		if err := ch.Publish(direct, unboundKey, false, false, amqp.Publishing{}); err != nil {
			return err
		}
		return ch.Qos(1, 0, false) // answered only after the publish was looked at
	})
	if err == nil {
		r.direct = direct
	} else {
		log.Debug("requests go through the topic exchange", "error", err)
	}
	queue := replyPrefix + random()
	err = attempt(s, func(ch *amqp.Channel) error {
		_, err := ch.QueueDeclare(queue, false, true, true, false, nil)
		return err
	})
	if err == nil {
		r.replyTo = queue
	} else {
		log.Debug("replies come by direct reply-to", "error", err)
	}
	return r
}

func attempt(s *session.Session, work func(*amqp.Channel) error) error {
	ch, err := s.Channel()
	if err != nil {
		return err
	}
	defer func() { _ = ch.Close() }() // the broker has closed it after a refusal
	return work(ch)
}

func random() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// exchange is where a request with a routing key goes.
func (r *route) exchange(key string) string {
	if r.direct == "" {
		return r.topic
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if until, ok := r.detours[key]; ok {
		if time.Now().Before(until) {
			return r.topic
		}
		delete(r.detours, key)
	}
	return r.direct
}

// returned says whether a message that no queue took should go another way.
func (r *route) returned(m *amqp.Return) bool {
	if m.Exchange == r.topic {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.detours) >= maxDetours {
		clear(r.detours)
	}
	r.detours[m.RoutingKey] = time.Now().Add(detour)
	return true
}

// again sends a returned request by the topic exchange. It has a goroutine of its own, at
// most one for each pending call: the one that reads returns must not wait for the one that
// writes.
func (c *Client) again(out outgoing) {
	select {
	case c.out <- out:
	case <-out.ctx.Done():
	case <-c.ctx.Done():
	}
}
