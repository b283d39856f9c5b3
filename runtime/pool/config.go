package pool

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/beds-project/beds/runtime/session"
)

// Defaults of [Config]. Zero in a Config means the value here.
const (
	// DefaultMaxBody is 1 MiB of text plus room for the envelope around it.
	DefaultMaxBody = 2 << 20
	// DefaultMaxAttempts counts the first one.
	DefaultMaxAttempts = 5
	// DefaultReplyPrefix is the reserved beginning of named reply queues.
	DefaultReplyPrefix = "beds.reply."
	// DefaultDrainTimeout is what Run grants a drain after its context has ended.
	DefaultDrainTimeout = 20 * time.Second
)

// DefaultRetryDelays are the pauses before the 2nd, 3rd, 4th and later attempts.
var DefaultRetryDelays = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second}

// Codes under which the pool itself gives up a message.
const (
	CodePanic        = "panic"             // the handler crashed
	CodeBadReplyTo   = "bad_reply_to"      // reply_to is outside of what may be answered
	CodeBodyTooLarge = "body_too_large"    // and no TooLarge was configured
	CodeExhausted    = "retries_exhausted" // used when the handler gave no code of its own
)

// Config is what all brokers of a node share. Session.URLs, Topology.Exchange and
// Topology.DLX are required.
type Config struct {
	// Session is used for two connections, one that consumes and one that publishes.
	Session session.Config
	// Topology is declared on each new session before anything is consumed, so that a
	// deleted queue comes back. Its RetryDelays decide the retries; nil means DefaultRetryDelays.
	Topology session.Topology
	// ReplyPrefix admits named reply queues besides direct reply-to.
	ReplyPrefix string
	// MaxBody is the largest body, in bytes, that a handler gets to see.
	MaxBody int
	// MaxAttempts is how often a message may be tried, the first time included.
	MaxAttempts int
	// DrainTimeout bounds the drain that follows the end of Run's context.
	DrainTimeout time.Duration
	// TooLarge makes the result for a message over MaxBody, whose Body is nil. Without it
	// the message is quarantined, without its body.
	TooLarge func(*Delivery) Result
	// Expired makes the result for a message whose deadline passed before the work began; its
	// handler does not run. Without it the message is acknowledged in silence.
	Expired func(*Delivery) Result
	// Crashed makes the reply for a message whose handler crashed; without it, or when it
	// returns nil, the caller hears nothing and runs into its deadline.
	Crashed func(*Delivery) []byte
	// Logger receives events; nil means slog.Default().
	Logger *slog.Logger
	// NodeID is written into dead letters and connection names.
	NodeID string
}

func (c Config) withDefaults() Config {
	if c.ReplyPrefix == "" {
		c.ReplyPrefix = DefaultReplyPrefix
	}
	if c.MaxBody == 0 {
		c.MaxBody = DefaultMaxBody
	}
	if c.MaxAttempts == 0 {
		c.MaxAttempts = DefaultMaxAttempts
	}
	if c.DrainTimeout == 0 {
		c.DrainTimeout = DefaultDrainTimeout
	}
	if c.Topology.RetryDelays == nil {
		c.Topology.RetryDelays = DefaultRetryDelays
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Session.Logger == nil {
		c.Session.Logger = c.Logger
	}
	if c.TooLarge == nil {
		c.TooLarge = func(d *Delivery) Result {
			return Result{Verdict: Quarantine, Code: CodeBodyTooLarge, Reason: fmt.Sprintf("the body has %d bytes", d.Size)}
		}
	}
	return c
}

func (c Config) validate(brokers []Broker) error {
	errs := []error{c.Session.Validate(), c.Topology.Validate()}
	if c.MaxBody < 0 || c.MaxAttempts < 0 || c.DrainTimeout < 0 {
		errs = append(errs, errors.New("pool: limits must not be negative"))
	}
	seen := map[string]bool{}
	for _, b := range brokers {
		errs = append(errs, b.validate())
		if seen[b.Name] {
			errs = append(errs, fmt.Errorf("pool: two brokers are called %q", b.Name))
		}
		seen[b.Name] = true
	}
	return errors.Join(errs...)
}
