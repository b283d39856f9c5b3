package runtime

import (
	"context"
	"errors"

	"github.com/beds-project/beds/runtime/envelope"
)

// A bundle is operations of one kind on one template that go to the store in one
// call. Its slices run in parallel; only the one of its kind has elements.
type bundle struct {
	core    *Core
	op      string
	ops     []*Request
	at      []int // their positions in the batch
	inserts []Insert
	updates []Update
	deletes []Delete
	ids     []GUID
	fields  [][]int // projections of the reads
}

// own is a template's core where all of its operations are ours, and nil where the
// installation has replaced some: those are called one by one.
func (f *Factory) own(template string) *Core {
	core, _ := f.cores[template].(*Core)
	return core
}

// bundleOf finds or makes the bundle that an operation belongs to; nil is none.
func (f *Factory) bundleOf(bundles *[]*bundle, op *Request) *bundle {
	core := f.own(op.Template)
	if core == nil || op.Op != envelope.OpFetch && !envelope.Writes(op.Op) {
		return nil
	}
	for _, b := range *bundles {
		if b.core == core && b.op == op.Op {
			return b
		}
	}
	b := &bundle{core: core, op: op.Op}
	*bundles = append(*bundles, b)
	return b
}

// add plans an operation. Where that settles its result, as for an error or a dry
// run, it is in res; ok is false for a read that is not of one id.
func (b *bundle) add(at int, op *Request, res *envelope.Result) (ok bool) {
	defer contain(res)
	ok = true // for contain
	planned, ok, err := b.plan(op)
	switch {
	case err != nil:
		*res = failure(asError(err))
	case planned:
		b.at = append(b.at, at)
		b.ops = append(b.ops, op)
	}
	return ok
}

// plan checks an operation and keeps what the store needs, unless it is a dry run.
func (b *bundle) plan(op *Request) (planned, ok bool, err error) {
	run := !op.Options.DryRun
	switch b.op {
	case envelope.OpWrite:
		item, err := b.core.planInsert(op)
		if err != nil || !run {
			return false, true, err
		}
		b.inserts = append(b.inserts, item)
	case envelope.OpUpdate:
		item, err := b.core.planUpdate(op)
		if err != nil || !run {
			return false, true, err
		}
		b.updates = append(b.updates, item)
	case envelope.OpDelete:
		item, err := b.core.planDelete(op)
		if err != nil || !run {
			return false, true, err
		}
		b.deletes = append(b.deletes, item)
	default:
		id, fields, ok, err := b.core.planGet(op)
		if err != nil || !ok || !run {
			return false, ok, err
		}
		b.ids, b.fields = append(b.ids, id), append(b.fields, fields)
	}
	return true, true, nil
}

// apply runs the writes of the bundle.
func (b *bundle) apply(ctx context.Context, atomic bool) ([]Outcome, error) {
	t, store := b.core.Template(), b.core.Store()
	switch b.op {
	case envelope.OpWrite:
		return store.Insert(ctx, t, b.inserts, atomic)
	case envelope.OpUpdate:
		return store.Update(ctx, t, b.updates, atomic)
	}
	return store.Delete(ctx, t, b.deletes, atomic)
}

// flush runs the operations of a bundle and puts their results where they belong.
func (f *Factory) flush(ctx context.Context, b *bundle, results []envelope.Result) {
	all := func(err *envelope.Error) {
		for _, i := range b.at {
			results[i] = failure(err)
		}
	}
	var crash envelope.Result
	defer func() {
		if crash.Err != nil {
			all(crash.Err)
		}
	}()
	defer contain(&crash)
	if ctx.Err() != nil {
		all(envelope.Errorf(envelope.DeadlinePassed, "the deadline passed before the work began"))
		return
	}
	leave, full := f.enter(ctx, b.core.Template().Name)
	if full != nil {
		all(full)
		return
	}
	defer leave()
	var err error
	if b.op == envelope.OpFetch {
		err = f.read(ctx, b, results)
	} else {
		err = f.write(ctx, b, false, results)
	}
	switch {
	case errors.Is(err, &envelope.Error{Code: envelope.TooLarge}) && len(b.ops) > 1:
		for n, i := range b.at { // each may fit by itself
			results[i] = f.perform(ctx, b.core, b.ops[n])
		}
	case err != nil:
		all(asError(err))
	}
}

// write runs the writes of a bundle and renders their outcomes into one buffer.
func (f *Factory) write(ctx context.Context, b *bundle, atomic bool, results []envelope.Result) error {
	if len(b.at) == 0 {
		return nil
	}
	outcomes, err := b.apply(ctx, atomic)
	if err != nil {
		return err
	}
	data := make([]byte, 0, 192*len(b.at))
	for n, i := range b.at {
		a, err := b.core.answerWrite(&outcomes[n])
		if err != nil {
			results[i] = failure(asError(err))
			continue
		}
		data, results[i] = b.rendered(data, a.Rows[0], a.Projection)
	}
	return nil
}

// read runs the reads of a bundle; records that are not there leave an empty answer.
func (f *Factory) read(ctx context.Context, b *bundle, results []envelope.Result) error {
	if len(b.at) == 0 {
		return nil
	}
	rows, err := b.core.Store().Get(ctx, b.core.Template(), b.ids)
	if err != nil {
		return err
	}
	found := make(map[GUID]Row, len(rows))
	for _, row := range rows {
		found[GUIDOf(row[FieldID])] = row
	}
	data := make([]byte, 0, 512*len(b.at))
	for n, i := range b.at {
		if row := found[b.ids[n]]; row != nil {
			data, results[i] = b.rendered(data, row, b.fields[n])
		}
	}
	return nil
}

// rendered appends a row to the buffer and gives the result that refers to it.
func (b *bundle) rendered(data []byte, row Row, projection []int) ([]byte, envelope.Result) {
	start := len(data)
	data = AppendRow(data, b.core.Template(), row, projection)
	return data, envelope.Result{Data: data[start:len(data):len(data)], Count: 1}
}
