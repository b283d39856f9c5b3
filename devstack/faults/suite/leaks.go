package suite

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/beds-project/beds/devstack/faults/check"
)

// A secret is a canary: wherever it turns up, something has told what it should not.
type secret struct{ what, value string }

// watch is where each log of a node ended when the case began.
type watch struct {
	secrets []secret
	logs    map[string]int64
}

// watchSecrets begins a case: passwords of the node's accounts, and a canary of the case's
// own that goes into a secret field of every order.
func (e *Env) watchSecrets() (*watch, error) {
	w := &watch{logs: map[string]int64{}, secrets: []secret{
		{"the node's password in RabbitMQ", nodePassword},
		{"the canary in the secret field of an order", e.canary()},
	}}
	mine, err := os.ReadFile(filepath.Join(e.NodeDir, "mariadb.password"))
	if err != nil {
		return nil, err
	}
	w.secrets = append(w.secrets, secret{"the node's password in MariaDB", strings.TrimSpace(string(mine))})
	logs, err := filepath.Glob(filepath.Join(e.NodeDir, "*.log"))
	if err != nil {
		return nil, err
	}
	for _, log := range logs {
		info, err := os.Stat(log)
		if err != nil {
			return nil, err
		}
		w.logs[log] = info.Size()
	}
	return w, nil
}

// canary is the value that the case's orders carry in their secret field.
func (e *Env) canary() string { return "canary-" + e.Tag }

// search looks for secrets in what the nodes have written since, in the dead letters'
// headers and in the metrics. Replies were searched as they came.
func (e *Env) search(ctx context.Context, w *watch, leaks int64) error {
	if leaks > 0 {
		e.Found(check.Unexpected, e.canary(), "%d replies hold the secret field of an order", leaks)
	}
	logs, err := filepath.Glob(filepath.Join(e.NodeDir, "*.log"))
	if err != nil {
		return err
	}
	for _, log := range logs {
		text, err := readFrom(log, w.logs[log])
		if err != nil {
			return err
		}
		e.suspect(w, "the log "+filepath.Base(log), text)
	}
	for _, l := range e.letters {
		e.suspect(w, "the headers of a dead letter", l.Headers)
	}
	if metrics, err := e.Node.Metrics(ctx); err == nil { // it may have been left stopped
		e.suspect(w, "the metrics", metrics)
	}
	return nil
}

func (e *Env) suspect(w *watch, where, text string) {
	for _, s := range w.secrets {
		if strings.Contains(text, s.value) {
			e.Found(check.Unexpected, where, "%s is in it", s.what)
		}
	}
}

// readFrom reads a file's end.
func readFrom(path string, offset int64) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return "", fmt.Errorf("the log %s: %w", path, err)
	}
	text, err := io.ReadAll(f)
	return string(text), err
}
