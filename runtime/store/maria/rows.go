package maria

import (
	"strconv"

	"github.com/beds-project/beds/runtime"
)

// appendKey opens a row with what every write has.
func appendKey(dst []byte, k *runtime.RequestKey, id *runtime.GUID, now int64) []byte {
	dst = append(dst, `{"key":`...)
	dst = appendString(dst, k.Key)
	dst = append(dst, `,"hash":`...)
	dst = appendGUID(dst, &k.Hash)
	dst = append(dst, `,"id":`...)
	dst = appendGUID(dst, (*[16]byte)(id))
	dst = append(dst, `,"now":`...)
	return appendTime(dst, now)
}

// appendInsert appends a new record. Null values are left out: they read the same.
func (l *layout) appendInsert(dst []byte, in *runtime.Insert) []byte {
	id := runtime.GUIDOf(in.Row[runtime.FieldID])
	dst = appendKey(dst, &in.RequestKey, &id, in.Row[runtime.FieldCreated].Int)
	return l.appendValues(dst, in.Row, runtime.Set)
}

// appendUpdate appends a change. Missing values are left out, null ones are not.
func (l *layout) appendUpdate(dst []byte, u *runtime.Update) []byte {
	dst = appendChange(dst, &u.RequestKey, &u.ID, u.Revision, u.Now)
	return l.appendValues(dst, u.Row, runtime.Null)
}

func appendChange(dst []byte, k *runtime.RequestKey, id *runtime.GUID, revision, now int64) []byte {
	dst = appendKey(dst, k, id, now)
	dst = append(dst, `,"revision":`...)
	return strconv.AppendInt(dst, revision, 10)
}

// appendValues appends the values that are at least in the given state, and
// closes the row.
func (l *layout) appendValues(dst []byte, row runtime.Row, least runtime.State) []byte {
	dst = append(dst, `,"values":{`...)
	first := true
	for _, i := range l.settable {
		if row[i].State < least {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, l.members[i]...)
		dst = appendValue(dst, l.t.Fields[i].Type.Kind, &row[i])
	}
	return append(dst, '}', '}')
}
