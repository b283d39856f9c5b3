package config

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// maxPasswordBytes bounds a password file; a real one has a line.
const maxPasswordBytes = 64 << 10

// A service is a server that wants a password. Its table is `name`.
type service struct {
	name, title string
	user        func(*Config) *string
	password    func(*Config) *Secret
	file        func(*Config) *string
	enabled     func(*Config) bool
	tls         func(*Config) *TLS
}

var services = []service{
	{
		name: "amqp", title: "RabbitMQ",
		user:     func(c *Config) *string { return &c.AMQP.User },
		password: func(c *Config) *Secret { return &c.AMQP.Password },
		file:     func(c *Config) *string { return &c.AMQP.PasswordFile },
		enabled:  func(*Config) bool { return true },
		tls:      func(c *Config) *TLS { return &c.AMQP.TLS },
	},
	{
		name: "mariadb", title: "MariaDB",
		user:     func(c *Config) *string { return &c.MariaDB.User },
		password: func(c *Config) *Secret { return &c.MariaDB.Password },
		file:     func(c *Config) *string { return &c.MariaDB.PasswordFile },
		enabled:  func(c *Config) bool { return c.MariaDB.Enabled },
		tls:      func(c *Config) *TLS { return &c.MariaDB.TLS },
	},
	{
		name: "mongodb", title: "MongoDB",
		user:     func(c *Config) *string { return &c.MongoDB.User },
		password: func(c *Config) *Secret { return &c.MongoDB.Password },
		file:     func(c *Config) *string { return &c.MongoDB.PasswordFile },
		enabled:  func(c *Config) bool { return c.MongoDB.Enabled },
		tls:      func(c *Config) *TLS { return &c.MongoDB.TLS },
	},
}

// variable is the secret's short name, such as BEDS_AMQP_PASSWORD.
func (s service) variable() string { return "BEDS_" + strings.ToUpper(s.name) + "_PASSWORD" }

func (s service) passwordKey() string { return s.name + ".password" }
func (s service) fileKey() string     { return s.name + ".password_file" }

// settlePassword lets a later layer replace both ways of giving a password,
// refuses both in one layer, and refuses one in the committed file.
func (l *loader) settlePassword(key string, f leaf, from layer) {
	for _, s := range services {
		other := ""
		switch key {
		case s.passwordKey():
			other = s.fileKey()
		case s.fileKey():
			other = s.passwordKey()
		default:
			continue
		}
		l.replaceOther(s, key, other, f, from)
		if key == s.passwordKey() && from == layerBase && f.value != "" {
			l.complainAt(f.at, key, "%s is committed and must hold no secret; move this to %s, a password_file or %s, and change the password",
				baseFile, l.path(l.envFile()), s.variable())
		}
	}
}

func (l *loader) replaceOther(s service, key, other string, f leaf, from layer) {
	switch was := l.layerOf[other]; {
	case was == 0:
	case was == from:
		l.complainAt(f.at, key, "password and password_file are both given; keep one")
	case other == s.passwordKey():
		*s.password(l.cfg) = ""
		l.forget(other)
	default:
		*s.file(l.cfg) = ""
		l.forget(other)
	}
}

func (l *loader) forget(key string) {
	delete(l.cfg.origins, key)
	delete(l.layerOf, key)
}

// readPasswords reads the files that won.
func (l *loader) readPasswords() {
	for _, s := range services {
		path := *s.file(l.cfg)
		if path == "" || !s.enabled(l.cfg) || l.bad[s.fileKey()] {
			continue
		}
		text, why := readSecret(path, l.env.IsProd())
		if why != "" {
			l.complainAt(l.cfg.origins[s.fileKey()], s.fileKey(), "%s", why)
			continue
		}
		*s.password(l.cfg) = text
		l.cfg.origins[s.passwordKey()] = l.cfg.origins[s.fileKey()]
	}
}

func readSecret(path string, strict bool) (Secret, string) {
	data, err := readBounded(path, maxPasswordBytes)
	if err != nil {
		return "", fmt.Sprintf("%s can't be read: %s; create it with the password on one line", quotePath(path), cause(err))
	}
	text := strings.TrimSpace(string(data))
	if text == "" {
		return "", quotePath(path) + " is empty; write the password into it"
	}
	if strict {
		return Secret(text), openToOthers(path)
	}
	return Secret(text), ""
}

// openToOthers complains about a secret file with any right for group or
// others. systemd's credentials are exempt: their directory is closed to
// everybody else, and the access list that admits the service's user shows up
// as group rights in the mode.
func openToOthers(path string) string {
	if dir := os.Getenv("CREDENTIALS_DIRECTORY"); dir != "" && filepath.Dir(path) == filepath.Clean(dir) {
		return ""
	}
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS == "windows" {
		return ""
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Sprintf("others can read the secret file %s (mode %04o); run: chmod 600 %s", quotePath(path), mode, quotePath(path))
	}
	return ""
}
