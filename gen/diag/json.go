package diag

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"
)

type jsonFinding struct {
	File       string `json:"file"`
	Line       int    `json:"line,omitempty"`
	Column     int    `json:"column,omitempty"`
	Length     int    `json:"length,omitempty"`
	Rule       string `json:"rule"`
	Message    string `json:"message"`
	Suggestion string `json:"suggestion,omitempty"`
}

// JSON prints findings for machines: an object whose member findings is a list,
// empty where nothing was found. Line and column count from 1, columns in bytes.
func JSON(w io.Writer, findings []Finding) error {
	out := struct {
		Findings []jsonFinding `json:"findings"`
	}{make([]jsonFinding, len(findings))}
	for i, f := range findings {
		out.Findings[i] = jsonFinding{
			File: f.File, Line: f.Line, Column: f.Column, Length: f.Length,
			Rule: f.Rule, Message: f.Message, Suggestion: f.Suggestion,
		}
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(escapeHidden(text), '\n'))
	return err
}

// escapeHidden writes characters that must not reach a terminal as JSON escapes:
// people look at this output too. Only strings can hold them.
func escapeHidden(text []byte) []byte {
	var b bytes.Buffer
	for _, r := range string(text) {
		switch {
		case r == '\n' || !hidden(r):
			b.WriteRune(r)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}
