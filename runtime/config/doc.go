// Package config reads what an operator wrote: config/beds.toml, the file of
// the environment on top of it, and the process environment on top of both.
//
// Every key is described once, in the table behind [Keys]: its type, unit,
// default, bounds and meaning. Loading, checking, the environment variables'
// names, `beds check` and the documentation all come from that table.
//
// Loading never stops at the first mistake: [Load] returns all of them in one
// [Errors] value, each with its file, line, column and key.
package config
