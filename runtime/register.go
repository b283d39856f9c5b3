package runtime

import (
	"fmt"
)

// Compat is the version of the contract between the runtime and generated code.
// Generated code refers to a constant named after it, so that the two fail to
// compile, rather than to run, when they do not fit.
const Compat = 2

// FitsV2 is what code emitted for contract version 2 refers to. When the contract
// changes, this constant goes and FitsV3 comes.
const FitsV2 = true

// Prepare completes a template: look-up maps, decoded defaults and constants. It
// is idempotent. An error means that the generated code was changed by hand or
// belongs to another version of bedsgen.
func Prepare(t *Template) error {
	if t.byPublic != nil {
		return nil
	}
	byPublic := make(map[string]int, len(t.Fields))
	for i := range t.Fields {
		f := &t.Fields[i]
		byPublic[f.Public] = i
		if !f.HasDefault {
			continue
		}
		v, err := ParseText(&f.Type, f.Default)
		if err != nil {
			return fmt.Errorf("template %s: default of %s: %w", t.Name, f.Name, err)
		}
		f.value = v
	}
	t.byQuery = make(map[string]int, len(t.Queries))
	for i := range t.Queries {
		q := &t.Queries[i]
		t.byQuery[q.Name] = i
		if err := t.prepareConditions(q.Where); err != nil {
			return fmt.Errorf("template %s: query %s: %w", t.Name, q.Name, err)
		}
	}
	for i := range t.Indexes {
		if err := t.prepareConditions(t.Indexes[i].Where); err != nil {
			return fmt.Errorf("template %s: index %s: %w", t.Name, t.Indexes[i].Name, err)
		}
	}
	t.byPublic = byPublic
	return nil
}

func (t *Template) prepareConditions(conditions []Condition) error {
	for i := range conditions {
		c := &conditions[i]
		c.constants = make([]Value, len(c.Values))
		for j, text := range c.Values {
			v, err := ParseText(&t.Fields[c.Field].Type, text)
			if err != nil {
				return fmt.Errorf("constant of %s: %w", t.Fields[c.Field].Name, err)
			}
			c.constants[j] = v
		}
	}
	return nil
}

// New makes the core of a template over a store; generated code calls it.
//
//go:noinline
func New(t *Template, s Store) NamasteCore { // not inlined into a thousand packages
	c := NewCore(t, s)
	if extend := extensions[t]; extend != nil {
		return extend(&c)
	}
	return &c
}

// extensions is no member of Template: every generated package would compile what a
// core consists of.
var extensions = map[*Template]func(*Core) NamasteCore{}

// Extend replaces single methods of a domain's core. A hand-written file of the
// generated package calls it in an init function, with a constructor of a type that
// embeds the core.
func Extend(t *Template, constructor func(*Core) NamasteCore) { extensions[t] = constructor }

// A Registration links a generated package to the factory.
type Registration struct {
	Template *Template
	New      func(Store) NamasteCore
}
