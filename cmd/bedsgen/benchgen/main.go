//go:build unix

// Command benchgen measures bedsgen, the compilation of what it emits and the start of
// a node with it: CPU time of the whole process tree and peak memory. Peers that lie
// in the folder of bedsgen are measured beside it. scripts/bench-gen runs it.
//
//	benchgen [-templates 1000,5000] [-runs 5] [-compile 1000] [-peers 200] [-page FILE] BEDSGEN CHECKOUT
//
// Everything happens in a temporary folder (TMPDIR says where), with a build cache
// and a user cache of its own.
package main

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
)

func main() {
	templates := flag.String("templates", "1000,5000", "numbers of templates, separated by commas")
	runs := flag.Int("runs", 5, "runs of each measurement; the median counts")
	compile := flag.Int("compile", 1000, "`templates` whose code is compiled; 0 for none")
	peers := flag.Int("peers", 200, "`packages` that each peer makes; 0 for no peers")
	page := flag.String("page", "", "`file` that the results are written to as Markdown")
	flag.Parse()
	if err := run(flag.Args(), *templates, *runs, *compile, *peers, *page); err != nil {
		fmt.Fprintln(os.Stderr, "benchgen:", err)
		os.Exit(1)
	}
}

func run(args []string, templates string, runs, compile, peers int, page string) error {
	if len(args) != 2 || runs < 1 {
		return fmt.Errorf("usage: benchgen [flags] BEDSGEN CHECKOUT")
	}
	dir, err := os.MkdirTemp("", "bedsgen-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{bedsgen: args[0], checkout: args[1], dir: dir, runs: runs, load: load()}
	b.section("Generating", "All outputs: Go, SQL, MongoDB commands, AsyncAPI; 17 files a template. *Check* compares without writing.")
	for n := range strings.SplitSeq(templates, ",") {
		count, err := strconv.Atoi(n)
		if err == nil {
			err = b.generate(count)
		}
		if err != nil {
			return err
		}
	}
	if compile > 0 {
		b.section("Compiling and starting", fmt.Sprintf("What is emitted for %d templates, a package each. *Smallest packages* are as many with the same "+
			"imports, one variable without fields and one function: the floor that the go command and a compiler process for each package set.", compile))
		if err := b.compile(compile); err != nil {
			return err
		}
	}
	if peers > 0 {
		if err := b.peers(peers); err != nil {
			return err
		}
	}
	if page == "" {
		return nil
	}
	command := fmt.Sprintf("scripts/bench-gen -templates %s -runs %d -compile %d -peers %d", templates, runs, compile, peers)
	return os.WriteFile(page, []byte(b.page(command)), 0o644)
}
