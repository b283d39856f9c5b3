// Command benchnode is cmd/beds with a probe. BENCH_STUB=1 puts a store without a database under every core: the
// request takes the whole path of the product, through pool, envelope, factory, core, grouping and reply, and is
// answered from memory (class T0).
package main

import (
	"fmt"
	"os"

	"github.com/beds-project/beds/bench/probe"
	"github.com/beds-project/beds/bench/stub"
	"github.com/beds-project/beds/generated"
	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/command"
	"github.com/beds-project/beds/runtime/group"
)

func main() {
	if err := probe.Serve(); err != nil {
		fmt.Fprintln(os.Stderr, "benchnode:", err)
		os.Exit(1)
	}
	registrations := generated.Registrations()
	if os.Getenv("BENCH_STUB") == "1" {
		registrations = stubbed(registrations)
	}
	os.Exit(command.Main("benchnode", registrations, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// stubbed gives every core the stub in place of the store that the node opened.
func stubbed(registrations []runtime.Registration) []runtime.Registration {
	store := group.New(stub.New(), group.Config{})
	out := make([]runtime.Registration, len(registrations))
	for i, r := range registrations {
		out[i] = runtime.Registration{Template: r.Template, New: func(runtime.Store) runtime.NamasteCore { return r.New(store) }}
	}
	return out
}
