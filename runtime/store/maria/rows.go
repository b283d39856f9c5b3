package maria

import (
	"strconv"

	"github.com/beds-project/beds/runtime"
)

// appendKey opens a row with what every write has, in the order in which the
// procedures find it fastest.
func appendKey(dst []byte, k *runtime.RequestKey, id *runtime.GUID, now int64) []byte {
	dst = append(dst, `{"id":`...)
	dst = appendGUID(dst, (*[16]byte)(id))
	dst = append(dst, `,"now":`...)
	dst = appendTime(dst, now)
	dst = append(dst, `,"hash":`...)
	dst = appendGUID(dst, &k.Hash)
	dst = append(dst, `,"key":`...)
	return appendString(dst, k.Key)
}

// appendInsert appends a new record with all its values by position.
func (l *layout) appendInsert(dst []byte, in *runtime.Insert) []byte {
	id := runtime.GUIDOf(in.Row[runtime.FieldID])
	dst = appendKey(dst, &in.RequestKey, &id, in.Row[runtime.FieldCreated].Int)
	dst = append(dst, `,"values":[`...)
	for n, i := range l.settable {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = appendValue(dst, l.t.Fields[i].Type.Kind, &in.Row[i])
	}
	return append(dst, ']', '}')
}

// appendUpdate appends a change. Missing values are left out, null ones are not.
func (l *layout) appendUpdate(dst []byte, u *runtime.Update) []byte {
	dst = appendChange(dst, &u.RequestKey, &u.ID, u.Revision, u.Now)
	return l.appendMembers(dst, u.Row)
}

func appendChange(dst []byte, k *runtime.RequestKey, id *runtime.GUID, revision, now int64) []byte {
	dst = appendKey(dst, k, id, now)
	dst = append(dst, `,"revision":`...)
	return strconv.AppendInt(dst, revision, 10)
}

// appendMembers appends the values that are not missing, by name, and closes the row.
func (l *layout) appendMembers(dst []byte, row runtime.Row) []byte {
	dst = append(dst, `,"values":{`...)
	first := true
	for _, i := range l.settable {
		if row[i].State == runtime.Missing {
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
