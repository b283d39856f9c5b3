// Command beds is the BEDS node with the templates of this repository, and its
// operator's commands. beds help lists them.
package main

import (
	"os"

	"github.com/beds-project/beds/generated"
	"github.com/beds-project/beds/runtime/command"
)

func main() {
	os.Exit(command.Main("beds", generated.Registrations(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
