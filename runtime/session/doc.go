// Package session owns the connections to RabbitMQ.
//
// A [Conn] is one connection that is kept up for ever: each attempt makes a fresh
// amqp.Connection, and each success is handed out as a [Session] whose channels die with
// it. Nothing of an old session can touch a new one, so a late acknowledgement fails
// instead of acknowledging somebody else's message. The library's own recovery is never
// used: it keeps the channel object while delivery tags start again at 1.
//
// A node opens separate Conns for consuming, publishing and logging, because in a memory
// alarm the broker stops reading every connection that publishes, acknowledgements sent
// on it included.
//
// Below the library lies a [Coalescer], a net.Conn that gathers the many small writes of
// AMQP into few system calls. Above it, [Publisher] publishes with confirmation, and
// [Declare] declares exchanges, queues, retry queues and dead-letter queues.
package session
