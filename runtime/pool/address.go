package pool

import (
	"encoding/base64"
	"strings"
)

// directReplyTo is what the broker makes of the pseudo queue amq.rabbitmq.reply-to. The
// token behind it names a channel of the client and no queue.
const directReplyTo = "amq.rabbitmq.reply-to."

// A token is BASE64.KEY, and the base64 holds an Erlang process id in external term format:
// a tag, the node's name as an atom, and twelve bytes that are free. RabbitMQ (3.10 at least)
// does not survive a publish to a token that it cannot decode: it closes the publisher's
// whole connection with 541 INTERNAL_ERROR. Since clients may write any token they like,
// everything is checked here that can be, and the node's name by [replyGuard].
const (
	termVersion = 131
	termNewPid  = 88
	pidTail     = 12 // id, serial, creation
)

// address is a reply address that may be used.
type address struct {
	// node is the encoded beginning of a direct reply-to token, up to the end of the node's
	// name; empty for a named reply queue.
	node string
}

// parseReplyTo says whether to has the shape of something that may be answered. Replies go
// through the default exchange with this node's rights, so any other address would let a
// client put messages into work queues.
func parseReplyTo(to, prefix string) (address, bool) {
	if token, ok := strings.CutPrefix(to, directReplyTo); ok {
		node, ok := tokenNode(token)
		return address{node: node}, ok
	}
	name, ok := strings.CutPrefix(to, prefix)
	return address{}, ok && name != ""
}

// tokenNode returns what precedes the free bytes of a token's process id.
func tokenNode(token string) (node string, ok bool) {
	encoded, key, ok := strings.Cut(token, ".")
	if !ok || key == "" || strings.Trim(key, keyAlphabet) != "" {
		return "", false
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || len(raw) < 4 || raw[0] != termVersion || raw[1] != termNewPid {
		return "", false
	}
	var nameAt, nameLen int
	switch raw[2] {
	case 100, 118: // atom with a length of two bytes
		nameAt, nameLen = 5, int(raw[3])<<8|int(raw[min(4, len(raw)-1)])
	case 115, 119: // one byte
		nameAt, nameLen = 4, int(raw[3])
	}
	if nameLen == 0 || len(raw) != nameAt+nameLen+pidTail {
		return "", false
	}
	return string(raw[:nameAt+nameLen]), true
}

// tokenFor returns a token of the same node that names no live channel.
func tokenFor(node string) string {
	return base64.StdEncoding.EncodeToString(append([]byte(node), make([]byte, pidTail)...)) + ".AAAA"
}

const keyAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-"
