package golang

import (
	"go/token"
	"strconv"
	"strings"
	"unicode"
)

// Texts of a template reach Go source in two ways only: as string literals, which
// jennifer quotes with everything that cannot be printed escaped, and as comments,
// which pass through comment. Names have passed the rules and go through camel.

// comment makes a text safe inside a // comment: one line, no control or
// bidirectional characters. The space behind the slashes keeps every tool from
// reading a directive.
func comment(s string) string {
	var b strings.Builder
	b.Grow(len(s) + len("// "))
	b.WriteString("//") // jennifer emits a comment that begins like one as it is
	if strings.HasPrefix(strings.TrimSpace(s), "+build") {
		s = "The text: " + s // the old form of a build constraint, which go vet looks for everywhere
	}
	space := true
	for _, r := range s {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			space = true
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		if !unicode.IsGraphic(r) || r == unicode.ReplacementChar {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// sentence ends a text that stands alone with a stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}

// lowerFirst makes a sentence continue another one; a word in capitals stays.
func lowerFirst(s string) string {
	if len(s) < 2 || 'A' <= s[1] && s[1] <= 'Z' {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// camel makes an unexported identifier of an exported one: ShipTo becomes shipTo,
// ID id, and URLList urlList.
func camel(name string) string {
	i := 0
	for i < len(name) && 'A' <= name[i] && name[i] <= 'Z' {
		i++
	}
	if i > 1 && i < len(name) && 'a' <= name[i] && name[i] <= 'z' {
		i-- // the last capital begins the next word
	}
	return strings.ToLower(name[:i]) + name[i:]
}

// parameters names the parameters of one function.
type parameters map[string]bool

// name makes a parameter's name of an exported one. It hides nothing that the
// function's body uses and is unique within the function.
func (used parameters) name(exported string) string {
	name := camel(exported)
	for token.IsKeyword(name) || inBody[name] || used[name] {
		name += "Value"
	}
	used[name] = true
	return name
}

// inBody are the names that the bodies and signatures of emitted functions use.
var inBody = map[string]bool{
	"beds": true, "client": true, "record": true, "time": true, "more": true,
	"string": true, "int64": true, "float64": true, "bool": true, "byte": true, "true": true, "false": true,
}
