package load

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"sync"

	"github.com/beds-project/beds/gen/model"
)

// ArtefactVersion goes up when an emitter changes what the database objects do, or
// when the meaning of what is hashed changes, so that a node refuses objects that
// an older bedsgen emitted. A test of the SQL emitter says when.
const ArtefactVersion = "3"

// fingerprint hashes everything of a template that shapes what is generated but
// for its documentation: rewording a comment must not make a node refuse the
// procedures that are installed.
func fingerprint(t *model.Template) string {
	c := canons.Get().(*canon)
	defer canons.Put(c)
	c.b = c.b[:0]
	c.str("beds template " + ArtefactVersion)
	c.str(t.Name, string(t.Family), t.Service, t.Class, t.Collection, t.TLA)
	c.num(t.Version)
	c.flag(t.Closed, t.Internal)
	c.behaviour(&t.Behaviour)
	c.num(len(t.Fields))
	for _, f := range t.Fields {
		c.field(f)
	}
	c.num(len(t.Indexes))
	for _, ix := range t.Indexes {
		c.index(ix)
	}
	c.num(len(t.Queries))
	for _, q := range t.Queries {
		c.query(q)
	}
	c.warehouse(t.Warehouse)
	sum := sha256.Sum256(c.b)
	return hex.EncodeToString(sum[:8])
}

// canons keeps buffers between the templates of a run.
var canons = sync.Pool{New: func() any { return new(canon) }}

// canon writes values so that no two different ones give the same bytes: each
// text is preceded by its length, each number followed by a stop.
type canon struct{ b []byte }

func (c *canon) str(list ...string) {
	for _, s := range list {
		c.num(len(s))
		c.b = append(c.b, s...)
	}
}

func (c *canon) num(list ...int) {
	for _, n := range list {
		c.b = append(strconv.AppendInt(c.b, int64(n), 10), ';')
	}
}

func (c *canon) flag(list ...bool) {
	for _, f := range list {
		c.b = append(strconv.AppendBool(c.b, f), ';')
	}
}

func (c *canon) behaviour(b *model.Behaviour) {
	c.str(string(b.Deletes))
	c.flag(b.Updates, b.Audit, b.Journal, b.Locking, b.AdHoc)
	c.num(int(b.Cache), b.MaxBatch, b.MaxLimit)
}

func (c *canon) field(f *model.Field) {
	c.str(f.Name, f.Public, f.GoName)
	c.typ(&f.Type)
	c.flag(f.System, f.Required, f.Protected, f.Secret, f.Default != nil)
	if f.Default != nil {
		c.value(*f.Default)
	}
}

func (c *canon) value(v model.Value) {
	c.flag(v.Null)
	c.str(v.Text)
}

func (c *canon) typ(t *model.Type) {
	c.str(string(t.Kind))
	c.num(t.Max, t.Precision, t.Scale, len(t.Values))
	c.str(t.Values...)
	c.flag(t.Elem != nil)
	if t.Elem != nil {
		c.typ(t.Elem)
	}
	c.num(len(t.Fields))
	for _, s := range t.Fields {
		c.str(s.Name, s.GoName)
		c.typ(&s.Type)
		c.flag(s.Required)
	}
}

func (c *canon) index(ix *model.Index) {
	c.str(ix.Name, string(ix.Kind))
	c.flag(ix.Unique)
	c.num(int(ix.TTL))
	c.keys(ix.Keys)
	c.where(ix.Where)
}

func (c *canon) keys(keys []model.Key) {
	c.num(len(keys))
	for _, k := range keys {
		c.str(k.Field.Name)
		c.flag(k.Desc)
	}
}

func (c *canon) where(list []model.Condition) {
	c.num(len(list))
	for _, cond := range list {
		c.str(cond.Field.Name, string(cond.Op))
		c.flag(cond.Param != nil)
		if cond.Param != nil {
			c.str(cond.Param.Name)
		}
		c.num(len(cond.Values))
		for _, v := range cond.Values {
			c.value(v)
		}
	}
}

func (c *canon) query(q *model.Query) {
	c.str(q.Name, q.GoName)
	c.num(len(q.Params))
	for _, p := range q.Params {
		c.str(p.Name, p.GoName)
		c.typ(&p.Type)
	}
	c.where(q.Where)
	c.keys(q.Sort)
	c.num(q.Limit)
}

func (c *canon) warehouse(w *model.Warehouse) {
	c.flag(w != nil)
	if w == nil {
		return
	}
	c.num(len(w.Stages))
	for _, s := range w.Stages {
		c.str(s.Name, s.Node, s.Format)
		c.num(int(s.After))
	}
}
