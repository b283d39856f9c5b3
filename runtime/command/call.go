package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/lineage"
	"github.com/beds-project/beds/runtime/node"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// runCall sends one request. JSON is the data; for a batch it is the array of
// operations; "-" reads it from the standard input.
func (a *App) runCall(ctx context.Context, args []string) error {
	var options, key, event string
	var timeout time.Duration
	var raw bool
	a.flags.StringVar(&options, "options", "", "options of the request as `JSON`")
	a.flags.StringVar(&key, "key", "", "idempotency `key` of a write; a new one by default")
	a.flags.StringVar(&event, "event", "", "event `id`; a new one by default")
	a.flags.DurationVar(&timeout, "timeout", 5*time.Second, "how long to wait for the reply")
	a.flags.BoolVar(&raw, "raw", false, "print the reply on one line, as it came")
	rest, err := a.parse(args, 2, 3)
	if err != nil {
		return err
	}
	req := &envelope.Request{Template: rest[0], Op: rest[1], Key: key, EventID: event}
	if req.EventID == "" {
		req.EventID = runtime.GUID(lineage.NewV7()).String()
	}
	if req.Key == "" && (envelope.Writes(req.Op) || req.Op == envelope.OpBatch) {
		req.Key = req.EventID
	}
	body, err := a.body(req, rest[2:], options)
	if err != nil {
		return err
	}
	family, err := a.family(req.Template)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	reply, err := a.roundtrip(ctx, client.RoutingKey(family, req.Op, req.Template), client.Publishing{
		Type: req.Op, MessageID: req.EventID, Body: body, Persistent: envelope.Writes(req.Op),
	})
	if err != nil {
		return err
	}
	return a.print(reply, raw)
}

// body writes the envelope around the JSON of the command line, which goes out as
// it is: the node is to say what is wrong with it.
func (a *App) body(req *envelope.Request, data []string, options string) ([]byte, error) {
	text := ""
	if len(data) > 0 {
		text = strings.TrimSpace(data[0])
	}
	if text == "-" {
		b, err := io.ReadAll(io.LimitReader(a.stdin, 64<<20))
		if err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		text = string(bytes.TrimSpace(b))
	}
	body := envelope.AppendRequest(nil, req)
	body = body[:len(body)-1]
	if text != "" {
		name := "data"
		if req.Op == envelope.OpBatch {
			name = "ops"
		}
		body = fmt.Appendf(body, `,%q:%s`, name, text)
	}
	if options != "" {
		body = fmt.Appendf(body, `,"options":%s`, options)
	}
	return append(body, '}'), nil
}

// family is the queue family of a template; a template that this binary does not
// know is sent all the same, so that a node answers.
func (a *App) family(template string) (runtime.Family, error) {
	i := slices.IndexFunc(a.registrations, func(r runtime.Registration) bool { return r.Template.Name == template })
	if i < 0 {
		fmt.Fprintf(a.stderr, "%s: this binary has no template %q; asking a node all the same\n", a.name, template)
		return runtime.Rec, nil
	}
	return a.registrations[i].Template.Family, nil
}

func (a *App) connect(ctx context.Context) (*client.Client, error) {
	cfg, err := a.load()
	if err != nil {
		return nil, err
	}
	quiet := slog.New(slog.DiscardHandler)
	sc, err := node.SessionConfig(cfg, quiet)
	if err != nil {
		return nil, err
	}
	return client.Dial(ctx, client.Config{URLs: sc.URLs, TLS: sc.TLS, User: sc.User, Exchange: cfg.AMQP.Exchange, ReplyPrefix: cfg.AMQP.ReplyPrefix,
		Name: a.name + " call", Logger: quiet})
}

func (a *App) roundtrip(ctx context.Context, key string, p client.Publishing) ([]byte, error) {
	c, err := a.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close() //nolint:errcheck // the reply is here
	p.UserID = c.User()
	reply, err := c.Roundtrip(ctx, key, p)
	if errors.Is(err, client.ErrNoRoute) {
		err = fmt.Errorf("%w; is a node running, with the broker that serves %s (rBroker read, wBroker write, mBroker obj)?", err, key)
	}
	return reply, err
}

// print shows a reply and fails when its status is not ok.
func (a *App) print(body []byte, raw bool) error {
	reply, err := envelope.DecodeReply(body)
	if err != nil {
		return err
	}
	if !raw {
		pretty := jsontext.Value(bytes.Clone(body))
		if err := pretty.Indent(jsontext.WithIndent("  ")); err == nil {
			body = pretty
		}
	}
	fmt.Fprintf(a.stdout, "%s\n", body)
	if reply.Status != envelope.StatusOK || failedOps(reply) {
		return errReported
	}
	return nil
}

// failedOps reports whether an operation of a batch failed.
func failedOps(reply *envelope.Reply) bool {
	for _, d := range reply.Data {
		var op struct {
			Status string         `json:"status"`
			Error  jsontext.Value `json:"error"`
		}
		if json.Unmarshal(d, &op) == nil && op.Error != nil && op.Status != "" && op.Status != envelope.StatusOK {
			return true
		}
	}
	return false
}

func (a *App) runPing(ctx context.Context, args []string) error {
	var timeout time.Duration
	a.flags.DurationVar(&timeout, "timeout", 5*time.Second, "how long to wait for the reply")
	rest, err := a.parse(args, 0, 1)
	if err != nil {
		return err
	}
	req := &envelope.Request{Op: envelope.OpPing, EventID: runtime.GUID(lineage.NewV7()).String()}
	family := runtime.Rec
	if len(rest) == 1 {
		req.Template = rest[0]
		if family, err = a.family(rest[0]); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	c, err := a.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close() //nolint:errcheck // the reply is here
	start := time.Now()
	reply, err := c.Call(ctx, req, family)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "pong from node %s in %s\n", reply.Node, time.Since(start).Round(10*time.Microsecond))
	return err
}
