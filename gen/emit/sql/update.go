package sql

import (
	"strings"

	"github.com/beds-project/beds/gen/emit"
	"github.com/beds-project/beds/gen/model"
)

// update emits the procedure that changes records.
func (e *emitter) update() emit.File {
	w := e.writer()
	p := e.procedure(e.t.Procedure("update"), modifies, append([]string{
		e.t.Collection + "_update: changes records, each with the key of the request that caused it.",
		"",
		"Called by: the node, for update; requests that wait at the same moment share a call.",
		"Costs: three statements for all rows; for a single row, or where one collides, six statements a row.",
		`ROW: {"key", "hash", "id": 32 hexadecimal digits, "revision": the one that it is based on or 0 for any, "now": time,`,
		`  "values": {FIELD: value or null, …}}, sorted by id; a field that is not there keeps its value.`,
	}, writeNotes...)...)
	p.open(w)
	e.change(w, func(indent int, now string) {
		w.line(indent, "`t`.`updated` = ", now, ",")
		w.line(indent, "`t`.`revision` = `t`.`revision` + 1", commaUnless(len(e.settable()) == 0))
		for i, f := range e.settable() {
			w.line(indent, column(f), " = IF(`r`.", presenceName(i, f), ", ", fromJSON(&f.Type, "`r`."+ident(f.Name)), ", ", column(f), ")",
				comma(i, len(e.settable())))
		}
	}, len(e.settable()) > 0)
	p.close(w)
	return w.file(e.dir + "proc_update.sql")
}

// delete emits the procedure that deletes records, or marks them deleted.
func (e *emitter) delete() emit.File {
	w := e.writer()
	what := "removes records"
	if e.t.SoftDeletes() {
		what = "marks records deleted"
	}
	p := e.procedure(e.t.Procedure("delete"), modifies, append([]string{
		e.t.Collection + "_delete: " + what + ", each with the key of the request that caused it.",
		"",
		"Called by: the node, for delete; requests that wait at the same moment share a call.",
		"Costs: five statements a row; with soft deletes three for all rows where nothing collides.",
		`ROW: {"key", "hash", "id": 32 hexadecimal digits, "revision": the one that it is based on or 0 for any, "now": time},`,
		"  sorted by id.",
	}, writeNotes...)...)
	p.open(w)
	if e.t.SoftDeletes() {
		e.change(w, func(indent int, now string) {
			w.line(indent, "`t`.`deleted` = ", now, ",")
			w.line(indent, "`t`.`updated` = ", now, ",")
			w.line(indent, "`t`.`revision` = `t`.`revision` + 1")
		}, false)
	} else {
		writeOpen(w, revisionArguments...)
		w.put("\n")
		e.changeEach(w, 1, func(indent int) {
			w.line(indent, "DELETE FROM ", e.tableName(), " WHERE `id` = `v_id`;")
		})
		writeClose(w, 1)
	}
	p.close(w)
	return w.file(e.dir + "proc_delete.sql")
}

var revisionArguments = []argument{
	{name: "v_expected", typ: "BIGINT"},
	{name: "v_current", typ: "BIGINT"},
	{name: "v_matched", typ: "INT DEFAULT 0"},
}

// change writes an update or a soft delete. set writes the SET list.
func (e *emitter) change(w *writer, set func(indent int, now string), values bool) {
	writeOpen(w, revisionArguments...)
	w.put("\n")
	w.note(1, "All rows at once. One that is not there, is stale, comes twice or sets a unique field")
	w.note(1, "shows in the number of changed rows.")
	w.line(1, "IF `v_count` > 1 THEN")
	attempt(w, 2, func(indent int) {
		w.line(indent, "UPDATE JSON_TABLE(", whole, ", '$.rows[*]' COLUMNS (")
		w.line(indent+1, "`id` CHAR(32) PATH '$.id', `revision` BIGINT PATH '$.revision', `now` DATETIME(6) PATH '$.now'", commaUnless(!values))
		if values {
			e.memberColumns(w, indent+1)
		}
		w.line(indent, ")) AS `r`")
		w.line(indent, "STRAIGHT_JOIN ", e.tableName(), " AS `t` FORCE INDEX (PRIMARY) ON `t`.`id` = UNHEX(`r`.`id`)")
		w.line(indent, "SET")
		set(indent+1, "`r`.`now`")
		w.line(indent, "WHERE (`r`.`revision` = 0 OR `r`.`revision` = `t`.`revision`)", e.live(" AND "), e.notUnique(values), ";")
		w.line(indent, "SET `v_matched` = ROW_COUNT();")
		w.line(indent, "IF `v_matched` = `v_count` THEN")
		e.changeClaims(w, indent+1)
		w.line(indent, "END IF;")
	})
	w.line(1, "END IF;")
	w.put("\n")
	w.line(1, "IF `v_count` > 1 AND `v_matched` = `v_count` AND `v_code` = '' THEN")
	w.line(2, "IF `v_own` THEN COMMIT; END IF;")
	e.changeOutcomes(w, 2)
	forget(w, 2)
	w.line(1, "ELSE")
	forget(w, 2)
	w.note(2, "A single row, or something collides: each row by itself.")
	w.line(2, "IF `v_count` > 1 THEN ROLLBACK TO SAVEPOINT `beds_call`; END IF;")
	e.changeEach(w, 2, func(indent int) { e.changeOne(w, indent, set, values) })
	writeClose(w, 2)
	w.line(1, "END IF;")
}

// notUnique leaves rows that set a field of a unique index to the second way: an
// update of several tables that meets a duplicate fails past every handler.
func (e *emitter) notUnique(values bool) string {
	var b strings.Builder
	for i, f := range e.settable() {
		if values && e.inUnique(f) {
			b.WriteString(" AND NOT `r`." + presenceName(i, f))
		}
	}
	return b.String()
}

func (e *emitter) inUnique(f *model.Field) bool {
	for _, ix := range e.t.Indexes {
		if ix.Unique && isKey(ix, f) {
			return true
		}
	}
	return false
}

// changeClaims stores the keys and results of all rows after the change.
func (e *emitter) changeClaims(w *writer, indent int) {
	w.line(indent, "INSERT INTO `beds_requests` (", claimColumns, ")")
	w.line(indent, "SELECT ", literal(e.t.Collection), ", `r`.`key`, UNHEX(`r`.`hash`), `t`.`id`, `t`.`created`, `t`.`updated`, `t`.`revision`, UTC_TIMESTAMP(6)")
	w.line(indent, "FROM JSON_TABLE(", whole, ", '$.rows[*]' COLUMNS (")
	w.line(indent+1, "`key` VARCHAR(129) PATH '$.key', `hash` CHAR(32) PATH '$.hash', `id` CHAR(32) PATH '$.id'")
	w.line(indent, ")) AS `r`")
	w.line(indent, "STRAIGHT_JOIN ", e.tableName(), " AS `t` FORCE INDEX (PRIMARY) ON `t`.`id` = UNHEX(`r`.`id`);")
}

// changeOutcomes returns the results of all rows: the ones just stored, which
// nobody changes.
func (e *emitter) changeOutcomes(w *writer, indent int) {
	w.line(indent, "SELECT `r`.`pos` - 1 AS `pos`, '' AS `code`, '' AS `detail`, FALSE AS `replayed`, `q`.`id`, `q`.`created`, `q`.`updated`, `q`.`revision`,")
	w.line(indent+1, "IF(`v_own`, 'committed', 'open') AS `state`")
	w.line(indent, "FROM JSON_TABLE(", whole, ", '$.rows[*]' COLUMNS (`pos` FOR ORDINALITY, `key` VARCHAR(129)", asciiKey, " PATH '$.key')) AS `r`")
	w.line(indent, "STRAIGHT_JOIN `beds_requests` AS `q` FORCE INDEX (PRIMARY)")
	w.line(indent+1, "ON `q`.`collection` = ", literal(e.t.Collection), " AND `q`.`request_key` = `r`.`key`;")
}

// asciiKey is the character set of a request's key.
const asciiKey = " CHARACTER SET ascii COLLATE ascii_nopad_bin"

// changeEach handles the rows one by one: lock the record, look at it, change it,
// store the result.
func (e *emitter) changeEach(w *writer, indent int, apply func(indent int)) {
	w.line(indent, "WHILE `v_item` < `v_count` DO")
	nextRow(w, indent+1)
	w.line(indent+1, "SELECT `r`.`key`, UNHEX(`r`.`hash`), UNHEX(`r`.`id`), `r`.`now`, `r`.`revision`, NULL")
	w.line(indent+1, "INTO `v_key`, `v_hash`, `v_id`, `v_now`, `v_expected`, `v_current`")
	w.line(indent+1, "FROM JSON_TABLE(`v_row`, '$' COLUMNS (")
	w.line(indent+2, "`key` VARCHAR(129) PATH '$.key', `hash` CHAR(32) PATH '$.hash', `id` CHAR(32) PATH '$.id', `now` DATETIME(6) PATH '$.now', `revision` BIGINT PATH '$.revision'")
	w.line(indent+1, ")) AS `r`;")
	w.line(indent+1, "SELECT `t`.`revision`, `t`.`created`, `t`.`updated` INTO `v_current`, `v_created`, `v_updated`")
	w.line(indent+1, "FROM ", e.tableName(), " AS `t` WHERE `t`.`id` = `v_id`", e.live(" AND "), " FOR UPDATE;")
	w.line(indent+1, "SET `v_revision` = `v_current` + 1;")
	w.line(indent+1, "IF `v_current` IS NULL THEN")
	w.line(indent+2, "SET `v_code` = 'not_found', `v_created` = NULL, `v_updated` = NULL;")
	w.line(indent+1, "ELSEIF `v_expected` NOT IN (0, `v_current`) THEN")
	w.line(indent+2, "SET `v_code` = 'stale', `v_revision` = `v_current`;")
	w.line(indent+1, "ELSE")
	w.line(indent+2, "SET `v_updated` = `v_now`;")
	e.claim(w, indent+2, "`v_created`", "`v_now`", "`v_revision`")
	w.line(indent+1, "END IF;")
	w.line(indent+1, "IF `v_code` <> '' THEN")
	w.note(indent+2, "Perhaps this request was here before.")
	e.recall(w, indent+2)
	w.line(indent+1, "ELSE")
	effect(w, indent+2, apply)
	w.line(indent+2, "IF `v_code` <> '' THEN ROLLBACK TO SAVEPOINT `beds_item`; END IF;")
	w.line(indent+1, "END IF;")
	settle(w, indent+1)
	w.line(indent, "END WHILE;")
	w.put("\n")
}

// changeOne changes the record of v_id. The record comes first in the join, so
// that it is changed in place; the other way round MariaDB makes a table of it.
func (e *emitter) changeOne(w *writer, indent int, set func(int, string), values bool) {
	if !values {
		w.line(indent, "UPDATE ", e.tableName(), " AS `t` SET")
		set(indent+1, "`v_now`")
		w.line(indent, "WHERE `t`.`id` = `v_id`;")
		return
	}
	w.line(indent, "UPDATE ", e.tableName(), " AS `t` FORCE INDEX (PRIMARY)")
	w.line(indent, "STRAIGHT_JOIN JSON_TABLE(`v_row`, '$' COLUMNS (")
	w.line(indent+1, "`now` DATETIME(6) PATH '$.now',")
	e.memberColumns(w, indent+1)
	w.line(indent, ")) AS `r`")
	w.line(indent, "SET")
	set(indent+1, "`r`.`now`")
	w.line(indent, "WHERE `t`.`id` = `v_id`;")
}
