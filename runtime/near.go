package runtime

import "strings"

// meant is the end of a message about an unknown name: the field that was probably
// meant, if one differs by case or by one slip of the hand. It costs a look at each
// field, so it is only asked for errors that a reply has room for.
func (t *Template) meant(name string, errs details) string {
	if len(errs) >= maxDetails || len(name) > maxNear {
		return ""
	}
	for i := range t.Fields {
		if f := &t.Fields[i]; !f.Secret && strings.EqualFold(f.Public, name) {
			return "; names are case-sensitive: did you mean \"" + f.Public + "\"?"
		}
	}
	for i := range t.Fields {
		if f := &t.Fields[i]; !f.Secret && oneSlip(f.Public, name) {
			return "; did you mean \"" + f.Public + "\"?"
		}
	}
	return ""
}

// maxNear bounds what is compared: public names have at most 64 bytes.
const maxNear = 65

// oneSlip reports whether two texts differ by one byte that is missing, added or
// another one, or by two neighbours that have changed places.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b) < 3 || len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if i == len(a) || a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
