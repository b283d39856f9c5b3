package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/go-json-experiment/json"
	"github.com/go-sql-driver/mysql"
)

// cachedOrders gives the relational domain a cache; the document domain has one of its own.
const cachedOrders = "[templates.order]\ncache = \"10m\"\n"

// startPair runs two nodes and waits until both answer from memory and know each other.
func (in *installation) startPair(t *testing.T) map[string]*logBuffer {
	t.Helper()
	nodes := map[string]*logBuffer{}
	for _, name := range []string{"node-a", "node-b"} {
		cfg := in.config(t)
		cfg.Node = name
		nodes[name] = in.startNode(t, cfg)
	}
	waitForPair(t, nodes)
	return nodes
}

func waitForPair(t *testing.T, nodes map[string]*logBuffer) {
	t.Helper()
	for _, console := range nodes {
		eventually(t, "both nodes serve and know each other", func() bool {
			m := metrics(t, console)
			return strings.Contains(m, `beds_cache_node{kind="serving"} 1`) && strings.Contains(m, `beds_cache_node{kind="members"} 1`)
		})
	}
}

// metrics asks the node that logs the address of its endpoints.
func metrics(t *testing.T, console *logBuffer) string {
	t.Helper()
	address := regexp.MustCompile(`address=(\S+)`).FindStringSubmatch(console.String())[1]
	defer http.DefaultClient.CloseIdleConnections()
	resp, err := http.Get(strings.Trim(address, `"`) + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A domain is how the test writes records of a template.
type domain struct {
	template     string
	family       runtime.Family
	unique, text string // fields
	members      string // of a new record, beside them; KEY stands for the unique field's value
}

var domains = []domain{
	{"order", runtime.Rel, "number", "note", `"customer":"01890000-0000-7000-8000-000000000000","placed":"2026-01-01","total":"1.00"`},
	{"example", runtime.Rec, "email", "nickname", `"name":"KEY"`},
}

// An item is what its only writer knows of a record.
type item struct {
	ID        string `json:"id"`
	Revision  int64  `json:"revision"`
	key, text string
}

// A cacheWorker writes two records and knows what is in them.
type cacheWorker struct {
	domain
	t      *testing.T
	c      *client.Client
	ctx    context.Context
	number int
	items  [2]item
	free   string // a key that no record has
	seen   map[string]int
	serial int
}

func (w *cacheWorker) call(op, data string) (*envelope.Reply, error) {
	w.serial++
	return w.c.Call(w.ctx, &envelope.Request{Template: w.template, Op: op, Data: []byte(data),
		Key: fmt.Sprintf("%s-%d-%d", w.template, w.number, w.serial)}, w.family)
}

// write runs a write and notes id and revision.
func (w *cacheWorker) write(it *item, op, data string) {
	w.t.Helper()
	reply, err := w.call(op, data)
	if err != nil {
		w.t.Errorf("%s %s: %v", op, data, err)
		return
	}
	if err := json.Unmarshal(reply.Data[0], it); err != nil {
		w.t.Error(err)
	}
}

func (w *cacheWorker) insert(i int, key string) {
	w.items[i] = item{key: key, text: "new"}
	w.write(&w.items[i], envelope.OpWrite, fmt.Sprintf(`{%q:%q,%q:"new",%s}`, w.unique, key, w.text,
		strings.ReplaceAll(w.members, "KEY", key)))
}

func (w *cacheWorker) update(i int, field, value string) {
	it := &w.items[i]
	w.write(it, envelope.OpUpdate, fmt.Sprintf(`{"id":%q,"revision":%d,%q:%q}`, it.ID, it.Revision, field, value))
	if field == w.unique {
		it.key = value
	} else {
		it.text = value
	}
}

// fetch compares what a node answers with what the worker knows; nil is no record.
func (w *cacheWorker) fetch(data string, want *item) {
	reply, err := w.call(envelope.OpFetch, data)
	if err != nil {
		w.t.Error(err)
		return
	}
	w.seen[reply.Node]++
	if want == nil {
		if len(reply.Data) != 0 {
			w.t.Errorf("%s answers %s to %s; it does not exist any more", reply.Node, reply.Data, data)
		}
		return
	}
	text := fmt.Sprintf("%s", reply.Data)
	for _, part := range []string{fmt.Sprintf(`"id":%q`, want.ID), fmt.Sprintf(`"revision":%d`, want.Revision),
		fmt.Sprintf(`%q:%q`, w.unique, want.key), fmt.Sprintf(`%q:%q`, w.domain.text, want.text)} {
		if len(reply.Data) != 1 || !strings.Contains(text, part) {
			w.t.Errorf("%s answers %s to %s, without %s", reply.Node, text, data, part)
		}
	}
}

// work runs random operations; every read follows acknowledged writes and must see them.
func (w *cacheWorker) work(steps int) {
	keys := []string{fmt.Sprint("A", w.number), fmt.Sprint("B", w.number)}
	w.free = fmt.Sprint("C", w.number)
	for i := range w.items {
		w.insert(i, keys[i])
	}
	for n := range steps {
		i := rand.N(2)
		it := &w.items[i]
		switch rand.N(10) {
		case 0: // the other record takes over this one's key
			gone := it.key
			w.update(i, w.unique, w.free)
			w.free = w.items[1-i].key
			w.update(1-i, w.unique, gone)
		case 1:
			w.update(i, w.domain.text, fmt.Sprint("text ", n))
		case 2:
			w.write(new(item), envelope.OpDelete, fmt.Sprintf(`{"id":%q,"revision":%d}`, it.ID, it.Revision))
			w.fetch(fmt.Sprintf(`{"id":%q}`, it.ID), nil)
			w.fetch(fmt.Sprintf(`{%q:%q}`, w.unique, it.key), nil)
			w.insert(i, fmt.Sprint(w.template, w.number, ".", n)) // a soft delete may keep the key
		default:
			w.fetch(fmt.Sprintf(`{"id":%q}`, it.ID), it)
			w.fetch(fmt.Sprintf(`{%q:%q}`, w.unique, it.key), it)
			w.fetch(fmt.Sprintf(`{%q:%q}`, w.unique, w.free), nil)
		}
	}
}

// TestCacheAcrossNodes: on both stores, through two nodes with a cache, every read
// after an acknowledged write sees it.
func TestCacheAcrossNodes(t *testing.T) {
	in := newInstallation(t, cachedOrders)
	nodes := in.startPair(t)
	c := in.dial(t)
	for _, d := range domains {
		t.Run(d.template, func(t *testing.T) {
			workers := make([]*cacheWorker, 4)
			var wg sync.WaitGroup
			for i := range workers {
				workers[i] = &cacheWorker{domain: d, t: t, c: c, ctx: startContext(t), number: i, seen: map[string]int{}}
				wg.Go(func() { workers[i].work(60) })
			}
			wg.Wait()
			for node, console := range nodes {
				reads := 0
				for _, w := range workers {
					reads += w.seen[node]
				}
				hits := regexp.MustCompile(`beds_cache\{template="` + d.template + `",kind="hits"\} [1-9]`)
				eventually(t, "hits of "+node, func() bool { return hits.MatchString(metrics(t, console)) })
				if reads == 0 {
					t.Errorf("%s answered no read", node)
				}
			}
		})
	}
}

// TestCacheWithoutFeed: what was changed by hand is answered from memory within the
// duration, and no longer once the nodes lost their feed and begin anew.
func TestCacheWithoutFeed(t *testing.T) {
	in := newInstallation(t, cachedOrders)
	nodes := in.startPair(t)
	c := in.dial(t)
	w := &cacheWorker{domain: domains[0], t: t, c: c, ctx: startContext(t), seen: map[string]int{}}
	w.insert(0, "A")
	for w.seen["node-a"] < 2 || w.seen["node-b"] < 2 {
		w.fetch(fmt.Sprintf(`{"id":%q}`, w.items[0].ID), &w.items[0])
	}
	in.byHand(t, "UPDATE msOrder SET note_ord = 'by hand'")
	for range 20 {
		w.fetch(fmt.Sprintf(`{"id":%q}`, w.items[0].ID), &w.items[0])
	}
	conn, err := amqp.Dial(in.amqpURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	if err := ch.ExchangeDelete(in.name, false, false); err != nil {
		t.Fatal(err)
	}
	for _, console := range nodes {
		eventually(t, "the nodes notice", func() bool { return strings.Contains(console.String(), "cache feed interrupted") })
	}
	waitForPair(t, nodes)
	w.items[0].text = "by hand"
	eventually(t, "requests are routed again", func() bool {
		_, err := w.call(envelope.OpFetch, fmt.Sprintf(`{"id":%q}`, w.items[0].ID))
		return err == nil
	})
	for range 20 {
		w.fetch(fmt.Sprintf(`{"id":%q}`, w.items[0].ID), &w.items[0])
	}
}

// byHand runs a statement in the node's database, as a DBA may.
func (in *installation) byHand(t *testing.T, statement string) {
	t.Helper()
	admin, err := mysql.ParseDSN(address(t, "BEDS_TEST_MARIADB_DSN"))
	if err != nil {
		t.Fatal(err)
	}
	admin.DBName = in.config(t).MariaDB.Database
	db, err := sql.Open("mysql", admin.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		t.Fatal(err)
	}
}
