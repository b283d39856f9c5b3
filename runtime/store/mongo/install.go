package mongo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/beds-project/beds/runtime/envelope"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// A Report says what Install did.
type Report struct {
	Applied []string // files
	Notices []string // what the server refused, and what that means
}

// Install applies every mongo_*.json of a reviewed sql/ folder. Each file is one
// command: create, collMod or createIndexes; anything else is refused. Applying a
// file twice changes nothing. An index that exists in another form is an error:
// dropping it is the DBA's decision.
func (s *Store) Install(ctx context.Context, sql fs.FS) (*Report, error) {
	files, err := commandFiles(sql)
	if err != nil {
		return nil, err
	}
	r := new(Report)
	in := installer{s: s, report: r}
	for _, file := range files {
		data, err := fs.ReadFile(sql, file)
		if err != nil {
			return r, err
		}
		cmd, err := parseCommand(data)
		if err != nil {
			return r, fmt.Errorf("%s: %w", file, err)
		}
		if err := in.apply(ctx, cmd); err != nil {
			return r, fmt.Errorf("%s: %w", file, err)
		}
		r.Applied = append(r.Applied, file)
	}
	for _, mark := range in.marks {
		if err := s.mark(ctx, mark); err != nil {
			return r, err
		}
	}
	return r, nil
}

// commandFiles lists the files by folder, validators before indexes: what makes a
// collection comes first.
func commandFiles(sql fs.FS) ([]string, error) {
	var files []string
	err := fs.WalkDir(sql, ".", func(name string, d fs.DirEntry, err error) error {
		if ok, _ := path.Match("mongo_*.json", path.Base(name)); ok && err == nil && d.Type().IsRegular() {
			files = append(files, name)
		}
		return err
	})
	slices.SortFunc(files, func(a, b string) int {
		return cmp.Or(cmp.Compare(path.Dir(a), path.Dir(b)), cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
	})
	return files, err
}

func rank(file string) int {
	if path.Base(file) == "mongo_validator.json" {
		return 0
	}
	return 1
}

// An installer applies commands and gathers the versions to note at the end.
type installer struct {
	s      *Store
	report *Report
	marks  []mark
}

// A mark is a collection and the comment of its validator's command.
type mark struct {
	collection string
	comment    bson.D
}

func (in *installer) apply(ctx context.Context, cmd bson.D) error {
	collection, ok := cmd[0].Value.(string)
	if !ok || collection == "" {
		return errors.New("the command names no collection")
	}
	switch cmd[0].Key {
	case "create":
		return in.create(ctx, collection, cmd)
	case "collMod":
		_, err := in.s.command(ctx, cmd)
		return err
	case "createIndexes":
		return in.createIndexes(ctx, collection, cmd)
	}
	return fmt.Errorf("the command %q is not one of create, collMod and createIndexes", cmd[0].Key)
}

// create makes a collection with its validator, or gives the validator to the
// collection that is there.
func (in *installer) create(ctx context.Context, collection string, cmd bson.D) error {
	if comment, ok := member(cmd, "comment").(bson.D); ok {
		in.marks = append(in.marks, mark{collection, comment})
	}
	_, err := in.s.command(ctx, cmd)
	if isCode(err, codeExists) {
		change := slices.Clone(cmd)
		change[0].Key = "collMod"
		_, err = in.s.command(ctx, change)
	}
	if !isCode(err, codeNotImplemented) {
		return err
	}
	in.notice("%s: the server has no validators; documents written past BEDS are not checked", collection)
	_, err = in.s.command(ctx, bson.D{{Key: "create", Value: collection}})
	if isCode(err, codeExists) {
		return nil
	}
	return err
}

// createIndexes makes the indexes one by one, so that one that the server refuses
// keeps no other from being made.
func (in *installer) createIndexes(ctx context.Context, collection string, cmd bson.D) error {
	list, _ := member(cmd, "indexes").(bson.A)
	var errs []error
	for _, ix := range list {
		spec, _ := ix.(bson.D)
		name, _ := member(spec, "name").(string)
		_, err := in.s.command(ctx, bson.D{{Key: "createIndexes", Value: collection}, {Key: "indexes", Value: bson.A{ix}}})
		switch {
		case isCode(err, codeNotImplemented) && member(spec, "expireAfterSeconds") != nil:
			in.notice("%s: the server has no TTL indexes; %s does not remove records by age", collection, name)
		case isCode(err, codeNotImplemented):
			in.notice("%s: the server refuses the partial index %s; its queries run without an index", collection, name)
		case isCode(err, codeIndexConflict, codeOptionConflict):
			errs = append(errs, envelope.Wrap(envelope.Internal, err,
				"index "+name+" of "+collection+" exists in another form: drop it and install again"))
		case err != nil:
			errs = append(errs, fmt.Errorf("index %s of %s: %w", name, collection, err))
		}
	}
	return errors.Join(errs...)
}

func (in *installer) notice(format string, args ...any) {
	in.report.Notices = append(in.report.Notices, fmt.Sprintf(format, args...))
}

// mark notes the version that Verify looks for.
func (s *Store) mark(ctx context.Context, m mark) error {
	set := bson.D{{Key: "$set", Value: bson.D{
		{Key: "template", Value: member(m.comment, "template")},
		{Key: "version", Value: member(m.comment, "version")},
		{Key: "fingerprint", Value: member(m.comment, "fingerprint")},
	}}}
	_, err := s.command(ctx, bson.D{{Key: "update", Value: versions}, {Key: "updates", Value: bson.A{bson.D{
		{Key: "q", Value: bson.D{{Key: memberID, Value: m.collection}}}, {Key: "u", Value: set}, {Key: "upsert", Value: true},
	}}}})
	return err
}

func member(d bson.D, key string) any {
	for _, e := range d {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}
