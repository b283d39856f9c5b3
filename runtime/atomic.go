package runtime

import (
	"context"
	"strconv"

	"github.com/beds-project/beds/runtime/envelope"
)

// planner is what Core adds for all-or-nothing batches: the same checks as the
// single operations, without running them.
type planner interface {
	NamasteCore
	Store() Store
	planInsert(*Request) (Insert, error)
	planUpdate(*Request) (Update, error)
	planDelete(*Request) (Delete, error)
	answerWrite(*Outcome) (*Answer, error)
}

// atomic runs writes of one kind on one template so that all take effect or none.
func (f *Factory) atomic(ctx context.Context, ops []*Request) ([]envelope.Result, *envelope.Error) {
	var core planner
	for i, op := range ops {
		c, err := f.find(op)
		if err != nil {
			return nil, envelope.Errorf(err.Code, "ops[%d]: %s", i, err.Message)
		}
		p, ok := c.(planner)
		if !ok || !envelope.Writes(op.Op) || op.Op != ops[0].Op || op.Template != ops[0].Template {
			return nil, envelope.Errorf(envelope.Unsupported,
				"an all-or-nothing batch has writes of one kind on one template; ops[%d] is %s on %s", i, clip(op.Op), clip(op.Template))
		}
		core = p
	}
	outcomes, err := runAtomic(ctx, core, ops)
	if err != nil {
		return nil, asError(err)
	}
	results := make([]envelope.Result, len(ops))
	for i := range outcomes {
		a, err := core.answerWrite(&outcomes[i])
		if err != nil {
			results[i] = failure(asError(err))
			continue
		}
		results[i] = f.render(core.Template(), a)
	}
	return results, nil
}

func runAtomic(ctx context.Context, core planner, ops []*Request) ([]Outcome, error) {
	t, store := core.Template(), core.Store()
	switch ops[0].Op {
	case envelope.OpWrite:
		items, err := planAll(ops, core.planInsert)
		if err != nil {
			return nil, err
		}
		return store.Insert(ctx, t, items, true)
	case envelope.OpUpdate:
		items, err := planAll(ops, core.planUpdate)
		if err != nil {
			return nil, err
		}
		return store.Update(ctx, t, items, true)
	}
	items, err := planAll(ops, core.planDelete)
	if err != nil {
		return nil, err
	}
	return store.Delete(ctx, t, items, true)
}

func planAll[T any](ops []*Request, plan func(*Request) (T, error)) ([]T, error) {
	items := make([]T, len(ops))
	for i, op := range ops {
		item, err := plan(op)
		if err != nil {
			e := asError(err)
			return nil, &envelope.Error{Code: e.Code, Message: "ops[" + strconv.Itoa(i) + "]: " + e.Message, Details: e.Details, Cause: e.Cause}
		}
		items[i] = item
	}
	return items, nil
}
