package node

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/config"
	"github.com/beds-project/beds/runtime/group"
	"github.com/beds-project/beds/runtime/guard"
	"github.com/beds-project/beds/runtime/session"
	"github.com/beds-project/beds/runtime/store/maria"
	"github.com/beds-project/beds/runtime/store/mongo"
)

// SessionConfig is how the configuration reaches RabbitMQ.
func SessionConfig(cfg *config.Config, log *slog.Logger) (session.Config, error) {
	a := &cfg.AMQP
	sc := session.Config{Name: cfg.Node, Heartbeat: a.Heartbeat, WriteTimeout: a.WriteTimeout, WriteBuffer: a.WriteBuffer, Logger: log}
	for _, address := range a.URLs {
		u, err := amqpURL(a, address)
		if err != nil {
			return sc, err
		}
		sc.URLs = append(sc.URLs, u)
	}
	if a.External {
		sc.User = a.User
	}
	var err error
	if sc.TLS, err = a.TLS.Client(""); err != nil { // each URL's own host is expected in the certificate
		return sc, fmt.Errorf("[amqp.tls] %w", err)
	}
	return sc, nil
}

// amqpURL completes an address, host:port or a URL without password.
func amqpURL(a *config.AMQP, address string) (string, error) {
	if !strings.Contains(address, "://") {
		scheme := "amqp"
		if a.TLS.Enabled {
			scheme = "amqps"
		}
		address = scheme + "://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("[amqp] urls: %q is neither host:port nor an AMQP URL", address)
	}
	u.User = url.UserPassword(a.User, string(a.Password))
	if a.External {
		u.User, u.RawQuery = nil, "auth_mechanism=external"
	}
	if a.VHost != "" {
		u.Path, u.RawPath = "/"+a.VHost, "/"+url.PathEscape(a.VHost)
	}
	return u.String(), nil
}

// stores are the open stores of a node, each under the grouping layer.
type stores struct {
	cfg     *config.Config
	byName  map[string]runtime.Store
	guarded map[string]*guard.Store
	grouped map[string]runtime.Store
	// onBreaker is called when a store's breaker opens or closes.
	onBreaker func(store string, open bool)
}

// openMaria connects to MariaDB. The store's name in the configuration is mariadb.
func openMaria(ctx context.Context, cfg *config.Config, log *slog.Logger) (*maria.Store, error) {
	m := &cfg.MariaDB
	host, _, err := net.SplitHostPort(m.Address)
	if err != nil {
		host = ""
	}
	tlsConfig, err := m.TLS.Client(host)
	if err != nil {
		return nil, fmt.Errorf("[mariadb.tls] %w", err)
	}
	return maria.Open(ctx, maria.Config{
		Address: m.Address, Database: m.Database, User: m.User, Password: string(m.Password),
		TLS: tlsConfig, MaxConns: m.MaxConnections, StatementTimeout: m.StatementTimeout, Attempts: m.Attempts, Logger: log,
	})
}

// OpenMongo connects to the document store.
func OpenMongo(ctx context.Context, cfg *config.Config, log *slog.Logger) (*mongo.Store, error) {
	m := &cfg.MongoDB
	tlsConfig, err := m.TLS.Client("")
	if err != nil {
		return nil, fmt.Errorf("[mongodb.tls] %w", err)
	}
	return mongo.Open(ctx, mongo.Config{
		URI: m.URI, User: m.User, Password: string(m.Password), TLS: tlsConfig,
		Database: m.Database, MaxConns: m.MaxConnections, Timeout: m.Timeout, Logger: log,
	})
}

func newStores(cfg *config.Config) *stores {
	return &stores{cfg: cfg, byName: map[string]runtime.Store{}, guarded: map[string]*guard.Store{},
		grouped: map[string]runtime.Store{}, onBreaker: func(string, bool) {}}
}

// add puts a store behind its guard and the grouping.
func (s *stores) add(store runtime.Store) {
	name := store.Name()
	g := guard.New(store, guard.Config{
		Concurrency: s.cfg.Limits.Concurrency, Failures: s.cfg.Limits.BreakerFailures, Probe: s.cfg.Limits.BreakerProbe,
		OnChange: func(open bool) { s.onBreaker(name, open) },
	})
	s.byName[name], s.guarded[name], s.grouped[name] = store, g, g
	if s.cfg.Group.Enabled {
		s.grouped[name] = group.New(g, group.Config{Max: groupMax(name, s.cfg.Group.Max), Waiting: s.cfg.Group.Waiting})
	}
}

// groupMax bounds the requests of a shared call. A call of MariaDB costs as much as
// a dozen rows; documents are changed one by one, those of one record in turn, and
// in a longer call everybody waits for the slowest.
func groupMax(store string, max int) int {
	if store == "mongodb" {
		return min(max, 64)
	}
	return max
}

// adapter names the store of a template.
func adapter(cfg *config.Config, t *runtime.Template) string {
	if own := cfg.Templates[t.Name]; own != nil && own.Store != "" {
		return own.Store
	}
	if t.Family == runtime.Rel {
		return cfg.Stores.Rel
	}
	return cfg.Stores.Rec
}

// of gives the store of a template.
func (s *stores) of(t *runtime.Template) (runtime.Store, error) {
	name := adapter(s.cfg, t)
	store, ok := s.grouped[name]
	if !ok {
		return nil, fmt.Errorf("its store is %s, which is not enabled; set enabled = true in [%s], or another store in [stores] or [templates.%s]", name, name, t.Name)
	}
	return store, nil
}

// verify checks the installed objects of every store's templates.
func (s *stores) verify(ctx context.Context, name string, registrations []runtime.Registration) error {
	var templates []*runtime.Template
	for _, r := range registrations {
		if adapter(s.cfg, r.Template) == name {
			templates = append(templates, r.Template)
		}
	}
	return s.byName[name].Verify(ctx, templates)
}

func (s *stores) close(ctx context.Context) {
	for _, store := range s.guarded {
		store.Close(ctx) //nolint:errcheck // the process ends; there is nothing left to do about it
	}
}
