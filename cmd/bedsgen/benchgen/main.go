package main

import (
	"os"
	"strconv"
)

func main() {
	n, _ := strconv.Atoi(os.Args[2])
	os.MkdirAll(os.Args[1], 0o755)
	for i := range n {
		writeTemplate(os.Args[1], i, "One of many.")
	}
}
