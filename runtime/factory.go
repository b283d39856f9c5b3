package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/beds-project/beds/runtime/envelope"
)

// A Factory finds the core of a request by its template's name and runs the
// operation. It is immutable and safe for concurrent use.
type Factory struct {
	cores map[string]NamasteCore
	// slots bound the requests in work of the templates that have a bound.
	slots map[string]chan struct{}
	// access decides whether a user may run an operation; nil allows everything.
	access   Access
	maxReply int // bytes of a reply's data
	maxPage  int // records of a page
}

// Access decides whether a user may run an operation on a template. The error is
// what the caller sees.
type Access func(userID string, t *Template, op string) *envelope.Error

// FactoryConfig are the parts of a factory. Zero fields take the defaults.
type FactoryConfig struct {
	// Store gives the store of a template; it is called once for each.
	Store func(*Template) (Store, error)
	// Access is asked before every operation; nil allows everything.
	Access Access
	// MaxReply bounds the data of a reply in bytes; 0 means 16 MiB.
	MaxReply int
	// MaxPage bounds the records of a page beside the template's own bound; 0 is none.
	MaxPage int
	// Concurrency bounds the requests of a template that are in work; nil or 0 is none.
	Concurrency func(*Template) int
}

// NewFactory makes the cores of all registered templates.
func NewFactory(cfg FactoryConfig, registrations []Registration) (*Factory, error) {
	f := &Factory{cores: make(map[string]NamasteCore, len(registrations)),
		slots:  map[string]chan struct{}{},
		access: cfg.Access, maxReply: cfg.MaxReply, maxPage: cfg.MaxPage}
	if f.maxReply == 0 {
		f.maxReply = 16 << 20
	}
	for _, r := range registrations {
		if err := Prepare(r.Template); err != nil {
			return nil, err
		}
		if _, dup := f.cores[r.Template.Name]; dup {
			return nil, fmt.Errorf("template %q is registered twice", r.Template.Name)
		}
		store, err := cfg.Store(r.Template)
		if err != nil {
			return nil, fmt.Errorf("template %s: %w", r.Template.Name, err)
		}
		core := r.New(store)
		f.cores[r.Template.Name] = core
		if cfg.Concurrency != nil && cfg.Concurrency(r.Template) > 0 {
			f.slots[r.Template.Name] = make(chan struct{}, cfg.Concurrency(r.Template))
		}
	}
	return f, nil
}

// Core returns the core of a template, or nil.
func (f *Factory) Core(name string) NamasteCore { return f.cores[name] }

// Dispatch runs a request. It always gives a result; faults of BEDS become an
// error of code Internal whose cause is for the log.
func (f *Factory) Dispatch(ctx context.Context, req *Request) envelope.Result {
	if req.Op == envelope.OpPing {
		return f.ping(req)
	}
	if req.Op == envelope.OpBatch {
		return f.batch(ctx, req)
	}
	if len(req.Ops) > 0 {
		return failure(envelope.Errorf(envelope.UnknownMember, "ops belongs to a batch only, not to %s", req.Op))
	}
	core, err := f.find(req)
	if err != nil {
		return failure(err)
	}
	return f.run(ctx, core, req)
}

// find checks template, operation, options and rights.
func (f *Factory) find(req *Request) (NamasteCore, *envelope.Error) {
	core, ok := f.cores[req.Template]
	if !ok {
		return nil, envelope.Errorf(envelope.UnknownTmpl, "this node has no template %q", clip(req.Template))
	}
	t := core.Template()
	if t.Closed && !req.Internal {
		return nil, envelope.Errorf(envelope.Forbidden, "template %s is closed to clients", t.Name)
	}
	if t.Internal && !req.Internal && envelope.Writes(req.Op) {
		return nil, envelope.Errorf(envelope.Forbidden, "template %s is written by BEDS itself; clients may read it", t.Name)
	}
	if !slices.Contains(envelope.Operations, req.Op) {
		return nil, envelope.Errorf(envelope.UnknownOp, "there is no operation %q; there are %s", clip(req.Op), strings.Join(envelope.Operations, ", "))
	}
	if err := checkOptions(req); err != nil {
		return nil, err
	}
	if err := f.boundPage(req); err != nil {
		return nil, err
	}
	if f.access != nil && !req.Internal {
		if err := f.access(req.UserID, t, req.Op); err != nil {
			return nil, err
		}
	}
	return core, nil
}

// boundPage applies the node's bound on pages.
func (f *Factory) boundPage(req *Request) *envelope.Error {
	if f.maxPage == 0 || req.Op != envelope.OpFetch && req.Op != envelope.OpQuery {
		return nil
	}
	if req.Options.Limit > f.maxPage {
		return envelope.Errorf(envelope.TooLarge, "options.limit is %d; this node allows at most %d", req.Options.Limit, f.maxPage)
	}
	if req.Options.Limit == 0 && f.maxPage < DefaultLimit {
		req.Options.Limit = f.maxPage
	}
	return nil
}

// InWork is how many requests are in work of each template that has a bound.
func (f *Factory) InWork() map[string]int {
	n := make(map[string]int, len(f.slots))
	for name, slots := range f.slots {
		n[name] = len(slots)
	}
	return n
}

// enter takes one of the template's slots; the returned function gives it back.
func (f *Factory) enter(ctx context.Context, template string) (func(), *envelope.Error) {
	slots := f.slots[template]
	if slots == nil {
		return func() {}, nil
	}
	select {
	case slots <- struct{}{}:
		return func() { <-slots }, nil
	case <-ctx.Done():
		return nil, envelope.Errorf(envelope.Busy, "too many requests of %s are in work; nothing was done", template)
	}
}

// checkOptions refuses options that an operation would silently ignore.
func checkOptions(req *Request) *envelope.Error {
	o := &req.Options
	pages := req.Op == envelope.OpFetch || req.Op == envelope.OpQuery
	var name string
	switch {
	case !pages && o.Limit != 0:
		name = "limit"
	case !pages && o.Cursor != "":
		name = "cursor"
	case !pages && o.Return != nil:
		name = "return"
	case !pages && o.Sort != nil:
		name = "sort"
	case o.Atomic && req.Op != envelope.OpBatch:
		name = "atomic"
	default:
		return nil
	}
	return envelope.Errorf(envelope.UnknownOption, "options.%s has no meaning for %s", name, req.Op)
}

func (f *Factory) run(ctx context.Context, core NamasteCore, req *Request) envelope.Result {
	if ctx.Err() != nil {
		return failure(envelope.Errorf(envelope.DeadlinePassed, "the deadline passed before the work began"))
	}
	leave, full := f.enter(ctx, core.Template().Name)
	if full != nil {
		return failure(full)
	}
	defer leave()
	return f.perform(ctx, core, req)
}

// perform runs an operation that has its slot.
func (f *Factory) perform(ctx context.Context, core NamasteCore, req *Request) envelope.Result {
	var a *Answer
	var err error
	switch req.Op {
	case envelope.OpFetch:
		a, err = core.Fetch(ctx, req)
	case envelope.OpCount:
		a, err = core.Count(ctx, req)
	case envelope.OpQuery:
		a, err = core.Query(ctx, req)
	case envelope.OpWrite:
		a, err = core.Write(ctx, req)
	case envelope.OpUpdate:
		a, err = core.Update(ctx, req)
	case envelope.OpDelete:
		a, err = core.Delete(ctx, req)
	case envelope.OpObject:
		a, err = core.Object(ctx, req)
	default:
		err = envelope.Errorf(envelope.UnknownOp, "%s cannot be part of another operation", req.Op)
	}
	if err != nil {
		return failure(asError(err))
	}
	return f.render(core.Template(), a)
}

// render writes the rows of an answer.
func (f *Factory) render(t *Template, a *Answer) envelope.Result {
	res := envelope.Result{Data: a.Raw, Count: a.Count, Cursor: a.Cursor}
	if len(a.Rows) > 0 {
		res.Data = res.Buffer()
	}
	for i, row := range a.Rows {
		if i > 0 {
			res.Data = append(res.Data, ',')
		}
		res.Data = AppendRow(res.Data, t, row, a.Projection)
		if len(res.Data) > f.maxReply {
			break
		}
	}
	if len(res.Data) > f.maxReply {
		return failure(envelope.Errorf(envelope.TooLarge,
			"the reply would have more than %d bytes; ask for fewer records or fields (options.limit, options.return)", f.maxReply))
	}
	return res
}

// ping answers without a store, so that it tells about the path alone.
func (f *Factory) ping(req *Request) envelope.Result {
	if req.Template == "" {
		return envelope.Result{Data: []byte(`{"pong":true}`), Count: 1}
	}
	core, err := f.find(req)
	if err != nil {
		return failure(err)
	}
	t := core.Template()
	data := append([]byte(`{"pong":true,"template":`), strconv.Quote(t.Name)...)
	data = append(append(data, `,"version":`...), strconv.Itoa(t.Version)...)
	return envelope.Result{Data: append(data, '}'), Count: 1}
}

func failure(err *envelope.Error) envelope.Result { return envelope.Result{Err: err} }

// asError keeps errors of the catalogue and hides all others behind Internal.
func asError(err error) *envelope.Error {
	var e *envelope.Error
	if errors.As(err, &e) {
		return e
	}
	return envelope.Wrap(envelope.Internal, err, "a fault of BEDS; the log has the cause under this event")
}
