package cache

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/lineage"
	"github.com/beds-project/beds/runtime/session"
)

const (
	// feedPrefetch is how many messages of the feed a node holds.
	feedPrefetch = 256
	// feedLength is how many wait in a node's queue. Beyond it RabbitMQ refuses them, the
	// node's own beats too, and so the node loses its lease.
	feedLength = 10_000
	// silence is how many leases a subscription may go on whose beats do not come back: the
	// exchange was deleted and declared again, for example, and the binding is gone.
	silence = 5
)

// A Link connects the peers through RabbitMQ: it subscribes a private queue, which dies
// with the connection, and publishes.
type Link struct {
	conn      *session.Conn
	publisher *session.Publisher
	peers     *Peers
	exchange  string
	prefix    string // of the queue's name
	log       *slog.Logger
	stop      context.CancelFunc
	ended     chan struct{}
}

// Connect starts a link and returns at once. The link keeps itself up until Close.
func Connect(sc session.Config, exchange, queueTag string, p *Peers) (*Link, error) {
	conn, err := session.Open(context.Background(), sc)
	if err != nil {
		return nil, err
	}
	l := &Link{conn: conn, publisher: session.NewPublisher(conn, 0), peers: p, exchange: exchange,
		prefix: queueTag + "cache.", log: sc.Logger, ended: make(chan struct{})}
	p.publish = func(ctx context.Context, key string, body []byte) error {
		return l.publisher.Publish(ctx, session.Message{Exchange: exchange, Key: key, Publishing: publishing(body)})
	}
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	go l.run(ctx)
	return l, nil
}

// Close says goodbye and disconnects, while ctx lasts in order.
func (l *Link) Close(ctx context.Context) {
	l.stop()
	select {
	case <-l.ended:
	case <-ctx.Done(): // the broker does not read; closing the connection frees the link
	}
	l.peers.Close()
	l.publisher.Close(ctx) //nolint:errcheck // what is unconfirmed has a duration
	l.conn.Close(ctx)      //nolint:errcheck // the process ends
	<-l.ended
}

func (l *Link) run(ctx context.Context) {
	defer close(l.ended)
	pause := session.Backoff{Min: 50 * time.Millisecond, Max: 5 * time.Second}
	for ctx.Err() == nil {
		s, err := l.conn.Session(ctx)
		if err != nil {
			break
		}
		began := time.Now()
		err = l.follow(ctx, s)
		l.peers.Lost()
		if ctx.Err() != nil {
			break
		}
		if time.Since(began) > pause.Max {
			pause.Reset()
		}
		l.log.Warn("cache feed interrupted: reads go to the store", "resource", "cache", "error", err)
		if pause.Wait(ctx) != nil {
			break
		}
	}
	l.peers.Lost()
}

// follow subscribes and serves the feed until it is lost.
func (l *Link) follow(ctx context.Context, s *session.Session) error {
	ch, err := s.Channel()
	if err != nil {
		return err
	}
	defer ch.Close() //nolint:errcheck // often closed by the broker already
	closed := ch.NotifyClose(make(chan *amqp.Error, 1))
	deliveries, err := l.subscribe(ch)
	if err != nil {
		return err
	}
	tick := time.NewTicker(l.peers.lease / beats)
	defer tick.Stop()
	if err := l.send(ch, beatKey, l.peers.beat()); err != nil {
		return err
	}
	last := time.Now() // when a beat last came back
	for {
		select {
		case <-ctx.Done():
			l.peers.Leave(func(key string, body []byte) { l.send(ch, key, body) }) //nolint:errcheck // they find out
			return nil
		case err := <-closed:
			if err == nil {
				return session.ErrClosed
			}
			return err
		case d, ok := <-deliveries:
			if !ok {
				return errors.New("the broker cancelled the subscription")
			}
			key, answer := l.peers.receive(d.Body)
			if answer != nil {
				err = l.send(ch, key, answer)
			}
			if err = errors.Join(err, d.Ack(false)); err != nil {
				return err
			}
		case <-tick.C:
			if l.peers.hasLease() {
				last = time.Now()
			} else if time.Since(last) > silence*l.peers.lease {
				return fmt.Errorf("no beat came back for %s", silence*l.peers.lease)
			}
			if err := l.send(ch, beatKey, l.peers.beat()); err != nil {
				return err
			}
		}
	}
}

// hasLease reports whether a beat came back lately.
func (p *Peers) hasLease() bool { return p.clock() < p.fresh.Load() }

// subscribe makes the node's queue. Its name is new each time: the one before may not
// be gone yet.
func (l *Link) subscribe(ch *amqp.Channel) (<-chan amqp.Delivery, error) {
	if err := ch.Qos(feedPrefetch, 0, false); err != nil {
		return nil, err
	}
	if err := ch.ExchangeDeclare(l.exchange, amqp.ExchangeTopic, true, false, false, false, nil); err != nil {
		return nil, err
	}
	name := l.prefix + runtime.GUID(lineage.NewV7()).String()
	_, err := ch.QueueDeclare(name, false, true, true, false, amqp.Table{"x-max-length": int32(feedLength), "x-overflow": "reject-publish"})
	if err != nil {
		return nil, err
	}
	for _, key := range []string{beatKey, eventKey + "*", ackKey + l.peers.self.String()} {
		if err := ch.QueueBind(name, key, l.exchange, false, nil); err != nil {
			return nil, err
		}
	}
	return ch.Consume(name, "", false, true, false, false, nil)
}

func (l *Link) send(ch *amqp.Channel, key string, body []byte) error {
	return ch.PublishWithContext(context.Background(), l.exchange, key, false, false, publishing(body))
}

func publishing(body []byte) amqp.Publishing {
	return amqp.Publishing{ContentType: "application/json", DeliveryMode: amqp.Transient, Body: body}
}
