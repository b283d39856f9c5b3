package client

import (
	"context"
	"fmt"
	"reflect"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/record"
)

// A Caller sends a request and waits for the reply; a *Client is one.
type Caller interface {
	Call(ctx context.Context, req *envelope.Request, family runtime.Family) (*envelope.Reply, error)
}

// A sender is what a Domain does whatever the type of its records is. It is a function
// of plain types, since the compiler copies what a generic type consists of into the
// export data of every generated package.
type sender func(ctx context.Context, op string, data []byte, batch [][]byte, opts []Option) (answer, error)

// An answer is what a Domain needs of a reply.
type answer struct {
	data   [][]byte
	cursor string
	count  int64
	stored Stored
	// Of a batch: one for each operation.
	results []Stored
	errs    []error
}

// check panics unless the template is sound and the record, by pointer, belongs to it.
func check(t *runtime.Template, rec any) {
	if err := runtime.Prepare(t); err != nil {
		panic(err)
	}
	if typ := reflect.TypeOf(rec).Elem(); typ.Kind() != reflect.Struct || typ.NumField() != len(t.Fields) {
		panic(fmt.Sprintf("beds: %s is not the record of template %s", typ, t.Name))
	}
}

func newSender(c Caller, t *runtime.Template) sender {
	return func(ctx context.Context, op string, data []byte, batch [][]byte, opts []Option) (answer, error) {
		reply, err := c.Call(ctx, newRequest(t, op, data, batch, opts), t.Family)
		if err != nil {
			return answer{}, err
		}
		a := answer{cursor: reply.Cursor, count: reply.Count, data: make([][]byte, len(reply.Data))}
		for i, raw := range reply.Data {
			a.data[i] = raw
		}
		switch {
		case op == envelope.OpBatch:
			err = a.readResults(t, len(batch))
		case envelope.Writes(op) && len(a.data) > 0:
			a.stored, err = readStored(t, a.data[0])
		}
		return a, err
	}
}

func newRequest(t *runtime.Template, op string, data []byte, batch [][]byte, opts []Option) *envelope.Request {
	var o options
	for _, set := range opts {
		set(&o)
	}
	req := &envelope.Request{Template: t.Name, Op: op, Data: data, Key: o.key, Options: envelope.Options{
		Limit: o.limit, Cursor: o.cursor, Sort: o.sort, Return: o.projection, DryRun: o.dryRun, Atomic: o.atomic,
	}}
	for _, data := range batch {
		req.Ops = append(req.Ops, envelope.Request{Op: envelope.OpWrite, Data: data})
	}
	return req
}

// newRecord writes what a caller may set; absent fields are left out.
func newRecord(t *runtime.Template, rec any) ([]byte, error) {
	row, err := record.ToRow(rec)
	if err != nil {
		return nil, fmt.Errorf("beds: template %s: %w", t.Name, err)
	}
	dst := []byte{'{'}
	sep := ""
	for i := runtime.FieldRevision + 1; i < len(row); i++ {
		f := &t.Fields[i]
		if row[i].State == runtime.Missing || f.Protected || f.Name == "deleted" {
			continue
		}
		dst = fmt.Appendf(dst, "%s%q:", sep, f.Public)
		dst = runtime.AppendValue(dst, &f.Type, row[i])
		sep = ","
	}
	return append(dst, '}'), nil
}

func readRecord(t *runtime.Template, raw []byte, rec any) error {
	row, err := runtime.DecodeRow(t, raw)
	if err == nil {
		err = record.FromRow(rec, row)
	}
	return err
}

func appendChanges(id record.GUID, revision int64, changes []Change) ([]byte, error) {
	dst := fmt.Appendf(nil, `{"id":%q`, id)
	if revision != 0 {
		dst = fmt.Appendf(dst, `,"revision":%d`, revision)
	}
	for _, c := range changes {
		if len(c.value) == 0 {
			return nil, unwritable(c.field)
		}
		dst = fmt.Appendf(dst, ",%q:%s", c.field, c.value)
	}
	return append(dst, '}'), nil
}

func stored(a answer, err error) (Stored, error) { return a.stored, err }

func results(a answer, err error) ([]Stored, []error, error) { return a.results, a.errs, err }

func (a *answer) readResults(t *runtime.Template, n int) error {
	if len(a.data) != n {
		return fmt.Errorf("beds: %d results for %d records", len(a.data), n)
	}
	a.results, a.errs = make([]Stored, n), make([]error, n)
	for i, raw := range a.data {
		a.results[i], a.errs[i] = readResult(t, raw)
	}
	return nil
}

func readResult(t *runtime.Template, raw []byte) (Stored, error) {
	res, err := envelope.DecodeResult(raw)
	if err == nil {
		err = res.Err()
	}
	if err != nil || len(res.Data) == 0 {
		return Stored{}, err
	}
	return readStored(t, res.Data[0])
}

func readStored(t *runtime.Template, raw []byte) (Stored, error) {
	row, err := runtime.DecodeRow(t, raw)
	if err != nil {
		return Stored{}, err
	}
	return Stored{runtime.GUIDOf(row[runtime.FieldID]), row[runtime.FieldRevision].Int}, nil
}
