package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Node is one process of the product.
type Node struct {
	Name   string
	Binary string
	Health string // address of its health listener
	log    string
	env    []string

	cmd   *exec.Cmd
	ended chan struct{}
}

// NewNode prepares a node; settings are its environment, such as BEDS__NODE=a.
func NewNode(name, binary, dir string, settings ...string) (*Node, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	health := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, err
	}
	env := append(os.Environ(), "BEDS_CONFIG="+dir, "BEDS__NODE="+name, "BEDS__HEALTH__LISTEN="+health)
	return &Node{Name: name, Binary: binary, Health: health, log: filepath.Join(dir, name+".log"),
		env: append(env, settings...)}, nil
}

// Start starts the process and waits until it is ready.
func (n *Node) Start(ctx context.Context) error {
	if err := n.Launch(); err != nil {
		return err
	}
	return n.WaitReady(ctx, 60*time.Second)
}

// Launch starts the process and does not wait.
func (n *Node) Launch() error {
	if n.Running() {
		return fmt.Errorf("node %s runs already", n.Name)
	}
	log, err := os.OpenFile(n.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(n.Binary, "run")
	cmd.Env, cmd.Stdout, cmd.Stderr = n.env, log, log
	// Should the suite itself be killed, no node stays behind.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	n.cmd, n.ended = cmd, ended
	go func() {
		_ = cmd.Wait() // the state says how it ended
		close(ended)
	}()
	return nil
}

// restartPause is RestartSec of the unit file (config/beds.service).
const restartPause = 2 * time.Second

// WaitReady polls /readyz. A node whose start fails, because another fault keeps it from a
// server, is started again, as the unit file has it.
func (n *Node) WaitReady(ctx context.Context, limit time.Duration) error {
	deadline := time.Now().Add(limit)
	for time.Now().Before(deadline) && ctx.Err() == nil {
		if !n.Running() {
			time.Sleep(restartPause)
			if err := n.Launch(); err != nil {
				return err
			}
		}
		if n.Ready(ctx) {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("node %s was not ready within %v; see %s", n.Name, limit, n.log)
}

// Ready asks /readyz once.
func (n *Node) Ready(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.Health+"/readyz", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// Running says whether the process lives.
func (n *Node) Running() bool {
	if n.cmd == nil {
		return false
	}
	select {
	case <-n.ended:
		return false
	default:
		return true
	}
}

// PID is the id of the running process, or 0.
func (n *Node) PID() int {
	if !n.Running() {
		return 0
	}
	return n.cmd.Process.Pid
}

// Signal sends a signal to the process.
func (n *Node) Signal(s syscall.Signal) error {
	if !n.Running() {
		return fmt.Errorf("node %s does not run", n.Name)
	}
	return n.cmd.Process.Signal(s)
}

// Kill is kill -9.
func (n *Node) Kill() error {
	if !n.Running() {
		return nil
	}
	err := n.cmd.Process.Kill()
	<-n.ended
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// Drain sends SIGTERM and waits for a clean end.
func (n *Node) Drain(limit time.Duration) (took time.Duration, err error) {
	start := time.Now()
	if err := n.Signal(syscall.SIGTERM); err != nil {
		return 0, err
	}
	select {
	case <-n.ended:
	case <-time.After(limit):
		return limit, errors.Join(fmt.Errorf("node %s did not drain within %v", n.Name, limit), n.Kill())
	}
	if code := n.cmd.ProcessState.ExitCode(); code != 0 {
		return time.Since(start), fmt.Errorf("node %s ended with exit code %d after SIGTERM", n.Name, code)
	}
	return time.Since(start), nil
}
