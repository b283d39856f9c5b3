package suite

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/beds-project/beds/bench/peer"
	"github.com/beds-project/beds/runtime/lineage"
)

// nodeQueues are what a node of this benchmark consumes.
var nodeQueues = []string{"rec.read", "rel.read", "rec.write", "rel.write", "rec.obj", "rel.obj", "log"}

// startNode starts a BEDS node with exchange and queues of its own, so that several can be measured side by side.
func (e *Env) startNode(ctx context.Context, v Variant, stub bool, env ...string) (*Server, error) {
	s := &Server{Name: "bench-" + v.Name}
	for _, q := range nodeQueues {
		s.Queues = append(s.Queues, s.Name+"_"+q)
	}
	bin := v.Bin
	if bin == "" {
		bin = filepath.Join(e.Bin, "benchnode")
	}
	cmd := exec.Command(bin, "run")
	cmd.Env = append(os.Environ(), "BEDS_CONFIG="+filepath.Join(e.Dir, "node"), "BEDS__NODE="+s.Name,
		"BEDS__AMQP__EXCHANGE="+s.Name, "BEDS__AMQP__DLX="+s.Name+".dlx", "BEDS__AMQP__QUEUE_TAG="+s.Name+"_",
		"BEDS__CACHE__MEMORY_BYTES=0") // the classes measure the stores' path; cached says otherwise
	if stub {
		cmd.Env = append(cmd.Env, "BENCH_STUB=1")
	}
	cmd.Env = append(append(append(cmd.Env, e.NodeEnv...), env...), v.Env...)
	return s, e.start(ctx, s, cmd)
}

// startPeer starts one of the services beside it.
func (e *Env) startPeer(ctx context.Context, name string, replyBytes int) (*Server, error) {
	// A name of its own for each run: the frameworks refuse a queue that exists with other properties.
	s := &Server{Name: "bench-" + name}
	s.Queues = []string{peer.Queue(s.Name, "read"), peer.Queue(s.Name, "write")}
	cmd := exec.Command(filepath.Join(e.Bin, "benchpeer"), "-peer", name, "-name", s.Name, "-reply", strconv.Itoa(replyBytes))
	cmd.Env = append(os.Environ(), "BENCH_AMQP_URL="+e.AMQP, "BENCH_MARIADB_DSN="+e.MariaDB)
	return s, e.start(ctx, s, cmd)
}

// tag is different for every run, for values that must be unique.
var tag = func() string {
	id := lineage.NewV7()
	return strings.ToUpper(strconv.FormatUint(uint64(id[3])<<16|uint64(id[4])<<8|uint64(id[5]), 36))
}()
