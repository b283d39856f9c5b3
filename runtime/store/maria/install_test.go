package maria_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	emitsql "github.com/beds-project/beds/gen/emit/sql"
	"github.com/beds-project/beds/runtime/store/maria/install"
)

// TestInstallTwice: the second time there is no error, no warning and no change;
// and with the mariadb client it is the same.
func TestInstallTwice(t *testing.T) {
	ctx := context.Background()
	for _, dir := range []string{"testdata", "../../../recs"} {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			d := &database{name: fmt.Sprintf("beds_twice_%d_%d", os.Getpid(), time.Now().UnixNano()), admin: adminConfig(t)}
			d.admin.DBName = d.name
			files := folder(emitsql.Files(loadSet(t, dir+"/*_rec.toml")))
			// latin1 on purpose: nothing may depend on the database's default.
			root, err := sql.Open("mysql", adminConfig(t).FormatDSN())
			if err != nil {
				t.Fatal(err)
			}
			defer root.Close()
			d.root = root
			d.exec(t, "CREATE DATABASE `"+d.name+"` CHARACTER SET latin1")
			defer d.exec(t, "DROP DATABASE `"+d.name+"`")
			var before string
			for pass := range 2 {
				report, err := install.Apply(ctx, d.admin, files, install.Options{CreateDatabase: pass == 1})
				if err != nil {
					t.Fatal(err)
				}
				for _, w := range report.Warnings {
					t.Errorf("pass %d: %s", pass, w)
				}
				if report.Statements == 0 || report.Files != len(files)-1 {
					t.Fatalf("report %+v", report)
				}
				after := d.schema(t)
				if pass > 0 && after != before {
					t.Errorf("the second time changes the schema:\n%s\n---\n%s", before, after)
				}
				before = after
			}
			d.client(t, files)
			if after := d.schema(t); stripComments(after) != stripComments(before) {
				t.Errorf("the mariadb client makes another schema:\n%s\n---\n%s", before, after)
			}
		})
	}
}

// client applies install.sql with the mariadb client, which must say nothing.
func (d *database) client(t *testing.T, files fstest.MapFS) {
	t.Helper()
	program, err := exec.LookPath("mariadb")
	if err != nil {
		t.Fatal("the mariadb client is not on the PATH; scripts/install-servers brings it")
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	host, port, _ := strings.Cut(d.admin.Addr, ":")
	cmd := exec.Command(program, "--no-defaults", "--protocol=tcp", "-h", host, "-P", port, "-u", d.admin.User, "--show-warnings", "--comments", d.name)
	if d.admin.Net == "unix" {
		cmd = exec.Command(program, "--no-defaults", "--socket", d.admin.Addr, "-u", d.admin.User, "--show-warnings", "--comments", d.name)
	}
	cmd.Env = append(os.Environ(), "MYSQL_PWD="+d.admin.Passwd)
	cmd.Dir = dir
	cmd.Stdin = bytes.NewReader(files["install.sql"].Data)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("mariadb: %v\n%s", err, out)
	}
}

// stripComments removes what differs in white space and comments of bodies.
func stripComments(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		if l := strings.TrimSpace(line); l != "" && !strings.HasPrefix(l, "--") {
			b.WriteString(l + "\n")
		}
	}
	return b.String()
}

// schema describes every object of the database.
func (d *database) schema(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	list := func(query string) {
		t.Helper()
		rows, err := d.root.Query(query, d.name)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		columns, _ := rows.Columns()
		cells := make([]sql.NullString, len(columns))
		at := make([]any, len(columns))
		for i := range cells {
			at[i] = &cells[i]
		}
		for rows.Next() {
			if err := rows.Scan(at...); err != nil {
				t.Fatal(err)
			}
			for _, c := range cells {
				b.WriteString(c.String + "\n")
			}
		}
	}
	list("SELECT TABLE_NAME, ENGINE, TABLE_COLLATION, TABLE_COMMENT, CREATE_OPTIONS FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY 1")
	list("SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, COLLATION_NAME, COLUMN_COMMENT FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY 1, ORDINAL_POSITION")
	list("SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, SEQ_IN_INDEX, COLUMN_NAME, COLLATION FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? ORDER BY 1, 2, 4")
	list("SELECT TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ? ORDER BY 1, 2")
	list("SELECT ROUTINE_NAME, ROUTINE_DEFINITION, ROUTINE_COMMENT, DEFINER, SQL_MODE, SECURITY_TYPE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? ORDER BY 1")
	list("SELECT EVENT_NAME, EVENT_DEFINITION, INTERVAL_VALUE, STARTS, STATUS, DEFINER FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ? ORDER BY 1")
	list("SELECT TABLE_NAME, VIEW_DEFINITION, SECURITY_TYPE FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ? ORDER BY 1")
	list("SELECT User, Routine_name, Proc_priv FROM mysql.procs_priv WHERE Db = ? ORDER BY 1, 2")
	list("SELECT User, Table_name, Table_priv FROM mysql.tables_priv WHERE Db = ? ORDER BY 1, 2")
	return b.String()
}

func TestInstallErrors(t *testing.T) {
	d := newDatabase(t)
	ctx := context.Background()
	apply := func(files map[string]string) error {
		fs := make(fstest.MapFS)
		for name, text := range files {
			fs[name] = &fstest.MapFile{Data: []byte(text)}
		}
		_, err := install.Apply(ctx, d.admin, fs, install.Options{})
		return err
	}
	err := apply(map[string]string{"install.sql": "-- c\nSOURCE a.sql\n", "a.sql": "DO 1;\n\n-- x\nSELEC 1;\n"})
	var e *install.Error
	if !errors.As(err, &e) || e.File != "a.sql" || e.Line != 4 || !strings.Contains(err.Error(), "a.sql:4: ") {
		t.Fatalf("%v", err)
	}
	for _, text := range []string{"SOURCE ../a.sql", "DROP DATABASE x;", "SOURCE /etc/passwd"} {
		if err := apply(map[string]string{"install.sql": text}); !errors.As(err, &e) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := apply(map[string]string{}); err == nil || !strings.Contains(err.Error(), "bedsgen generate") {
		t.Fatalf("%v", err)
	}
}

// TestUpgrade: a table of an older version gets the columns that it lacks and
// keeps its records.
func TestUpgrade(t *testing.T) {
	d := newDatabase(t)
	d.insertAll(t, d.entry, insertOf(d.entry, "old", set{"word": str("kept")}))
	d.exec(t, "ALTER TABLE ktEntry DROP COLUMN number_ent")
	if _, err := install.Apply(context.Background(), d.admin, folder(emitsql.Files(loadSet(t, "testdata/*_rec.toml"))), install.Options{}); err != nil {
		t.Fatal(err)
	}
	d.insertAll(t, d.entry, insertOf(d.entry, "new", set{"word": str("w"), "number": num(3)}))
	if n := d.number(t, "SELECT COUNT(*) FROM ktEntry WHERE word_ent = 'kept' AND number_ent IS NULL"); n != 1 {
		t.Fatal("the old record is gone or changed")
	}
}

// TestAge: the event removes what is too old, with the rights of the owner.
func TestAge(t *testing.T) {
	d := newDatabase(t)
	d.insertAll(t, d.kitchen, dish(d.kitchen, "fresh", nil), dish(d.kitchen, "aged", nil))
	d.exec(t, "UPDATE ktKitchen SET created = UTC_TIMESTAMP(6) - INTERVAL IF(name_kit = 'aged', 31, 29) DAY")
	was := d.number(t, "SELECT @@GLOBAL.event_scheduler = 'ON'")
	d.exec(t, "ALTER EVENT ktKitchen_ttl_created ON SCHEDULE EVERY 1 SECOND ENABLE")
	d.exec(t, "SET GLOBAL event_scheduler = ON")
	defer func() {
		if was == 0 {
			d.exec(t, "SET GLOBAL event_scheduler = OFF")
		}
	}()
	for range 100 {
		if d.number(t, "SELECT COUNT(*) FROM ktKitchen") == 1 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if d.number(t, "SELECT COUNT(*) FROM ktKitchen WHERE name_kit = 'fresh'") != 1 || d.number(t, "SELECT COUNT(*) FROM ktKitchen") != 1 {
		t.Fatal("the event did not do its work")
	}
}

// TestView: what people see.
func TestView(t *testing.T) {
	d := newDatabase(t)
	in := dish(d.kitchen, "seen", set{"secret": str("never")})
	d.insertAll(t, d.kitchen, in)
	var id string
	if err := d.root.QueryRow("SELECT id FROM ktKitchen_view WHERE name_kit = 'seen'").Scan(&id); err != nil || id != idOf(in).String() {
		t.Fatalf("%s, %v", id, err)
	}
	if n := d.number(t, "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'ktKitchen_view' AND COLUMN_NAME = 'secret_kit'", d.name); n != 0 {
		t.Fatal("the view shows a secret field")
	}
}
