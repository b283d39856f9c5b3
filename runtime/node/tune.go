package node

import (
	"os"
	"runtime"
	"runtime/debug"

	"github.com/beds-project/beds/runtime/config"
)

// gcPercent is GOGC where nobody says otherwise.
const gcPercent = 400

// tune sets the Go runtime for what a node does: many short requests that wait for
// others most of the time. Measured with class T0 of the benchmarks on two cores:
// with one thread instead of two a request costs a fifth less CPU, since its hops
// between goroutines wake no other thread; GOGC=400 saves a part of what is left, for
// some tens of megabytes.
func tune(l *config.Limits) {
	if l.MemoryBytes > 0 {
		debug.SetMemoryLimit(l.MemoryBytes)
	}
	switch {
	case l.Threads > 0:
		runtime.GOMAXPROCS(l.Threads)
	case os.Getenv("GOMAXPROCS") == "":
		runtime.GOMAXPROCS(max(1, runtime.GOMAXPROCS(0)/2))
	}
	switch {
	case l.GCPercent > 0:
		debug.SetGCPercent(l.GCPercent)
	case os.Getenv("GOGC") == "":
		debug.SetGCPercent(gcPercent)
	}
}
