package report

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/beds-project/beds/bench/suite"
)

func runs(rates ...float64) (list []suite.Measure) {
	for _, r := range rates {
		list = append(list, suite.Measure{Rate: r, P50: 1000, P99: 3000, ServerCPU: 20, BrokerCPU: 60, ClientCPU: 10, TotalCPU: 90, Allocs: 80, Bytes: 9000})
	}
	return list
}

func TestSpreadLeavesOverloadedRunsOut(t *testing.T) {
	list := append(runs(10, 30, 20, 40), suite.Measure{Rate: 1, Overloaded: true})
	if got := spreadOf(list, rate); got != (spread{25, 10, 40}) {
		t.Errorf("%+v", got)
	}
}

func TestRound(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 7: "7", 999: "999", 12345: "12,300", 1234567: "1,230,000"} {
		if got := round(v); got != want {
			t.Errorf("%v is %s, want %s", v, got, want)
		}
	}
}

func TestGoalsSayWhatIsMet(t *testing.T) {
	r := &suite.Result{Name: "T0", Series: []suite.Series{{Name: "beds", Runs: runs(90)}, {Name: "raw-own", Runs: runs(100)}, {Name: "gorabbit", Runs: runs(30)}}}
	var w bytes.Buffer
	goals(&w, []*File{{Result: r}})
	for _, want := range []string{"| T0: rate against the echo over our own connection | ≥ 0.95 | 0.90 | no | – | 1.29 |",
		"| T0: rate against go-rabbitmq at its defaults | ≥ 2.00 | 3.00 | yes | 3.33 | 1.29 |", "| T0: CPU of the node, µs | ≤ 20.00 | 20.00 | yes | 20.00 | – |"} {
		if !strings.Contains(w.String(), want) {
			t.Errorf("no line %q in\n%s", want, w.String())
		}
	}
}

// Every kind of class becomes a section with its plots.
func TestWrite(t *testing.T) {
	results, docs := t.TempDir(), t.TempDir()
	for _, name := range []string{"T0", "T0-flight", "T0-open"} {
		r := &suite.Result{Name: name, Title: "title", Unit: "requests", When: time.Now(), Rounds: 2, Seconds: 1}
		for _, s := range []string{"beds @10", "beds @20", "raw-own @10"} {
			r.Series = append(r.Series, suite.Series{Name: s, Doc: "doc", Offered: 100, Runs: runs(10, 20)})
		}
		if err := Save(results, &File{Command: "scripts/bench", Machine: "a machine", Result: r}); err != nil {
			t.Fatal(err)
		}
	}
	if err := Write(results, docs); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(docs, "benchmarks.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, image := range []string{"t0-rate.png", "t0-cpu.png", "t0-flight-rate.png", "t0-open-latency.png"} {
		if !bytes.Contains(page, []byte("img/"+image)) {
			t.Errorf("the page does not show %s", image)
		}
		if _, err := os.Stat(filepath.Join(docs, "img", image)); err != nil {
			t.Error(err)
		}
	}
}
