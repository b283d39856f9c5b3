package config

import "slices"

// anyOperation stands in an access table for every operation not listed.
const anyOperation = "*"

// operations are those an access table may name. A batch and a ticket are
// judged by the operations inside them.
var operations = []string{"fetch", "count", "write", "update", "delete", "query", "object", anyOperation}

// Allows reports whether the AMQP user may do the operation. Without an access
// table whoever the broker lets in may do anything; with one, what it doesn't
// list is refused, so that a new operation is never open by accident. A user
// "*" in a list is everybody.
func (t *Template) Allows(op, user string) bool {
	if t == nil || len(t.Access) == 0 {
		return true
	}
	users, ok := t.Access[op]
	if !ok {
		users = t.Access[anyOperation]
	}
	return slices.Contains(users, "*") || (user != "" && slices.Contains(users, user))
}
