// Package install applies the emitted SQL to a database, as the mariadb client
// does with install.sql, and says where a statement failed.
package install

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// Options are what an installation may be told.
type Options struct {
	// CreateDatabase makes the database where it does not exist.
	CreateDatabase bool
	// Progress is called for each file before it is applied; may be nil.
	Progress func(file string)
}

// A Report says what an installation did.
type Report struct {
	Files      int
	Statements int
	Warnings   []Warning
}

// A Warning is what the server remarked on a statement.
type Warning struct {
	File  string
	Line  int
	Level string
	Code  int
	Text  string
}

func (w Warning) String() string {
	return fmt.Sprintf("%s:%d: %s %d: %s", w.File, w.Line, w.Level, w.Code, w.Text)
}

// An Error is a statement that failed. What came before it stays applied; after
// the cause is removed, the installation can run again from the start.
type Error struct {
	File string
	Line int
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err) }

// Unwrap returns the server's error.
func (e *Error) Unwrap() error { return e.Err }

// Apply applies install.sql of root with all that it sources. config names a
// privileged account and the database.
func Apply(ctx context.Context, config *mysql.Config, root fs.FS, o Options) (*Report, error) {
	files, err := sources(root)
	if err != nil {
		return nil, err
	}
	if config.DBName == "" {
		return nil, errors.New("install: no database is named")
	}
	conn, closeAll, err := connect(ctx, config, o.CreateDatabase)
	if err != nil {
		return nil, err
	}
	defer closeAll()
	a := &applier{conn: conn, root: root, report: new(Report)}
	for _, f := range files {
		if o.Progress != nil {
			o.Progress(f)
		}
		if err := a.file(ctx, f); err != nil {
			return a.report, err
		}
	}
	return a.report, nil
}

// sources reads the order of the files from install.sql.
func sources(root fs.FS) ([]string, error) {
	text, err := fs.ReadFile(root, "install.sql")
	if err != nil {
		return nil, fmt.Errorf("install: %w; bedsgen generate writes it", err)
	}
	var files []string
	for n, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "--") {
			continue
		}
		name, ok := strings.CutPrefix(line, "SOURCE ")
		name = path.Clean(strings.TrimSuffix(strings.TrimSpace(name), ";"))
		if !ok || !fs.ValidPath(name) {
			return nil, &Error{"install.sql", n + 1, errors.New("only SOURCE with a file of this folder is expected here")}
		}
		files = append(files, name)
	}
	return files, nil
}

// connect opens one connection, in which the files' session settings hold.
func connect(ctx context.Context, config *mysql.Config, create bool) (*sql.Conn, func(), error) {
	c := config.Clone()
	c.MultiStatements, c.InterpolateParams, c.ParseTime = false, false, false
	name := c.DBName
	if create {
		c.DBName = ""
	}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, nil, fmt.Errorf("install: %w", err)
	}
	db := sql.OpenDB(connector)
	conn, err := db.Conn(ctx)
	if err != nil {
		_ = db.Close()
		return nil, nil, fmt.Errorf("install: %w", err)
	}
	closeAll := func() {
		_ = conn.Close() // nothing is pending on it
		_ = db.Close()
	}
	if create {
		quoted := "`" + strings.ReplaceAll(name, "`", "``") + "`"
		for _, q := range []string{"SET SESSION sql_notes = 0", "CREATE DATABASE IF NOT EXISTS " + quoted + " CHARACTER SET utf8mb4", "USE " + quoted, "SET SESSION sql_notes = 1"} {
			if _, err := conn.ExecContext(ctx, q); err != nil {
				closeAll()
				return nil, nil, fmt.Errorf("install: database %s: %w", name, err)
			}
		}
	}
	return conn, closeAll, nil
}

// An applier applies files one after the other.
type applier struct {
	conn   *sql.Conn
	root   fs.FS
	report *Report
}

func (a *applier) file(ctx context.Context, name string) error {
	text, err := fs.ReadFile(a.root, name)
	if err != nil {
		return fmt.Errorf("install: %w", err)
	}
	a.report.Files++
	for _, st := range split(string(text)) {
		if _, err := a.conn.ExecContext(ctx, st.text); err != nil {
			return &Error{name, st.line, err}
		}
		a.report.Statements++
		if err := a.warnings(ctx, name, st.line); err != nil {
			return &Error{name, st.line, err}
		}
	}
	return nil
}

// warnings gathers what the server remarked on the last statement.
func (a *applier) warnings(ctx context.Context, file string, line int) error {
	rows, err := a.conn.QueryContext(ctx, "SHOW WARNINGS")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		w := Warning{File: file, Line: line}
		if err := rows.Scan(&w.Level, &w.Code, &w.Text); err != nil {
			return err
		}
		a.report.Warnings = append(a.report.Warnings, w)
	}
	return rows.Err()
}
