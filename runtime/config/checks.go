package config

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// A check looks at one string and returns what is wrong with it and what to
// do, or nothing. It never repeats the value: the caller does, where that is
// safe.

var (
	wbidPattern     = regexp.MustCompile(`^[a-z]{2}$`)
	namePattern     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
	amqpPattern     = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	tagPattern      = regexp.MustCompile(`^[A-Za-z0-9._-]{0,32}$`)
	templatePattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
)

func checkWBID(s string) string {
	if !wbidPattern.MatchString(s) {
		return `give two lower-case letters, such as "ms"`
	}
	return ""
}

func checkName(s string) string {
	if !namePattern.MatchString(s) {
		return "give 1 to 64 letters, digits, dots, dashes or underscores, beginning with a letter or digit"
	}
	return ""
}

func checkFilled(s string) string {
	if strings.TrimSpace(s) == "" {
		return "it can't be empty"
	}
	return ""
}

func checkAMQPName(s string) string {
	switch {
	case !amqpPattern.MatchString(s):
		return "give 1 to 64 letters, digits, dots, dashes or underscores"
	case strings.HasPrefix(s, "amq."):
		return "names beginning with amq. belong to RabbitMQ; choose another"
	}
	return ""
}

func checkQueueTag(s string) string {
	if !tagPattern.MatchString(s) {
		return "give at most 32 letters, digits, dots, dashes or underscores"
	}
	return ""
}

// checkReplyPrefix keeps the prefix long enough that no work queue can begin
// with it: replies must never be aimed at one.
func checkReplyPrefix(s string) string {
	if why := checkAMQPName(s); why != "" {
		return why
	}
	if len(s) < 4 {
		return `give at least 4 characters, such as "beds.reply.": a short prefix could cover work queues`
	}
	return ""
}

func checkHostPort(s string) string {
	host, port, err := net.SplitHostPort(s)
	if err != nil || host == "" {
		return `give host:port, such as "db1.example.com:3306" or "[::1]:3306"`
	}
	if strings.ContainsAny(host, " \t/@?#") {
		return "the host contains characters that no host name has; give host:port"
	}
	return checkPort(port, 1)
}

func checkPort(port string, least int) string {
	if n, err := strconv.Atoi(port); err != nil || n < least || n > 65535 {
		return "the port must be a number from " + strconv.Itoa(least) + " to 65535"
	}
	return ""
}

func checkSQLAddress(s string) string {
	if path, ok := strings.CutPrefix(s, "unix:"); ok {
		if !strings.HasPrefix(path, "/") {
			return "give the socket's full path, such as unix:/run/mysqld/mysqld.sock"
		}
		return ""
	}
	return checkHostPort(s)
}

func checkAMQPURL(s string) string {
	if !strings.Contains(s, "://") {
		return checkHostPort(s)
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return "this is not an address; give host:port or amqp://host:port"
	case u.User != nil:
		return "take user and password out of the address; they have keys of their own: user, password_file or BEDS_AMQP_PASSWORD"
	case u.Scheme != "amqp" && u.Scheme != "amqps":
		return "the scheme must be amqp or amqps"
	case strings.Trim(u.Path, "/") != "":
		return "take the virtual host out of the address; it has a key of its own: vhost"
	case u.RawQuery != "" || u.Fragment != "":
		return "take the options out of the address; they have keys of their own"
	case u.Hostname() == "":
		return "the host is missing; give amqp://host:port"
	case u.Port() != "":
		return checkPort(u.Port(), 1)
	}
	return ""
}

func checkMongoURI(s string) string {
	rest, ok := strings.CutPrefix(s, "mongodb://")
	if !ok {
		rest, ok = strings.CutPrefix(s, "mongodb+srv://")
	}
	hosts, query, _ := strings.Cut(rest, "?")
	hosts, path, _ := strings.Cut(hosts, "/")
	switch {
	case !ok:
		return "give mongodb://host:port or mongodb+srv://host"
	case strings.Contains(rest, "@"):
		return "take user and password out of the address; they have keys of their own: user, password_file or BEDS_MONGODB_PASSWORD"
	case strings.Trim(hosts, ",") == "":
		return "the host is missing; give mongodb://host:port"
	case path != "":
		return "take the database out of the address; it has a key of its own: database"
	}
	return checkMongoOptions(query)
}

// checkMongoOptions refuses what has a key of its own, above all the options
// that turn off verification: they would walk past the rules for prod.
func checkMongoOptions(query string) string {
	options, err := url.ParseQuery(query)
	if err != nil {
		return "the options after ? can't be read; write name=value&name=value"
	}
	for name := range options {
		low := strings.ToLower(name)
		switch {
		case strings.HasPrefix(low, "tls"), strings.HasPrefix(low, "ssl"):
			return "take the TLS options out of the address; they have keys of their own in [mongodb.tls]"
		case strings.HasPrefix(low, "auth") && low != "authsource" && low != "authmechanism":
			return "take the credentials' options out of the address; user and password have keys of their own"
		}
	}
	return ""
}

func checkListen(s string) string {
	if s == "" {
		return ""
	}
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return `give address:port, such as "127.0.0.1:9419", or "" to serve nothing`
	}
	return checkPort(port, 0)
}

// isLoopback reports whether only this machine can reach the address.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
