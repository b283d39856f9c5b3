package config

import (
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// verify checks what takes more than one key.
func (l *loader) verify() {
	l.verifyRequired()
	l.verifyAMQP()
	l.verifyStores()
	l.verifyBounds()
	l.verifyHealth()
	for _, s := range services {
		if s.enabled(l.cfg) {
			l.verifyPassword(s)
			l.verifyTLS(s)
		}
	}
	if l.env.IsProd() {
		l.verifyProd()
	}
}

// complain records a finding about a key, wherever it was set, unless one of
// the keys that it follows from is bad already.
func (l *loader) complain(key string, also []string, format string, args ...any) {
	for _, k := range append(also, key) {
		if l.bad[k] {
			return
		}
	}
	l.complainAt(l.placeOf(key), key, format, args...)
}

// placeOf is where a key was set, else the table that it belongs in, else the
// beginning of the file that the operator would write it into.
func (l *loader) placeOf(key string) place {
	if at, ok := l.cfg.origins[key]; ok {
		return at
	}
	for table := key; strings.Contains(table, "."); {
		table = table[:strings.LastIndexByte(table, '.')]
		for _, d := range []*document{l.own, l.base} {
			if d == nil {
				continue
			}
			if at, ok := d.tables[table]; ok {
				return at
			}
		}
	}
	return place{File: filepath.Join(l.opts.Dir, baseFile), Line: 1, Column: 1}
}

func (l *loader) verifyRequired() {
	for i := range table {
		k := &table[i]
		if _, given := l.cfg.origins[k.Name]; k.Required && !given {
			hint := "set it here or in " + k.Variable()
			if k.check != nil {
				hint = k.check("") + ", here or in " + k.Variable()
			}
			l.complain(k.Name, nil, "this key is missing; %s", hint)
		}
	}
	if len(l.cfg.BrokerServices.Roles) == 0 {
		l.complain("broker_services.roles", nil, "a node without a role does nothing; give at least one of %s", strings.Join(roles, ", "))
	}
}

func (l *loader) verifyAMQP() {
	a := &l.cfg.AMQP
	if len(a.URLs) == 0 {
		l.complain("amqp.urls", nil, "the list is empty; give at least one host:port")
	}
	for _, u := range a.URLs {
		secure := strings.HasPrefix(u, "amqps://")
		if secure && !a.TLS.Enabled {
			l.complain("amqp.urls", []string{"amqp.tls.enabled"}, "amqps:// needs enabled = true in [amqp.tls]")
		}
		if !secure && a.TLS.Enabled && strings.Contains(u, "://") {
			l.complain("amqp.urls", []string{"amqp.tls.enabled"}, "amqp:// contradicts enabled = true in [amqp.tls]; write amqps://, or host:port")
		}
	}
	if a.External && (!a.TLS.Enabled || a.TLS.CertFile == "") {
		l.complain("amqp.external", nil, "the login is by certificate, and there is none; set enabled, cert_file and key_file in [amqp.tls]")
	}
	if a.External && a.Password != "" {
		l.complain("amqp.password", []string{"amqp.external"}, "external = true logs in with the certificate; take the password away, or external")
	}
	if len(a.RetryDelays) == 0 {
		l.complain("amqp.retry_delays_ms", nil, "the list is empty; give at least one delay, or set max_attempts = 1 and keep one")
	}
	if !slices.IsSorted(a.RetryDelays) {
		l.complain("amqp.retry_delays_ms", nil, "the delays must grow; sort them")
	}
	if a.Exchange == a.DLX {
		l.complain("amqp.dlx", []string{"amqp.exchange"}, "exchange and dlx are the same; dead letters would come back as requests; give dlx another name")
	}
	if a.QueueTag != "" && strings.HasPrefix(a.QueueTag, a.ReplyPrefix) {
		l.complain("amqp.reply_prefix", []string{"amqp.queue_tag"}, "work queues would begin with it, so a client could aim a reply at one; choose another prefix")
	}
}

// verifyStores refuses adapters that are turned off.
func (l *loader) verifyStores() {
	l.verifyStore("stores.rec", l.cfg.Stores.Rec)
	l.verifyStore("stores.rel", l.cfg.Stores.Rel)
	for name, t := range l.cfg.Templates {
		l.verifyStore("templates."+name+".store", t.Store)
	}
}

func (l *loader) verifyStore(key, store string) {
	off := store == StoreMongoDB && !l.cfg.MongoDB.Enabled || store == StoreMariaDB && !l.cfg.MariaDB.Enabled
	if off {
		switchKey := store + ".enabled"
		l.complain(key, []string{switchKey}, "%s is the store, but %s has enabled = false; enable it, or choose the other store", quote(store), "["+store+"]")
	}
}

func (l *loader) verifyBounds() {
	d := &l.cfg.Deadlines
	if d.Default > d.Max {
		l.complain("deadlines.default_ms", []string{"deadlines.max_ms"}, "%d ms is longer than max_ms, %d; lower it or raise max_ms", d.Default/time.Millisecond, d.Max/time.Millisecond)
	}
	if n := l.cfg.Limits.MemoryBytes; n != 0 && n < 64*mebi {
		l.complain("limits.memory_bytes", nil, "%d is less than 64 MiB, in which no node works; give at least 67108864, or 0 for no limit", n)
	}
}

func (l *loader) verifyHealth() {
	h := &l.cfg.Health
	if h.Listen != "" && !h.Public && !isLoopback(h.Listen) {
		l.complain("health.listen", []string{"health.public"}, "%s can be reached from other machines, and the pages have no authentication; listen on 127.0.0.1, or set public = true", quote(h.Listen))
	}
}

// verifyPassword tells a forgotten password from one that is empty on purpose.
func (l *loader) verifyPassword(s service) {
	if *s.user(l.cfg) == "" || l.isExternal(s) || l.layerOf[s.passwordKey()] != 0 || l.layerOf[s.fileKey()] != 0 {
		return
	}
	hint := ""
	if l.env == Dev {
		hint = "; " + l.path("env_dev.toml.example") + " shows how"
	}
	at := l.placeOf(s.passwordKey())
	if l.own == nil || l.own.tables[s.name] == (place{}) {
		at = place{File: l.path(l.envFile()), Line: 1, Column: 1}
	}
	if !l.bad[s.passwordKey()] && !l.bad[s.fileKey()] {
		l.complainAt(at, s.passwordKey(), "the password of %s's user %s is missing; set %s, or password_file or password in [%s]%s",
			s.title, quote(*s.user(l.cfg)), s.variable(), s.name, hint)
	}
}

func (l *loader) verifyTLS(s service) {
	t := s.tls(l.cfg)
	section := s.name + ".tls."
	if !t.Enabled {
		return
	}
	if (t.CertFile == "") != (t.KeyFile == "") {
		key, other := "cert_file", "key_file"
		if t.CertFile == "" {
			key, other = other, key
		}
		l.complain(section+key, []string{section + other}, "this needs %s beside it; give both or none", other)
		return
	}
	if _, err := t.Client(""); err != nil {
		l.complain(section+err.(*TLSError).Key, nil, "%s", err.(*TLSError).Message)
	}
}
