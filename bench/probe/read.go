package probe

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// Allocs is what a process has allocated since its start.
type Allocs struct{ Objects, Bytes, Collections uint64 }

// ReadAllocs asks the probe at an address.
func ReadAllocs(address string) (a Allocs, err error) {
	r, err := http.Get("http://" + address + "/allocs")
	if err != nil {
		return a, err
	}
	defer r.Body.Close()
	_, err = fmt.Fscan(r.Body, &a.Objects, &a.Bytes, &a.Collections)
	return a, err
}

// Profile records the CPU of the process behind a probe for so long.
func Profile(address string, d time.Duration) ([]byte, error) {
	r, err := http.Get(fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", address, int(d.Seconds())))
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	return io.ReadAll(r.Body)
}

// tick is the unit of the times in /proc/PID/stat; it is 100 to the second on every Linux of today.
const tick = 10 * time.Millisecond

// CPU is what a process and its threads have used, user and system. A process that is gone has used nothing.
func CPU(pid int) time.Duration {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	// The second field is the program's name in parentheses, which may hold anything.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	const user, system = 11, 12
	if len(fields) <= system {
		return 0
	}
	u, _ := strconv.Atoi(fields[user])
	s, _ := strconv.Atoi(fields[system])
	return time.Duration(u+s) * tick
}

// Machine is the time that all cores together have been busy, whoever kept them so.
func Machine() time.Duration {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(stat), "\n")
	fields := strings.Fields(line)
	busy := 0
	for i, f := range fields {
		const idle, iowait = 4, 5
		if n, err := strconv.Atoi(f); err == nil && i != idle && i != iowait {
			busy += n
		}
	}
	return time.Duration(busy) * tick
}
