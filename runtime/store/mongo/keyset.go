package mongo

import (
	"unicode/utf8"

	beds "github.com/beds-project/beds/runtime"
)

// after adds the condition that a record comes after the one with the given values
// in the order of keys. Nulls come first in ascending order. For keys a, b, id:
//
//	a > A  or  a = A and b > B  or  a = A and b = B and id > I
//
// and, beside it, a >= A wherever no null can follow: a range that an index serves
// directly, while most servers do not find it inside an or.
func (f *filter) after(keys []beds.Key, values []beds.Value) {
	if len(keys) == 1 {
		f.compare(keys[0].Field, further(keys[0]), values[0])
		return
	}
	f.lead(keys[0], values[0])
	at := f.begin()
	list := f.w.openArray("$or")
	n := 0
	for i := range keys {
		n += f.branch(n, keys, values, i)
	}
	f.w.close(list)
	f.w.close(at)
}

func further(k beds.Key) beds.Op {
	if k.Desc {
		return beds.Lt
	}
	return beds.Gt
}

// lead bounds the first key.
func (f *filter) lead(k beds.Key, v beds.Value) {
	switch {
	case v.State != beds.Set && k.Desc: // only nulls follow a null
		f.compare(k.Field, beds.Eq, beds.NullValue())
	case v.State != beds.Set: // everything may follow a null
	case !k.Desc:
		f.compare(k.Field, beds.Gte, v)
	case f.p.t.Fields[k.Field].Required:
		f.compare(k.Field, beds.Lte, v)
	}
}

// branch adds the alternatives in which the keys before the i-th are equal and the
// i-th is further; n is how many alternatives there are already.
func (f *filter) branch(n int, keys []beds.Key, values []beds.Value, i int) (added int) {
	k, v := keys[i], values[i]
	switch {
	case v.State != beds.Set && k.Desc: // nothing comes after a null
		return 0
	case v.State != beds.Set:
		f.alternative(n, keys, values, i, func() {
			at := f.w.openDoc(f.p.names[k.Field])
			f.w.null("$ne")
			f.w.close(at)
		})
		return 1
	}
	f.alternative(n, keys, values, i, func() { f.w.compare(f.p, k.Field, further(k), v) })
	if !k.Desc || f.p.t.Fields[k.Field].Required {
		return 1
	}
	f.alternative(n+1, keys, values, i, func() { f.w.null(f.p.names[k.Field]) })
	return 2
}

func (f *filter) alternative(n int, keys []beds.Key, values []beds.Value, i int, last func()) {
	at := f.w.openDoc(position(n))
	for j := range i {
		f.w.compare(f.p, keys[j].Field, beds.Eq, values[j])
	}
	last()
	f.w.close(at)
}

// prefixEnd is the smallest string after all those that begin with s, by code
// points; there is none where s consists of the last code point alone.
func prefixEnd(s string) (string, bool) {
	for len(s) > 0 {
		r, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
		switch r {
		case utf8.MaxRune:
			continue
		case 0xD7FF: // surrogates are no characters
			r = 0xE000
		default:
			r++
		}
		return s + string(r), true
	}
	return "", false
}
