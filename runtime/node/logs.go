package node

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/lineage"
	"github.com/beds-project/beds/runtime/logging"
	"github.com/beds-project/beds/runtime/pool"
)

// loggerTemplate is the template of the log collection. A module without it has
// no log collection.
const loggerTemplate = "mst_logger"

// logsPrefetch is how many log events one adminLogsBroker holds; those that wait
// at the same moment go into the collection together.
const logsPrefetch = 256

// A logFeed publishes the node's log events to its log queue.
type logFeed struct {
	client *client.Client
	env    string
}

// send publishes a batch of events with confirmation.
func (f *logFeed) send(ctx context.Context, events []logging.Event) error {
	for i := range events {
		id := runtime.GUID(lineage.NewV7()).String()
		err := f.client.Publish(ctx, "log."+f.env+"."+events[i].Level, client.Publishing{
			Type: envelope.OpWrite, MessageID: id, Body: appendEvent(nil, &events[i]), Persistent: true,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// appendEvent writes an event as the data of a write to mst_logger.
func appendEvent(dst []byte, e *logging.Event) []byte {
	text := runtime.Type{Kind: runtime.Text}
	str := func(name, value string) {
		if value == "" {
			return
		}
		dst = append(dst, '"')
		dst = append(dst, name...)
		dst = append(dst, '"', ':')
		dst = runtime.AppendValue(dst, &text, runtime.StrValue(value))
		dst = append(dst, ',')
	}
	dst = append(dst, '{')
	str("event_id", e.EventID)
	str("parent_id", e.ParentID)
	str("root_id", e.RootID)
	str("level", e.Level)
	str("resource", e.Resource)
	str("service", e.Service)
	str("env", e.Env)
	str("node", e.Node)
	str("file", e.File)
	str("method", e.Method)
	str("trace", e.Trace)
	str("message", e.Message)
	dst = append(dst, `"depth":`...)
	dst = strconv.AppendInt(dst, int64(e.Depth), 10)
	dst = append(dst, `,"line":`...)
	dst = strconv.AppendInt(dst, int64(e.Line), 10)
	dst = append(dst, `,"level_val":`...)
	dst = strconv.AppendInt(dst, int64(e.LevelVal), 10)
	return append(dst, '}')
}

// logWriter stores log events; it is the handler of adminLogsBroker. The message
// id is the key, so that an event delivered twice is stored once. It logs its own
// failures to the console only: a log event about logging would never end.
func logWriter(factory *runtime.Factory, log *slog.Logger, timeout time.Duration) pool.Handler {
	return func(ctx context.Context, d *pool.Delivery) pool.Result {
		out := pool.Result{Template: loggerTemplate}
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		res := factory.Dispatch(ctx, &runtime.Request{Internal: true, Request: &envelope.Request{
			Template: loggerTemplate, Op: envelope.OpWrite, EventID: d.MessageID, Data: d.Body,
		}})
		if res.Err != nil {
			out.Code, out.Reason = string(res.Err.Code), res.Err.Message
			out.Verdict = verdict(res.Err, false)
			log.LogAttrs(logging.Local(ctx), slog.LevelWarn, "log event not stored",
				slog.String("code", out.Code), slog.String("error", out.Reason))
		}
		return out
	}
}
