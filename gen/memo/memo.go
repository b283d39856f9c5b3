// Package memo remembers what a run of bedsgen read and wrote, so that the next one
// need not look at what has not changed.
//
// A memo is trusted as far as a stamp goes: a file whose size and time of change
// are those of the last run is taken to have the content that it had. A memo is
// never needed: without one, or with one of another bedsgen, another module or
// other flags, everything is done anew. It lives in the user's cache, not in the
// tree, because times mean nothing on another machine.
package memo

import (
	"os"
	"path/filepath"
	"time"
)

// A Stamp tells one state of a file from another. The zero Stamp is that of no
// file and of one that changed too recently for its time to tell.
type Stamp struct {
	Size, Time int64
}

// Tick is longer than the steps in which file systems count time. A file that
// changed less than a tick ago could change again and keep its time.
const Tick = 20 * time.Millisecond

// StampOf looks at a regular file.
func StampOf(path string) Stamp {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return Stamp{}
	}
	return Stamp{info.Size(), info.ModTime().UnixNano()}
}

// Settled returns the stamp, or the zero one where the time is not yet a tick ago.
func (s Stamp) Settled(now time.Time) Stamp {
	if s.Time > now.Add(-Tick).UnixNano() {
		return Stamp{}
	}
	return s
}

// A File is a file with its stamp.
type File struct {
	Path string
	Stamp
}

// Fresh reports whether the file under a root is still as it was.
func (f *File) Fresh(root string) bool {
	return f.Stamp != Stamp{} && StampOf(filepath.Join(root, f.Path)) == f.Stamp
}

// A Template is what was read and written for one template.
type Template struct {
	Input File
	// Identity is what the template shares with no other: rules over the whole set
	// look at nothing else, so a change that keeps it cannot break them.
	Identity string
	Outputs  []File
}

// A Memo is what a run read and wrote.
type Memo struct {
	// Key is everything else that the output depends on: the program, the module, the
	// flags. Another key makes the memo void.
	Key       string
	Templates []Template // sorted by input
	Shared    []File     // outputs of all templates together
}
