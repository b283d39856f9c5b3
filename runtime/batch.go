package runtime

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	"github.com/beds-project/beds/runtime/envelope"
)

// batch runs the operations of a message, each with its own result. Writes without
// a key get one made of the batch's, so that a second delivery of the message finds
// each of them again.
func (f *Factory) batch(ctx context.Context, req *Request) envelope.Result {
	if err := f.checkBatch(req); err != nil {
		return failure(err)
	}
	ops := req.inner()
	var results []envelope.Result
	if req.Options.Atomic {
		var err *envelope.Error
		if results, err = f.atomic(ctx, ops); err != nil {
			return failure(err)
		}
	} else {
		results = f.concurrent(ctx, ops)
	}
	return f.joinResults(results)
}

func (f *Factory) checkBatch(req *Request) *envelope.Error {
	core, ok := f.cores[req.Template]
	switch {
	case !ok:
		return envelope.Errorf(envelope.UnknownTmpl, "this node has no template %q", clip(req.Template))
	case len(req.Ops) == 0:
		return envelope.Errorf(envelope.Required, "a batch needs ops, an array of operations")
	case len(req.Data) > 0:
		return envelope.Errorf(envelope.UnknownMember, "a batch has ops, not data")
	case len(req.Ops) > core.Template().Behaviour.MaxBatch:
		return envelope.Errorf(envelope.TooLarge, "the batch has %d operations; %s allows %d", len(req.Ops), req.Template, core.Template().Behaviour.MaxBatch)
	}
	return checkOptions(req)
}

// inner are the operations of a batch as requests of their own.
func (r *Request) inner() []Request {
	base := r.Key
	if base == "" {
		base = r.EventID
	}
	ops := make([]Request, len(r.Ops))
	for i := range r.Ops {
		op := &r.Ops[i]
		if op.Template == "" {
			op.Template = r.Template
		}
		if op.Key == "" && base != "" && envelope.Writes(op.Op) {
			op.Key = base + "/" + strconv.Itoa(i)
		}
		op.EventID, op.ParentID, op.RootID, op.Depth = r.EventID, r.ParentID, r.RootID, r.Depth
		op.Options.DryRun = op.Options.DryRun || r.Options.DryRun
		ops[i] = Request{Request: op, UserID: r.UserID, Internal: r.Internal}
	}
	return ops
}

// concurrent runs the operations of a batch at the same time. Those that the store
// takes many of at a call are planned one after the other and go out together; a
// goroutine each would cost more than their work.
func (f *Factory) concurrent(ctx context.Context, ops []Request) []envelope.Result {
	results := make([]envelope.Result, len(ops))
	var wg sync.WaitGroup
	var bundles []*bundle
	for i := range ops {
		core, err := f.find(&ops[i])
		if err != nil {
			results[i] = failure(err)
			continue
		}
		if b := f.bundleOf(&bundles, &ops[i]); b != nil && b.add(i, &ops[i], &results[i]) {
			continue
		}
		wg.Go(func() {
			defer contain(&results[i])
			results[i] = f.run(ctx, core, &ops[i])
		})
	}
	for _, b := range bundles {
		wg.Go(func() { f.flush(ctx, b, results) })
	}
	wg.Wait()
	return results
}

// contain turns a panic of one operation into its own result; its neighbours go on.
func contain(res *envelope.Result) {
	if r := recover(); r != nil {
		*res = failure(envelope.Wrap(envelope.Internal, fmt.Errorf("panic: %v", r), "a fault of BEDS; the log has the cause under this event"))
	}
}

func (f *Factory) joinResults(results []envelope.Result) envelope.Result {
	res := envelope.Result{Count: int64(len(results))}
	res.Data = res.Buffer()
	for i := range results {
		if i > 0 {
			res.Data = append(res.Data, ',')
		}
		res.Data = envelope.AppendResult(res.Data, &results[i])
		if len(res.Data) > f.maxReply {
			return failure(envelope.Errorf(envelope.TooLarge, "the reply would have more than %d bytes; send smaller batches", f.maxReply))
		}
	}
	return res
}
