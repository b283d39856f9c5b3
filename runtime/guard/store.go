package guard

import (
	"context"

	"github.com/beds-project/beds/runtime"
)

// Get implements runtime.Store.
func (g *Store) Get(ctx context.Context, t *runtime.Template, ids []runtime.GUID) ([]runtime.Row, error) {
	return call(ctx, g, func() ([]runtime.Row, error) { return g.Store.Get(ctx, t, ids) })
}

// Lookup implements runtime.Store.
func (g *Store) Lookup(ctx context.Context, t *runtime.Template, ix *runtime.Index, keys []runtime.UniqueKey) ([]runtime.Row, error) {
	return call(ctx, g, func() ([]runtime.Row, error) { return g.Store.Lookup(ctx, t, ix, keys) })
}

// Find implements runtime.Store.
func (g *Store) Find(ctx context.Context, t *runtime.Template, f *runtime.Find) ([]runtime.Row, error) {
	return call(ctx, g, func() ([]runtime.Row, error) { return g.Store.Find(ctx, t, f) })
}

// Count implements runtime.Store.
func (g *Store) Count(ctx context.Context, t *runtime.Template, f *runtime.Find) (int64, error) {
	return call(ctx, g, func() (int64, error) { return g.Store.Count(ctx, t, f) })
}

// Query implements runtime.Store.
func (g *Store) Query(ctx context.Context, t *runtime.Template, q *runtime.NamedQuery) ([]runtime.Row, error) {
	return call(ctx, g, func() ([]runtime.Row, error) { return g.Store.Query(ctx, t, q) })
}

// Insert implements runtime.Store.
func (g *Store) Insert(ctx context.Context, t *runtime.Template, items []runtime.Insert, atomic bool) ([]runtime.Outcome, error) {
	return call(ctx, g, func() ([]runtime.Outcome, error) { return g.Store.Insert(ctx, t, items, atomic) })
}

// Update implements runtime.Store.
func (g *Store) Update(ctx context.Context, t *runtime.Template, items []runtime.Update, atomic bool) ([]runtime.Outcome, error) {
	return call(ctx, g, func() ([]runtime.Outcome, error) { return g.Store.Update(ctx, t, items, atomic) })
}

// Delete implements runtime.Store.
func (g *Store) Delete(ctx context.Context, t *runtime.Template, items []runtime.Delete, atomic bool) ([]runtime.Outcome, error) {
	return call(ctx, g, func() ([]runtime.Outcome, error) { return g.Store.Delete(ctx, t, items, atomic) })
}

// Object implements runtime.Store.
func (g *Store) Object(ctx context.Context, t *runtime.Template, name string, args []byte) ([]byte, error) {
	return call(ctx, g, func() ([]byte, error) { return g.Store.Object(ctx, t, name, args) })
}

var _ runtime.Store = (*Store)(nil)
