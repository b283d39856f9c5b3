package logging

import (
	"regexp"
	"strings"
)

// masked is what stands for a secret; config.Secret prints the same.
const masked = "***"

// secretWords mark a key wherever they stand in it, whatever the spelling.
var secretWords = []string{
	"password", "passwd", "passphrase", "secret", "token", "authorization",
	"credential", "apikey", "privatekey", "cookie",
}

// secretNames mark a key only as one of its words: they are too short to be
// looked for inside others.
var secretNames = map[string]bool{"dsn": true, "pwd": true, "auth": true}

// separators are what words within a key are divided by.
var separators = strings.NewReplacer("_", "", "-", "", ".", "", " ", "")

// looksSecret reports whether a key's value must not be written.
func looksSecret(key string) bool {
	low := strings.ToLower(key)
	joined := separators.Replace(low)
	for _, w := range secretWords {
		if strings.Contains(joined, w) {
			return true
		}
	}
	for _, w := range strings.FieldsFunc(low, func(r rune) bool { return strings.ContainsRune("_-. ", r) }) {
		if secretNames[w] {
			return true
		}
	}
	return false
}

var (
	// urlUser is the user:password@ of an address; libraries like to repeat
	// the address that they couldn't reach.
	urlUser = regexp.MustCompile(`://[^\s/]*@`)
	// dsnUser is the same in go-sql-driver's data source names.
	dsnUser = regexp.MustCompile(`[^\s:@/"']+:[^\s"']*@(tcp|unix)\(`)
)

// Scrub masks credentials inside a text, such as the address in an error that
// goes to an operator's page. Errors of libraries aren't ours to
// word, so the keys alone can't be relied on.
func Scrub(s string) string {
	if !strings.Contains(s, "@") {
		return s
	}
	s = urlUser.ReplaceAllString(s, "://"+masked+"@")
	return dsnUser.ReplaceAllString(s, masked+"@$1(")
}
