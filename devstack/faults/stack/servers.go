// Package stack controls what the suite tests and breaks: the private servers by
// scripts/servers, the nodes as processes, the databases with root's rights.
package stack

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
)

// Servers are the private servers of one folder.
type Servers struct {
	Root string // of the repository
	Dir  string
}

// The servers' names for scripts/servers.
const (
	RabbitMQ = "rabbitmq"
	MariaDB  = "mariadb"
	MongoDB  = "mongodb"
)

// Do runs a command of scripts/servers, such as kill or start, for one server.
func (s *Servers) Do(ctx context.Context, command, name string) error {
	return s.run(ctx, nil, command, name, "--dir", s.Dir)
}

// Start starts one server with more in its environment.
func (s *Servers) Start(ctx context.Context, name string, env ...string) error {
	return s.run(ctx, env, "start", name, "--dir", s.Dir)
}

// Ctl runs rabbitmqctl.
func (s *Servers) Ctl(ctx context.Context, args ...string) error {
	return s.run(ctx, nil, append([]string{"rabbitmqctl", "--dir", s.Dir, "-q"}, args...)...)
}

func (s *Servers) run(ctx context.Context, env []string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(s.Root, "scripts", "servers"), args...)
	cmd.Env = append(cmd.Environ(), env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("scripts/servers %v: %w: %s", args, err, bytes.TrimSpace(out.Bytes()))
	}
	return nil
}
