package envelope

import (
	"bytes"
	"fmt"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The states of a reply.
const (
	StatusOK      = "ok"
	StatusError   = "error"
	StatusUnknown = "unknown" // the effect is not known; ask again with the key
)

// A Result is the outcome of one operation. Data holds complete JSON values
// separated by commas: the elements of the reply's data.
type Result struct {
	Data   []byte
	Count  int64
	Cursor string
	Err    *Error

	scratch *[]byte // what Data was built in, to be used again
}

// Data is built in pooled memory and copied into the reply, since the members that
// come before it are known last. Larger buffers are not kept.
const keepScratch = 64 << 10

var scratches = sync.Pool{New: func() any {
	b := make([]byte, 0, 2048)
	return &b
}}

// Buffer returns memory to append Data to; it may grow elsewhere. AppendReply and
// AppendResult give it back.
func (r *Result) Buffer() []byte {
	r.scratch = scratches.Get().(*[]byte)
	return (*r.scratch)[:0]
}

func (r *Result) release() {
	if r.scratch != nil && cap(r.Data) <= keepScratch {
		*r.scratch = r.Data
		scratches.Put(r.scratch)
	}
	r.Data, r.scratch = nil, nil
}

// AppendReply appends the reply to a request and uses the result up. took is in
// microseconds.
func AppendReply(dst []byte, req *Request, res *Result, node string, took int64) []byte {
	dst = append(dst, `{"v":1,"event_id":`...)
	dst = appendString(dst, req.EventID)
	if req.ParentID != "" {
		dst = append(dst, `,"parent_id":`...)
		dst = appendString(dst, req.ParentID)
	}
	dst = append(dst, ',')
	dst = res.appendMembers(dst)
	dst = append(dst, `,"node":`...)
	dst = appendString(dst, node)
	dst = append(dst, `,"took_us":`...)
	dst = strconv.AppendInt(dst, took, 10)
	return append(dst, '}')
}

// AppendResult appends the result of one operation of a batch and uses it up.
func AppendResult(dst []byte, res *Result) []byte {
	dst = append(dst, '{')
	dst = res.appendMembers(dst)
	return append(dst, '}')
}

func (r *Result) appendMembers(dst []byte) []byte {
	if r.Err != nil {
		return r.Err.appendMembers(dst)
	}
	dst = append(dst, `"status":"ok","data":[`...)
	dst = append(dst, r.Data...)
	r.release()
	dst = append(dst, `],"count":`...)
	dst = strconv.AppendInt(dst, r.Count, 10)
	if r.Cursor != "" {
		dst = append(dst, `,"cursor":`...)
		dst = appendString(dst, r.Cursor)
	}
	return dst
}

func (e *Error) appendMembers(dst []byte) []byte {
	entry := Lookup(e.Code)
	status := StatusError
	if entry.Class == ClassUnknown {
		status = StatusUnknown
	}
	dst = append(dst, `"status":"`...)
	dst = append(dst, status...)
	dst = append(dst, `","data":[],"count":0,"error":{"code":"`...)
	dst = append(dst, e.Code...)
	dst = append(dst, `","message":`...)
	dst = appendString(dst, e.Message)
	if len(e.Details) > 0 {
		dst = append(dst, `,"details":[`...)
		for i, d := range e.Details {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, `{"field":`...)
			dst = appendString(dst, d.Field)
			dst = append(dst, `,"code":"`...)
			dst = append(dst, d.Code...)
			dst = append(dst, `","message":`...)
			dst = appendString(dst, d.Message)
			dst = append(dst, '}')
		}
		dst = append(dst, ']')
	}
	dst = append(dst, `,"retryable":`...)
	dst = strconv.AppendBool(dst, entry.Retryable)
	return append(dst, '}')
}

func appendString(dst []byte, s string) []byte {
	out, err := jsontext.AppendQuote(dst, s)
	if err != nil { // invalid UTF-8 has been replaced in out
		return out
	}
	return out
}

// A Reply is what a client receives.
type Reply struct {
	Version  int              `json:"v"`
	EventID  string           `json:"event_id"`
	ParentID string           `json:"parent_id"`
	Status   string           `json:"status"`
	Data     []jsontext.Value `json:"data"`
	Count    int64            `json:"count"`
	Cursor   string           `json:"cursor"`
	Error    *ReplyError      `json:"error"`
	Node     string           `json:"node"`
	TookUS   int64            `json:"took_us"`
}

// A ReplyError is the error of a reply.
type ReplyError struct {
	Code      Code     `json:"code"`
	Message   string   `json:"message"`
	Details   []Detail `json:"details"`
	Retryable bool     `json:"retryable"`
}

// Err is the reply's error as an *Error, or nil.
func (r *Reply) Err() error {
	if r.Error == nil {
		return nil
	}
	return &Error{Code: r.Error.Code, Message: r.Error.Message, Details: r.Error.Details}
}

// DecodeReply reads a reply. Members that this version does not know are skipped.
func DecodeReply(body []byte) (*Reply, error) {
	r := new(Reply)
	if err := json.UnmarshalRead(bytes.NewReader(body), r); err != nil {
		return nil, fmt.Errorf("envelope: not a reply: %w", err)
	}
	if r.Version != Version {
		return nil, fmt.Errorf("envelope: reply of version %d; this client reads %d", r.Version, Version)
	}
	return r, nil
}

// AppendRequest appends a request as Decode reads it; a client uses it.
func AppendRequest(dst []byte, req *Request) []byte {
	dst = append(dst, `{"v":1,`...)
	dst = appendOp(dst, req)
	str := func(name, value string) {
		if value != "" {
			dst = append(dst, `,"`...)
			dst = append(dst, name...)
			dst = append(dst, `":`...)
			dst = appendString(dst, value)
		}
	}
	str("event_id", req.EventID)
	str("parent_id", req.ParentID)
	str("root_id", req.RootID)
	if req.Depth != 0 {
		dst = append(dst, `,"depth":`...)
		dst = strconv.AppendInt(dst, int64(req.Depth), 10)
	}
	if req.DeadlineMS != 0 {
		dst = append(dst, `,"deadline_ms":`...)
		dst = strconv.AppendInt(dst, req.DeadlineMS, 10)
	}
	if len(req.Ops) > 0 {
		dst = append(dst, `,"ops":[`...)
		for i := range req.Ops {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendOp(append(dst, '{'), &req.Ops[i]), '}')
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// appendOp appends the members that an envelope and an operation of a batch share.
func appendOp(dst []byte, req *Request) []byte {
	dst = append(dst, `"op":`...)
	dst = appendString(dst, req.Op)
	if req.Template != "" {
		dst = append(dst, `,"template":`...)
		dst = appendString(dst, req.Template)
	}
	if req.Key != "" {
		dst = append(dst, `,"key":`...)
		dst = appendString(dst, req.Key)
	}
	if len(req.Data) > 0 {
		dst = append(dst, `,"data":`...)
		dst = append(dst, req.Data...)
	}
	return appendOptions(dst, &req.Options)
}

func appendOptions(dst []byte, o *Options) []byte {
	open := len(dst)
	sep := `,"options":{`
	member := func(name string) {
		dst = append(dst, sep...)
		dst = append(dst, '"')
		dst = append(dst, name...)
		dst = append(dst, '"', ':')
		sep = ","
	}
	names := func(name string, list []string) {
		if list == nil {
			return
		}
		member(name)
		dst = append(dst, '[')
		for i, s := range list {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendString(dst, s)
		}
		dst = append(dst, ']')
	}
	if o.Limit != 0 {
		member("limit")
		dst = strconv.AppendInt(dst, int64(o.Limit), 10)
	}
	if o.Cursor != "" {
		member("cursor")
		dst = appendString(dst, o.Cursor)
	}
	names("return", o.Return)
	names("sort", o.Sort)
	if o.DryRun {
		member("dry_run")
		dst = append(dst, "true"...)
	}
	if o.Atomic {
		member("atomic")
		dst = append(dst, "true"...)
	}
	if len(dst) > open {
		dst = append(dst, '}')
	}
	return dst
}

// DecodeResult reads the result of one operation of a batch.
func DecodeResult(raw []byte) (*Reply, error) {
	r := new(Reply)
	if err := json.Unmarshal(raw, r); err != nil {
		return nil, fmt.Errorf("envelope: not a result: %w", err)
	}
	return r, nil
}
