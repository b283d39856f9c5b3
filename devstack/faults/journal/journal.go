// Package journal is the load generator's own record of what it asked for and
// what it was told: an append-only file of JSON lines, on disk before the
// generator goes on. The checker reads nothing else of the generator.
package journal

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

// Kinds of entries.
const (
	Intent  = "intent"  // an operation is about to be published for the first time
	Publish = "publish" // one attempt of it
	Reply   = "reply"   // what came back for an attempt
	Failure = "failure" // an attempt without a reply: returned, nacked, timed out, lost
	Final   = "final"   // the generator takes this as the end of the operation
	Mark    = "mark"    // begin and end of cases and faults
)

// An Entry is one line.
type Entry struct {
	Time     int64  `json:"t"` // microseconds
	Kind     string `json:"kind"`
	Case     string `json:"case,omitempty"`
	Key      string `json:"key,omitempty"`
	Attempt  int    `json:"attempt,omitempty"`
	Op       string `json:"op,omitempty"`
	Template string `json:"template,omitempty"`
	Name     string `json:"name,omitempty"`     // the record, by the name that its field carries
	Base     int64  `json:"base,omitempty"`     // revision that a change is based on
	Status   string `json:"status,omitempty"`   // of a reply; or outcome of a final
	Code     string `json:"code,omitempty"`     // of a reply
	Revision int64  `json:"revision,omitempty"` // that a reply names
	Note     string `json:"note,omitempty"`
}

// Writer appends to a journal.
type Writer struct {
	mu     sync.Mutex
	file   *os.File
	buf    []byte
	wait   []chan error
	wake   chan struct{}
	closed chan struct{}
}

// Create makes a new journal.
func Create(path string) (*Writer, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	w := &Writer{file: f, wake: make(chan struct{}, 1), closed: make(chan struct{})}
	go w.flush()
	return w, nil
}

// Append returns when the entry is on disk. Entries that come at the same moment
// share one fsync.
func (w *Writer) Append(e Entry) error {
	if e.Time == 0 {
		e.Time = time.Now().UnixMicro()
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	w.mu.Lock()
	w.buf = append(append(w.buf, line...), '\n')
	w.wait = append(w.wait, done)
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
	return <-done
}

func (w *Writer) flush() {
	defer close(w.closed)
	for range w.wake {
		w.mu.Lock()
		buf, wait := w.buf, w.wait
		w.buf, w.wait = nil, nil
		w.mu.Unlock()
		_, err := w.file.Write(buf)
		if err == nil {
			err = w.file.Sync()
		}
		for _, c := range wait {
			c <- err
		}
	}
}

// Close ends the journal; nobody may be appending.
func (w *Writer) Close() error {
	close(w.wake)
	<-w.closed
	return w.file.Close()
}

// Read returns the entries of a journal in order.
func Read(path string) ([]Entry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []Entry
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var e Entry
		if err := json.Unmarshal(s.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("%s line %d: %w", path, len(all)+1, err)
		}
		all = append(all, e)
	}
	return all, s.Err()
}
