//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// nodeSource is a node as far as templates are concerned: it links all of them and the
// node's own code, prepares every template and makes every core. Connections and
// what the databases say about their objects are not in it.
const nodeSource = `// Command node starts with all templates and says what that took.
package main

import (
	"fmt"
	"os"
	"time"

	"example.com/bench/generated"
	beds "github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/command"
)

func main() {
	if len(os.Args) > 1 {
		os.Exit(command.Main("node", generated.Registrations(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	start := time.Now()
	list := generated.Registrations()
	store := func(*beds.Template) (beds.Store, error) { return nil, nil }
	if _, err := beds.NewFactory(beds.FactoryConfig{Store: store}, list); err != nil {
		panic(err)
	}
	fmt.Printf("{\"templates\": %d, \"micros\": %d}\n", len(list), time.Since(start).Microseconds())
}
`

// start measures the start of such a node, from exec to exit.
func (b *bench) start(dir string, count int) error {
	var said struct{ Templates, Micros int }
	_, err := b.median(fmt.Sprintf("a node with %d templates starts", count), b.runs, always, func() (cost, error) {
		c, out, err := b.measure(dir, nil, filepath.Join(dir, "node.bin"))
		if err == nil {
			err = json.Unmarshal(out, &said)
		}
		if err == nil && said.Templates != count {
			err = fmt.Errorf("the node knows %d templates of %d", said.Templates, count)
		}
		return c, err
	})
	if err == nil {
		b.remark("Of the start, %s is for preparing the templates and making their cores.", (time.Duration(said.Micros) * time.Microsecond).Round(100*time.Microsecond))
	}
	return err
}

// floorSource is the smallest package that could be registered: the imports of an
// emitted one, a template without fields and the function that makes its core.
const floorSource = `package p%[1]d

import (
	"time"

	beds "github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/record"
)

var (
	_ time.Time
	_ client.Option
	_ record.Date
)

var Template = beds.Template{Name: "p%[1]d"}

func New(s beds.Store) beds.NamasteCore { return beds.New(&Template, s) }
`

func writeFloor(dir string, count int) error {
	for i := range count {
		p := filepath.Join(dir, fmt.Sprintf("p%d", i))
		if err := os.MkdirAll(p, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(p, "p.go"), fmt.Appendf(nil, floorSource, i), 0o644); err != nil {
			return err
		}
	}
	return nil
}
