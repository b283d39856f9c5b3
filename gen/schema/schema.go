// Package schema makes a JSON Schema of the REC format, with which editors complete
// and check templates. It comes from the table that the parser itself uses; what
// the schema cannot say (that a field exists, that a default is in the enum) is
// for bedsgen check.
package schema

import (
	"encoding/json"

	"github.com/beds-project/beds/gen/rec"
)

// JSON is the schema as indented JSON with sorted keys.
func JSON() ([]byte, error) {
	b := &builder{open: map[*rec.Shape]bool{}, names: map[*rec.Shape]string{}, defs: map[string]any{}}
	s := b.table(rec.Format)
	s["$schema"] = "http://json-schema.org/draft-07/schema#"
	s["title"] = "REC template"
	if len(b.defs) > 0 {
		s["definitions"] = b.defs
	}
	text, err := json.MarshalIndent(s, "", "  ")
	return append(text, '\n'), err
}

// A builder turns shapes into schemas. A shape that contains itself becomes a
// definition.
type builder struct {
	open  map[*rec.Shape]bool
	names map[*rec.Shape]string
	defs  map[string]any
}

type node = map[string]any

// table is the schema of a table.
func (b *builder) table(s *rec.Shape) node {
	if b.open[s] {
		if b.names[s] == "" {
			b.names[s] = "recursive" + string(rune('A'+len(b.names)))
		}
		return node{"$ref": "#/definitions/" + b.names[s]}
	}
	b.open[s] = true
	defer delete(b.open, s)
	n := node{"type": "object", "additionalProperties": false}
	if s.Any != nil {
		n["additionalProperties"] = b.key(s.Any)
	}
	if len(s.Keys) > 0 {
		properties, required := node{}, []string{}
		for _, k := range s.Keys {
			properties[k.Name] = b.key(k)
			if k.Required {
				required = append(required, k.Name)
			}
		}
		n["properties"] = properties
		if len(required) > 0 {
			n["required"] = required
		}
	}
	if name := b.names[s]; name != "" {
		b.defs[name] = n
		return node{"$ref": "#/definitions/" + name}
	}
	return n
}

// key is the schema of a key's value: one of the forms that it may have.
func (b *builder) key(k *rec.Key) node {
	var forms []node
	if k.Kinds&rec.KindString != 0 && len(k.Values) > 0 {
		forms = append(forms, node{"enum": k.Values})
	} else if names := scalars(k.Kinds); len(names) > 0 {
		forms = append(forms, node{"type": names})
	}
	if k.Kinds&rec.KindList != 0 {
		forms = append(forms, b.list(k))
	}
	if k.Kinds&rec.KindTable != 0 {
		if k.Table != nil {
			forms = append(forms, b.table(k.Table))
		} else {
			forms = append(forms, node{"type": "object"})
		}
	}
	n := node{"anyOf": forms}
	if len(forms) == 1 {
		n = forms[0]
	}
	if k.Doc != "" {
		n["description"] = k.Doc
	}
	return n
}

func (b *builder) list(k *rec.Key) node {
	n := node{"type": "array"}
	switch {
	case k.Elem == rec.KindTable && k.Table != nil:
		n["items"] = b.table(k.Table)
	case k.Elem != 0:
		n["items"] = node{"type": scalars(k.Elem)}
	}
	return n
}

// scalars names the JSON types of TOML kinds; dates are strings to editors.
func scalars(kinds rec.Kind) []string {
	var names []string
	const texts = rec.KindString | rec.KindDateTime | rec.KindLocalDateTime | rec.KindLocalDate | rec.KindLocalTime
	for _, n := range []struct {
		kinds rec.Kind
		name  string
	}{{texts, "string"}, {rec.KindInteger, "integer"}, {rec.KindFloat, "number"}, {rec.KindBoolean, "boolean"}} {
		if kinds&n.kinds != 0 {
			names = append(names, n.name)
		}
	}
	return names
}
