package mongo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	beds "github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// versions holds, for each collection, which version of its template was installed.
const versions = "beds_versions"

// Verify checks that each template's collection, its indexes and its version are
// installed. The error lists everything that is missing or different.
func (s *Store) Verify(ctx context.Context, templates []*beds.Template) error {
	f, err := s.features(ctx)
	if err != nil {
		return err
	}
	installed, err := s.installed(ctx)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var missing []string
	err = parallel(ctx, len(templates), func(i int) error {
		found, err := s.verify(ctx, templates[i], f, installed)
		mu.Lock()
		defer mu.Unlock()
		missing = append(missing, found...)
		return err
	})
	if err != nil {
		return classify(err, false)
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return envelope.Errorf(envelope.Internal, "the document store lacks what the node was built for:\n  %s\nrun: beds sql install",
		strings.Join(missing, "\n  "))
}

// A version is an entry of beds_versions.
type version struct {
	number      int64
	fingerprint string
}

func (s *Store) installed(ctx context.Context) (map[string]version, error) {
	all := make(map[string]version)
	err := s.find(ctx, versions, empty, nil, nil, 0, func(doc string) error {
		raw := bson.Raw(doc)
		name, _ := raw.Lookup(memberID).StringValueOK()
		print, _ := raw.Lookup("fingerprint").StringValueOK()
		all[name] = version{number(raw, "version"), print}
		return nil
	})
	return all, err
}

var empty = []byte{5, 0, 0, 0, 0}

func (s *Store) verify(ctx context.Context, t *beds.Template, f features, installed map[string]version) ([]string, error) {
	indexes, err := s.indexes(ctx, t.Collection)
	if isCode(err, codeNamespaceGone) {
		return []string{"collection " + t.Collection}, nil
	}
	if err != nil {
		return nil, err
	}
	var missing []string
	switch v, ok := installed[t.Collection]; {
	case !ok:
		missing = append(missing, fmt.Sprintf("collection %s: no version of template %s is noted in %s", t.Collection, t.Name, versions))
	case v.fingerprint != t.Fingerprint:
		missing = append(missing, fmt.Sprintf("collection %s: template %s is installed as version %d (%s), the node has version %d (%s)",
			t.Collection, t.Name, v.number, v.fingerprint, t.Version, t.Fingerprint))
	}
	for _, want := range s.plan(t).indexes() {
		if want.partial && !f.partial || want.ttl && !f.ttl {
			continue
		}
		switch got, ok := indexes[want.name]; {
		case !ok:
			missing = append(missing, fmt.Sprintf("index %s of %s", want.name, t.Collection))
		case got != want.form():
			missing = append(missing, fmt.Sprintf("index %s of %s: it is %s, but must be %s", want.name, t.Collection, got, want.form()))
		}
	}
	return missing, nil
}

// An index as the server should have it.
type index struct {
	name    string
	keys    []string // "-created"
	unique  bool
	partial bool
	ttl     bool
}

func (ix *index) form() string {
	form := strings.Join(ix.keys, "+")
	if ix.unique {
		return "unique " + form
	}
	return form
}

// indexes are those that gen/emit/mongo declares for the template.
func (p *plan) indexes() []index {
	var all []index
	for i := range p.t.Indexes {
		ix := &p.t.Indexes[i]
		if ix.Keys[0].Field == beds.FieldID {
			continue
		}
		want := index{name: ix.Name, unique: ix.Unique, partial: len(ix.Where) > 0}
		for _, k := range ix.Keys {
			want.keys = append(want.keys, signed(p.names[k.Field], k.Desc))
		}
		if !ix.Unique {
			want.keys = append(want.keys, memberID)
		}
		all = append(all, want)
		if ix.TTL > 0 {
			all = append(all, index{name: ix.Name + "_ttl", keys: []string{ttlPrefix + p.names[ix.Keys[0].Field]}, ttl: true})
		}
	}
	return all
}

func signed(name string, desc bool) string {
	if desc {
		return "-" + name
	}
	return name
}

// indexes lists a collection's indexes: name to form.
func (s *Store) indexes(ctx context.Context, collection string) (map[string]string, error) {
	w := newWriter(64)
	root := w.open()
	w.str("listIndexes", collection)
	w.close(root)
	cursor, err := s.db.RunCommandCursor(ctx, bson.Raw(w.b))
	if err != nil {
		return nil, classify(err, false)
	}
	defer cursor.Close(context.WithoutCancel(ctx)) //nolint:errcheck // everything was read, or the call failed already
	all := make(map[string]string)
	for cursor.Next(ctx) {
		var ix index
		ix.name, _ = cursor.Current.Lookup("name").StringValueOK()
		ix.unique, _ = cursor.Current.Lookup("unique").BooleanOK()
		key, _ := cursor.Current.Lookup("key").DocumentOK()
		elements, err := key.Elements()
		if err != nil {
			return nil, unreadable(err)
		}
		for _, e := range elements {
			direction, _ := e.Value().AsInt64OK()
			ix.keys = append(ix.keys, signed(e.Key(), direction < 0))
		}
		all[ix.name] = ix.form()
	}
	return all, classify(cursor.Err(), false)
}
