package config

import (
	"slices"
	"strings"
)

// verifyProd refuses what is convenient in development and dangerous later.
func (l *loader) verifyProd() {
	l.refuseUsers()
	for _, s := range services {
		if !s.enabled(l.cfg) {
			continue
		}
		if !l.readable(s) && !l.isExternal(s) && *s.password(l.cfg) == "" && *s.user(l.cfg) != "" {
			l.complain(s.passwordKey(), []string{s.fileKey()}, "prod refuses an empty password; give %s's user one, then set %s or password_file", s.title, s.variable())
		}
		if !s.tls(l.cfg).Enabled && !l.isSocket(s) {
			l.complain(s.name+".tls.enabled", nil, "prod refuses to speak with %s unencrypted; set enabled = true in [%s.tls], and ca_file if its certificate is your own", s.title, s.name)
		}
		l.refuseOpenFiles(s)
	}
}

// readable reports whether the password's absence has been told already.
func (l *loader) readable(s service) bool {
	return l.bad[s.passwordKey()] || l.bad[s.fileKey()]
}

func (l *loader) refuseUsers() {
	refused := []struct {
		service service
		names   []string
	}{
		{services[0], []string{"guest"}},
		{services[1], []string{"root"}},
		{services[2], []string{"", "root", "admin"}},
	}
	for _, r := range refused {
		user := *r.service.user(l.cfg)
		if !r.service.enabled(l.cfg) || !slices.Contains(r.names, user) {
			continue
		}
		if user == "" {
			l.complain(r.service.name+".user", nil, "prod refuses %s without authentication; give the node an account of its own", r.service.title)
			continue
		}
		l.complain(r.service.name+".user", nil, "prod refuses %s's user %s; give the node an account of its own with the least rights", r.service.title, quote(user))
	}
}

// isExternal reports whether the certificate takes the password's place.
func (l *loader) isExternal(s service) bool { return s.name == "amqp" && l.cfg.AMQP.External }

// isSocket reports whether the service is reached through a unix socket, which
// no other machine can listen to.
func (l *loader) isSocket(s service) bool {
	m := &l.cfg.MariaDB
	return s.name == "mariadb" && strings.HasPrefix(m.Address, "unix:") &&
		(m.Secondary.Address == "" || strings.HasPrefix(m.Secondary.Address, "unix:"))
}

// refuseOpenFiles looks at the files of this service that hold a secret: the
// private key, and env_prod.toml itself. Password files were looked at when
// they were read.
func (l *loader) refuseOpenFiles(s service) {
	key := s.name + ".tls.key_file"
	if t := s.tls(l.cfg); t.Enabled && t.KeyFile != "" {
		if why := openToOthers(t.KeyFile); why != "" {
			l.complain(key, nil, "%s", why)
		}
	}
	if l.layerOf[s.passwordKey()] == layerOwn {
		if why := openToOthers(l.path(l.envFile())); why != "" {
			l.complain(s.passwordKey(), nil, "%s", why)
		}
	}
}
