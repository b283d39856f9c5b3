// Command benchnode is cmd/beds with a probe. BENCH_STUB=1 puts a store without a database under every core: the
// request takes the whole path of the product, through pool, envelope, factory, core, grouping and reply, and is
// answered from memory (class T0). BENCH_TEMPLATES=N adds N copies of the template order under names of their own (class
// T0-scale).
package main

import (
	"fmt"
	"os"
	"strconv"

	"github.com/beds-project/beds/bench/probe"
	"github.com/beds-project/beds/bench/stub"
	"github.com/beds-project/beds/bench/suite"
	"github.com/beds-project/beds/generated"
	"github.com/beds-project/beds/generated/order"
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
	if n, _ := strconv.Atoi(os.Getenv("BENCH_TEMPLATES")); n > 0 {
		registrations = append(registrations, copies(n)...)
	}
	if os.Getenv("BENCH_STUB") == "1" {
		registrations = stubbed(registrations)
	}
	os.Exit(command.Main("benchnode", registrations, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// copies are templates that differ from order by name only, so that they share its table and procedures.
func copies(n int) []runtime.Registration {
	out := make([]runtime.Registration, n)
	for i := range out {
		t := order.Template
		t.Name = suite.CopyName(i)
		out[i] = runtime.Registration{Template: &t, New: func(s runtime.Store) runtime.NamasteCore {
			core := runtime.NewCore(&t, s)
			return &core
		}}
	}
	return out
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
