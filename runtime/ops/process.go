package ops

import (
	"os"
	"runtime"
	"runtime/metrics"
	"time"
)

// began is close enough to the start of the process for anybody's uptime.
var began = time.Now()

// RegisterProcess adds what can grow unnoticed: goroutines, memory, open
// descriptors; and the start time, which tells restarts from resets.
func RegisterProcess(r *Registry) {
	r.GaugeFunc("go_goroutines", "Goroutines that exist.", func() float64 { return float64(runtime.NumGoroutine()) })
	r.GaugeFunc("go_memory_bytes", "Memory that the Go runtime holds, without what it gave back.", memory)
	r.GaugeFunc("go_heap_objects_bytes", "Memory in live and not yet swept objects.", func() float64 {
		return readMetric("/memory/classes/heap/objects:bytes")
	})
	r.GaugeFunc("process_start_time_seconds", "Start of the process in seconds since 1970.", func() float64 {
		return float64(began.UnixMilli()) / 1000
	})
	if _, err := os.Stat(descriptors); err == nil {
		r.GaugeFunc("process_open_fds", "Open file descriptors.", openDescriptors)
	}
}

func memory() float64 {
	return readMetric("/memory/classes/total:bytes") - readMetric("/memory/classes/heap/released:bytes")
}

func readMetric(name string) float64 {
	s := []metrics.Sample{{Name: name}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return float64(s[0].Value.Uint64())
}

// descriptors is where Linux lists them.
const descriptors = "/proc/self/fd"

func openDescriptors() float64 {
	dir, err := os.Open(descriptors)
	if err != nil {
		return 0
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return 0
	}
	// One of them is the directory that is being read.
	return float64(len(names) - 1)
}
