package mongo

import (
	beds "github.com/beds-project/beds/runtime"
)

// Members of a record's document that are the store's own. Field names never
// begin with an underscore.
const (
	memberID     = "_id"
	memberEvents = "_ev"  // the last events that changed the record
	memberKey    = "_key" // claim of the insert that made the record
	// ttlPrefix begins the name of the BSON date beside a timestamp under a TTL
	// index: such an index takes dates only, and they have no microseconds.
	ttlPrefix = "_ttl_"
)

// A plan is what the store works out once for a template.
type plan struct {
	t          *beds.Template
	names      []string // member of each field
	byName     map[string]int
	shadows    []shadow
	projection []byte // what a read leaves behind: our members and secret fields
}

// A shadow is a date kept beside a timestamp.
type shadow struct {
	field int
	name  string
}

func (s *Store) plan(t *beds.Template) *plan {
	if p, ok := s.plans.Load(t); ok {
		return p.(*plan)
	}
	p, _ := s.plans.LoadOrStore(t, newPlan(t))
	return p.(*plan)
}

func newPlan(t *beds.Template) *plan {
	p := &plan{t: t, names: make([]string, len(t.Fields)), byName: make(map[string]int, len(t.Fields))}
	for i := range t.Fields {
		p.names[i] = t.Fields[i].Name
		if i == beds.FieldID {
			p.names[i] = memberID
		}
		p.byName[p.names[i]] = i
	}
	for i := range t.Indexes {
		if ix := &t.Indexes[i]; ix.TTL > 0 {
			f := ix.Keys[0].Field
			p.shadows = append(p.shadows, shadow{f, ttlPrefix + p.names[f]})
		}
	}
	p.projection = p.leaveOut()
	return p
}

func (p *plan) leaveOut() []byte {
	w := newWriter(128)
	root := w.open()
	w.int32(memberEvents, 0)
	w.int32(memberKey, 0)
	for _, s := range p.shadows {
		w.int32(s.name, 0)
	}
	for i := range p.t.Fields {
		if p.t.Fields[i].Secret {
			w.int32(p.names[i], 0)
		}
	}
	w.close(root)
	return w.b
}
