// Package config holds the configuration files that a new installation begins
// with; runtime/config reads them.
package config

import _ "embed" // for the files below

// Base is beds.toml: every key with its default and what it means.
//
//go:embed beds.toml
var Base []byte

// DevExample is env_dev.toml.example: what usually differs in development.
//
//go:embed env_dev.toml.example
var DevExample []byte
