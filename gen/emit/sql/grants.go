package sql

import (
	"github.com/beds-project/beds/gen/emit"
	"github.com/beds-project/beds/gen/model"
)

// Procedures returns the names of a template's procedures, sorted as the files are.
func Procedures(t *model.Template) []string {
	names := []string{t.Procedure("insert"), t.Procedure("get")}
	for _, ix := range t.Indexes {
		if ix.Identifies() {
			names = append(names, t.GetProcedure(ix))
		}
		names = append(names, t.ByProcedure(ix))
	}
	for _, q := range t.Queries {
		names = append(names, t.QueryProcedure(q))
	}
	if t.Behaviour.Updates {
		names = append(names, t.Procedure("update"))
	}
	if t.Behaviour.Deletes != model.DeletesNone {
		names = append(names, t.Procedure("delete"))
	}
	names = append(names, t.Procedure("count"))
	if t.Behaviour.AdHoc {
		names = append(names, t.Procedure("find"))
	}
	return names
}

// grants emits the rights: the owner's on the table, the role's on the procedures.
func (e *emitter) grants() emit.File {
	w := e.writer()
	w.head(
		"Rights on the objects of "+e.t.Collection+".",
		"",
		"beds_owner is locked and has what the procedures need; beds_executor may run the procedures and nothing else.",
		"CREATE OR REPLACE keeps the rights on a procedure, so installing again never interrupts a running node.",
	)
	w.put("GRANT ", e.tableRights(), " ON TABLE ", e.tableName(), " TO ", owner, ";\n\n")
	for _, name := range Procedures(e.t) {
		w.put("GRANT EXECUTE ON PROCEDURE ", ident(name), " TO ", role, ";\n")
	}
	w.tail()
	return w.file(e.dir + "grants.sql")
}

// tableRights are the rights that the procedures and events of a template need.
func (e *emitter) tableRights() string {
	rights := "SELECT, INSERT"
	hard := e.t.Behaviour.Deletes == model.DeletesHard
	if e.t.Behaviour.Updates || e.t.SoftDeletes() {
		rights += ", UPDATE"
	}
	for _, ix := range e.t.Indexes {
		hard = hard || ix.Kind == model.IndexTTL
	}
	if hard {
		rights += ", DELETE"
	}
	return rights
}
