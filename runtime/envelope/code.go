// Package envelope is the wire format of BEDS, version 1: requests, replies and
// the catalogue of error codes. It is strict and bounded: it refuses unknown and
// duplicate members, and what exceeds a limit is refused before it is stored.
package envelope

import "fmt"

// A Code is the stable, machine-readable name of an error.
type Code string

// The catalogue. Every code that a client can meet is here, with its class;
// docs/codes.md is emitted from it.
const (
	// Client errors: the same request fails again.
	Malformed      Code = "malformed"        // not the JSON of an envelope
	TooLarge       Code = "too_large"        // a limit on size, depth, keys or batch is exceeded
	Unversioned    Code = "bad_version"      // v is not 1
	UnknownTmpl    Code = "unknown_template" // no such template on this node
	UnknownOp      Code = "unknown_operation"
	UnknownField   Code = "unknown_field"
	UnknownQuery   Code = "unknown_query"
	UnknownObject  Code = "unknown_object"
	UnknownOption  Code = "unknown_option"
	UnknownMember  Code = "unknown_member"
	BadOperator    Code = "bad_operator"
	BadType        Code = "bad_type"       // a value of another JSON type than the field's
	BadValue       Code = "bad_value"      // right type, but out of range or malformed
	BadEnum        Code = "bad_enum"       // not one of the declared values
	Required       Code = "required"       // a member or field is missing or null
	Protected      Code = "protected"      // callers may not set the field
	BadCursor      Code = "bad_cursor"     // not a cursor of this request
	BadReplyTo     Code = "bad_reply_to"   // outside the reply addresses that are allowed
	NoAccessPath   Code = "no_access_path" // no index serves the filter and the sort
	NoReturn       Code = "no_return"      // nothing listens for the reply of a read
	Invalid        Code = "invalid"        // the request has the errors listed in details
	Forbidden      Code = "forbidden"
	Unsupported    Code = "unsupported" // the template or its store does not offer this
	KeyReused      Code = "key_reused"  // the idempotency key belongs to another body
	DeadlinePassed Code = "deadline_passed"

	// Conflicts: the request is sound, the data says no.
	NotFound  Code = "not_found"
	Duplicate Code = "duplicate" // a unique index holds the value already
	Stale     Code = "stale"     // the record has another revision by now
	Aborted   Code = "aborted"   // another operation of an all-or-nothing batch failed

	// Dependencies: try again later.
	Unavailable Code = "unavailable" // the store cannot be reached
	Busy        Code = "busy"        // a bound of the node or the store is reached
	Draining    Code = "draining"    // the node is leaving

	// Unknown: the effect may or may not have happened; ask again with the key.
	Unknown  Code = "unknown"
	Internal Code = "internal" // a fault of BEDS
)

// A Class decides what becomes of a message, and nothing else does.
type Class uint8

// The classes.
const (
	ClassClient     Class = iota + 1 // answer and acknowledge
	ClassConflict                    // answer and acknowledge
	ClassDependency                  // answer as retryable, or retry later when nobody waits
	ClassUnknown                     // answer as unknown; the key settles it
	ClassInternal                    // quarantine
)

func (c Class) String() string {
	return [...]string{"", "client", "conflict", "dependency", "unknown", "internal"}[c]
}

// An Entry describes a code in the catalogue.
type Entry struct {
	Code  Code
	Class Class
	// Retryable: the same request may succeed when it is sent again unchanged.
	Retryable bool
	Doc       string // what happened and what the caller can do
}

// Catalogue returns every code in a fixed order.
func Catalogue() []Entry { return catalogue }

// Lookup returns the entry of a code; an unlisted code is an internal error.
func Lookup(c Code) Entry {
	if i, ok := byCode[c]; ok {
		return catalogue[i]
	}
	return Entry{Code: c, Class: ClassInternal}
}

var catalogue = []Entry{
	{Malformed, ClassClient, false, "The body is not one JSON object with members spelled as documented, each at most once. The message names the offset."},
	{TooLarge, ClassClient, false, "A limit of the node is exceeded: body size, nesting depth, number of members, batch or page size. The message names the limit."},
	{Unversioned, ClassClient, false, "The member v is missing or not 1."},
	{UnknownTmpl, ClassClient, false, "No template of that name is registered on the node that answered."},
	{UnknownOp, ClassClient, false, "The operation is not one of those documented, or AMQP type and op differ."},
	{UnknownField, ClassClient, false, "The template has no public field of that name. Names are case-sensitive."},
	{UnknownQuery, ClassClient, false, "The template declares no query of that name."},
	{UnknownObject, ClassClient, false, "The database has no object of that name for the template."},
	{UnknownOption, ClassClient, false, "The member of options is not known, or not for this operation."},
	{UnknownMember, ClassClient, false, "The envelope or the data has a member that is not known there."},
	{BadOperator, ClassClient, false, "The operator is unknown or does not fit the field: eq, gt, gte, lt, lte, and prefix under a pattern index."},
	{BadType, ClassClient, false, "The JSON type differs from the field's; decimals, timestamps, dates and GUIDs are strings."},
	{BadValue, ClassClient, false, "The type is right, but the value is malformed, too long or out of range."},
	{BadEnum, ClassClient, false, "The value is not one of the enum's."},
	{Required, ClassClient, false, "A required member is missing or null."},
	{Protected, ClassClient, false, "The field can be read but never set by a caller."},
	{BadCursor, ClassClient, false, "The cursor was not made by a reply to the same template, filter and sort."},
	{BadReplyTo, ClassClient, false, "reply_to is neither direct reply-to nor under the reserved reply prefix."},
	{NoAccessPath, ClassClient, false, "No declared index serves this filter and sort. The message lists the access paths."},
	{NoReturn, ClassClient, false, "The operation only makes sense with a reply_to."},
	{Invalid, ClassClient, false, "The request has several errors; details lists all of them."},
	{Forbidden, ClassClient, false, "The template is closed to clients, or the user may not run the operation."},
	{Unsupported, ClassClient, false, "The template's behaviour or its store does not offer the operation."},
	{KeyReused, ClassClient, false, "The idempotency key was used before with another body. Take a new key for a new request."},
	{DeadlinePassed, ClassClient, false, "The deadline passed before the work began. Nothing was done."},
	{NotFound, ClassConflict, false, "There is no such record, or it is deleted."},
	{Duplicate, ClassConflict, false, "A unique index holds the value already; details names the index."},
	{Stale, ClassConflict, false, "The record has another revision than the one named. Fetch it again and decide."},
	{Aborted, ClassConflict, false, "Another operation of the all-or-nothing batch failed, so this one was undone."},
	{Unavailable, ClassDependency, true, "The store cannot be reached. Nothing was done; send the request again later with the same key."},
	{Busy, ClassDependency, true, "A bound of the node or of the store is reached. Nothing was done; send the request again later."},
	{Draining, ClassDependency, true, "The node is leaving. Nothing was done; another node will answer."},
	{Unknown, ClassUnknown, true, "The connection to the store broke while the work was under way, so its effect is unknown. Send the same request with the same key: it settles the outcome without a second effect."},
	{Internal, ClassInternal, false, "A fault of BEDS. The message is quarantined with the event id."},
}

var byCode = func() map[Code]int {
	m := make(map[Code]int, len(catalogue))
	for i, e := range catalogue {
		if _, dup := m[e.Code]; dup {
			panic("envelope: duplicate code " + string(e.Code))
		}
		m[e.Code] = i
	}
	return m
}()

// An Error is an error that a caller may see. Its message never holds a secret,
// a statement or an address; the cause is for the log alone.
type Error struct {
	Code    Code
	Message string
	Details []Detail
	Cause   error
}

// A Detail is one error of a request that may have several.
type Detail struct {
	Field   string `json:"field"`
	Code    Code   `json:"code"`
	Message string `json:"message"`
}

// Errorf makes an error of the catalogue.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes an error of the catalogue with a cause for the log.
func Wrap(code Code, cause error, message string) *Error {
	return &Error{Code: code, Message: message, Cause: cause}
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Cause)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

func (e *Error) Unwrap() error { return e.Cause }

// Is makes errors.Is(err, &Error{Code: c}) compare codes.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Class is the class of the error's code.
func (e *Error) Class() Class { return Lookup(e.Code).Class }

// Retryable reports whether the same request may succeed later.
func (e *Error) Retryable() bool { return Lookup(e.Code).Retryable }
