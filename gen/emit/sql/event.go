package sql

import (
	"strconv"
	"time"

	"github.com/beds-project/beds/gen/emit"
	"github.com/beds-project/beds/gen/model"
)

// ttlEvent emits the event that removes records by age.
func (e *emitter) ttlEvent(ix *model.Index) emit.File {
	w := e.writer()
	name := e.t.Collection + "_ttl_" + ix.Name
	seconds := strconv.FormatInt(int64(ix.TTL/time.Second), 10)
	key := ident(ix.Keys[0].Field.Name)
	w.head(
		name+": removes records of "+e.t.Collection+" when "+ix.Keys[0].Field.Name+" is older than "+seconds+" seconds.",
		ix.Doc,
		"",
		"Run by MariaDB's event scheduler once a minute, which must be on: SET GLOBAL event_scheduler = ON.",
		"Costs: at most 10,000 rows a run, oldest first, found through the index "+ix.Name+".",
	)
	w.note(0, "MariaDB warns here while its scheduler is off. The node says it at start, where it is read.")
	w.put("SET @beds_max_error_count = @@SESSION.max_error_count;\nSET SESSION max_error_count = 0;\n\n")
	w.put("CREATE OR REPLACE DEFINER = ", owner, " EVENT ", ident(name), "\n",
		"  ON SCHEDULE EVERY 1 MINUTE STARTS '2026-01-01 00:00:00'\n",
		"  ON COMPLETION PRESERVE\n",
		"  COMMENT ", literal("beds "+name+" v"+strconv.Itoa(e.t.Version)+" "+e.t.Fingerprint), "\n",
		"DO\n",
		"  DELETE FROM ", e.tableName(), "\n",
		"  WHERE ", key, " < UTC_TIMESTAMP(6) - INTERVAL ", seconds, " SECOND\n",
		"  ORDER BY ", key, "\n",
		"  LIMIT 10000;\n")
	w.put("\nSET SESSION max_error_count = @beds_max_error_count;\n")
	w.tail()
	return w.file(e.dir + "event_ttl_" + ix.Name + ".sql")
}
