//go:build unix

package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// A table is a section of the page.
type table struct {
	title, about string
	rows         []row
	remarks      []string
}

func (b *bench) section(title, about string) {
	b.tables = append(b.tables, table{title: title, about: about})
	fmt.Printf("\n%s\n%-56s %8s %8s %8s %8s %9s\n", title, "", "user s", "system s", "sum s", "wall s", "peak MiB")
}

func (b *bench) print(r row) {
	t := &b.tables[len(b.tables)-1]
	t.rows = append(t.rows, r)
	fmt.Printf("%-56s %8.3f %8.3f %8.3f %8.3f %9.1f   (%.3f to %.3f)\n", r.label, r.cost.user.Seconds(), r.cost.system.Seconds(),
		r.cost.sum().Seconds(), r.cost.wall.Seconds(), mebi(r.cost.peak), r.least.Seconds(), r.at.Seconds())
}

func (b *bench) remark(format string, args ...any) {
	t := &b.tables[len(b.tables)-1]
	t.remarks = append(t.remarks, fmt.Sprintf(format, args...))
	fmt.Println(t.remarks[len(t.remarks)-1])
}

func mebi(bytes int64) float64 { return float64(bytes) / (1 << 20) }

const head = `# Benchmarks of the generator

Written by ` + "`scripts/bench-gen`" + `; every number on this page comes from its last run.

A template has ten fields of eight types, a unique index, an index over two fields and a query. CPU seconds are those of the
whole process tree (user and system), the peak is the memory of its largest process. A row is the median of its runs with the
smallest and the largest sum; a cold build runs once. Everything happens in a temporary folder with caches of its own. To repeat
it: ` + "`make bench-gen`" + `, or ` + "`scripts/bench-gen -h`" + ` for less.

`

// page is the whole run as Markdown.
func (b *bench) page(command string) string {
	var s strings.Builder
	s.WriteString(head)
	fmt.Fprintf(&s, "| | |\n|---|---|\n| processor | %s, %d cores |\n| Go | %s |\n| load before and after | %s; %s |\n| temporary folder in | %s |\n| finished | %s |\n| command | `%s` |\n",
		cpuModel(), runtime.NumCPU(), goVersion(), b.load, load(), os.TempDir(), time.Now().UTC().Format(time.DateTime+" UTC"), command)
	for _, t := range b.tables {
		fmt.Fprintf(&s, "\n## %s\n\n%s\n\n", t.title, t.about)
		if len(t.rows) > 0 {
			s.WriteString("| | CPU s | from | to | user s | system s | wall s | peak MiB |\n|---|--:|--:|--:|--:|--:|--:|--:|\n")
		}
		for _, r := range t.rows {
			fmt.Fprintf(&s, "| %s | **%.3f** | %.3f | %.3f | %.3f | %.3f | %.3f | %.1f |\n", r.label, r.cost.sum().Seconds(), r.least.Seconds(),
				r.at.Seconds(), r.cost.user.Seconds(), r.cost.system.Seconds(), r.cost.wall.Seconds(), mebi(r.cost.peak))
		}
		for _, r := range t.remarks {
			fmt.Fprintf(&s, "\n%s\n", r)
		}
	}
	return s.String()
}

func goVersion() string {
	out, err := exec.Command("go", "env", "GOVERSION").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}

func cpuModel() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if name, ok := strings.CutPrefix(s.Text(), "model name"); ok {
			return strings.TrimLeft(name, "\t :")
		}
	}
	return runtime.GOARCH
}
