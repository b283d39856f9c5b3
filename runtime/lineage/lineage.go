// Package lineage says which event caused which. Every event has an id of the
// form {wbid}.{env}.{uuid}; it knows its parent and the root of its tree, so
// that everything one request caused can be drawn as a tree afterwards.
package lineage

import (
	"context"
	"fmt"
	"strings"
)

// MaxDepth bounds a tree: a message that causes itself again and again is a
// loop, and this is where it ends.
const MaxDepth = 1000

// Lineage is the place of one event in the tree of one request. The zero value
// is the absence of one.
type Lineage struct {
	EventID string
	// ParentID is empty at the root.
	ParentID string
	RootID   string
	// Depth counts from 0 at the root.
	Depth int
}

// A Source makes event ids for one installation and environment.
type Source struct{ prefix string }

// NewSource returns a source of ids {wbid}.{env}.{uuid}. It refuses names that
// Parse would refuse in every one of those ids.
func NewSource(wbid, env string) (Source, error) {
	s := Source{prefix: wbid + "." + env + "."}
	if _, err := Parse(s.EventID()); err != nil {
		return Source{}, fmt.Errorf("lineage: white-box id %q or environment %q is unfit: two lower-case letters and dev, qa or prod are wanted", wbid, env)
	}
	return s, nil
}

// EventID returns a new id.
func (s Source) EventID() string {
	var b [MaxIDBytes]byte
	return string(s.AppendEventID(b[:0]))
}

// AppendEventID appends a new id to b; with room in b it does not allocate.
func (s Source) AppendEventID(b []byte) []byte {
	return AppendUUID(append(b, s.prefix...), NewV7())
}

// Root begins a tree.
func (s Source) Root() Lineage {
	id := s.EventID()
	return Lineage{EventID: id, RootID: id}
}

// Child is an event that l caused. Of the zero Lineage it is a root.
func (s Source) Child(l Lineage) Lineage {
	if l.IsZero() {
		return s.Root()
	}
	return Lineage{EventID: s.EventID(), ParentID: l.EventID, RootID: l.RootID, Depth: l.Depth + 1}
}

// Clone is l with strings of its own.
func (l Lineage) Clone() Lineage {
	l.EventID, l.ParentID, l.RootID = strings.Clone(l.EventID), strings.Clone(l.ParentID), strings.Clone(l.RootID)
	return l
}

// IsZero reports whether there is no lineage.
func (l Lineage) IsZero() bool { return l.EventID == "" }

// Validate checks what came from outside. A root has no parent and is its own
// root; everything below has both. An empty RootID is allowed: version 1 of
// the envelope doesn't carry it, and the node then takes the parent's, or the
// event's own at the root.
func (l Lineage) Validate() error {
	if _, err := Parse(l.EventID); err != nil {
		return fmt.Errorf("event_id: %w", err)
	}
	if l.ParentID != "" {
		if _, err := Parse(l.ParentID); err != nil {
			return fmt.Errorf("parent_id: %w", err)
		}
	}
	if l.RootID != "" {
		if _, err := Parse(l.RootID); err != nil {
			return fmt.Errorf("root_id: %w", err)
		}
	}
	return l.validateShape()
}

func (l Lineage) validateShape() error {
	switch {
	case l.Depth < 0 || l.Depth > MaxDepth:
		return fmt.Errorf("depth: %d is outside 0 to %d; does a message cause itself?", l.Depth, MaxDepth)
	case l.ParentID == "" && l.Depth != 0:
		return fmt.Errorf("depth: %d without a parent_id; a root has depth 0", l.Depth)
	case l.ParentID != "" && l.Depth == 0:
		return fmt.Errorf("depth: 0 with a parent_id; a child has its parent's depth and one more")
	case l.ParentID == l.EventID:
		return fmt.Errorf("parent_id: an event can't be its own parent")
	case l.ParentID == "" && l.RootID != "" && l.RootID != l.EventID:
		return fmt.Errorf("root_id: a root is its own root; leave it out or repeat event_id")
	}
	return nil
}

// ContextKey is the key of the one Lineage that a context carries, for contexts
// that carry it themselves.
type ContextKey struct{}

// With returns a context whose log events and children belong to l.
func With(ctx context.Context, l Lineage) context.Context {
	return context.WithValue(ctx, ContextKey{}, l)
}

// From returns the context's lineage, or the zero Lineage.
func From(ctx context.Context) Lineage {
	l, _ := ctx.Value(ContextKey{}).(Lineage)
	return l
}
