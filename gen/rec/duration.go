package rec

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads a positive duration in Go's form with two more units, d for
// 24 hours and w for seven days: "90d", "1w12h", "720h".
func ParseDuration(s string) (time.Duration, error) {
	fail := fmt.Errorf("%q is not a duration; write it like \"30s\", \"720h\", \"90d\" or \"2w\"", clip(s))
	var total float64
	rest := s
	for rest != "" {
		n := strings.IndexFunc(rest, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
		if n <= 0 {
			return 0, fail
		}
		number, err := strconv.ParseFloat(rest[:n], 64)
		if err != nil {
			return 0, fail
		}
		end := n
		for end < len(rest) && rest[end] != '.' && (rest[end] < '0' || rest[end] > '9') {
			end++
		}
		unit, ok := units[rest[n:end]]
		if !ok {
			return 0, fail
		}
		total += number * float64(unit)
		rest = rest[end:]
	}
	if total < 1 {
		return 0, fmt.Errorf("a duration of %q is not more than nothing", clip(s))
	}
	if total >= math.MaxInt64 {
		return 0, fmt.Errorf("%q is longer than the 292 years that a duration can hold", clip(s))
	}
	return time.Duration(total), nil
}

var units = map[string]time.Duration{
	"ns": time.Nanosecond,
	"us": time.Microsecond,
	"ms": time.Millisecond,
	"s":  time.Second,
	"m":  time.Minute,
	"h":  time.Hour,
	"d":  24 * time.Hour,
	"w":  7 * 24 * time.Hour,
}
