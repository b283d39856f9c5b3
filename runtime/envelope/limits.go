package envelope

// Limits bound a request before anything is allocated for it. Zero fields take
// the defaults.
type Limits struct {
	Body  int // bytes of a message
	Depth int // nesting of objects and arrays
	Keys  int // members of all objects together
	Batch int // operations of a batch
}

// DefaultLimits are used where the configuration is silent.
var DefaultLimits = Limits{Body: 4 << 20, Depth: 32, Keys: 10_000, Batch: 256}

// Check scans a body once, without allocating, and refuses what exceeds a limit.
// It does not validate the JSON otherwise.
func (l Limits) Check(body []byte) *Error {
	if len(body) > l.Body {
		return Errorf(TooLarge, "the body has %d bytes; this node takes at most %d", len(body), l.Body)
	}
	depth, keys := 0, 0
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '"':
			i = skipString(body, i)
		case '{', '[':
			if depth++; depth > l.Depth {
				return Errorf(TooLarge, "the body is nested more than %d deep, at offset %d", l.Depth, i)
			}
		case '}', ']':
			depth--
		case ':':
			if keys++; keys > l.Keys {
				return Errorf(TooLarge, "the body has more than %d members, at offset %d", l.Keys, i)
			}
		}
	}
	return nil
}

// skipString returns the index of the quote that closes the string opened at i.
func skipString(body []byte, i int) int {
	for i++; i < len(body); i++ {
		switch body[i] {
		case '"':
			return i
		case '\\':
			i++
		}
	}
	return i
}
