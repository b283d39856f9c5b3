package sql

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/beds-project/beds/gen/model"
	_ "github.com/go-sql-driver/mysql"
)

var nasty = []string{
	"", "plain", "it's", `back\slash`, `\`, `\'`, `'';DROP TABLE x;-- `, "a\nb", "a\r\nDELIMITER ;\nb", "*/ /* */", "`tick`", "-- ", "#",
	"\x00", "a\x00b", "\x1a", "\xff\xfe", "\u202Eevil\u2066", "\u2028x\u2029", "//", "END//\nDELIMITER ;", "é😀", strings.Repeat("ü'", 3000), "$5 \"double\"", "\\G \\! rm",
}

func TestIdent(t *testing.T) {
	for in, want := range map[string]string{"a": "`a`", "a`b": "`a``b`", "a\x00b": "`a\uFFFDb`"} {
		if got := ident(in); got != want {
			t.Errorf("ident(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestLiteral(t *testing.T) {
	for in, want := range map[string]string{"": "''", "it's": "'it''s'", `a\`: `'a\\'`, "a\u202Eb": "'a\uFFFDb'", "a\x00": "'a\uFFFD'"} {
		if got := literal(in); got != want {
			t.Errorf("literal(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestData(t *testing.T) {
	for in, want := range map[string]string{
		"it's": "'it''s'", "two words": "'two words'", "a\nb": "CONVERT(X'610A62' USING utf8mb4)", "\u202E": "CONVERT(X'E280AE' USING utf8mb4)",
	} {
		if got := data(in); got != want {
			t.Errorf("data(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestComment(t *testing.T) {
	for _, in := range nasty {
		got := comment(in)
		if strings.ContainsAny(got, "\n\r\x00\u2028\u2029\u202E") || strings.Contains(got, "*/") || !utf8.ValidString(got) {
			t.Errorf("comment(%q) = %q", in, got)
		}
	}
}

func TestDocLiteral(t *testing.T) {
	for _, in := range nasty {
		got := docLiteral(in, maxColumnComment)
		inner := strings.ReplaceAll(strings.ReplaceAll(got[1:len(got)-1], "''", "'"), `\\`, `\`)
		if n := utf8.RuneCountInString(inner); n > maxColumnComment || strings.ContainsAny(got, "\n\x00") {
			t.Errorf("docLiteral(%q) has %d characters: %q", in, n, got)
		}
	}
}

func TestPath(t *testing.T) {
	for in, want := range map[string]string{"a_b": "'$.eq.a_b'", "a b": `'$.eq."a b"'`, `a"'`: `'$.eq."a\\"''"'`} {
		if got := path("eq", in); got != want {
			t.Errorf("path(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestNumber(t *testing.T) {
	for _, in := range []string{"1", "-12.50", "1e5", "0"} {
		if got := number(in); got != in {
			t.Errorf("number(%q) = %s", in, got)
		}
	}
	for _, in := range []string{"", "1;", "--1", "e1", "1 or 1", "0x1"} {
		if got := number(in); got[0] != '\'' {
			t.Errorf("number(%q) = %s", in, got)
		}
	}
}

// FuzzSanitise puts a text everywhere that a template's text goes. The file must
// keep its shape, and where BEDS_TEST_MARIADB_DSN names a server, it must apply
// there, store the text as it is, and leave nothing else behind.
func FuzzSanitise(f *testing.F) {
	for _, s := range nasty {
		f.Add(s)
	}
	var db *sql.DB
	if dsn := os.Getenv("BEDS_TEST_MARIADB_DSN"); dsn != "" {
		db = scratch(f, dsn)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value := strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "\x00", "?")
		if utf8.RuneCountInString(value) > 60 {
			value = string([]rune(value)[:60])
		}
		e := &emitter{t: hostile(text, value), dir: "sql/x/", w: &writer{}}
		content := string(e.table().Content)
		for i, line := range strings.Split(content, "\n") {
			if i < 2 || strings.HasPrefix(line, "-- ") || line == "--" {
				continue
			}
			if strings.Contains(line, "DELIMITER") && !strings.Contains(line, "COMMENT") && !strings.Contains(line, "'") {
				t.Fatalf("line %d: %q", i+1, line)
			}
		}
		if db != nil {
			applyHostile(t, db, content, value)
		}
	})
}

// hostile is a template whose texts are all the given one.
func hostile(doc, value string) *model.Template {
	fields := model.SystemFields(model.DeletesHard)
	add := func(f *model.Field) {
		f.Index = len(fields)
		fields = append(fields, f)
	}
	add(&model.Field{Name: "e_tst", Doc: doc, Type: model.Type{Kind: model.Enum, Max: 64, Values: []string{"ok", value}}})
	add(&model.Field{Name: "s_tst", Doc: doc, Type: model.Type{Kind: model.String, Max: 64}, Default: &model.Value{Text: value}})
	add(&model.Field{Name: "t_tst", Doc: doc, Type: model.Type{Kind: model.Text, Max: 64}, Default: &model.Value{Text: value}})
	return &model.Template{Name: "hostile", Doc: doc, Collection: "tsHostile", TLA: "tst", Version: 1, Fields: fields,
		Behaviour: model.Behaviour{Deletes: model.DeletesHard}}
}

// scratch makes a database of this process.
func scratch(f *testing.F, dsn string) *sql.DB {
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		f.Fatal(err)
	}
	name := fmt.Sprintf("beds_fuzz_%d", os.Getpid())
	db.SetMaxOpenConns(1)
	for _, q := range []string{"CREATE DATABASE IF NOT EXISTS " + name, "USE " + name} {
		if _, err := db.Exec(q); err != nil {
			f.Fatal(err)
		}
	}
	f.Cleanup(func() {
		_, err := db.Exec("DROP DATABASE IF EXISTS " + name)
		if cerr := db.Close(); err != nil || cerr != nil {
			f.Error(err, cerr)
		}
	})
	return db
}

// applyHostile applies the table as one text without the client's help: it has no
// DELIMITER, so every statement ends at ";" at a line's end.
func applyHostile(t *testing.T, db *sql.DB, content, value string) {
	t.Helper()
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	exec := func(q string, args ...any) {
		t.Helper()
		if _, err := conn.ExecContext(ctx, q, args...); err != nil {
			t.Fatalf("%v\n%s", err, q)
		}
	}
	exec("DROP TABLE IF EXISTS tsHostile")
	for range 2 {
		for _, st := range strings.Split(content, ";\n") {
			if strings.TrimSpace(st) != "" {
				exec(st)
			}
		}
	}
	exec("FLUSH TABLES")
	exec("INSERT INTO tsHostile (id, created, updated, revision, e_tst) VALUES (X'00', NOW(), NOW(), 1, ?)", value)
	var e, s, x string
	if err := conn.QueryRowContext(ctx, "SELECT e_tst, s_tst, t_tst FROM tsHostile").Scan(&e, &s, &x); err != nil {
		t.Fatal(err)
	}
	if e != value || s != value || x != value {
		t.Fatalf("stored %q, %q and %q, want %q", e, s, x, value)
	}
	var tables int
	if err := conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()").Scan(&tables); err != nil || tables != 1 {
		t.Fatalf("%d tables, %v", tables, err)
	}
}
