// Package rule holds what a REC template must fulfil, one rule a file. A rule
// sees a template as it was written, or all templates of a run, and reports
// findings; it never changes anything and never depends on another rule's result.
package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/beds-project/beds/gen/diag"
	"github.com/beds-project/beds/gen/rec"
)

// A Rule is one demand on templates.
type Rule struct {
	ID   string // stable: it stands in every finding
	Doc  string // what is demanded, in one line
	Cure string // why, and what to do about a finding

	// whole rules look for what is missing or refer from one place to another, so
	// they would only add noise to a file that could not be read to its end.
	whole bool
	// One of the two is set.
	check    func(*rec.Template, *Reporter)
	checkSet func([]*rec.Template, *Reporter)
}

var all []*Rule

// register adds a rule; every file of the package does so once, when it starts.
// A second rule of one name is a mistake of a programmer.
func register(r *Rule) {
	i, found := slices.BinarySearchFunc(all, r.ID, byID)
	if found {
		panic("rule registered twice: " + r.ID)
	}
	all = slices.Insert(all, i, r)
}

func byID(r *Rule, id string) int { return strings.Compare(r.ID, id) }

// All returns every rule, sorted by id.
func All() []*Rule { return slices.Clone(all) }

// Get returns the rule with an id, or nil.
func Get(id string) *Rule {
	i, found := slices.BinarySearchFunc(all, id, byID)
	if !found {
		return nil
	}
	return all[i]
}

// Check applies the rules for single templates.
func Check(t *rec.Template, list *diag.List) {
	// A template that is too large to be meant is not worth a thousand findings.
	flooded := slices.ContainsFunc(t.Problems, func(p rec.Problem) bool {
		return p.Kind == rec.ProblemFieldCount || p.Kind == rec.ProblemSize
	})
	reporter := new(Reporter)
	for _, r := range all {
		if r.check == nil || r.whole && (t.Broken || flooded) {
			continue
		}
		*reporter = Reporter{rule: r, t: t, list: list}
		r.check(t, reporter)
		reporter.close()
	}
}

// CheckSet applies the rules for all templates of a run together. The templates
// are sorted by file.
func CheckSet(set []*rec.Template, list *diag.List) {
	for _, r := range all {
		if r.checkSet != nil {
			r.checkSet(set, &Reporter{rule: r, list: list})
		}
	}
}

// A Reporter takes the findings of one rule.
type Reporter struct {
	rule      *Rule
	t         *rec.Template // nil for rules over the set
	list      *diag.List
	suggested int
	reported  int
	omitted   rec.Span // where the first one stood that was too many
}

// maxFindings bounds what one rule says about one template: a machine that wrote
// a hundred thousand mistakes is not helped by as many findings.
const maxFindings = 200

// maxSuggestions bounds the search for similar names: each costs a walk over all
// names, and nobody reads the suggestions of a template that is wrong all over.
const maxSuggestions = 50

// Addf reports a finding in the template under check.
func (r *Reporter) Addf(at rec.Span, format string, args ...any) {
	if r.room(at) {
		r.AddTo(r.t, at, format, args...)
	}
}

// room counts a finding and reports whether there is still room for it.
func (r *Reporter) room(at rec.Span) bool {
	r.reported++
	if r.reported == maxFindings+1 {
		r.omitted = at
	}
	return r.reported <= maxFindings
}

// close says how many findings were left out, if any.
func (r *Reporter) close() {
	if n := r.reported - maxFindings; n > 0 {
		r.AddTo(r.t, r.omitted, "%d more findings of this rule are left out, from here on", n)
	}
}

// AddTo reports a finding in one template of the set.
func (r *Reporter) AddTo(t *rec.Template, at rec.Span, format string, args ...any) {
	r.list.Addf(t.At(at), r.rule.ID, format, args...)
}

// Suggest reports a finding about a name together with the most similar of the
// known ones.
func (r *Reporter) Suggest(at rec.Span, got string, known []string, format string, args ...any) {
	if !r.room(at) {
		return
	}
	f := diag.Finding{Pos: r.t.At(at), Rule: r.rule.ID, Message: fmt.Sprintf(format, args...)}
	if r.suggested++; r.suggested <= maxSuggestions {
		f.Suggestion = nearest(got, known)
	}
	r.list.Add(f)
}

// problems reports what the reader recorded of one kind.
func problems(kind rec.ProblemKind) func(*rec.Template, *Reporter) {
	return func(t *rec.Template, r *Reporter) {
		for _, p := range t.Problems {
			if p.Kind == kind {
				r.Suggest(p.Span, p.Got, p.Known, "%s", p.Message)
			}
		}
	}
}
