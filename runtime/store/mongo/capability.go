package mongo

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
)

// features is what the server offers of what templates may declare.
type features struct {
	validators bool
	partial    bool
	ttl        bool
}

// known keeps the features once they were found out.
type known struct {
	mu sync.Mutex
	f  *features
}

// Capabilities finds out what the server refuses, by trying it on a collection that
// it removes again, and returns a sentence on each thing that is therefore not
// enforced. A server that refuses nothing gives none.
func (s *Store) Capabilities(ctx context.Context) ([]string, error) {
	f, err := s.features(ctx)
	if err != nil {
		return nil, err
	}
	var missing []string
	if !f.validators {
		missing = append(missing, "the server has no validators: documents written past BEDS are not checked against the template")
	}
	if !f.partial {
		missing = append(missing, "the server has no partial indexes: their conditions are filtered without an index")
	}
	if !f.ttl {
		missing = append(missing, "the server has no TTL indexes: records are not removed by age")
	}
	if s.locked {
		missing = append(missing, "the server does not change documents atomically: BEDS takes locks, which only BEDS respects")
	}
	return missing, nil
}

func (s *Store) features(ctx context.Context) (features, error) {
	s.known.mu.Lock()
	defer s.known.mu.Unlock()
	if s.known.f != nil {
		return *s.known.f, nil
	}
	f, err := s.try(ctx)
	if err == nil {
		s.known.f = &f
	}
	return f, err
}

func (s *Store) try(ctx context.Context) (f features, err error) {
	name := "beds_probe_" + rand.Text()
	defer func() {
		_, dropped := s.command(ctx, bson.D{{Key: "drop", Value: name}})
		if err == nil && !isCode(dropped, codeNamespaceGone) {
			err = dropped
		}
	}()
	if f.validators, err = s.accepts(ctx, bson.D{{Key: "create", Value: name}, {Key: "validator", Value: bson.D{}}}); err != nil {
		return f, err
	}
	index := func(name string, option bson.E) bson.D {
		return bson.D{{Key: "key", Value: bson.D{{Key: name, Value: 1}}}, {Key: "name", Value: name}, option}
	}
	create := func(ix bson.D) bson.D {
		return bson.D{{Key: "createIndexes", Value: name}, {Key: "indexes", Value: bson.A{ix}}}
	}
	if f.partial, err = s.accepts(ctx, create(index("partial", bson.E{Key: "partialFilterExpression", Value: bson.D{{Key: "a", Value: 1}}}))); err != nil {
		return f, err
	}
	f.ttl, err = s.accepts(ctx, create(index("ttl", bson.E{Key: "expireAfterSeconds", Value: 3600})))
	return f, err
}

// accepts reports whether the server knows what the command asks for.
func (s *Store) accepts(ctx context.Context, cmd bson.D) (bool, error) {
	_, err := s.command(ctx, cmd)
	if isCode(err, codeNotImplemented) {
		return false, nil
	}
	return err == nil, err
}

// command runs an administrative command, off the hot path.
func (s *Store) command(ctx context.Context, cmd any) (bson.Raw, error) {
	raw, err := s.db.RunCommand(ctx, cmd).Raw()
	return raw, classify(err, true)
}

func isCode(err error, codes ...int32) bool {
	var ce driver.CommandError
	if !errors.As(err, &ce) {
		return false
	}
	for _, c := range codes {
		if ce.Code == c {
			return true
		}
	}
	return false
}
