package load

import (
	"cmp"
	"slices"

	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

// A resolver builds the model of one template that has passed every rule.
type resolver struct {
	src    *rec.Template
	t      *model.Template
	fields map[string]*model.Field
}

func resolve(src *rec.Template) *model.Template {
	r := &resolver{src: src, t: &model.Template{
		Name:       src.Name,
		File:       src.File,
		Doc:        src.Doc.Value,
		Version:    int(src.Version.Value),
		Family:     model.Family(src.Schema.Value),
		Service:    src.Service.Value,
		Class:      src.Class.Value,
		WBID:       src.Collection.Value[:2],
		Collection: src.Collection.Value,
		TLA:        src.TLA(),
		Closed:     src.ClosedClass.Value,
		Internal:   src.IsInternal.Value,
		Behaviour:  behaviour(src),
		Warehouse:  warehouse(src),
	}}
	r.resolveFields()
	r.resolveIndexes()
	r.resolveQueries()
	r.t.Fingerprint = fingerprint(r.t)
	return r.t
}

func behaviour(src *rec.Template) model.Behaviour {
	b := &src.Behaviour
	return model.Behaviour{
		Updates:  b.Updates.Or(true),
		Deletes:  model.Deletes(b.Deletes.Or(string(model.DeletesSoft))),
		Audit:    b.Audit.Value,
		Journal:  b.Journal.Value,
		Locking:  b.Locking.Value,
		Cache:    b.Cache.Value,
		MaxBatch: int(b.MaxBatch.Or(rec.DefaultMaxBatch)),
		MaxLimit: int(b.MaxLimit.Or(rec.DefaultMaxLimit)),
		// The relational store needs a procedure of its own for free filters, so
		// there they are asked for.
		AdHoc: b.AdHoc.Or(src.Schema.Value == string(model.FamilyRec)),
	}
}

func warehouse(src *rec.Template) *model.Warehouse {
	if !src.HasWarehouse {
		return nil
	}
	w := &model.Warehouse{}
	for _, s := range src.Warehouse {
		w.Stages = append(w.Stages, model.Stage{
			Name: s.Name, After: s.After.Value, Node: s.Node.Value, Format: s.Format.Value,
		})
	}
	return w
}

func (r *resolver) resolveFields() {
	fields := model.SystemFields(r.t.Behaviour.Deletes)
	declared := make([]*model.Field, 0, len(r.src.Fields))
	for _, f := range r.src.Fields {
		declared = append(declared, r.field(f))
	}
	slices.SortFunc(declared, func(a, b *model.Field) int { return cmp.Compare(a.Name, b.Name) })
	fields = append(fields, declared...)
	r.fields = make(map[string]*model.Field, len(fields))
	for i, f := range fields {
		f.Index = i
		r.fields[f.Name] = f
	}
	for _, ref := range r.src.Protected {
		r.fields[ref.Name].Protected = true
	}
	for _, ref := range r.src.Secret {
		r.fields[ref.Name].Secret = true
	}
	r.t.Fields = fields
}

func (r *resolver) field(f *rec.Field) *model.Field {
	out := &model.Field{
		Name:     f.Name,
		Public:   r.src.Public(f.Name),
		GoName:   model.GoName(r.src.Bare(f.Name)),
		Type:     f.Type.Type,
		Required: f.Required.Value,
		Doc:      f.Doc.Value,
	}
	out.Type.Fields = subFields(f.Sub)
	if f.Default != nil {
		v, _ := f.DefaultValue() // the rule bad-default has seen it
		out.Default = &v
	}
	return out
}

func subFields(list []*rec.Field) []*model.SubField {
	if len(list) == 0 {
		return nil
	}
	out := make([]*model.SubField, 0, len(list))
	for _, f := range list {
		s := &model.SubField{
			Name:     f.Name,
			GoName:   model.GoName(f.Name),
			Type:     f.Type.Type,
			Required: f.Required.Value,
			Doc:      f.Doc.Value,
		}
		s.Type.Fields = subFields(f.Sub)
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *model.SubField) int { return cmp.Compare(a.Name, b.Name) })
	return out
}
