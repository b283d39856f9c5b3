package config

import (
	"fmt"
	"io"
	"log/slog"
)

// masked is what stands for a secret in everything that people read.
const masked = "***"

// A Secret is a string that no log, error or dump prints. Convert it with
// string(s) at the one place that hands it to a server. One encoder goes round
// its methods: go-toml's Marshal takes every string kind as a string; write a
// configuration with [Config.Redacted] instead.
type Secret string

// String hides the value.
func (Secret) String() string { return masked }

// GoString hides the value from %#v.
func (Secret) GoString() string { return masked }

// Format hides the value from every verb. Without it a wrong verb such as %d
// would print the value itself inside fmt's complaint.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, masked) }

// MarshalText hides the value from JSON and the like.
func (Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// LogValue hides the value from log/slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(masked) }
