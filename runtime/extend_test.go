package runtime

import (
	"context"
	"testing"
)

// counting is a core of which a method was replaced by hand.
type counting struct {
	*Core
}

func (counting) Count(context.Context, *Request) (*Answer, error) { return &Answer{Count: 42}, nil }

func TestExtend(t *testing.T) {
	plain, special := &Template{Name: "plain"}, &Template{Name: "special"}
	Extend(special, func(c *Core) NamasteCore { return counting{c} })
	a, err := New(special, nil).Count(t.Context(), nil)
	if err != nil || a.Count != 42 {
		t.Errorf("got %+v, %v", a, err)
	}
	if _, ok := New(plain, nil).(*Core); !ok || New(special, nil).Template() != special {
		t.Error("another core, or another template")
	}
}
