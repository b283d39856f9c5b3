//go:build unix

// Command benchgen measures bedsgen and the compilation of what it emits: CPU time
// of the whole process tree and peak memory. scripts/bench-gen runs it.
//
//	benchgen [-templates 1000,5000] [-runs 5] [-compile 100] BEDSGEN CHECKOUT
//
// Everything happens in a temporary folder (TMPDIR says where), with a build cache
// and a user cache of its own.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

func main() {
	templates := flag.String("templates", "1000,5000", "numbers of templates, separated by commas")
	runs := flag.Int("runs", 5, "runs of each measurement; the median is printed")
	compile := flag.Int("compile", 100, "`templates` whose code is compiled; 0 for none")
	flag.Parse()
	if err := run(flag.Args(), *templates, *runs, *compile); err != nil {
		fmt.Fprintln(os.Stderr, "benchgen:", err)
		os.Exit(1)
	}
}

func run(args []string, templates string, runs, compile int) error {
	if len(args) != 2 || runs < 1 {
		return fmt.Errorf("usage: benchgen [flags] BEDSGEN CHECKOUT")
	}
	dir, err := os.MkdirTemp("", "bedsgen-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{bedsgen: args[0], checkout: args[1], dir: dir, runs: runs}
	fmt.Printf("%-34s %10s %10s %10s %12s\n", "", "user s", "system s", "sum s", "peak MiB")
	for n := range strings.SplitSeq(templates, ",") {
		count, err := strconv.Atoi(n)
		if err != nil {
			return err
		}
		if err := b.generate(filepath.Join(dir, n), count); err != nil {
			return err
		}
	}
	if compile > 0 {
		return b.compile(filepath.Join(dir, "compile"), compile)
	}
	return nil
}
