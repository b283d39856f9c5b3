// Package mongo keeps the records of templates in a server that speaks MongoDB's
// protocol. It implements runtime.Store.
//
// # Representation
//
// Every kind has one exact BSON form, the same on every server:
//
//	string, text, enum  string; order is by bytes, which is by code points
//	integer, revision   int64
//	float               double
//	boolean             bool
//	timestamp           int64, microseconds since 1970; a TTL index has a date beside it
//	date                string, 2026-01-31
//	guid                string, 36 characters in lower case; id is _id
//	decimal             string of fixed width whose order is the number's, see sortable
//	binary              binary, subtype 0
//	object              document; what no document holds exactly is {"_json": text}
//	array               array
//
// Nulls are stored. Members that begin with an underscore are the store's own and
// never reach a row.
//
// # Writes
//
// Each write first inserts a claim into beds_requests whose _id is the request's
// key: two deliveries of a key agree there on one record and one body. What the
// effect itself needs for being applied once lives in the record: its _id for an
// insert, the list of the last events for an update. A crash between the two is
// settled by the next delivery of the key.
//
// # Two kinds of servers
//
// MongoDB changes a document atomically under a filter. FerretDB 1.x reads and then
// writes, so there the store takes a lock, in beds_locks, for each record that it
// changes. And it decodes and filters the whole collection for every filter but
// {_id: string}, which it leaves to SQLite: so there the store reads records by
// single look-ups.
package mongo
