package mongo

import (
	"context"
	"errors"
	"strings"

	beds "github.com/beds-project/beds/runtime"
	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
)

// refusal gives the error of a command on one document as the error of that
// document. FerretDB reports a unique index as an internal error of SQLite.
func refusal(err error) (driver.WriteError, bool) {
	var ce driver.CommandError
	if !errors.As(err, &ce) {
		return driver.WriteError{}, false
	}
	code := int(ce.Code)
	if code == codeInternal && strings.Contains(ce.Message, "UNIQUE constraint failed") {
		code = codeDuplicate
	}
	switch code {
	case codeDuplicate, codeInvalidRecord, codeTooLarge:
		return driver.WriteError{Code: code, Message: ce.Message}, true
	}
	return driver.WriteError{}, false
}

// duplicateIndex names the unique index that holds the values of a record already.
func (s *Store) duplicateIndex(ctx context.Context, p *plan, message string, id beds.GUID, row beds.Row) (string, error) {
	if name := p.indexNamed(message); name != "" {
		return name, nil
	}
	for i := range p.t.Indexes {
		ix := &p.t.Indexes[i]
		if !ix.Unique || ix.Keys[0].Field == beds.FieldID {
			continue
		}
		held, err := s.holds(ctx, p, ix, id, row)
		if err != nil || held {
			return ix.Name, err
		}
	}
	return "", nil // the other record went in the meantime
}

// indexNamed finds the name of an index in a server's message:
//
//	… index: email dup key: …                               MongoDB
//	… constraint failed: index 'msorder_1f0c9a3b_email' …   FerretDB, updates
func (p *plan) indexNamed(message string) string {
	if _, rest, ok := strings.Cut(message, " index: "); ok {
		name, _, _ := strings.Cut(rest, " ")
		if name == "_id_" {
			return "id"
		}
		return name
	}
	_, rest, ok := strings.Cut(message, "index '")
	if !ok {
		return ""
	}
	quoted, _, _ := strings.Cut(rest, "'")
	best := ""
	for i := range p.t.Indexes {
		if n := p.t.Indexes[i].Name; len(n) > len(best) && strings.HasSuffix(quoted, "_"+n) {
			best = n
		}
	}
	return best
}

// holds reports whether another record has the values of row in an index.
func (s *Store) holds(ctx context.Context, p *plan, ix *beds.Index, id beds.GUID, row beds.Row) (bool, error) {
	f := filter{p: p}
	for _, k := range ix.Keys {
		if row == nil || row[k.Field].State != beds.Set {
			return false, nil
		}
		f.compare(k.Field, beds.Eq, row[k.Field])
	}
	query, err := f.bytes()
	if err != nil {
		return false, err
	}
	held := false
	err = s.find(ctx, p.t.Collection, query, onlyID, nil, 1, func(doc string) error {
		other, _ := bson.Raw(doc).Lookup(memberID).StringValueOK()
		held = other != id.String()
		return nil
	})
	return held, err
}
