package logging

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/beds-project/beds/runtime/lineage"
)

const (
	inNamespace = "BEDS_TEST_JOURNAL_NAMESPACE"
	journalDir  = "/run/log/journal"
)

// TestRealJournal logs to a systemd-journald of its own and reads back what arrived.
// The journal's socket has one fixed path, so the test runs itself again in a mount
// namespace whose /run is empty: the machine's own journal sees nothing of it.
func TestRealJournal(t *testing.T) {
	if os.Getenv(inNamespace) != "" {
		inPrivateJournal(t)
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("a mount namespace with a journal of its own needs root")
	}
	if daemon() == "" {
		t.Skip("there is no systemd-journald on this machine (package systemd)")
	}
	if _, err := exec.LookPath("journalctl"); err != nil {
		t.Skip("there is no journalctl on this machine (package systemd)")
	}
	if err := namespaced("-test.run=^$").Run(); err != nil {
		t.Skipf("this machine allows no mount namespaces: %v", err)
	}
	out, err := namespaced("-test.run=^TestRealJournal$", "-test.v").CombinedOutput()
	if bytes.Contains(out, []byte("--- SKIP")) {
		t.Skipf("%s", out)
	}
	if err != nil || !bytes.Contains(out, []byte("--- PASS: TestRealJournal")) {
		t.Errorf("%v\n%s", err, out)
	}
}

func namespaced(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), inNamespace+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	return cmd
}

func daemon() string {
	for _, path := range []string{"/usr/lib/systemd/systemd-journald", "/lib/systemd/systemd-journald"} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return ""
}

// inPrivateJournal is the test proper, in the namespace.
func inPrivateJournal(t *testing.T) {
	for _, dir := range []string{"/run", "/var/log"} { // volatile and persistent journals
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, ""); err != nil {
			t.Skipf("this machine does not let the test mount over %s: %v", dir, err)
		}
	}
	for _, dir := range []string{"/run/systemd/journal", journalDir} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	startJournald(t)
	logger, closing, err := New(Options{Journald: true, Level: slog.LevelDebug, Service: "app_server", Env: "dev", Node: "n1"})
	if err != nil {
		t.Fatal(err)
	}
	ctx := lineage.With(context.Background(), lineage.Lineage{EventID: "ms.dev.e2", ParentID: "ms.dev.e1", RootID: "ms.dev.e0", Depth: 2})
	logger.DebugContext(ctx, "level debug")
	logger.InfoContext(ctx, "level info", "resource", "pool", "took", 5*time.Millisecond, "event_id", "forged", "password", "hunter2")
	logger.WarnContext(ctx, "level warn: two\nlines \U0001F600 \x00 \x1b[31m\u202e", "trace", "goroutine 1\n\tmain.go:1")
	logger.ErrorContext(ctx, "level error")
	logger.Info("without lineage")
	big := make([]any, 0, 2*maxFields) // more than a datagram holds: it goes through a file
	for i := range maxFields {
		big = append(big, fmt.Sprintf("attribute_%d", i), strings.Repeat("x", maxValueBytes-8))
	}
	logger.InfoContext(ctx, "big", big...)
	if err := closing.Close(); err != nil {
		t.Fatal(err)
	}
	compareJournal(t)
}

func startJournald(t *testing.T) {
	cmd := exec.Command(daemon())
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Skipf("systemd-journald does not start: %v", err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-done
	})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat("/run/systemd/journal/socket"); err == nil {
			return
		}
		select {
		case err := <-done:
			done <- err
			t.Skipf("systemd-journald does not run here: %v %s", err, said.Bytes())
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("systemd-journald made no socket within 20 s: %s", said.Bytes())
		}
	}
}

// readJournal asks journalctl as an operator would: everything that one request caused.
func readJournal(t *testing.T, match string) []map[string]any {
	t.Helper()
	if out, err := exec.Command("journalctl", "--sync").CombinedOutput(); err != nil {
		t.Fatalf("journalctl --sync: %v %s", err, out)
	}
	cmd := exec.Command("journalctl", "-D", journalDir, "--all", "--no-pager", "-o", "json", match)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd.Args, err)
	}
	var entries []map[string]any
	scanner := bufio.NewScanner(bytes.NewReader(out))
	scanner.Buffer(nil, 8<<20)
	for scanner.Scan() {
		var e map[string]any
		if err := json.Unmarshal(scanner.Bytes(), &e); err != nil {
			t.Fatalf("%v in %.300s", err, scanner.Bytes())
		}
		entries = append(entries, e)
	}
	return entries
}

func compareJournal(t *testing.T) {
	got := readJournal(t, "BEDS_ROOT_ID=ms.dev.e0")
	messages := []struct{ message, priority string }{
		{"level debug", "7"}, {"level info took=5ms event_id=forged password=***", "6"},
		{`level warn: two\nlines ` + "\U0001F600" + ` \x00 \x1b[31m\u202e`, "4"}, {"level error", "3"}, {"big", "6"},
	}
	if len(got) != len(messages) {
		t.Fatalf("%d entries with this root, want %d", len(got), len(messages))
	}
	for i, want := range messages {
		message, _ := got[i]["MESSAGE"].(string)
		if i < 4 && message != want.message || !strings.HasPrefix(message, want.message) || got[i]["PRIORITY"] != want.priority {
			t.Errorf("entry %d: %.200q with priority %v, want %q with %s", i, message, got[i]["PRIORITY"], want.message, want.priority)
		}
		for name, value := range map[string]string{
			"SYSLOG_IDENTIFIER": "beds", "BEDS_EVENT_ID": "ms.dev.e2", "BEDS_PARENT_ID": "ms.dev.e1", "BEDS_DEPTH": "2", "BEDS_SERVICE": "app_server",
			"BEDS_ENV": "dev", "BEDS_NODE": "n1", "CODE_FILE": "logging/journal_linux_test.go", "CODE_FUNC": "logging.inPrivateJournal", "_TRANSPORT": "journal",
		} {
			if got[i][name] != value {
				t.Errorf("entry %d: %s is %v, want %s", i, name, got[i][name], value)
			}
		}
	}
	for i, fields := range map[int]map[string]string{
		1: {"BEDS_RESOURCE": "pool", "BEDS_ATTR_TOOK": "5ms", "BEDS_ATTR_EVENT_ID": "forged", "BEDS_ATTR_PASSWORD": "***"},
		2: {"BEDS_TRACE": "goroutine 1\n\tmain.go:1"},
		4: {"BEDS_ATTR_ATTRIBUTE_0": strings.Repeat("x", maxValueBytes-8), fmt.Sprintf("BEDS_ATTR_ATTRIBUTE_%d", maxFields-1): strings.Repeat("x", maxValueBytes-8)},
	} {
		for name, value := range fields {
			if got[i][name] != value {
				t.Errorf("entry %d: %s is %.100v, want %.100s", i, name, got[i][name], value)
			}
		}
	}
	if all := readJournal(t, "SYSLOG_IDENTIFIER=beds"); len(all) != len(messages)+1 || all[5]["MESSAGE"] == "" || all[4]["BEDS_ROOT_ID"] != nil {
		t.Errorf("%d entries of beds, want %d, the fifth without lineage", len(all), len(messages)+1)
	}
}
