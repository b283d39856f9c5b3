//go:build unix

package main

import (
	"bytes"
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// A peer is another generator that makes typed Go of many descriptions.
type peer struct {
	program, about string
	// prepare writes what the peer reads, and names its standard input, if any.
	prepare func(dir string, count int) ([]byte, error)
	args    []string
	finish  func(dir string, stdout []byte) error // writes what it emitted
	require string                                // module that the emitted code imports
}

func peers() []peer {
	return []peer{
		{"protoc-gen-go", "messages of ten fields with accessors and reflection, a package each; it is fed by the benchmark, so that protoc's parsing is not in it",
			protocRequest, nil, protocWrite, "google.golang.org/protobuf"},
		{"sqlc", "the table of the template and seven queries, a package each: typed calls of database/sql, no record codecs, no SQL",
			sqlcProject, []string{"generate"}, func(string, []byte) error { return nil }, ""},
	}
}

// peers measures those that are installed beside bedsgen.
func (b *bench) peers(count int) error {
	b.section("Peers", fmt.Sprintf("Other generators with as much to describe, each %d times. They emit less than bedsgen: Go only.", count))
	for _, p := range peers() {
		program := filepath.Join(filepath.Dir(b.bedsgen), p.program)
		info, err := buildinfo.ReadFile(program)
		if errors.Is(err, os.ErrNotExist) {
			b.remark("%s does not lie beside bedsgen, where scripts/bench-gen installs it from the module proxy, so it is not measured.", p.program)
			continue
		}
		if err == nil {
			b.remark("`%s` %s: %s.", p.program, info.Main.Version, p.about)
			err = b.peer(p, program, count)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) peer(p peer, program string, count int) error {
	dir := filepath.Join(b.dir, p.program)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	stdin, err := p.prepare(dir, count)
	if err != nil {
		return err
	}
	var stdout []byte
	_, err = b.median(fmt.Sprintf("%s, %d", p.program, count), min(b.runs, 3), always, func() (c cost, err error) {
		c, stdout, err = b.measure(dir, bytes.NewReader(stdin), program, p.args...)
		return c, err
	})
	if err == nil {
		err = p.finish(dir, stdout)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/peer\n\ngo 1.25\n"), 0o644)
	}
	if err == nil && p.require != "" {
		_, _, err = b.measure(dir, nil, "go", "mod", "tidy")
	}
	if err == nil {
		err = b.build(dir, "./out/p0") // what all of them import
	}
	if err != nil {
		return err
	}
	time.Sleep(50 * time.Millisecond)
	_, err = b.median(fmt.Sprintf("go build, %d packages of %s", count, p.program), 1, always, func() (cost, error) {
		c, _, err := b.measure(dir, nil, "go", "build", "./out/...")
		return c, err
	})
	return err
}

const sqlcQueries = `-- name: Get :one
SELECT * FROM domain WHERE id = ?;
-- name: ByNumber :one
SELECT * FROM domain WHERE number = ?;
-- name: ByCustomer :many
SELECT * FROM domain WHERE customer = ? AND placed >= ? ORDER BY placed DESC, id DESC LIMIT ?;
-- name: OpenByCustomer :many
SELECT * FROM domain WHERE customer = ? AND status IN ('open', 'paid') AND placed >= ? ORDER BY placed DESC, id DESC LIMIT 50;
-- name: Insert :exec
INSERT INTO domain (id, created, updated, revision, number, customer, status, total, placed, paid_at, tags, note, score, email)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);
-- name: Update :exec
UPDATE domain SET updated = ?, revision = revision + 1, status = ?, total = ?, note = ? WHERE id = ? AND revision = ?;
-- name: Delete :exec
UPDATE domain SET deleted = ? WHERE id = ? AND revision = ?;
`

const sqlcSchema = `CREATE TABLE domain (
  id BINARY(16) PRIMARY KEY, created DATETIME(6) NOT NULL, updated DATETIME(6) NOT NULL, revision BIGINT NOT NULL, deleted DATETIME(6),
  number VARCHAR(20) NOT NULL UNIQUE, customer BINARY(16) NOT NULL, status ENUM('open', 'paid', 'shipped') NOT NULL, total DECIMAL(12,2) NOT NULL,
  placed DATE, paid_at DATETIME(6), tags JSON, note TEXT, score BIGINT, email VARCHAR(120));
`

// sqlcProject writes a configuration with a package for each domain.
func sqlcProject(dir string, count int) ([]byte, error) {
	config := []byte("version: \"2\"\nsql:\n")
	for i := range count {
		config = fmt.Appendf(config, "  - {engine: mysql, schema: schema.sql, queries: queries.sql, gen: {go: {package: p%[1]d, out: out/p%[1]d}}}\n", i)
	}
	return nil, errors.Join(os.WriteFile(filepath.Join(dir, "sqlc.yaml"), config, 0o644),
		os.WriteFile(filepath.Join(dir, "schema.sql"), []byte(sqlcSchema), 0o644),
		os.WriteFile(filepath.Join(dir, "queries.sql"), []byte(sqlcQueries), 0o644))
}
