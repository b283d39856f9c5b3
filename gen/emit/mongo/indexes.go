package mongo

import (
	"strconv"
	"strings"
	"time"

	"github.com/beds-project/beds/gen/model"
)

// appendIndexes writes the createIndexes command of a collection. An access path is
// ordered by its keys and then by _id, so every index but a unique one ends with
// it. The primary path is the index on _id that every collection has.
func appendIndexes(dst []byte, t *model.Template) []byte {
	p := printer{b: dst}
	p.open('{')
	p.str("createIndexes", t.Collection)
	p.key("indexes")
	p.open('[')
	for _, ix := range t.Indexes {
		if ix.Kind == model.IndexPrimary {
			continue
		}
		index(&p, ix)
		if ix.TTL > 0 {
			expiry(&p, ix)
		}
	}
	p.close(']')
	p.close('}')
	return append(p.b, '\n')
}

func index(p *printer, ix *model.Index) {
	p.line()
	p.open('{')
	p.object("key")
	for _, k := range ix.Keys {
		direction := 1
		if k.Desc {
			direction = -1
		}
		p.int(memberName(k.Field), direction)
	}
	if !ix.Unique {
		p.int(memberID, 1)
	}
	p.close('}')
	p.str("name", ix.Name)
	if ix.Unique {
		p.true("unique")
	}
	if len(ix.Where) > 0 {
		p.object("partialFilterExpression")
		for i := range ix.Where {
			constant(p, &ix.Where[i])
		}
		p.close('}')
	}
	p.close('}')
}

// expiry is the index by which the server removes records of an age. It is on the
// date beside the timestamp, since it takes dates only.
func expiry(p *printer, ix *model.Index) {
	p.line()
	p.open('{')
	p.object("key")
	p.int(ttlPrefix+ix.Keys[0].Field.Name, 1)
	p.close('}')
	p.str("name", ix.Name+ttlSuffix)
	p.int("expireAfterSeconds", int(ix.TTL/time.Second))
	p.close('}')
}

// constant writes an equality in the form that the store keeps the value in.
func constant(p *printer, c *model.Condition) {
	text := c.Values[0].Text
	p.key(memberName(c.Field))
	if c.Values[0].Null {
		p.b = append(p.b, "null"...)
		return
	}
	switch c.Field.Type.Kind {
	case model.Integer, model.Float, model.Boolean:
		p.b = append(p.b, text...)
	case model.Timestamp:
		p.b = appendMicroseconds(p.b, text)
	case model.Decimal:
		p.b = appendQuoted(p.b, sortable(text, &c.Field.Type))
	default:
		p.b = appendQuoted(p.b, text)
	}
}

// sortable is the store's form of a decimal: one width for the field, and for a
// negative number every digit taken from nine.
func sortable(text string, typ *model.Type) string {
	digits, negative := strings.CutPrefix(text, "-")
	if whole := typ.Precision - typ.Scale; whole == 0 {
		digits = strings.TrimPrefix(digits, "0")
	}
	digits = strings.Repeat("0", max(0, decimalWidth(typ)-1-len(digits))) + digits
	if !negative {
		return "p" + digits
	}
	b := []byte(digits)
	for i, c := range b {
		if c != '.' {
			b[i] = '9' - c + '0'
		}
	}
	return "n" + string(b)
}

// appendMicroseconds writes a canonical timestamp as the store's number.
func appendMicroseconds(dst []byte, text string) []byte {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil { // a model holds canonical texts only
		return append(dst, "null"...)
	}
	return strconv.AppendInt(dst, at.UnixMicro(), 10)
}
