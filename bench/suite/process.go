package suite

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/bench/probe"
)

// A Server is a process that answers requests: a BEDS node or a peer.
type Server struct {
	Name   string   // of its exchange too
	Queues []string // consumed when it is ready
	cmd    *exec.Cmd
	probe  string
	ended  chan struct{}
}

// start runs a program and waits until it consumes its queues. What it logs goes to a file.
func (e *Env) start(ctx context.Context, s *Server, cmd *exec.Cmd) error {
	log, err := os.Create(filepath.Join(e.Dir, s.Name+".log"))
	if err != nil {
		return err
	}
	defer log.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // not outlive a benchmark that was killed
	if err := cmd.Start(); err != nil {
		return err
	}
	s.cmd, s.ended = cmd, make(chan struct{})
	lines := bufio.NewScanner(out)
	for lines.Scan() && s.probe == "" {
		if address, ok := strings.CutPrefix(lines.Text(), probe.Announcement); ok {
			s.probe = address
			break
		}
	}
	go func() {
		for lines.Scan() { // keep the pipe empty
		}
		_ = cmd.Wait() // how it ended is not our affair once it was stopped
		close(s.ended)
	}()
	if err := e.consumed(ctx, s); err != nil {
		s.Stop()
		return fmt.Errorf("%s: %w; its log is %s", s.Name, err, log.Name())
	}
	return nil
}

// consumed waits until every queue of the server has a consumer.
func (e *Env) consumed(ctx context.Context, s *Server) error {
	ctx, cancel := within(ctx, 30*time.Second)
	defer cancel()
	conn, err := amqp.Dial(e.AMQP)
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, queue := range s.Queues {
		for {
			if ch, err := conn.Channel(); err == nil {
				q, err := ch.QueueDeclarePassive(queue, true, false, false, false, nil)
				_ = ch.Close() // closed by the broker when there is no such queue
				if err == nil && q.Consumers > 0 {
					break
				}
			}
			select {
			case <-s.ended:
				return fmt.Errorf("it ended at once")
			case <-ctx.Done():
				return fmt.Errorf("nobody consumes the queue %s", queue)
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	return nil
}

// Stop ends the process, by its id, and waits until it is gone.
func (s *Server) Stop() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(20 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.ended
	}
}

// PID is the process's id.
func (s *Server) PID() int { return s.cmd.Process.Pid }
