// Package pool consumes work queues and answers requests.
//
// A [Broker] is a named kind of consumer (rBroker, wBroker …) with its queues, its number of
// instances and its handler. An instance is one consumer on one queue, with a channel of its
// own and an acknowledger of its own, so that a slow queue never holds up another's
// acknowledgements. Its workers run up to Prefetch handlers at a time.
//
// One delivery travels: consumer → worker → handler → replier → acknowledger. It is
// acknowledged only when its handler has returned and its reply was handed to the publishing
// connection, or when it was stored, with confirmation, in a retry or dead-letter queue.
// Whatever dies on the way, the broker still has the message. It is then delivered again and
// simply processed again; that its effect happens once is the business of the stores.
//
// Results from a session that was lost are dropped: their delivery tags mean nothing any
// more, and the redelivery will be answered.
package pool
