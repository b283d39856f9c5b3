package mongo

import (
	"fmt"

	beds "github.com/beds-project/beds/runtime"
)

// record appends the members of a new record to an open document.
func (w *writer) record(p *plan, row beds.Row, c *claim) {
	w.guid(memberID, c.record)
	for i := 1; i < len(row); i++ {
		v := row[i]
		switch i {
		case beds.FieldCreated:
			v = beds.IntValue(c.created)
		case beds.FieldUpdated:
			v = beds.IntValue(c.updated)
		}
		w.value(p.names[i], &p.t.Fields[i].Type, v)
		w.shadow(p, i, v)
	}
	w.str(memberKey, c.id)
	w.close(w.openArray(memberEvents))
}

// shadow appends the date beside a timestamp that a TTL index needs.
func (w *writer) shadow(p *plan, field int, v beds.Value) {
	for _, s := range p.shadows {
		switch {
		case s.field != field:
		case v.State == beds.Set:
			w.date(s.name, floorDiv(v.Int, 1000))
		default:
			w.null(s.name)
		}
	}
}

// floorDiv rounds towards the past, before 1970 too.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// decodeRow reads a record. Members that the template does not know are skipped;
// fields that the document lacks (it is older than they are) are null.
func (p *plan) decodeRow(doc string) (beds.Row, error) {
	row := make(beds.Row, len(p.names))
	for i := range row {
		if !p.t.Fields[i].Secret {
			row[i].State = beds.Null
		}
	}
	r := readDocument(doc)
	expected := 0 // members come in the order of the fields nearly always
	for e, ok := r.next(); ok; e, ok = r.next() {
		i := expected
		if i >= len(p.names) || p.names[i] != e.key {
			if i, ok = p.byName[e.key]; !ok {
				continue
			}
		}
		expected = i + 1
		f := &p.t.Fields[i]
		if f.Secret {
			continue
		}
		v, err := decodeValue(&f.Type, &e)
		if err != nil {
			return nil, fmt.Errorf("a record of %s: %w", p.t.Collection, err)
		}
		row[i] = v
	}
	return row, r.err
}

// live reports whether a record that was read by its id alone is to be seen.
func (p *plan) live(row beds.Row) bool {
	return !p.t.SoftDeletes() || row[beds.FieldDeleted].State == beds.Null
}
