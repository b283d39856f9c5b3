package load

import (
	"cmp"
	"slices"

	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func (r *resolver) resolveIndexes() {
	primary := &model.Index{
		Name:   model.FieldID,
		Kind:   model.IndexPrimary,
		Keys:   []model.Key{{Field: r.fields[model.FieldID]}},
		Unique: true,
	}
	declared := make([]*model.Index, 0, len(r.src.Indexes))
	for _, ix := range r.src.Indexes {
		declared = append(declared, &model.Index{
			Name:   ix.Name,
			Kind:   ix.Kind,
			Keys:   r.keys(ix.Keys),
			Unique: ix.Kind == model.IndexUnique,
			Where:  r.conditions(ix.Where, nil),
			TTL:    ix.TTL.Value,
			Doc:    ix.Doc.Value,
		})
	}
	slices.SortFunc(declared, func(a, b *model.Index) int { return cmp.Compare(a.Name, b.Name) })
	r.t.Indexes = append([]*model.Index{primary}, declared...)
}

func (r *resolver) keys(refs []rec.Ref) []model.Key {
	keys := make([]model.Key, 0, len(refs)+1)
	for _, ref := range refs {
		keys = append(keys, model.Key{Field: r.fields[ref.Name], Desc: ref.Desc})
	}
	return keys
}

func (r *resolver) resolveQueries() {
	for _, q := range r.src.Queries {
		params := resolveParams(q.Params)
		r.t.Queries = append(r.t.Queries, &model.Query{
			Name:   q.Name,
			GoName: model.GoName(q.Name),
			Doc:    q.Doc.Value,
			Params: params,
			Where:  r.conditions(q.Where, params),
			Sort:   r.total(r.keys(q.Sort)),
			Limit:  int(q.Limit.Or(int64(r.t.Behaviour.MaxLimit))),
		})
	}
	slices.SortFunc(r.t.Queries, func(a, b *model.Query) int { return cmp.Compare(a.Name, b.Name) })
}

func resolveParams(list []*rec.Param) []*model.Param {
	params := make([]*model.Param, 0, len(list))
	for _, p := range list {
		params = append(params, &model.Param{
			Name:   p.Name,
			GoName: model.GoName(p.Name),
			Type:   p.Type.Type,
			Doc:    p.Doc.Value,
		})
	}
	slices.SortFunc(params, func(a, b *model.Param) int { return cmp.Compare(a.Name, b.Name) })
	return params
}

// total ends a sort with id, in the direction of the key before it, so that one
// index can serve both and every page has one order.
func (r *resolver) total(keys []model.Key) []model.Key {
	id := r.fields[model.FieldID]
	if slices.ContainsFunc(keys, func(k model.Key) bool { return k.Field == id }) {
		return keys // the rule bad-sort allows it in the last place only
	}
	last := model.Key{Field: id}
	if n := len(keys); n > 0 {
		last.Desc = keys[n-1].Desc
	}
	return append(keys, last)
}

// opOrder puts the conditions of one field into the order in which a person
// would write them.
var opOrder = []model.Op{
	model.OpEq, model.OpNe, model.OpIn, model.OpPrefix, model.OpGt, model.OpGte, model.OpLt, model.OpLte,
}

// conditions resolves a filter, ordered by field and operator.
func (r *resolver) conditions(list []*rec.Condition, params []*model.Param) []model.Condition {
	if len(list) == 0 {
		return nil
	}
	out := make([]model.Condition, 0, len(list))
	for _, c := range list {
		field := r.fields[c.Field.Name]
		cond := model.Condition{Field: field, Op: model.Op(c.Op)}
		if c.Param != "" {
			i := slices.IndexFunc(params, func(p *model.Param) bool { return p.Name == c.Param })
			cond.Param = params[i]
		} else {
			cond.Values = constants(&field.Type, c.Operand)
		}
		out = append(out, cond)
	}
	slices.SortFunc(out, func(a, b model.Condition) int {
		return cmp.Or(
			cmp.Compare(a.Field.Index, b.Field.Index),
			cmp.Compare(slices.Index(opOrder, a.Op), slices.Index(opOrder, b.Op)),
		)
	})
	return out
}

// constants resolves an operand that has passed the rule bad-constant.
func constants(typ *model.Type, v *rec.Value) []model.Value {
	list := []*rec.Value{v}
	if v.Kind == rec.KindList {
		list = v.List
	}
	values := make([]model.Value, 0, len(list))
	for _, e := range list {
		c, _ := rec.Constant(typ, e)
		values = append(values, c)
	}
	return values
}
