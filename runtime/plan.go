package runtime

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/beds-project/beds/runtime/envelope"
	"github.com/go-json-experiment/json/jsontext"
)

// A filter is the data of a fetch or a count: ids, or terms on fields.
type filter struct {
	ids   []GUID // the equality on id, which goes to Get
	byID  bool
	terms []Term
}

// bounds of one field while a filter is read.
type bounds struct{ eq, lower, upper bool }

// decodeFilter reads {"customer":"…","total":{"gte":"10.00"}}.
func decodeFilter(t *Template, data jsontext.Value) (*filter, error) {
	f := new(filter)
	var errs details
	err := eachMember(data, "data", func(name string, dec *jsontext.Decoder) error {
		i := t.FieldIndex(name)
		if i < 0 || t.Fields[i].Secret {
			errs.add(name, envelope.UnknownField, "is not a field of %s that can be searched%s", t.Name, t.meant(name, errs))
			return skip(dec)
		}
		switch kind := dec.PeekKind(); {
		case kind == '{':
			return f.operators(t, i, dec, &errs)
		case kind == '[' && i == FieldID:
			return f.idList(dec, &errs)
		}
		v, p, err := decodeValue(dec, &t.Fields[i].Type)
		if err != nil {
			return envelope.Wrap(envelope.Malformed, err, "data is not JSON")
		}
		f.equal(t, i, v, p, &errs)
		return nil
	})
	if err == nil {
		err = errs.err()
	}
	return f, err
}

func (f *filter) equal(t *Template, i int, v Value, p *problem, errs *details) {
	switch {
	case p != nil:
		errs.add(t.Fields[i].Public, p.code, "%s", p.message)
	case v.State == Null && t.Fields[i].Required:
		errs.add(t.Fields[i].Public, envelope.BadValue, "is never null")
	case i == FieldID:
		f.byID = true
		f.ids = append(f.ids, GUIDOf(v))
	default:
		f.terms = append(f.terms, Term{Field: i, Op: Eq, Value: v})
	}
}

func (f *filter) idList(dec *jsontext.Decoder, errs *details) error {
	dec.ReadToken() //nolint:errcheck // an opening bracket was seen
	f.byID = true
	typ := Type{Kind: GUIDKind}
	for dec.PeekKind() != ']' {
		v, p, err := decodeValue(dec, &typ)
		switch {
		case err != nil:
			return envelope.Wrap(envelope.Malformed, err, "data is not JSON")
		case p != nil:
			errs.add("id", p.code, "%s", p.message)
		case v.State == Null:
			errs.add("id", envelope.BadValue, "is never null")
		default:
			f.ids = append(f.ids, GUIDOf(v))
		}
	}
	dec.ReadToken() //nolint:errcheck // a closing bracket was seen
	return nil
}

var filterOps = map[string]Op{"eq": Eq, "gt": Gt, "gte": Gte, "lt": Lt, "lte": Lte, "prefix": Prefix}

func (f *filter) operators(t *Template, i int, dec *jsontext.Decoder, errs *details) error {
	field := &t.Fields[i]
	dec.ReadToken() //nolint:errcheck // an opening brace was seen
	var seen bounds
	for n := 0; ; n++ {
		tok, err := dec.ReadToken()
		if err != nil {
			return envelope.Wrap(envelope.Malformed, err, "data is not JSON")
		}
		if tok.Kind() == '}' {
			if n == 0 {
				errs.add(field.Public, envelope.BadOperator, "has no operator; use eq, gt, gte, lt, lte or prefix")
			}
			return nil
		}
		name := tok.String()
		op, ok := filterOps[name]
		if !ok {
			errs.add(field.Public, envelope.BadOperator, "has the unknown operator %q; use eq, gt, gte, lt, lte or prefix", clip(name))
			if err := skip(dec); err != nil {
				return err
			}
			continue
		}
		v, p, err := decodeValue(dec, &field.Type)
		if err != nil {
			return envelope.Wrap(envelope.Malformed, err, "data is not JSON")
		}
		f.operator(t, i, op, v, p, &seen, errs)
	}
}

func (f *filter) operator(t *Template, i int, op Op, v Value, p *problem, seen *bounds, errs *details) {
	field := &t.Fields[i]
	clash := seen.add(op)
	switch {
	case p != nil:
		errs.add(field.Public, p.code, "%s", p.message)
	case clash:
		errs.add(field.Public, envelope.BadOperator, "may have eq or prefix alone, or one lower and one upper bound")
	case op == Eq:
		f.equal(t, i, v, nil, errs)
	case v.State == Null:
		errs.add(field.Public, envelope.BadValue, "is compared with null, which only eq can do")
	case op == Prefix && !t.prefixable(i):
		errs.add(field.Public, envelope.BadOperator, "takes prefix only under a pattern index (regex_pattern_indexing)")
	case op == Prefix:
		f.terms = append(f.terms, Term{i, Gte, v})
		if end, ok := prefixEnd(v.Str); ok {
			f.terms = append(f.terms, Term{i, Lt, StrValue(end)})
		}
	default:
		f.terms = append(f.terms, Term{i, op, v})
	}
}

// add notes an operator and reports whether it does not go with those before.
func (b *bounds) add(op Op) (clash bool) {
	lower, upper := op == Gt || op == Gte, op == Lt || op == Lte
	single := !lower && !upper
	clash = b.eq || single && (b.lower || b.upper) || lower && b.lower || upper && b.upper
	b.eq = b.eq || single
	b.lower = b.lower || lower
	b.upper = b.upper || upper
	return clash
}

func (t *Template) prefixable(field int) bool {
	return slices.ContainsFunc(t.Indexes, func(ix Index) bool { return ix.Prefix && ix.Keys[0].Field == field })
}

// prefixEnd is the smallest string after all those that begin with s, by code
// points; there is none where s consists of the last code point alone.
func prefixEnd(s string) (string, bool) {
	for len(s) > 0 {
		r, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
		switch {
		case r == utf8.MaxRune:
			continue
		case r == 0xD7FF: // surrogates are no characters
			r = 0xE000
		default:
			r++
		}
		return s + string(r), true
	}
	return "", false
}

// A sortKey is an element of options.sort.
func decodeSort(t *Template, list []string) ([]Key, error) {
	var keys []Key
	var errs details
	for _, s := range list {
		name, desc := strings.CutPrefix(s, "-")
		i := t.FieldIndex(name)
		if i < 0 || t.Fields[i].Secret {
			errs.add(name, envelope.UnknownField, "in options.sort is not a field of %s%s", t.Name, t.meant(name, errs))
			continue
		}
		keys = append(keys, Key{Field: i, Desc: desc})
	}
	return keys, errs.err()
}

// plan chooses the access path of a filter and a sort.
func plan(t *Template, f *filter, sort []Key) (*Find, error) {
	var best *Find
	for i := range t.Indexes {
		p := match(t, &t.Indexes[i], f.terms, sort)
		if p != nil && (best == nil || t.Indexes[i].Unique && !best.Index.Unique) {
			best = p
		}
	}
	if best != nil {
		return best, nil
	}
	if t.Behaviour.AdHoc {
		return planAdHoc(t, f, sort)
	}
	return nil, envelope.Errorf(envelope.NoAccessPath,
		"no index of %s serves this filter and sort; the access paths are %s", t.Name, t.paths())
}

// match reports how an index serves the terms: equality on its leading keys, then
// a range on the next, then the order of the rest; nil where it does not.
func match(t *Template, ix *Index, terms []Term, sort []Key) *Find {
	rest := terms
	for i := range ix.Where {
		var ok bool
		if rest, ok = takeConstant(rest, &ix.Where[i]); !ok {
			return nil
		}
	}
	used, lead := 0, 0
	for _, k := range ix.Keys {
		n, equal := countTerms(rest, k.Field)
		used += n
		if n == 0 || !equal {
			break
		}
		lead++
	}
	if used != len(rest) {
		return nil
	}
	find := &Find{Index: ix, Terms: rest, Sort: totalOrder(ix)}
	if len(sort) == 0 {
		return find
	}
	return find.turn(lead, sort)
}

// takeConstant removes the equality that a partial index presupposes.
func takeConstant(terms []Term, c *Condition) ([]Term, bool) {
	for i := range terms {
		if terms[i].Field == c.Field && terms[i].Op == Eq && terms[i].Value == c.constants[0] {
			return slices.Delete(slices.Clone(terms), i, i+1), true
		}
	}
	return nil, false
}

func countTerms(terms []Term, field int) (n int, equal bool) {
	for i := range terms {
		if terms[i].Field == field {
			n++
			equal = terms[i].Op == Eq
		}
	}
	return n, equal
}

// totalOrder is the index's keys and then id.
func totalOrder(ix *Index) []Key {
	if ix.Keys[0].Field == FieldID {
		return ix.Keys
	}
	return append(slices.Clone(ix.Keys), Key{Field: FieldID})
}

// turn fits the wanted order to the index's, forward or reversed. Keys under
// equality do not matter for the order.
func (f *Find) turn(lead int, sort []Key) *Find {
	order := f.Sort[lead:]
	if len(sort) > len(order) {
		return nil
	}
	for i := range sort {
		reverse := sort[i].Desc != order[i].Desc
		if sort[i].Field != order[i].Field || i > 0 && reverse != f.Reverse {
			return nil
		}
		f.Reverse = reverse
	}
	if f.Reverse {
		f.Sort = reversed(f.Sort)
	}
	return f
}

func reversed(keys []Key) []Key {
	out := slices.Clone(keys)
	for i := range out {
		out[i].Desc = !out[i].Desc
	}
	return out
}

// planAdHoc serves any terms over indexed fields with at most one sort field.
func planAdHoc(t *Template, f *filter, sort []Key) (*Find, error) {
	var errs details
	indexed := func(field int) bool {
		return slices.ContainsFunc(t.Indexes, func(ix Index) bool {
			return slices.ContainsFunc(ix.Keys, func(k Key) bool { return k.Field == field })
		})
	}
	for i := range f.terms {
		if !indexed(f.terms[i].Field) {
			errs.add(t.Fields[f.terms[i].Field].Public, envelope.NoAccessPath, "has no index, so it cannot be searched")
		}
	}
	find := &Find{Terms: f.terms, Sort: []Key{{Field: FieldID}}}
	switch {
	case len(sort) > 1:
		errs.add("sort", envelope.NoAccessPath, "takes one field when no index serves the filter")
	case len(sort) == 1 && !indexed(sort[0].Field):
		errs.add(t.Fields[sort[0].Field].Public, envelope.NoAccessPath, "has no index, so it cannot be sorted by")
	case len(sort) == 1 && sort[0].Field == FieldID:
		find.Sort = sort
		find.Reverse = sort[0].Desc
	case len(sort) == 1:
		find.Reverse = sort[0].Desc
		find.Sort = []Key{sort[0], {Field: FieldID, Desc: sort[0].Desc}}
	}
	return find, errs.err()
}

// paths lists the access paths for a message: id, customer+placed, …
func (t *Template) paths() string {
	var b strings.Builder
	for i := range t.Indexes {
		if i > 0 {
			b.WriteString(", ")
		}
		for j, k := range t.Indexes[i].Keys {
			if j > 0 {
				b.WriteByte('+')
			}
			b.WriteString(t.Fields[k.Field].Public)
		}
	}
	return b.String()
}
