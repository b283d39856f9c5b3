package maria

import (
	"context"
	"database/sql/driver"
	"strconv"
	"time"
)

// Prune removes the stored results of writes that are older than age, at most
// limit of them, and returns how many there were. A key that is pruned counts as
// new when it comes again.
func (s *Store) Prune(ctx context.Context, age time.Duration, limit int) (int64, error) {
	body := append([]byte(nil), `{"hours":`...)
	body = strconv.AppendInt(body, int64((age+time.Hour-1)/time.Hour), 10)
	body = append(body, `,"limit":`...)
	body = strconv.AppendInt(body, int64(limit), 10)
	var n int64
	err := s.call(ctx, "beds_prune", writeCall, append(body, '}'), func(_ []string, values []driver.Value) error {
		if len(values) != 1 || !decodeInt(&n, values[0]) {
			return badShape("a number of pruned rows of %d columns", len(values))
		}
		return nil
	})
	return n, err
}
