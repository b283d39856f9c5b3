package main

import "runtime/debug"

// boundMemory trades memory for time while there is enough: a run allocates much and
// keeps little, so that the collector is a third of it at Go's own settings. The bound
// grows with the templates, since what is kept does: about half of it.
func boundMemory(templates int) {
	const floor, each = 180 << 20, 36 << 10
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(max(floor, int64(templates)*each))
}
