package mongo

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	beds "github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestInstallTwiceAndVerify(t *testing.T) {
	s := openEmpty(t)
	templates := []*beds.Template{thing, note}
	err := s.Verify(t.Context(), templates)
	if err == nil || !strings.Contains(err.Error(), "msThing") || !strings.Contains(err.Error(), "msNote") ||
		!strings.Contains(err.Error(), "run: beds sql install") {
		t.Errorf("nothing is installed, but: %v", err)
	}
	for range 2 {
		r, err := s.Install(t.Context(), os.DirFS("testdata/sql"))
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Applied) != 5 {
			t.Errorf("applied %v", r.Applied)
		}
		missing, err := s.Capabilities(t.Context())
		if err != nil || (len(missing) > 0) != (len(r.Notices) > 0) {
			t.Errorf("the server lacks %v, the notices are %v (%v)", missing, r.Notices, err)
		}
		if err := s.Verify(t.Context(), templates); err != nil {
			t.Error(err)
		}
	}
	newer := *thing
	newer.Version, newer.Fingerprint = 3, "0123456789abcdef"
	if err := s.Verify(t.Context(), []*beds.Template{&newer, note}); err == nil || !strings.Contains(err.Error(), "0123456789abcdef") {
		t.Errorf("another version passed: %v", err)
	}
	if _, err := s.command(t.Context(), bson.D{{Key: "dropIndexes", Value: "msThing"}, {Key: "index", Value: "color_number"}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(t.Context(), templates); err == nil || !strings.Contains(err.Error(), "index color_number of msThing") {
		t.Errorf("a missing index passed: %v", err)
	}
}

func TestCapabilitiesLeavesNothingBehind(t *testing.T) {
	s := openTest(t)
	if _, err := s.Capabilities(t.Context()); err != nil {
		t.Fatal(err)
	}
	names, err := s.db.ListCollectionNames(t.Context(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if strings.HasPrefix(n, "beds_probe") {
			t.Errorf("%s is left", n)
		}
	}
}

func TestInstallRefusesOtherCommands(t *testing.T) {
	s := openTest(t)
	for _, text := range []string{
		`{"drop":"msThing"}`, `{"dropDatabase":1}`, `{"create":1}`, `{}`, `[]`, `{"create":"x"} {"drop":"x"}`, `{"create":"x"`, ``,
		`{"createIndexes":"msNote","indexes":[{"key":{"text_not":-1},"name":"text"}]}`, // exists in another form
	} {
		_, err := s.Install(t.Context(), fstest.MapFS{"a/mongo_x.json": {Data: []byte(text)}})
		if err == nil {
			t.Errorf("%s was applied", text)
		} else if !strings.Contains(err.Error(), "a/mongo_x.json") {
			t.Errorf("%s: the error names no file: %v", text, err)
		}
	}
}

func TestCommandsKeepTheirOrder(t *testing.T) {
	cmd, err := parseCommand([]byte(`{"createIndexes":"c","indexes":[{"key":{"z":1,"a":-1,"_id":1}}],"n":5000000000,"f":1.5,"t":true,"x":null,"$oid":"s"}`))
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, e := range cmd {
		keys = append(keys, e.Key)
	}
	if got := strings.Join(keys, " "); got != "createIndexes indexes n f t x $oid" {
		t.Error(got)
	}
	key := member(cmd[1].Value.(bson.A)[0].(bson.D), "key").(bson.D)
	if key[0].Key != "z" || key[1].Value != int32(-1) || cmd[2].Value != int64(5000000000) || cmd[6].Value != "s" {
		t.Errorf("%v", cmd)
	}
}

func TestAnUnreachableServerIsUnavailable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	_, err = Open(t.Context(), Config{URI: "mongodb://" + address + "/?serverSelectionTimeoutMS=300", User: "beds", Password: "canary", Database: "x", Timeout: 300 * time.Millisecond})
	var e *envelope.Error
	if !errors.As(err, &e) || e.Code != envelope.Unavailable {
		t.Fatalf("%v", err)
	}
	if strings.Contains(e.Message, address) || strings.Contains(err.Error(), "canary") {
		t.Errorf("the message holds an address or a secret: %s", err)
	}
}

func TestAPassedDeadlineIsNotUnknown(t *testing.T) {
	s := openTest(t)
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if _, err := s.Get(ctx, thing, []beds.GUID{newID()}); !errors.Is(err, &envelope.Error{Code: envelope.DeadlinePassed}) {
		t.Errorf("read: %v", err)
	}
	if _, err := s.Insert(ctx, thing, []beds.Insert{newThing(nil)}, false); !errors.Is(err, &envelope.Error{Code: envelope.DeadlinePassed}) {
		t.Errorf("write: %v", err)
	}
}

func TestStaleLocksAreBroken(t *testing.T) {
	s := openTest(t)
	s.locked = true
	id := insertAll(t, s, thing, newThing(nil))[0]
	name := thing.Collection + "/" + id.String()
	if taken, err := s.insertNew(t.Context(), name, "dead"); err != nil || !taken {
		t.Fatal(taken, err)
	}
	refused := func(why string) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		o, err := s.Update(ctx, thing, []beds.Update{changeOf(id, number_, beds.IntValue(1))}, false)
		if err == nil && o[0].Code != envelope.Busy || err != nil && !errors.Is(err, &envelope.Error{Code: envelope.DeadlinePassed}) {
			t.Errorf("%s: %+v, %v", why, o, err)
		}
	}
	set := func(made, until time.Time) {
		if _, err := s.command(t.Context(), bson.D{{Key: "update", Value: locks}, {Key: "updates", Value: bson.A{bson.D{
			{Key: "q", Value: bson.D{{Key: "_id", Value: name}}},
			{Key: "u", Value: bson.D{{Key: "$set", Value: bson.D{{Key: "made", Value: made}, {Key: "until", Value: until.UnixMilli()}}}}},
		}}}}); err != nil {
			t.Fatal(err)
		}
	}
	refused("under a live lock")
	for _, hours := range []time.Duration{-5, 5} {
		made := time.Now().Add(hours * time.Hour)
		set(made, made.Add(s.lease()))
		refused("under a live lock of a holder whose clock differs")
	}
	set(time.Now(), time.UnixMilli(1))
	if o := update(t, s, changeOf(id, number_, beds.IntValue(2))); o[0].Code != "" {
		t.Errorf("after the lease: %+v", o)
	}
}
