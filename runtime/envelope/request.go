package envelope

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"
)

// The operations of version 1.
const (
	OpPing   = "ping"
	OpFetch  = "fetch"
	OpCount  = "count"
	OpWrite  = "write"
	OpUpdate = "update"
	OpDelete = "delete"
	OpQuery  = "query"
	OpObject = "object"
	OpBatch  = "batch"
	OpTicket = "ticket"
)

// Operations lists every operation.
var Operations = []string{OpPing, OpFetch, OpCount, OpWrite, OpUpdate, OpDelete, OpQuery, OpObject, OpBatch, OpTicket}

// Writes reports whether an operation changes records and therefore has a key.
func Writes(op string) bool { return op == OpWrite || op == OpUpdate || op == OpDelete }

// A Request is a decoded envelope. Its strings and Data, the raw JSON of the member
// data, refer to the body, which must not change as long as the request is used.
// Data is nil where the member is absent.
type Request struct {
	Template   string
	Op         string
	EventID    string
	ParentID   string
	RootID     string
	Depth      int
	Key        string
	DeadlineMS int64
	Data       jsontext.Value
	Options    Options
	// Ops are the operations of a batch. They inherit template and lineage; their
	// own op, data, key and options are set.
	Ops []Request
}

// Options are the members of options.
type Options struct {
	Limit  int // 0: the node's default
	Cursor string
	Return []string // public names; nil for all
	Sort   []string // public names, a leading "-" for descending
	DryRun bool
	Atomic bool // batch: all or nothing
}

// Version is the version of the envelope that this package reads and writes.
const Version = 1

// Longest identifiers that a request may carry, in bytes.
const (
	maxID   = 128
	maxKey  = 128
	maxName = 64
)

// Decode reads a request. Every error is a client error of the catalogue; the
// request returned with an error holds what was read until then, so that the
// reply can name its event. The request refers to body.
func Decode(body []byte, limits Limits) (*Request, *Error) {
	req := new(Request)
	if err := limits.Check(body); err != nil {
		return req, err
	}
	d := decoders.Get().(*decoder)
	defer d.release()
	d.reset(body, limits)
	version, err := d.request(req, false)
	if err == nil {
		err = d.end()
	}
	switch {
	case err != nil:
		return req, err
	case version != Version:
		return req, Errorf(Unversioned, "v must be %d", Version)
	case req.Op == "":
		return req, Errorf(Required, "op is missing")
	case req.Template == "" && req.Op != OpPing:
		return req, Errorf(Required, "template is missing")
	}
	return req, nil
}

// decoder reads one body. It is pooled because its tables of names are what a
// strict decoder allocates most.
type decoder struct {
	src    bytes.Reader
	json   *jsontext.Decoder
	body   []byte
	limits Limits
}

var decoders = sync.Pool{New: func() any {
	d := new(decoder)
	d.json = jsontext.NewDecoder(&d.src)
	return d
}}

func (d *decoder) reset(body []byte, limits Limits) {
	d.src.Reset(body)
	d.json.Reset(&d.src)
	d.body, d.limits = body, limits
}

func (d *decoder) release() {
	d.body = nil
	d.src.Reset(nil)
	decoders.Put(d)
}

// end refuses anything but white space after the envelope.
func (d *decoder) end() *Error {
	if _, err := d.json.ReadToken(); err != io.EOF {
		return Errorf(Malformed, "the body goes on after the envelope, at offset %d", d.json.InputOffset())
	}
	return nil
}

// syntax turns a decoder's error into a client's.
func (d *decoder) syntax(err error) *Error {
	var s *jsontext.SyntacticError
	if errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &s) {
		return Errorf(Malformed, "the member %s occurs twice", clip(string(s.JSONPointer)))
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		if len(d.body) == 0 {
			return Errorf(Malformed, "the body is empty; it must be one JSON object")
		}
		return Errorf(Malformed, "the body ends at offset %d in the middle of the JSON", len(d.body))
	}
	if errors.As(err, &s) {
		return Errorf(Malformed, "the body is not JSON at offset %d: %s", s.ByteOffset, strings.TrimPrefix(s.Err.Error(), "jsontext: "))
	}
	return Errorf(Malformed, "the body is not JSON")
}

// request reads one envelope, or with inner one operation of a batch.
func (d *decoder) request(req *Request, inner bool) (version int64, err *Error) {
	if d.json.PeekKind() != '{' {
		if _, e := d.json.ReadToken(); e != nil {
			return 0, d.syntax(e)
		}
		return 0, Errorf(Malformed, "the body must be one JSON object")
	}
	if _, e := d.json.ReadToken(); e != nil {
		return 0, d.syntax(e)
	}
	for d.json.PeekKind() != '}' {
		name, e := d.string()
		if e != nil {
			return version, d.syntax(e)
		}
		if err := d.member(req, name, inner, &version); err != nil {
			return version, err
		}
	}
	if _, e := d.json.ReadToken(); e != nil {
		return version, d.syntax(e)
	}
	return version, nil
}

// string reads the next token, a string or a name, as part of the body where it is
// written without escapes. It copies nothing in that case: bodies do not change.
func (d *decoder) string() (string, error) {
	v, err := d.json.ReadValue()
	if err != nil {
		return "", err
	}
	if bytes.IndexByte(v, '\\') >= 0 {
		text, err := jsontext.AppendUnquote(nil, v)
		return string(text), err
	}
	end := int(d.json.InputOffset())
	text := d.body[end-len(v)+1 : end-1]
	return unsafe.String(unsafe.SliceData(text), len(text)), nil
}

func (d *decoder) member(req *Request, name string, inner bool, version *int64) (err *Error) {
	switch name {
	case "template":
		req.Template, err = d.text(name, maxName)
	case "op":
		req.Op, err = d.text(name, maxName)
	case "key":
		req.Key, err = d.text(name, maxKey)
	case "data":
		req.Data, err = d.raw()
	case "options":
		err = d.options(&req.Options)
	default:
		if inner {
			return unknown("an operation of a batch", name)
		}
		return d.outerMember(req, name, version)
	}
	return err
}

func (d *decoder) outerMember(req *Request, name string, version *int64) (err *Error) {
	switch name {
	case "v":
		*version, err = d.integer(name)
	case "event_id":
		req.EventID, err = d.text(name, maxID)
	case "parent_id":
		req.ParentID, err = d.text(name, maxID)
	case "root_id":
		req.RootID, err = d.text(name, maxID)
	case "depth":
		var n int64
		n, err = d.integer(name)
		req.Depth = int(n)
		if err == nil && (n < 0 || n > 1000) {
			err = Errorf(BadValue, "depth must be 0 to 1000")
		}
	case "deadline_ms":
		req.DeadlineMS, err = d.integer(name)
		if err == nil && req.DeadlineMS < 0 {
			err = Errorf(BadValue, "deadline_ms must not be negative")
		}
	case "ops":
		err = d.ops(req)
	default:
		return unknown("the envelope", name)
	}
	return err
}

func unknown(where, name string) *Error {
	return Errorf(UnknownMember, "%s has no member %q; names are case-sensitive", where, clip(name))
}

func (d *decoder) ops(req *Request) *Error {
	if d.json.PeekKind() != '[' {
		return d.wrongType("ops", "an array of operations")
	}
	if _, e := d.json.ReadToken(); e != nil {
		return d.syntax(e)
	}
	for d.json.PeekKind() != ']' {
		if len(req.Ops) == d.limits.Batch {
			return Errorf(TooLarge, "the batch has more than %d operations", d.limits.Batch)
		}
		req.Ops = append(req.Ops, Request{})
		if _, err := d.request(&req.Ops[len(req.Ops)-1], true); err != nil {
			if err.Code == Malformed {
				return err
			}
			return Errorf(err.Code, "ops[%d]: %s", len(req.Ops)-1, err.Message)
		}
	}
	if _, e := d.json.ReadToken(); e != nil {
		return d.syntax(e)
	}
	return nil
}

func (d *decoder) options(o *Options) *Error {
	if d.json.PeekKind() != '{' {
		return d.wrongType("options", "an object")
	}
	if _, e := d.json.ReadToken(); e != nil {
		return d.syntax(e)
	}
	for d.json.PeekKind() != '}' {
		name, e := d.string()
		if e != nil {
			return d.syntax(e)
		}
		if err := d.option(o, name); err != nil {
			return err
		}
	}
	if _, e := d.json.ReadToken(); e != nil {
		return d.syntax(e)
	}
	return nil
}

func (d *decoder) option(o *Options, name string) (err *Error) {
	switch name {
	case "limit":
		var n int64
		n, err = d.integer("options.limit")
		o.Limit = int(n)
		if err == nil && (n < 1 || n > 1<<20) {
			err = Errorf(BadValue, "options.limit must be at least 1")
		}
	case "cursor":
		o.Cursor, err = d.text("options.cursor", 1<<20)
	case "return":
		o.Return, err = d.names("options.return")
	case "sort":
		o.Sort, err = d.names("options.sort")
	case "dry_run":
		o.DryRun, err = d.boolean("options.dry_run")
	case "atomic":
		o.Atomic, err = d.boolean("options.atomic")
	default:
		return Errorf(UnknownOption, "options has no member %q; it knows limit, cursor, return, sort, dry_run and atomic", clip(name))
	}
	return err
}

func (d *decoder) raw() (jsontext.Value, *Error) {
	v, err := d.json.ReadValue()
	if err != nil {
		return nil, d.syntax(err)
	}
	// The decoder's buffer is reused; the body is not, so refer to that.
	end := d.json.InputOffset()
	return jsontext.Value(d.body[end-int64(len(v)) : end]), nil
}

func (d *decoder) wrongType(name, want string) *Error {
	if err := d.json.SkipValue(); err != nil {
		return d.syntax(err)
	}
	return Errorf(BadType, "%s must be %s", name, want)
}

func (d *decoder) text(name string, max int) (string, *Error) {
	if d.json.PeekKind() != '"' {
		return "", d.wrongType(name, "a string")
	}
	s, err := d.string()
	if err != nil {
		return "", d.syntax(err)
	}
	if len(s) > max {
		return "", Errorf(BadValue, "%s has %d bytes; at most %d are allowed", name, len(s), max)
	}
	return s, nil
}

func (d *decoder) integer(name string) (int64, *Error) {
	if d.json.PeekKind() != '0' {
		return 0, d.wrongType(name, "a whole number")
	}
	v, err := d.json.ReadValue()
	if err != nil {
		return 0, d.syntax(err)
	}
	n, e := strconv.ParseInt(string(v), 10, 64)
	if e != nil {
		return 0, Errorf(BadValue, "%s must be a whole number in the 64-bit range", name)
	}
	return n, nil
}

func (d *decoder) boolean(name string) (bool, *Error) {
	if k := d.json.PeekKind(); k != 't' && k != 'f' {
		return false, d.wrongType(name, "true or false")
	}
	tok, err := d.json.ReadToken()
	if err != nil {
		return false, d.syntax(err)
	}
	return tok.Bool(), nil
}

func (d *decoder) names(name string) ([]string, *Error) {
	if d.json.PeekKind() != '[' {
		return nil, d.wrongType(name, "an array of names")
	}
	if _, err := d.json.ReadToken(); err != nil {
		return nil, d.syntax(err)
	}
	names := []string{}
	for d.json.PeekKind() != ']' {
		s, err := d.text(name, maxName+1)
		if err != nil {
			return nil, err
		}
		names = append(names, s)
	}
	if _, err := d.json.ReadToken(); err != nil {
		return nil, d.syntax(err)
	}
	return names, nil
}

// clip shortens what a client sent for a message.
func clip(s string) string {
	const max = 64
	if len(s) <= max {
		return s
	}
	return strings.ToValidUTF8(s[:max], "") + "…"
}
