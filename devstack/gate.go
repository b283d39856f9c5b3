package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"sync"
)

// gate stands between the clients and FerretDB and lets one changing command at a time reach a collection.
//
// FerretDB 1.24 carries an update out as a read followed by a separate write: of 800 concurrent {$inc: 1} on one
// document 31 remained, and a guard in the filter let several updates through. MongoDB promises that a change of one
// document is atomic, and all of BEDS's idempotency on a document store rests on that promise, so the gate keeps it.
// Reads and inserts (the latter atomic by SQLite's own constraints) pass unhindered.
type gate struct {
	socket string         // FerretDB's Unix socket
	locks  [64]sync.Mutex // by hash of the collection's name; a false sharing costs a moment's wait, no more
	wait   sync.WaitGroup

	indexes *indexes
}

// maxMessage is what FerretDB announces in hello (48,000,000) with room for the header.
const maxMessage = 48_000_000 + 16*1024

const headerLen = 16

// Codes and flags of the wire protocol.
const (
	opMsg          = 2013
	flagMoreToCome = 1 << 1 // the sender expects no reply
	flagChecksum   = 1 << 0 // four bytes of CRC after the sections
)

// serve forwards connections until ctx ends.
func (g *gate) serve(ctx context.Context, l net.Listener) error {
	defer g.wait.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	for {
		client, err := l.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("no more connections can be accepted: %w", err)
		}
		g.wait.Go(func() { g.forward(ctx, client) })
	}
}

// forward passes one client's commands on, one after the other, until either side closes.
func (g *gate) forward(ctx context.Context, client net.Conn) {
	defer client.Close()
	server, err := net.Dial("unix", g.socket)
	if err != nil {
		return
	}
	defer server.Close()
	stop := context.AfterFunc(ctx, func() { client.Close(); server.Close() })
	defer stop()

	var request, reply []byte
	for {
		if request, err = readMessage(client, request); err != nil {
			return
		}
		if reply, err = g.exchange(ctx, server, request, reply); err != nil {
			return
		}
		if len(reply) == 0 {
			continue
		}
		if _, err = client.Write(reply); err != nil {
			return
		}
	}
}

// exchange sends a command and waits for its reply, alone in its collection if it changes documents. The lock is
// released before the client is written to: a client that stops reading holds up nobody else.
func (g *gate) exchange(ctx context.Context, server net.Conn, request, reply []byte) ([]byte, error) {
	if collection, changes := changedCollection(request); changes {
		lock := g.lock(collection)
		lock.Lock()
		defer lock.Unlock()
	}
	err := g.indexes.exchange(ctx, request, func() (err error) {
		if _, err = server.Write(request); err == nil {
			reply, err = readMessage(server, reply)
		}
		return err
	})
	if err == nil && !expectsReply(request) {
		return reply[:0], nil // FerretDB answers those as well
	}
	return reply, err
}

func (g *gate) lock(collection []byte) *sync.Mutex {
	h := fnv.New32a()
	h.Write(collection)
	return &g.locks[h.Sum32()%uint32(len(g.locks))]
}

// readMessage reads one message, header included, into buf or a larger one.
func readMessage(from io.Reader, buf []byte) ([]byte, error) {
	var header [headerLen]byte
	if _, err := io.ReadFull(from, header[:]); err != nil {
		return nil, err
	}
	n := int(int32(binary.LittleEndian.Uint32(header[:])))
	if n < headerLen || n > maxMessage {
		return nil, errors.New("a message of impossible length")
	}
	if cap(buf) < n {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	copy(buf, header[:])
	_, err := io.ReadFull(from, buf[headerLen:])
	return buf, err
}

func isOpMsg(message []byte) bool {
	return len(message) >= headerLen+4 && binary.LittleEndian.Uint32(message[12:]) == opMsg
}

func flagBits(message []byte) uint32 { return binary.LittleEndian.Uint32(message[headerLen:]) }

// expectsReply is false for the unacknowledged writes of w:0.
func expectsReply(message []byte) bool {
	return !isOpMsg(message) || flagBits(message)&flagMoreToCome == 0
}

// changedCollection names the collection of a command that reads and then writes documents.
func changedCollection(message []byte) (collection []byte, changes bool) {
	name, collection, _ := command(message)
	switch string(name) {
	case "update", "delete", "findAndModify", "findandmodify":
		return collection, true
	}
	return nil, false
}

// command finds a command's document and reads its first element, its name and the collection it is for. What it
// can't read it leaves to FerretDB to refuse.
func command(message []byte) (name, collection, body []byte) {
	if !isOpMsg(message) {
		return nil, nil, nil
	}
	sections := message[headerLen+4:]
	if flagBits(message)&flagChecksum != 0 && len(sections) >= 4 {
		sections = sections[:len(sections)-4]
	}
	for len(sections) >= 5 {
		size := int(int32(binary.LittleEndian.Uint32(sections[1:])))
		if size < 4 || size > len(sections)-1 {
			return nil, nil, nil
		}
		if sections[0] == 0 { // the command's document; kind 1 is a sequence of documents
			body = sections[1 : 1+size]
			name, collection = firstElement(body[4:])
			return name, collection, body
		}
		sections = sections[1+size:]
	}
	return nil, nil, nil
}

// firstElement reads {update: "collection", …}: an element's type, its name and, of a string, its length and value.
func firstElement(elements []byte) (name, collection []byte) {
	const stringType = 2
	if len(elements) == 0 {
		return nil, nil
	}
	name, value, found := bytes.Cut(elements[1:], []byte{0})
	if !found {
		return nil, nil
	}
	if elements[0] != stringType { // {dropDatabase: 1}
		return name, nil
	}
	if len(value) < 4 {
		return nil, nil
	}
	n := int(int32(binary.LittleEndian.Uint32(value)))
	if n < 1 || n > len(value)-4 {
		return nil, nil
	}
	return name, value[4 : 4+n-1]
}
