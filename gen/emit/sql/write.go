package sql

import (
	"slices"
	"strconv"

	"github.com/beds-project/beds/gen/model"
)

// What the writing procedures have in common. Each takes
//
//	{"count": N, "atomic": false, "rows": [{"key", "hash", "id", "now", "revision", "values"}, …]}
//
// and works in this order: first all rows by set statements; where anything
// collides, the savepoint undoes that and the rows go one by one, each in a
// savepoint of its own, so that what one does never fails another. The record of
// the request's key, the effect and the stored result commit together.
//
// The node sorts the rows: inserts by key, updates and deletes by id. So two calls
// take their locks in the same order, and a deadlock is left for unique values
// that cross, which the node answers by calling again.

// writeNotes document the argument and the result.
var writeNotes = []string{
	`Argument: {"count": rows, "atomic": bool, "rows": [ROW, …]}.`,
	"Result: one row an item, in order: pos, code (empty for success, or not_found, stale, duplicate, key_reused, bad_value),",
	"  detail (the unique index of a duplicate), replayed, id, created, updated, revision, state. A single row with pos -1",
	"  says that every item took effect as sent. state is committed, open (the caller's transaction goes on) or aborted",
	"  (atomic, and an item failed: nothing took effect).",
}

// writeOpen declares what every writing procedure needs and begins the transaction.
func writeOpen(w *writer, extra ...argument) {
	a := arguments{
		{name: "v_own", typ: "BOOLEAN DEFAULT @@in_transaction = 0"},
		{name: "v_atomic", typ: "BOOLEAN DEFAULT JSON_VALUE(`p_request`, '$.atomic') IN ('1', 'true')"},
		{name: "v_count", typ: "INT DEFAULT JSON_VALUE(`p_request`, '$.count')"},
		{name: "v_item", typ: "INT DEFAULT 0"},
		{name: "v_failed", typ: "BOOLEAN DEFAULT FALSE"},
		{name: "v_row", typ: "LONGTEXT" + textual},
		{name: "v_outcomes", typ: "LONGTEXT" + textual + " DEFAULT ''"},
		{name: "v_code", typ: "VARCHAR(16)" + textual + " DEFAULT ''"},
		{name: "v_detail", typ: "VARCHAR(512)" + textual + " DEFAULT ''"},
		{name: "v_key", typ: "VARCHAR(128) CHARACTER SET ascii COLLATE ascii_nopad_bin"},
		{name: "v_hash", typ: "BINARY(16)"},
		{name: "v_id", typ: "BINARY(16)"},
		{name: "v_now", typ: "DATETIME(6)"},
		{name: "v_stored_hash", typ: "BINARY(16)"},
		{name: "v_stored_id", typ: "BINARY(16)"},
		{name: "v_created", typ: "DATETIME(6)"},
		{name: "v_updated", typ: "DATETIME(6)"},
		{name: "v_revision", typ: "BIGINT"},
	}
	append(a, extra...).declare(w)
	w.put("\n")
	w.note(1, "Whatever is not expected below undoes everything and goes to the caller.")
	w.line(1, "DECLARE EXIT HANDLER FOR SQLEXCEPTION")
	w.line(1, "BEGIN")
	w.line(2, "IF `v_own` THEN ROLLBACK; END IF;")
	w.line(2, "RESIGNAL;")
	w.line(1, "END;")
	w.put("\n")
	w.line(1, "IF `v_own` THEN START TRANSACTION; END IF;")
	w.line(1, "SAVEPOINT `beds_call`;")
}

// collisions are the errors that a row of data can cause: unique and other
// constraints, values that do not fit. Everything else is a fault.
const collisions = "SQLSTATE '23000', SQLSTATE '22001', SQLSTATE '22003', SQLSTATE '22007', 1265, 1366"

// whole is where the statements for all rows read the request. For the binary log
// and other logs MariaDB writes the value of a local variable into the text of every
// statement that names it, escaped character by character, whether there is such a
// log or not; the value of a user variable it does not. SET is such a statement too,
// but a condition is none.
const whole = "@beds_request"

// attempt writes the block for all rows, which sets v_code to 'collision' instead of
// failing.
func attempt(w *writer, indent int, body func(indent int)) {
	w.note(indent, "A user variable, set by an expression, because MariaDB writes the value of a local one into the text of each statement.")
	w.line(indent, "IF (", whole, " := `p_request`) IS NULL THEN")
	w.line(indent+1, "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'BEDS:internal:the argument is null';")
	w.line(indent, "END IF;")
	w.line(indent, "BEGIN")
	w.line(indent+1, "DECLARE EXIT HANDLER FOR ", collisions, " SET `v_code` = 'collision';")
	body(indent + 1)
	w.line(indent, "END;")
}

// forget frees what attempt has kept for the connection.
func forget(w *writer, indent int) {
	w.line(indent, "SET ", whole, " = NULL;")
}

// effect writes a block that turns a collision of one row into its outcome.
func effect(w *writer, indent int, body func(indent int)) {
	w.line(indent, "BEGIN")
	w.line(indent+1, "DECLARE EXIT HANDLER FOR ", collisions, " SET `v_code` = 'bad_value';")
	w.line(indent+1, "DECLARE EXIT HANDLER FOR 1062")
	w.line(indent+1, "BEGIN")
	w.note(indent+2, "Duplicate entry '…' for key 'name': the name is what stands between the last quotes.")
	w.line(indent+2, "GET DIAGNOSTICS CONDITION 1 `v_detail` = MESSAGE_TEXT;")
	w.line(indent+2, "SET `v_code` = 'duplicate', `v_detail` = SUBSTRING_INDEX(SUBSTRING_INDEX(`v_detail`, '''', -2), '''', 1);")
	w.line(indent+1, "END;")
	body(indent + 1)
	w.line(indent, "END;")
}

// claim writes the insertion of one request's key; v_code becomes 'claimed' where
// the key is there. A concurrent call with the same key waits here.
func (e *emitter) claim(w *writer, indent int, created, updated, revision string) {
	w.line(indent, "BEGIN")
	w.line(indent+1, "DECLARE EXIT HANDLER FOR 1062 SET `v_code` = 'claimed';")
	w.line(indent+1, "INSERT INTO `beds_requests` (", claimColumns, ")")
	w.line(indent+1, "VALUES (", literal(e.t.Collection), ", `v_key`, `v_hash`, `v_id`, ", created, ", ", updated, ", ", revision, ", UTC_TIMESTAMP(6));")
	w.line(indent, "END;")
}

const claimColumns = "`collection`, `request_key`, `request_hash`, `id`, `created`, `updated`, `revision`, `stored`"

// recall writes the look-up of a stored result: a replay, another body's key, or
// nothing, in which case v_code stays.
func (e *emitter) recall(w *writer, indent int) {
	w.line(indent, "SET `v_stored_hash` = NULL;")
	w.line(indent, "SELECT `q`.`request_hash`, `q`.`id`, `q`.`created`, `q`.`updated`, `q`.`revision`")
	w.line(indent, "INTO `v_stored_hash`, `v_stored_id`, `v_created`, `v_updated`, `v_revision`")
	w.line(indent, "FROM `beds_requests` AS `q`")
	w.line(indent, "WHERE `q`.`collection` = ", literal(e.t.Collection), " AND `q`.`request_key` = `v_key`")
	w.line(indent, "LOCK IN SHARE MODE;")
	w.line(indent, "IF `v_stored_hash` = `v_hash` THEN")
	w.line(indent+1, "SET `v_code` = 'replayed', `v_id` = `v_stored_id`;")
	w.line(indent, "ELSEIF `v_stored_hash` IS NOT NULL THEN")
	w.line(indent+1, "SET `v_code` = 'key_reused';")
	w.line(indent, "END IF;")
}

// settle ends the handling of one row: undo what failed, note the outcome.
func settle(w *writer, indent int) {
	w.line(indent, "SET `v_failed` = `v_failed` OR `v_code` NOT IN ('', 'replayed');")
	w.line(indent, "SET `v_outcomes` = CONCAT(`v_outcomes`, IF(`v_item` = 0, '', ','), JSON_ARRAY(")
	w.line(indent+1, "IF(`v_code` = 'replayed', '', `v_code`), `v_detail`, `v_code` = 'replayed', HEX(`v_id`), `v_created`, `v_updated`, `v_revision`));")
	w.line(indent, "SET `v_item` = `v_item` + 1;")
}

// nextRow takes the next row of the request.
func nextRow(w *writer, indent int) {
	w.line(indent, "SAVEPOINT `beds_item`;")
	w.line(indent, "SET `v_row` = JSON_EXTRACT(`p_request`, CONCAT('$.rows[', `v_item`, ']')), `v_code` = '', `v_detail` = '';")
}

// writeClose ends the transaction and returns the outcomes of the rows.
func writeClose(w *writer, indent int) {
	w.line(indent, "IF `v_atomic` AND `v_failed` THEN ROLLBACK TO SAVEPOINT `beds_call`; END IF;")
	w.line(indent, "IF `v_own` THEN COMMIT; END IF;")
	w.put("\n")
	w.line(indent, "SELECT `r`.`pos` - 1 AS `pos`, `r`.`code`, `r`.`detail`, `r`.`replayed`, UNHEX(`r`.`id`) AS `id`, `r`.`created`, `r`.`updated`, `r`.`revision`,")
	w.line(indent+1, "IF(`v_atomic` AND `v_failed`, 'aborted', IF(`v_own`, 'committed', 'open')) AS `state`")
	w.line(indent, "FROM JSON_TABLE(CONCAT('[', `v_outcomes`, ']'), '$[*]' COLUMNS (")
	w.line(indent+1, "`pos` FOR ORDINALITY, `code` VARCHAR(16) PATH '$[0]', `detail` VARCHAR(512) PATH '$[1]', `replayed` BOOLEAN PATH '$[2]',")
	w.line(indent+1, "`id` CHAR(32) PATH '$[3]', `created` DATETIME(6) PATH '$[4]', `updated` DATETIME(6) PATH '$[5]', `revision` BIGINT PATH '$[6]'")
	w.line(indent, ")) AS `r`;")
}

// positionColumns are the columns of JSON_TABLE for all fields of a new record,
// under $.values by position: the server walks through a row from its beginning to
// every member, and names are most of what it would walk through.
func (e *emitter) positionColumns(w *writer, indent int) {
	fields := e.settable()
	w.line(indent, "NESTED PATH '$.values' COLUMNS (")
	for i, f := range fields {
		w.line(indent+1, ident(f.Name), " ", jsonType(&f.Type, 0), " PATH '$[", strconv.Itoa(i), "]'", comma(i, len(fields)))
	}
	w.line(indent, ")")
}

// memberColumns are the columns of JSON_TABLE for the fields that a change may set,
// under $.values by name, with one more each that tells a null from a field that
// keeps its value. NESTED PATH spares the server a walk through the row for each.
func (e *emitter) memberColumns(w *writer, indent int) {
	fields := e.settable()
	w.line(indent, "NESTED PATH '$.values' COLUMNS (")
	for _, f := range fields {
		w.line(indent+1, ident(f.Name), " ", jsonTypeExact(&f.Type, 0), " PATH ", path(f.Name), ",")
	}
	for i, f := range fields {
		w.line(indent+1, presenceName(i, f), " INT EXISTS PATH ", path(f.Name), comma(i, len(fields)))
	}
	w.line(indent, ")")
}

// presenceName is the column that tells a null from a member that is not there.
// The fields keep their names in JSON_TABLE: the TLA keeps them apart from ours.
func presenceName(i int, f *model.Field) string {
	if len(f.Name) > maxIdentifier-len("has_") {
		return "`has_" + strconv.Itoa(i+1) + "`"
	}
	return ident("has_" + f.Name)
}

// maxIdentifier is MariaDB's limit for a name.
const maxIdentifier = 64

func commaUnless(last bool) string {
	if last {
		return ""
	}
	return ","
}

// settable are the declared fields in the order in which rows hold them, short
// values first: the server walks through a row from its beginning to every value.
// The node has the same order (runtime/store/maria/layout.go).
func (e *emitter) settable() []*model.Field {
	if e.sets == nil {
		e.sets = slices.Clone(e.t.Declared())
		slices.SortStableFunc(e.sets, func(a, b *model.Field) int { return length(&a.Type) - length(&b.Type) })
	}
	return e.sets
}

// length ranks types by the length of their values.
func length(t *model.Type) int {
	switch t.Kind {
	case model.Text, model.Binary, model.Object, model.Array:
		return 2
	case model.String, model.GUID:
		return 1
	}
	return 0
}
