package check

import (
	"strings"

	"github.com/beds-project/beds/devstack/faults/journal"
)

// operation is all that the journal says about one key.
type operation struct {
	key, op, template, name string
	base                    int64
	attempts                int
	acknowledged            bool
	differs                 bool   // two acknowledgements name different revisions
	revision                int64  // that the acknowledgement names
	refused                 string // code of an answer that ends the matter without success
	why                     string
	extra                   int
	answered                map[int]bool
}

type operations struct {
	order []*operation
	byKey map[string]*operation
}

// gather joins the entries of one case by key.
func gather(entries []journal.Entry, name string) *operations {
	ops := &operations{byKey: map[string]*operation{}}
	for i := range entries {
		e := &entries[i]
		if !strings.HasPrefix(e.Key, name+"-") {
			continue
		}
		o := ops.byKey[e.Key]
		if o == nil {
			o = &operation{key: e.Key, answered: map[int]bool{}}
			ops.byKey[e.Key] = o
			ops.order = append(ops.order, o)
		}
		o.take(e)
	}
	return ops
}

func (o *operation) take(e *journal.Entry) {
	switch e.Kind {
	case journal.Intent:
		o.op, o.template, o.name, o.base = e.Op, e.Template, e.Name, e.Base
	case journal.Publish:
		o.attempts = max(o.attempts, e.Attempt)
	case journal.Failure:
		o.why = e.Note
	case journal.Reply:
		o.reply(e)
	}
}

func (o *operation) reply(e *journal.Entry) {
	if strings.HasPrefix(e.Note, "late") || o.answered[e.Attempt] {
		o.extra++
	}
	o.answered[e.Attempt] = true
	switch {
	case e.Status == "ok" && o.op == "fetch" && o.acknowledged && e.Revision == 0:
		// A read that was delivered again says what is true then: the record may be deleted by now.
	case e.Status == "ok":
		o.differs = o.differs || o.acknowledged && o.revision != e.Revision
		o.acknowledged, o.revision = true, e.Revision
	case e.Status == "unknown" || retryable[e.Code]:
		o.why = e.Code + ": " + e.Note
	default:
		o.refused, o.why = e.Code, e.Note
	}
}

// retryable are the codes, from the documentation, after which a client asks again.
// deadline_passed is not retryable by itself, but says that nothing was done.
var retryable = map[string]bool{"unavailable": true, "busy": true, "draining": true, "unknown": true, "deadline_passed": true}
