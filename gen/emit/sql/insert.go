package sql

import "github.com/beds-project/beds/gen/emit"

// insert emits the procedure that writes new records.
func (e *emitter) insert() emit.File {
	w := e.writer()
	p := e.procedure(e.t.Procedure("insert"), modifies, append([]string{
		e.t.Collection + "_insert: writes new records, each with the key of the request that caused it.",
		"",
		"Called by: the node, for write; requests that wait at the same moment share a call.",
		"Costs: two statements for all rows; where one collides, five statements a row.",
		`ROW: {"id": 32 hexadecimal digits, "now": time, "hash", "key", "values": [value, …]}, sorted by key; values in the`,
		"  order of the columns below. Members that stand in this order are found fastest.",
	}, writeNotes...)...)
	p.open(w)
	writeOpen(w)
	w.put("\n")
	w.note(1, "All rows at once.")
	attempt(w, 1, func(indent int) {
		e.insertClaims(w, indent)
		e.insertRecords(w, indent, whole, "$.rows[*]")
	})
	forget(w, 1)
	w.put("\n")
	w.line(1, "IF `v_code` = '' THEN")
	w.line(2, "IF `v_own` THEN COMMIT; END IF;")
	w.line(2, "SELECT -1 AS `pos`, '' AS `code`, '' AS `detail`, FALSE AS `replayed`, NULL AS `id`, NULL AS `created`, NULL AS `updated`,")
	w.line(3, "NULL AS `revision`, IF(`v_own`, 'committed', 'open') AS `state`;")
	w.line(1, "ELSE")
	e.insertEach(w)
	writeClose(w, 2)
	w.line(1, "END IF;")
	p.close(w)
	return w.file(e.dir + "proc_insert.sql")
}

// insertClaims stores the keys and results of all rows.
func (e *emitter) insertClaims(w *writer, indent int) {
	w.line(indent, "INSERT INTO `beds_requests` (", claimColumns, ")")
	w.line(indent, "SELECT ", literal(e.t.Collection), ", `r`.`key`, UNHEX(`r`.`hash`), UNHEX(`r`.`id`), `r`.`now`, `r`.`now`, 1, UTC_TIMESTAMP(6)")
	w.line(indent, "FROM JSON_TABLE(", whole, ", '$.rows[*]' COLUMNS (")
	w.line(indent+1, "`id` CHAR(32) PATH '$.id', `now` DATETIME(6) PATH '$.now', `hash` CHAR(32) PATH '$.hash', `key` VARCHAR(129) PATH '$.key'")
	w.line(indent, ")) AS `r`;")
}

// insertRecords inserts every row that a JSON text holds under a path.
func (e *emitter) insertRecords(w *writer, indent int, from, rows string) {
	fields := e.settable()
	w.line(indent, "INSERT INTO ", e.tableName(), " (")
	w.line(indent+1, "`id`, `created`, `updated`, `revision`", commaUnless(len(fields) == 0))
	for i, f := range fields {
		w.line(indent+1, ident(f.Name), comma(i, len(fields)))
	}
	w.line(indent, ")")
	w.line(indent, "SELECT")
	w.line(indent+1, "UNHEX(`r`.`id`), `r`.`now`, `r`.`now`, 1", commaUnless(len(fields) == 0))
	for i, f := range fields {
		w.line(indent+1, fromJSON(&f.Type, "`r`."+ident(f.Name)), comma(i, len(fields)))
	}
	w.line(indent, "FROM JSON_TABLE(", from, ", '", rows, "' COLUMNS (")
	w.line(indent+1, "`id` CHAR(32) PATH '$.id', `now` DATETIME(6) PATH '$.now'", commaUnless(len(fields) == 0))
	if len(fields) > 0 {
		e.positionColumns(w, indent+1)
	}
	w.line(indent, ")) AS `r`;")
}

// insertEach handles the rows one by one.
func (e *emitter) insertEach(w *writer) {
	w.put("\n")
	w.note(2, "Something collides: each row by itself.")
	w.line(2, "ROLLBACK TO SAVEPOINT `beds_call`;")
	w.line(2, "WHILE `v_item` < `v_count` DO")
	nextRow(w, 3)
	w.line(3, "SELECT `r`.`key`, UNHEX(`r`.`hash`), UNHEX(`r`.`id`), `r`.`now`, `r`.`now`, `r`.`now`, 1")
	w.line(3, "INTO `v_key`, `v_hash`, `v_id`, `v_now`, `v_created`, `v_updated`, `v_revision`")
	w.line(3, "FROM JSON_TABLE(`v_row`, '$' COLUMNS (")
	w.line(4, "`id` CHAR(32) PATH '$.id', `now` DATETIME(6) PATH '$.now', `hash` CHAR(32) PATH '$.hash', `key` VARCHAR(129) PATH '$.key'")
	w.line(3, ")) AS `r`;")
	e.claim(w, 3, "`v_now`", "`v_now`", "1")
	w.line(3, "IF `v_code` = 'claimed' THEN")
	e.recall(w, 4)
	w.line(3, "ELSE")
	effect(w, 4, func(indent int) { e.insertRecords(w, indent, "`v_row`", "$") })
	w.line(4, "IF `v_code` <> '' THEN ROLLBACK TO SAVEPOINT `beds_item`; END IF;")
	w.line(3, "END IF;")
	settle(w, 3)
	w.line(2, "END WHILE;")
	w.put("\n")
}
