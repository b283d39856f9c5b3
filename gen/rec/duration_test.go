package rec

import (
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	const day = 24 * time.Hour
	for s, want := range map[string]time.Duration{
		"720h": 30 * day, "30d": 30 * day, "2w": 14 * day, "1d12h": 36 * time.Hour, "1.5d": 36 * time.Hour,
		"30s": 30 * time.Second, "1m30s": 90 * time.Second, "5ms": 5 * time.Millisecond, "1ns": 1,
		"3650d": 3650 * day, "0.5h": 30 * time.Minute,
	} {
		if got, err := ParseDuration(s); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "1", "h", "-1h", "1 h", "1y", "1h2", "0s", "1..5h", ".", "1e3s", "999999999w", "１h"} {
		if got, err := ParseDuration(s); err == nil {
			t.Errorf("ParseDuration(%q) = %v", s, got)
		}
	}
}
