package runtime

import (
	"context"
	"strconv"

	"github.com/beds-project/beds/runtime/envelope"
)

// atomic runs writes of one kind on one template so that all take effect or none.
func (f *Factory) atomic(ctx context.Context, ops []Request) ([]envelope.Result, *envelope.Error) {
	b := &bundle{op: ops[0].Op}
	for i := range ops {
		op := &ops[i]
		if _, err := f.find(op); err != nil {
			return nil, inOp(i, err)
		}
		p := f.own(op.Template)
		if p == nil {
			return nil, envelope.Errorf(envelope.Unsupported, "%s takes no all-or-nothing batches: this installation has operations of its own for it", op.Template)
		}
		if !envelope.Writes(op.Op) || op.Op != ops[0].Op || op.Template != ops[0].Template {
			return nil, envelope.Errorf(envelope.Unsupported,
				"an all-or-nothing batch has writes of one kind on one template; ops[%d] is %s on %s", i, clip(op.Op), clip(op.Template))
		}
		b.core = p
	}
	for i := range ops {
		planned, _, err := b.plan(&ops[i])
		if err != nil {
			return nil, inOp(i, asError(err))
		}
		if planned {
			b.at = append(b.at, i)
		}
	}
	results := make([]envelope.Result, len(ops))
	if err := f.write(ctx, b, true, results); err != nil {
		return nil, asError(err)
	}
	return results, nil
}

// inOp says which operation of a batch an error is about.
func inOp(i int, e *envelope.Error) *envelope.Error {
	return &envelope.Error{Code: e.Code, Message: "ops[" + strconv.Itoa(i) + "]: " + e.Message, Details: e.Details, Cause: e.Cause}
}
