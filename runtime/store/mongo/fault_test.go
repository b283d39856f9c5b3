package mongo

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	beds "github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
)

// A cutter forwards connections and, when told, breaks them at the moment when the
// server answers: the command was run, its answer is lost.
type cutter struct {
	l    net.Listener
	to   string
	left atomic.Int64 // answers that still pass; negative: all
	wg   sync.WaitGroup
}

func newCutter(t *testing.T) (*cutter, string) {
	u, err := url.Parse(testURI(t))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{l: l, to: u.Host}
	c.left.Store(-1)
	c.wg.Go(c.accept)
	t.Cleanup(func() {
		l.Close()
		c.wg.Wait()
	})
	u.Host = l.Addr().String()
	return c, u.String()
}

func (c *cutter) accept() {
	for {
		client, err := c.l.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", c.to)
		if err != nil {
			client.Close()
			continue
		}
		c.wg.Go(func() {
			io.Copy(server, client) //nolint:errcheck // either end may close
			server.Close()
		})
		c.wg.Go(func() {
			defer client.Close()
			defer server.Close()
			buf := make([]byte, 64<<10)
			for {
				n, err := server.Read(buf)
				if err != nil || c.left.Load() >= 0 && c.left.Add(-1) < 0 {
					return
				}
				if _, err := client.Write(buf[:n]); err != nil {
					return
				}
			}
		})
	}
}

// cut lets n answers pass and breaks the connection at the next, once.
func (c *cutter) cut(n int64) { c.left.Store(n) }
func (c *cutter) heal()       { c.left.Store(-1) }

// TestLostAnswersHaveOneEffect breaks the connection at each answer of a write in
// turn, and sends the write again with its key.
func TestLostAnswersHaveOneEffect(t *testing.T) {
	s := openTest(t)
	cut, uri := newCutter(t)
	broken, err := Open(t.Context(), Config{URI: uri + "?retryReads=false&heartbeatFrequencyMS=600000&serverMonitoringMode=poll", Database: s.db.Name(), Timeout: 5 * time.Second, MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { broken.Close(context.Background()) })

	for n := range int64(8) {
		in := newThing(nil)
		var id beds.GUID
		settle(t, cut, n, func() error {
			o, err := broken.Insert(t.Context(), thing, []beds.Insert{in}, false)
			if err == nil {
				id = o[0].ID
			}
			return err
		})
		u := changeOf(id, number_, beds.IntValue(n))
		settle(t, cut, n, func() error {
			o, err := broken.Update(t.Context(), thing, []beds.Update{u}, false)
			if err == nil && (o[0].Code != "" || o[0].Revision != 2) {
				// A lock whose release was lost ends by itself; the next attempt waits.
				t.Errorf("update cut at %d: %+v", n, o[0])
			}
			return err
		})
		if row := get(t, s, thing, id); row == nil || row[beds.FieldRevision].Int != 2 {
			t.Errorf("cut at %d: %v", n, row)
		}
		post := newNote(in.Key)
		ids := insertAll(t, s, note, post)
		d := beds.Delete{RequestKey: uniqueKey(), ID: ids[0], Now: now}
		settle(t, cut, n, func() error {
			o, err := broken.Delete(t.Context(), note, []beds.Delete{d}, false)
			if err == nil && o[0].Code != "" {
				t.Errorf("delete cut at %d: %+v", n, o[0])
			}
			return err
		})
		if get(t, s, note, ids[0]) != nil {
			t.Errorf("cut at %d: the note is still there", n)
		}
	}
	if n, _ := s.Count(t.Context(), thing, &beds.Find{}); n != 8 {
		t.Errorf("%d things, want 8", n)
	}
}

// settle runs a write that is cut, and again until it succeeds.
func settle(t *testing.T, c *cutter, n int64, write func() error) {
	t.Helper()
	c.cut(n)
	err := write()
	c.heal()
	for tries := 0; err != nil; tries++ {
		var e *envelope.Error
		if !errors.As(err, &e) || !e.Retryable() || tries > 20 {
			t.Fatalf("cut at %d: %v", n, err)
		}
		err = write()
	}
}
