package main

import (
	"os"

	"github.com/beds-project/beds/gen/schema"
)

func runSchema(env *environment, args []string) error {
	var out string
	env.flags.StringVar(&out, "o", "", "`file` to write instead of the standard output")
	if _, err := env.parse(args, 0); err != nil {
		return err
	}
	text, err := schema.JSON()
	if err != nil {
		return err
	}
	if out != "" {
		return os.WriteFile(out, text, 0o644)
	}
	_, err = env.stdout.Write(text)
	return err
}
