package node

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/config"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/pool"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// settings loads a configuration of these lines over the defaults.
func settings(t *testing.T, vars map[string]string) *config.Config {
	t.Helper()
	vars["BEDS_AMQP_PASSWORD"], vars["BEDS_MARIADB_PASSWORD"] = "x", "x"
	cfg, err := config.Load(config.Options{Dir: "../../config", Env: "dev", Environ: func(k string) (string, bool) { v, ok := vars[k]; return v, ok }})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func registrations() []runtime.Registration {
	return []runtime.Registration{
		{Template: &runtime.Template{Name: "a", Family: runtime.Rec}},
		{Template: &runtime.Template{Name: "b", Family: runtime.Rel}},
		{Template: &runtime.Template{Name: "c", Family: runtime.Rel}},
	}
}

func noHandler(string) pool.Handler { return nil }

// queues renders a plan as "broker: queue<-key …" lines.
func queues(p queuePlan) string {
	keys := map[string][]string{}
	for _, q := range p.topology.Queues {
		keys[q.Name] = q.Keys
	}
	var lines []string
	for _, b := range p.brokers {
		for _, q := range b.Queues {
			lines = append(lines, b.Name+" "+q+"<-"+strings.Join(keys[q], ","))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestPlanQueues(t *testing.T) {
	cfg := settings(t, map[string]string{"BEDS__BROKER_SERVICES__ROLES": "app_server"})
	p, err := planQueues(cfg, registrations(), noHandler, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := `rBroker dev_rec.read<-rec.read
rBroker dev_rel.read<-rel.read
wBroker dev_rec.write<-rec.write
wBroker dev_rel.write<-rel.write`
	if got := queues(p); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A template with queues of its own must not be delivered to the shared one too.
func TestOwnQueuesAreNotShared(t *testing.T) {
	cfg := settings(t, map[string]string{"BEDS__BROKER_SERVICES__ROLES": "app_server"})
	cfg.Templates = map[string]*config.Template{"b": {OwnQueues: true}}
	p, err := planQueues(cfg, registrations(), noHandler, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := queues(p)
	for _, want := range []string{"rBroker dev_rel.read<-rel.read.c,rel.read.node", "rBroker dev_rel.read.b<-rel.read.b", "rBroker dev_rec.read<-rec.read"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in\n%s", want, got)
		}
	}
}

// Only queues all of whose templates live in the store in trouble are paused.
func TestStoreQueues(t *testing.T) {
	cfg := settings(t, map[string]string{"BEDS__BROKER_SERVICES__ROLES": "app_server"})
	if got := storeQueues(cfg, registrations(), config.StoreMariaDB); strings.Join(got, " ") != "dev_rel.read dev_rel.write" {
		t.Errorf("got %v", got)
	}
	cfg.Templates = map[string]*config.Template{"c": {Store: config.StoreMongoDB}}
	if got := storeQueues(cfg, registrations(), config.StoreMariaDB); len(got) != 0 {
		t.Errorf("queues that MongoDB's template shares are paused: %v", got)
	}
	cfg.Templates["b"] = &config.Template{OwnQueues: true}
	if got := storeQueues(cfg, registrations(), config.StoreMariaDB); strings.Join(got, " ") != "dev_rel.read.b dev_rel.write.b" {
		t.Errorf("got %v", got)
	}
}

// The class of the error alone decides what becomes of a message.
func TestVerdict(t *testing.T) {
	for _, e := range envelope.Catalogue() {
		err := &envelope.Error{Code: e.Code}
		answered, silent := pool.Ack, pool.Quarantine
		switch e.Class {
		case envelope.ClassDependency, envelope.ClassUnknown:
			silent = pool.Retry
		case envelope.ClassInternal:
			answered = pool.Quarantine
		}
		if got := verdict(err, true); got != answered {
			t.Errorf("%s answered: %s", e.Code, got)
		}
		if got := verdict(err, false); got != silent {
			t.Errorf("%s without reply_to: %s", e.Code, got)
		}
	}
}

func TestDeadline(t *testing.T) {
	h := &handler{deadlines: deadlines{fallback: time.Second, longest: time.Minute}}
	start := time.Now()
	never, soon := &pool.Delivery{}, &pool.Delivery{Deadline: start.Add(5 * time.Second)}
	for _, tt := range []struct {
		d    *pool.Delivery
		ms   int64
		want time.Duration
	}{
		{never, 0, time.Second},
		{never, 250, 250 * time.Millisecond},
		{never, 1 << 62, time.Minute},
		{soon, 0, 5 * time.Second},
		{soon, 60_000, 5 * time.Second},
		{soon, 100, 100 * time.Millisecond},
	} {
		if at := h.deadline(tt.d, &envelope.Request{DeadlineMS: tt.ms}, start); !at.Equal(start.Add(tt.want)) {
			t.Errorf("deadline_ms %d, message %s: %s, want %s", tt.ms, tt.d.Deadline, at.Sub(start), tt.want)
		}
	}
}

// Decode checks the message against its envelope before anything is done.
func TestDecodeChecksTheMessage(t *testing.T) {
	h := &handler{limits: envelope.DefaultLimits, kind: "read", log: slog.New(slog.DiscardHandler)}
	body := []byte(`{"v":1,"template":"a","op":"fetch"}`)
	for _, tt := range []struct {
		d    pool.Delivery
		code envelope.Code
	}{
		{pool.Delivery{Body: body, ReplyTo: "r"}, ""},
		{pool.Delivery{Body: body, ReplyTo: "r", Operation: "fetch"}, ""},
		{pool.Delivery{Body: body, ReplyTo: "r", Operation: "count"}, envelope.UnknownOp},
		{pool.Delivery{Body: body}, envelope.NoReturn},
		{pool.Delivery{Body: body, ReplyTo: "r", Operation: "count"}, envelope.UnknownOp},
		{pool.Delivery{Size: 5 << 20, ReplyTo: "r"}, envelope.TooLarge},
		{pool.Delivery{Body: []byte(`{"v":1,"template":"a","op":"write"}`), ReplyTo: "r"}, envelope.UnknownOp},
	} {
		req, err := h.decode(&tt.d)
		switch {
		case req == nil:
			t.Error("no request to name the event in the reply")
		case tt.code == "" && err != nil, tt.code != "" && (err == nil || err.Code != tt.code):
			t.Errorf("%+v: %v, want %q", tt.d, err, tt.code)
		}
	}
}

// A write that no key identifies is refused: a second delivery would be another write.
func TestWritesNeedAKey(t *testing.T) {
	h := &handler{limits: envelope.DefaultLimits, kind: "write", log: slog.New(slog.DiscardHandler)}
	body := []byte(`{"v":1,"template":"a","op":"write","data":{}}`)
	if _, err := h.decode(&pool.Delivery{Body: body, ReplyTo: "r"}); err == nil || err.Code != envelope.Required {
		t.Errorf("without key, event_id and message_id: %v", err)
	}
	if _, err := h.decode(&pool.Delivery{Body: body, ReplyTo: "r", MessageID: "m"}); err != nil {
		t.Errorf("with a message_id: %v", err)
	}
}
