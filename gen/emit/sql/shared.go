package sql

import "github.com/beds-project/beds/gen/emit"

// SharedVersion is the version of the objects that all templates share; it stands
// in the comments of their procedures where a template's fingerprint stands in
// those of the others.
const SharedVersion = "shared-1"

// Shared returns the objects that serve all templates.
func Shared() []emit.File {
	return []emit.File{accounts(), requestsTable(), versionsProcedure(), pruneProcedure(), sharedGrants()}
}

func sharedProcedure(name, access string, about ...string) *procedure {
	return &procedure{name: name, access: access, version: 1, print: SharedVersion, about: about}
}

func accounts() emit.File {
	w := &writer{}
	w.head(
		"The two accounts of BEDS.",
		"",
		"beds_owner owns the procedures: locked, nobody can log in with it, and its rights are those that the procedures",
		"need in this database. beds_executor is the role of the nodes: it may run the procedures and nothing else.",
		"Give it to the account that the node logs in with:",
		"",
		"    CREATE USER 'beds_node'@'10.0.0.%' IDENTIFIED BY '…' REQUIRE SSL;",
		"    GRANT beds_executor TO 'beds_node'@'10.0.0.%';",
		"    SET DEFAULT ROLE beds_executor FOR 'beds_node'@'10.0.0.%';",
		"",
		"A role belongs to the server, not to the database: with several environments on one server, give each node",
		"EXECUTE on the procedures of its own database instead.",
	)
	w.quiet()
	w.put("CREATE USER IF NOT EXISTS ", owner, " ACCOUNT LOCK;\n",
		"CREATE ROLE IF NOT EXISTS ", role, ";\n",
		"-- The right to run the procedures that it owns, and the events that prune.\n",
		"GRANT EXECUTE, EVENT ON * TO ", owner, ";\n")
	w.loud()
	w.tail()
	return w.file("sql/beds/accounts.sql")
}

func requestsTable() emit.File {
	w := &writer{}
	w.head(
		"beds_requests: what became of each write, by the key of its request.",
		"",
		"A writing procedure stores the key, the effect and the result in one transaction. The same key again gets the",
		"stored result; the same key with another body (hash) is refused. Failed writes leave nothing here.",
		"Pruned by beds_prune. One row is about 200 bytes with its index.",
	)
	w.quiet()
	w.put("CREATE TABLE IF NOT EXISTS `beds_requests` (\n",
		"  `collection` VARCHAR(64)", asciiKey, " NOT NULL COMMENT 'The table that was written to.',\n",
		"  `request_key` VARCHAR(128)", asciiKey, " NOT NULL COMMENT 'Key that the caller chose.',\n",
		"  `request_hash` BINARY(16) NOT NULL COMMENT 'Of the operation and its data.',\n",
		"  `id` BINARY(16) NOT NULL COMMENT 'The record.',\n",
		"  `created` DATETIME(6) NOT NULL COMMENT 'Of the record.',\n",
		"  `updated` DATETIME(6) NOT NULL COMMENT 'Of the record, after the write.',\n",
		"  `revision` BIGINT NOT NULL COMMENT 'Of the record, after the write.',\n",
		"  `stored` DATETIME(6) NOT NULL COMMENT 'When this row was written, by the clock of the server (UTC).',\n",
		"  PRIMARY KEY (`collection`, `request_key`),\n",
		"  KEY `stored` (`stored`)\n",
		") ENGINE = InnoDB ROW_FORMAT = DYNAMIC COMMENT = 'Results of writes by the key of the request.';\n")
	w.loud()
	w.tail()
	return w.file("sql/beds/table_requests.sql")
}

func versionsProcedure() emit.File {
	w := &writer{}
	p := sharedProcedure("beds_versions", reads,
		"beds_versions: name and comment of every procedure of BEDS in this database.",
		"",
		"Called by: the node at start and `beds check`, to compare with the version that they were built for.",
		"Costs: one look through the routines of the database.",
		"Argument: any. Result: one row a procedure: its name and its comment.",
	)
	p.open(w)
	w.line(1, "SELECT `r`.`ROUTINE_NAME`, `r`.`ROUTINE_COMMENT`")
	w.line(1, "FROM `information_schema`.`ROUTINES` AS `r`")
	w.line(1, "WHERE `r`.`ROUTINE_SCHEMA` = DATABASE() AND `r`.`ROUTINE_TYPE` = 'PROCEDURE' AND `r`.`ROUTINE_COMMENT` LIKE 'beds %';")
	p.close(w)
	return w.file("sql/beds/proc_versions.sql")
}

func pruneProcedure() emit.File {
	w := &writer{}
	p := sharedProcedure("beds_prune", modifies,
		"beds_prune: removes the results of writes that are older than some hours.",
		"",
		"Called by: the node now and then, until the answer is less than limit.",
		"Costs: limit rows, found through an index.",
		`Argument: {"hours": 168, "limit": 1000}. Result: one row, the number of removed rows.`,
	)
	p.open(w)
	var a arguments
	a.plain("v_hours", "INT UNSIGNED", "'$.hours'")
	a.plain("v_limit", "INT UNSIGNED", "'$.limit'")
	a.declare(w)
	w.put("\n")
	a.read(w, 1, "`p_request`")
	w.put("\n")
	w.line(1, "IF `v_hours` IS NULL OR `v_limit` IS NULL THEN")
	w.line(2, "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'BEDS:internal:beds_prune needs hours and limit';")
	w.line(1, "END IF;")
	w.line(1, "DELETE FROM `beds_requests` WHERE `stored` < UTC_TIMESTAMP(6) - INTERVAL `v_hours` HOUR ORDER BY `stored` LIMIT `v_limit`;")
	w.line(1, "SELECT ROW_COUNT() AS `pruned`;")
	p.close(w)
	return w.file("sql/beds/proc_prune.sql")
}

func sharedGrants() emit.File {
	w := &writer{}
	w.head("Rights on the shared objects; accounts.sql says what the accounts are.")
	w.put("GRANT SELECT, INSERT, DELETE ON TABLE `beds_requests` TO ", owner, ";\n\n",
		"GRANT EXECUTE ON PROCEDURE `beds_versions` TO ", role, ";\n",
		"GRANT EXECUTE ON PROCEDURE `beds_prune` TO ", role, ";\n")
	w.tail()
	return w.file("sql/beds/grants.sql")
}
