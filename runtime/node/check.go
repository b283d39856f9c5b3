package node

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/config"
	"github.com/beds-project/beds/runtime/session"
)

// A CheckResult is the outcome of one check of a node that is not running.
type CheckResult struct {
	Name string
	Note string
	Err  error
	Took time.Duration
}

// Check tries everything that a start needs, without starting: connections,
// accounts, installed objects. It goes on after a failure, so that one run tells
// everything.
func Check(ctx context.Context, cfg *config.Config, registrations []runtime.Registration) []CheckResult {
	log := slog.New(slog.DiscardHandler)
	s := newStores(cfg)
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		s.close(ctx)
	}()
	checks := []struct {
		name string
		run  func(context.Context) (string, error)
	}{
		{"templates", func(context.Context) (string, error) { return checkTemplates(cfg, registrations) }},
		{"rabbitmq", func(ctx context.Context) (string, error) {
			sc, err := SessionConfig(cfg, log)
			if err != nil {
				return "", err
			}
			if err := session.Probe(ctx, sc); err != nil {
				return "", fmt.Errorf("%w; %s", err, hint(cfg, err, rabbitMQ))
			}
			return strings.Join(cfg.AMQP.URLs, ", ") + " vhost " + cfg.AMQP.VHost, nil
		}},
		{"mongodb", func(ctx context.Context) (string, error) { return s.checkMongo(ctx, log, registrations) }},
		{"mariadb", func(ctx context.Context) (string, error) { return s.checkMaria(ctx, log, registrations) }},
	}
	results := make([]CheckResult, len(checks))
	for i, c := range checks {
		ctx, cancel := context.WithTimeout(ctx, cfg.Deadlines.Startup)
		start := time.Now()
		note, err := c.run(ctx)
		if err != nil {
			note = ""
		}
		results[i] = CheckResult{c.name, note, err, time.Since(start)}
		cancel()
	}
	return results
}

func checkTemplates(cfg *config.Config, registrations []runtime.Registration) (string, error) {
	for _, r := range registrations {
		if err := runtime.Prepare(r.Template); err != nil {
			return "", err
		}
		enabled := map[string]bool{config.StoreMariaDB: cfg.MariaDB.Enabled, config.StoreMongoDB: cfg.MongoDB.Enabled}
		if name := adapter(cfg, r.Template); !enabled[name] {
			return "", fmt.Errorf("template %s: its store is %s, which is not enabled", r.Template.Name, name)
		}
	}
	return fmt.Sprintf("%d templates", len(registrations)), nil
}

func (s *stores) checkMongo(ctx context.Context, log *slog.Logger, registrations []runtime.Registration) (string, error) {
	if !s.cfg.MongoDB.Enabled {
		return "not enabled", nil
	}
	store, err := OpenMongo(ctx, s.cfg, log)
	if err != nil {
		return "", fmt.Errorf("%w; %s", err, hint(s.cfg, err, mongoDB))
	}
	s.add(store)
	missing, err := store.Capabilities(ctx)
	if err != nil {
		return "", err
	}
	note := "objects of all templates are installed"
	if len(missing) > 0 {
		note += "; not enforced by this server: " + strings.Join(missing, "; ")
	}
	return note, s.verify(ctx, store.Name(), registrations)
}

func (s *stores) checkMaria(ctx context.Context, log *slog.Logger, registrations []runtime.Registration) (string, error) {
	if !s.cfg.MariaDB.Enabled {
		return "not enabled", nil
	}
	store, err := openMaria(ctx, s.cfg, log)
	if err != nil {
		return "", fmt.Errorf("%w; %s", err, hint(s.cfg, err, mariaDB))
	}
	s.add(store)
	note := "procedures of all templates are installed; the account can only execute them"
	if err := store.VerifyPrivileges(ctx); err != nil {
		if s.cfg.Env.IsProd() {
			return "", err
		}
		note = "procedures of all templates are installed; note: " + err.Error()
	}
	return note, s.verify(ctx, store.Name(), registrations)
}
