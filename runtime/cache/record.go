package cache

import (
	"strings"
	"unsafe"

	"github.com/beds-project/beds/runtime"
)

// A record is a row in the cache. Only the fields of its stripe's list change.
type record struct {
	place
	rows    [1]runtime.Row // a list of one, so that a hit allocates none
	moment  uint64         // when its read began
	expires int64          // nanoseconds
	bytes   int64

	visited      bool // read since the hand of its stripe last passed
	older, newer *record
}

// overhead is what a record takes beside its values: itself, its part of the tables of
// stripe and references.
const overhead = int64(unsafe.Sizeof(record{})) + 64

func newRecord(p place, row runtime.Row, moment uint64, expires int64) *record {
	own, text := compact(row)
	bytes := overhead + int64(len(p.table.unique))*refBytes + int64(len(own))*int64(unsafe.Sizeof(runtime.Value{})) + int64(text)
	return &record{place: p, rows: [1]runtime.Row{own}, moment: moment, expires: expires, bytes: bytes}
}

// compact copies a row with its texts into one allocation each. A store's texts may be
// parts of a larger buffer, of a whole document with its secret members for example,
// and would keep that alive.
func compact(row runtime.Row) (own runtime.Row, text int) {
	own = make(runtime.Row, len(row))
	for i := range row {
		text += len(row[i].Str)
	}
	var all strings.Builder
	all.Grow(text)
	for i := range row {
		all.WriteString(row[i].Str)
	}
	rest := all.String()
	for i := range row {
		own[i] = row[i]
		own[i].Str, rest = rest[:len(row[i].Str)], rest[len(row[i].Str):]
	}
	return own, text
}
