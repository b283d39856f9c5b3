// Package check decides whether anything was lost, doubled or made up. It knows the
// generator's journal, the dead letters and what the databases hold, and nothing of
// the product's code.
package check

import (
	"fmt"
	"slices"

	"github.com/beds-project/beds/devstack/faults/journal"
	"github.com/beds-project/beds/devstack/faults/stack"
)

// Kinds of findings.
const (
	Lost       = "lost"       // acknowledged, but not in the store
	Duplicated = "duplicated" // took effect more than once
	Unexpected = "unexpected" // anything else that the contract does not allow
)

// A Finding is one breach.
type Finding struct{ Kind, Key, What string }

func (f Finding) String() string { return f.Kind + ": " + f.Key + ": " + f.What }

// Counters sum up one case.
type Counters struct {
	Attempted    int // operations begun, each with a key of its own
	Acknowledged int // answered with ok at least once
	OK           int // acknowledged, and the store holds exactly that
	Refused      int // ended with an error that the case allows
	Lost         int
	Unexpected   int
	Duplicated   int
	Recovered    int // acknowledged after a first attempt that failed
	Extra        int // more replies than the first to one attempt, or to one that was given up
	Dead         int // dead letters
	Retried      int // attempts after the first
}

// Failed says whether the promises are broken.
func (c Counters) Failed() bool { return c.Lost+c.Unexpected+c.Duplicated > 0 }

// Add sums up cases.
func (c *Counters) Add(o Counters) {
	c.Attempted += o.Attempted
	c.Acknowledged += o.Acknowledged
	c.OK += o.OK
	c.Refused += o.Refused
	c.Lost += o.Lost
	c.Unexpected += o.Unexpected
	c.Duplicated += o.Duplicated
	c.Recovered += o.Recovered
	c.Extra += o.Extra
	c.Dead += o.Dead
	c.Retried += o.Retried
}

// Input is what the checker joins.
type Input struct {
	Journal string // file
	Case    string
	Letters []stack.DeadLetter
	Stores  Stores
	Allow   []string // codes that may end an operation in this case
	Dead    []string // codes that dead letters may have
	Extra   []Finding
}

// Result is the verdict on one case.
type Result struct {
	Counters
	Findings []Finding
}

// report files a finding and counts it.
func (r *Result) report(kind, key, format string, args ...any) {
	r.Findings = append(r.Findings, Finding{kind, key, fmt.Sprintf(format, args...)})
	switch kind {
	case Lost:
		r.Lost++
	case Duplicated:
		r.Duplicated++
	default:
		r.Unexpected++
	}
}

// Case judges one case.
func Case(in Input) (*Result, error) {
	entries, err := journal.Read(in.Journal)
	if err != nil {
		return nil, err
	}
	ops := gather(entries, in.Case)
	r := new(Result)
	for _, o := range ops.order {
		r.judge(o, &in)
	}
	r.surplus(ops, &in.Stores)
	r.letters(ops, &in)
	for _, f := range in.Extra {
		r.report(f.Kind, f.Key, "%s", f.What)
	}
	return r, nil
}

// judge compares one operation with the stores.
func (r *Result) judge(o *operation, in *Input) {
	before := len(r.Findings)
	r.Attempted++
	r.Retried += max(0, o.attempts-1)
	r.Extra += o.extra
	applied := in.Stores.applied(o)
	switch {
	case applied > 1:
		r.report(Duplicated, o.key, "%s took effect %d times", o.op, applied)
	case o.acknowledged && applied == 0:
		r.report(Lost, o.key, "%s was acknowledged, but %s", o.op, in.Stores.describe(o))
	case o.refused != "" && !o.acknowledged && applied > 0:
		r.report(Unexpected, o.key, "%s was refused with %s, but took effect", o.op, o.refused)
	}
	r.replies(o, in)
	if !o.acknowledged {
		return
	}
	r.Acknowledged++
	if o.attempts > 1 {
		r.Recovered++
	}
	if len(r.Findings) == before {
		r.OK++
	}
}

// replies judges what the client was told.
func (r *Result) replies(o *operation, in *Input) {
	switch {
	case o.refused != "" && slices.Contains(in.Allow, o.refused):
		r.Refused++
	case o.refused != "" && o.acknowledged:
		r.report(Unexpected, o.key, "%s was answered with ok and with %s: %s", o.op, o.refused, o.why)
	case o.refused != "":
		r.report(Unexpected, o.key, "%s was refused with %s: %s", o.op, o.refused, o.why)
	case !o.acknowledged:
		r.report(Unexpected, o.key, "%s was never answered in %d attempts; the last one: %s", o.op, o.attempts, o.why)
	}
	if !o.acknowledged {
		return
	}
	switch want := o.base + 1; {
	case o.op == "fetch":
		if o.revision < o.base && !(o.template == "example" && o.revision > 0) { // the template may be cached
			r.report(Unexpected, o.key, "a read gave revision %d after %d was acknowledged", o.revision, o.base)
		}
	case o.revision != want || o.differs:
		r.report(Unexpected, o.key, "%s was answered with revision %d, not %d", o.op, o.revision, want)
	}
}

// surplus finds what is in the stores and was never asked for.
func (r *Result) surplus(ops *operations, s *Stores) {
	for _, key := range s.marks() {
		if ops.byKey[key] == nil {
			r.report(Unexpected, key, "an effect that nobody asked for")
		}
	}
	for name, rows := range s.Documents {
		changes := 0
		for _, o := range ops.order {
			if o.template == "example" && o.name == name && (o.op == "update" || o.op == "delete") {
				changes++
			}
		}
		for _, row := range rows {
			if row.Revision > int64(1+changes) {
				r.report(Duplicated, name, "the document has revision %d after %d changes", row.Revision, changes)
			}
		}
	}
}

// letters: whatever lies in a dead-letter queue has a reason, and one that the case
// gives cause for.
func (r *Result) letters(ops *operations, in *Input) {
	for _, l := range in.Letters {
		r.Dead++
		switch {
		case l.Code == "" || l.Reason == "":
			r.report(Unexpected, l.MessageID, "a dead letter in %s.dlq without a reason", l.Queue)
		case !slices.Contains(in.Dead, l.Code):
			r.report(Unexpected, l.MessageID, "a dead letter in %s.dlq after %d attempts: %s: %s", l.Queue, l.Attempts, l.Code, l.Reason)
		}
	}
}
