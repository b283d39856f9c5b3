// Package recs holds the templates of this repository that new modules begin with.
package recs

import _ "embed" // for the template below

// Logger is mst_logger_rec.toml, the template of the log collection.
//
//go:embed mst_logger_rec.toml
var Logger []byte
