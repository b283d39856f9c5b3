package lineage

import (
	"errors"
	"strings"
)

// MaxIDBytes is the longest id: two letters, "prod", a UUID and two dots.
const MaxIDBytes = 2 + 1 + 4 + 1 + uuidTextBytes

// uuidTextBytes is the length of 0199c0de-....
const uuidTextBytes = 36

// ErrID is what every malformed id is.
var ErrID = errors.New("not an event id; it is {wbid}.{env}.{uuid}, such as ms.dev.01890a5d-ac96-774b-bcce-b302099a8057")

// An ID is an event id taken apart.
type ID struct {
	WBID string
	Env  string
	UUID [16]byte
}

// Parse takes an id apart. It is strict, so that one event has one spelling:
// lower case, dashes in their places, nothing around it. The UUID may be of
// any version, since a client may have made it.
func Parse(s string) (ID, error) {
	if len(s) > MaxIDBytes {
		return ID{}, ErrID
	}
	wbid, rest, _ := strings.Cut(s, ".")
	env, text, ok := strings.Cut(rest, ".")
	if !ok || len(wbid) != 2 || !isLower(wbid) || (env != "dev" && env != "qa" && env != "prod") {
		return ID{}, ErrID
	}
	u, ok := ParseUUID(text)
	if !ok {
		return ID{}, ErrID
	}
	return ID{WBID: wbid, Env: env, UUID: u}, nil
}

func isLower(s string) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return true
}

// String puts the id together again.
func (id ID) String() string {
	b := make([]byte, 0, MaxIDBytes)
	b = append(b, id.WBID...)
	b = append(b, '.')
	b = append(b, id.Env...)
	b = append(b, '.')
	return string(AppendUUID(b, id.UUID))
}
