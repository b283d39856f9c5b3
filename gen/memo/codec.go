package memo

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
)

// format opens every memo; it changes with the form.
const format = "bedsgen memo 1\n"

// Read reads the memo of a key. It returns nil where there is none.
func Read(path, key string) *Memo {
	data, err := os.ReadFile(path)
	if err != nil || len(data) < len(format) || string(data[:len(format)]) != format {
		return nil
	}
	r := &reader{rest: string(data[len(format):])}
	m := &Memo{Key: r.text()}
	if m.Key != key {
		return nil
	}
	m.Shared = r.files()
	m.Templates = make([]Template, r.count())
	for i := range m.Templates {
		m.Templates[i] = Template{r.file(), r.text(), r.files()}
	}
	if r.broken || r.rest != "" {
		return nil
	}
	return m
}

// Write stores the memo in one step.
func (m *Memo) Write(path string) error {
	b := make([]byte, 0, 64<<10)
	b = append(b, format...)
	b = appendText(b, m.Key)
	b = appendFiles(b, m.Shared)
	b = binary.AppendUvarint(b, uint64(len(m.Templates)))
	for _, t := range m.Templates {
		b = appendFile(b, &t.Input)
		b = appendText(b, t.Identity)
		b = appendFiles(b, t.Outputs)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "memo-*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name()) //nolint:errcheck // the first error is the one to tell
	}
	return err
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendFile(b []byte, f *File) []byte {
	return binary.AppendVarint(binary.AppendVarint(appendText(b, f.Path), f.Size), f.Time)
}

func appendFiles(b []byte, files []File) []byte {
	b = binary.AppendUvarint(b, uint64(len(files)))
	for i := range files {
		b = appendFile(b, &files[i])
	}
	return b
}

// A reader takes a memo apart. After a fault everything that it returns is empty.
type reader struct {
	rest   string
	broken bool
}

func (r *reader) uvarint() uint64 {
	var n uint64
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		c := r.rest[i]
		n |= uint64(c&0x7F) << (7 * i)
		if c < 0x80 {
			r.rest = r.rest[i+1:]
			return n
		}
	}
	r.rest, r.broken = "", true
	return 0
}

func (r *reader) varint() int64 {
	n := r.uvarint()
	return int64(n>>1) ^ -int64(n&1)
}

// count reads a number of things, each of which takes a byte at least.
func (r *reader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.rest)) {
		r.rest, r.broken = "", true
		return 0
	}
	return int(n)
}

func (r *reader) text() string {
	n := r.count()
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *reader) file() File { return File{r.text(), Stamp{r.varint(), r.varint()}} }

func (r *reader) files() []File {
	files := make([]File, r.count())
	for i := range files {
		files[i] = r.file()
	}
	return files
}
