// Package emit holds what the emitters have in common: a file of their output.
package emit

// A File is one emitted file. Path is relative to the output root and
// slash-separated.
type File struct {
	Path    string
	Content []byte
}
