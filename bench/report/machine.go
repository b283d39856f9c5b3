package report

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/bench/suite"
)

// Machine describes where the numbers come from.
func Machine(ctx context.Context, e *suite.Env) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| | |\n|---|---|\n")
	add := func(what, is string) { fmt.Fprintf(&b, "| %s | %s |\n", what, strings.TrimSpace(is)) }
	add("processor", fmt.Sprintf("%s, %d cores for broker, databases, servers and client together", cpuModel(), runtime.NumCPU()))
	add("system", kernel())
	add("Go", strings.TrimPrefix(runtime.Version(), "go")+" ("+runtime.GOOS+"/"+runtime.GOARCH+")")
	add("RabbitMQ", rabbit(e.AMQP))
	add("MariaDB", maria(ctx, e.MariaDB))
	add("document store", "FerretDB with SQLite (devstack)")
	for _, path := range []string{"github.com/rabbitmq/amqp091-go", "github.com/ThreeDotsLabs/watermill-amqp/v3",
		"github.com/wagslane/go-rabbitmq", "github.com/go-sql-driver/mysql", "go.mongodb.org/mongo-driver/v2"} {
		add(path, version(path))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func cpuModel() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if name, ok := strings.CutPrefix(s.Text(), "model name"); ok {
			return strings.TrimLeft(name, "\t :")
		}
	}
	return "unknown"
}

func kernel() string {
	text, err := os.ReadFile("/proc/version")
	if err != nil {
		return "unknown"
	}
	words := strings.Fields(string(text))
	return strings.Join(words[:min(3, len(words))], " ")
}

// Revision is the commit, and whether the tree differs from it.
func Revision() string {
	commit, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	if exec.Command("git", "diff", "--quiet", "HEAD", "--", "runtime", "generated", "sql").Run() != nil {
		return strings.TrimSpace(string(commit)) + " with changes that are not committed"
	}
	return strings.TrimSpace(string(commit))
}

func rabbit(url string) string {
	conn, err := amqp.Dial(url)
	if err != nil {
		return "unknown"
	}
	defer conn.Close()
	return fmt.Sprint(conn.Properties["version"], ", ", conn.Properties["platform"])
}

func maria(ctx context.Context, dsn string) (v string) {
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		return "unknown"
	}
	defer db.Close()
	if db.QueryRowContext(ctx, "SELECT VERSION()").Scan(&v) != nil {
		return "unknown"
	}
	return v
}

func version(path string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, d := range info.Deps {
		if d.Path == path {
			return d.Version
		}
	}
	return "not linked into the benchmark"
}
