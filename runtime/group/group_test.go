package group

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder is a store whose calls can be held up; it is the wrapped side of the
// layer under test.
type recorder struct {
	runtime.Store
	mu    sync.Mutex
	sizes []int
	hold  chan struct{} // nil: calls return at once
	fail  error
	crash bool
	most  int // items that a call takes; 0 is any number
}

func (r *recorder) note(ctx context.Context, n int) error {
	r.mu.Lock()
	r.sizes = append(r.sizes, n)
	hold := r.hold
	r.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return envelope.Errorf(envelope.DeadlinePassed, "late")
		}
	}
	if r.crash {
		panic("crash")
	}
	if r.most > 0 && n > r.most {
		return envelope.Errorf(envelope.TooLarge, "%d", n)
	}
	return r.fail
}

func (r *recorder) Get(ctx context.Context, _ *runtime.Template, ids []runtime.GUID) ([]runtime.Row, error) {
	if err := r.note(ctx, len(ids)); err != nil {
		return nil, err
	}
	var rows []runtime.Row
	for _, id := range ids {
		if id[0] != 0 { // ids that begin with zero do not exist
			rows = append([]runtime.Row{{id.Value()}}, rows...) // in another order than asked
		}
	}
	return rows, nil
}

func (r *recorder) Lookup(ctx context.Context, _ *runtime.Template, ix *runtime.Index, keys []runtime.UniqueKey) ([]runtime.Row, error) {
	if err := r.note(ctx, len(keys)); err != nil {
		return nil, err
	}
	var rows []runtime.Row
	for _, k := range keys {
		if k[0].Int != 0 { // keys that begin with zero do not exist
			row := make(runtime.Row, 3)
			for i, key := range ix.Keys {
				row[key.Field] = k[i]
			}
			rows = append([]runtime.Row{row}, rows...)
		}
	}
	return rows, nil
}

func (r *recorder) Insert(ctx context.Context, _ *runtime.Template, items []runtime.Insert, _ bool) ([]runtime.Outcome, error) {
	if err := r.note(ctx, len(items)); err != nil {
		return nil, err
	}
	out := make([]runtime.Outcome, len(items))
	for i, item := range items {
		if item.Key == "bad" {
			out[i].Code = envelope.Duplicate
		}
		out[i].Detail = item.Key
	}
	return out, nil
}

var tmpl = &runtime.Template{Name: "t"}

func TestEachGetsItsOwn(t *testing.T) {
	r := &recorder{hold: make(chan struct{})}
	s := New(r, Config{Max: 16, Calls: 2})
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			id := runtime.GUID{byte(i % 50), byte(i)}
			rows, err := s.Get(context.Background(), tmpl, []runtime.GUID{id})
			switch {
			case err != nil:
				t.Error(err)
			case id[0] == 0 && len(rows) != 0, id[0] != 0 && (len(rows) != 1 || runtime.GUIDOf(rows[0][0]) != id):
				t.Errorf("%v got %v", id, rows)
			}
		})
	}
	waitFor(t, func() bool { return waiting(s) == 98 })
	close(r.hold)
	wg.Wait()
	total := 0
	for _, n := range r.sizes {
		if n > 16 {
			t.Errorf("a call of %d", n)
		}
		total += n
	}
	if total != 100 || len(r.sizes) > 2+98/16+2 {
		t.Errorf("calls of %v", r.sizes)
	}
	if st := s.Stats(); st.Items != 100 || st.Calls != int64(len(r.sizes)) {
		t.Errorf("stats %+v", st)
	}
}

// Reads by the same unique index share calls, those by another one do not.
func TestEachGetsItsOwnByKey(t *testing.T) {
	tmpl := &runtime.Template{Name: "t", Indexes: []runtime.Index{
		{Name: "one", Keys: []runtime.Key{{Field: 1}}, Unique: true},
		{Name: "two", Keys: []runtime.Key{{Field: 2}, {Field: 1}}, Unique: true},
	}}
	r := &recorder{hold: make(chan struct{})}
	s := New(r, Config{Max: 16, Calls: 2})
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			ix := &tmpl.Indexes[i%2]
			key := runtime.UniqueKey{runtime.IntValue(int64(i % 50))}
			if len(ix.Keys) > 1 {
				key[1] = runtime.StrValue(fmt.Sprint(i))
			}
			rows, err := s.Lookup(context.Background(), tmpl, ix, []runtime.UniqueKey{key})
			if err != nil {
				t.Error(err)
				return
			}
			want := min(i%50, 1)
			if len(rows) == 1 {
				if got, _ := ix.KeyOf(rows[0]); got != key {
					t.Errorf("%v got %v", key, got)
				}
			}
			if len(rows) != want {
				t.Errorf("%d rows for %v", len(rows), key)
			}
		})
	}
	waitFor(t, func() bool { return s.Stats().Waiting == 96 })
	close(r.hold)
	wg.Wait()
	if st := s.Stats(); st.Items != 100 || st.Calls > 4+2*(48/16+2) {
		t.Errorf("stats %+v", st)
	}
}

// What one caller asks for together stays together, whatever it is put together with.
func TestSeveralStayTogether(t *testing.T) {
	r := &recorder{hold: make(chan struct{})}
	s := New(r, Config{Max: 16, Calls: 1})
	var wg sync.WaitGroup
	for _, n := range []int{1, 7, 20, 8, 9, 3} { // the first goes out alone
		wg.Go(func() {
			items := make([]runtime.Insert, n)
			for i := range items {
				items[i].Key = fmt.Sprintf("%d/%d", n, i)
			}
			out, err := s.Insert(context.Background(), tmpl, items, false)
			if err != nil || len(out) != n {
				t.Errorf("%d items gave %d outcomes, %v", n, len(out), err)
				return
			}
			for i := range out {
				if out[i].Detail != items[i].Key {
					t.Errorf("%s got the outcome of %s", items[i].Key, out[i].Detail)
				}
			}
		})
		waitFor(t, func() bool { return s.Stats().Calls == 1 })
		waitFor(t, func() bool { return waitingItems(s) > 0 || n == 1 })
	}
	waitFor(t, func() bool { return waitingItems(s) == 7+20+8+9+3 })
	close(r.hold)
	wg.Wait()
	if total := s.Stats().Items; total != 48 {
		t.Errorf("%d items reached the store", total)
	}
	for _, n := range r.sizes {
		if n > 20 || n > 16 && n != 20 {
			t.Errorf("calls of %v", r.sizes)
		}
	}
	if waitingItems(s) != 0 {
		t.Errorf("%d items wait for ever", waitingItems(s))
	}
}

// A read of several ids leaves out what is not there.
func TestSeveralReads(t *testing.T) {
	s := New(new(recorder), Config{})
	rows, err := s.Get(context.Background(), tmpl, []runtime.GUID{{1}, {0, 1}, {2}, {1}})
	if err != nil || len(rows) != 3 {
		t.Fatalf("%v %v", rows, err)
	}
	for i, want := range []runtime.GUID{{1}, {2}, {1}} {
		if got := runtime.GUIDOf(rows[i][0]); got != want {
			t.Errorf("row %d is %v", i, got)
		}
	}
}

func TestTooLargeTogether(t *testing.T) {
	r := &recorder{hold: make(chan struct{}), most: 3}
	s := New(r, Config{Max: 16, Calls: 2})
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			id := runtime.GUID{1, byte(i)}
			if rows, err := s.Get(context.Background(), tmpl, []runtime.GUID{id}); err != nil || len(rows) != 1 || runtime.GUIDOf(rows[0][0]) != id {
				t.Errorf("%v got %v, %v", id, rows, err)
			}
		})
	}
	waitFor(t, func() bool { return waiting(s) == 38 })
	close(r.hold)
	wg.Wait()
	if st := s.Stats(); st.Items != 40 {
		t.Errorf("stats %+v", st)
	}
}

func waiting(s *Store) int {
	l := &s.of(tmpl).get
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.waiting)
}

func waitingItems(s *Store) int {
	l := &s.of(tmpl).insert
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.items
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("did not come about")
		}
	}
}

func TestOneAloneGoesOutAtOnce(t *testing.T) {
	r := new(recorder)
	s := New(r, Config{})
	for range 3 {
		if _, err := s.Get(context.Background(), tmpl, []runtime.GUID{{1}}); err != nil {
			t.Fatal(err)
		}
	}
	if fmt.Sprint(r.sizes) != "[1 1 1]" {
		t.Errorf("calls of %v", r.sizes)
	}
}

func TestOutcomesStaySeparate(t *testing.T) {
	r := &recorder{hold: make(chan struct{})}
	s := New(r, Config{Calls: 1})
	var wg sync.WaitGroup
	for _, key := range []string{"first", "bad", "good"} {
		wg.Go(func() {
			out, err := s.Insert(context.Background(), tmpl, []runtime.Insert{{RequestKey: runtime.RequestKey{Key: key}}}, false)
			if err != nil || out[0].Detail != key || (out[0].Code != "") != (key == "bad") {
				t.Errorf("%s: %+v %v", key, out, err)
			}
		})
	}
	time.Sleep(10 * time.Millisecond)
	close(r.hold)
	wg.Wait()
}

// A caller whose deadline passes while it waits leaves nothing behind; one whose
// call is under way learns that a write is unknown.
func TestDeadlines(t *testing.T) {
	r := &recorder{hold: make(chan struct{})}
	s := New(r, Config{Calls: 1})
	release := sync.OnceFunc(func() { close(r.hold) })
	defer release()
	var wg sync.WaitGroup
	wg.Go(func() { s.Insert(context.Background(), tmpl, make([]runtime.Insert, 1), false) })
	waitFor(t, func() bool { return s.Stats().Calls == 1 })
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err := s.Insert(ctx, tmpl, make([]runtime.Insert, 1), false)
	if !errors.Is(err, &envelope.Error{Code: envelope.DeadlinePassed}) {
		t.Errorf("a waiting request got %v", err)
	}
	release()
	wg.Wait()
	if n := s.Stats().Items; n != 1 {
		t.Errorf("%d requests reached the store, want 1", n)
	}
}

func TestWaitingIsBounded(t *testing.T) {
	r := &recorder{hold: make(chan struct{})}
	s := New(r, Config{Calls: 1, Waiting: 5})
	var wg sync.WaitGroup
	var busy atomic.Int64
	for range 20 {
		wg.Go(func() {
			if _, err := s.Get(context.Background(), tmpl, []runtime.GUID{{1}}); errors.Is(err, &envelope.Error{Code: envelope.Busy}) {
				busy.Add(1)
			}
		})
	}
	waitFor(t, func() bool { return busy.Load() == 14 })
	close(r.hold)
	wg.Wait()
	if s.Stats().Refused != 14 {
		t.Errorf("%+v", s.Stats())
	}
}

func TestFailureAndPanicReachEveryCallerAndNobodyElse(t *testing.T) {
	for _, r := range []*recorder{{fail: envelope.Errorf(envelope.Unavailable, "down")}, {crash: true}} {
		r.hold = make(chan struct{})
		s := New(r, Config{Calls: 1})
		var wg sync.WaitGroup
		var failed atomic.Int64
		for range 5 {
			wg.Go(func() {
				if _, err := s.Get(context.Background(), tmpl, []runtime.GUID{{1}}); err != nil {
					failed.Add(1)
				}
			})
		}
		waitFor(t, func() bool { return waiting(s) == 4 })
		close(r.hold)
		wg.Wait()
		if failed.Load() != 5 {
			t.Errorf("%d of 5 callers learnt of the failure", failed.Load())
		}
		r.mu.Lock()
		r.fail, r.crash, r.hold = nil, false, nil
		r.mu.Unlock()
		if _, err := s.Get(context.Background(), tmpl, []runtime.GUID{{1}}); err != nil {
			t.Errorf("the lane does not go on: %v", err)
		}
	}
}
