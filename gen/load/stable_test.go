package load_test

import (
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/beds-project/beds/gen/load"
)

// same fails the test unless two results hold one model.
func same(t *testing.T, a, b *load.Result) {
	t.Helper()
	for _, r := range []*load.Result{a, b} {
		for _, f := range r.Findings {
			t.Error(f)
		}
	}
	if t.Failed() || len(a.Set.Templates) != len(b.Set.Templates) {
		t.Fatal("not two sound sets of one size")
	}
	for i, x := range a.Set.Templates {
		if y := b.Set.Templates[i]; x.Fingerprint != y.Fingerprint || !reflect.DeepEqual(x, y) {
			t.Errorf("two models of %s:\n%+v\n%+v", x.Name, x, y)
		}
	}
}

var tableHeader = regexp.MustCompile(`(?m)^\[`)

// shuffle brings the keys within each table and the tables themselves into
// another order. It needs templates that have every entry on one line.
func shuffle(rnd *rand.Rand, src string) string {
	sections := []string{}
	from := 0
	for _, at := range tableHeader.FindAllStringIndex(src, -1) {
		sections = append(sections, src[from:at[0]])
		from = at[0]
	}
	sections = append(sections, src[from:])
	for i, s := range sections {
		lines := strings.Split(strings.TrimSpace(s), "\n")
		body := lines
		if i > 0 {
			body = lines[1:]
		}
		rnd.Shuffle(len(body), func(a, b int) { body[a], body[b] = body[b], body[a] })
		sections[i] = strings.Join(lines, "\n")
	}
	tables := sections[1:]
	rnd.Shuffle(len(tables), func(a, b int) { tables[a], tables[b] = tables[b], tables[a] })
	return strings.Join(sections, "\n") + "\n"
}

func TestTheOrderOfKeysAndFilesDoesNotMatter(t *testing.T) {
	original := load.Sources(readCorpus(t, "../../recs")...)
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		sources := readCorpus(t, "../../recs")
		for i := range sources {
			sources[i].Data = []byte(shuffle(rnd, string(sources[i].Data)))
		}
		rnd.Shuffle(len(sources), func(a, b int) { sources[a], sources[b] = sources[b], sources[a] })
		same(t, original, load.Sources(sources...))
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
	}
}

func TestFingerprint(t *testing.T) {
	base := readCorpus(t, "../../recs")
	order := func(from, to string) string {
		t.Helper()
		for _, s := range base {
			if s.Path != "recs/order_rec.toml" {
				continue
			}
			if !strings.Contains(string(s.Data), from) {
				t.Fatalf("%q is not in the template", from)
			}
			s.Data = []byte(strings.ReplaceAll(string(s.Data), from, to))
			result := load.Sources(s)
			for _, f := range result.Findings {
				t.Fatal(f)
			}
			return result.Set.Templates[0].Fingerprint
		}
		t.Fatal("no template of orders")
		return ""
	}
	plain := order("version", "version")
	if len(plain) != 16 || plain != order("Day of the order", "Something else") || plain != order("# Orders", "# Other") {
		t.Error("documentation and comments change the fingerprint")
	}
	seen := map[string]string{plain: "the template itself"}
	for _, c := range [][2]string{
		{"version        = 1", "version = 2"},
		{`schema         = "rel"`, `schema = "rec"`},
		{`service        = "app_server"`, `service = "admin"`},
		{`"Order"`, `"Purchase"`},
		{"msOrder", "msPurchase"},
		{"updates   = true", "updates = true\nad_hoc = true"},
		{`deletes   = "soft"`, `deletes = "hard"`},
		{"audit     = true", "audit = false"},
		{"max_limit = 200", "max_limit = 201"},
		{`"string(20)", required`, `"string(21)", required`},
		{`"cancelled"]`, `"cancelled", "lost"]`},
		{`default = "EUR"`, `default = "USD"`},
		{`zip     = "string(12)"`, `zip = "string(13)"`},
		{`protected_fields = ["internal_score_ord"]`, `protected_fields = []`},
		{`"-placed_ord"]` + "\nstatus", `"placed_ord"]` + "\nstatus"},
		{`placed_ord = "desc"`, `day = "-placed_ord"`},
		{`["open", "paid"] } }`, `["open"] } }`},
		{"limit  = 50", "limit = 51"},
		{`params = { customer = "guid" }` + "\n" + `filter = { customer_ord = "$customer"`, `params = { who = "guid" }` + "\n" + `filter = { customer_ord = "$who"`},
		{`after = "90d"`, `after = "91d"`},
	} {
		print := order(c[0], c[1])
		if other, taken := seen[print]; taken {
			t.Errorf("%q leaves the fingerprint of %s", c[1], other)
		}
		seen[print] = c[1]
	}
}
