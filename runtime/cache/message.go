package cache

import (
	"github.com/go-json-experiment/json"

	"github.com/beds-project/beds/runtime"
)

// Routing keys on the exchange of the installation.
const (
	beatKey  = "adm.cache"      // every node's beat
	eventKey = "adm.cache."     // and the template: its records were changed
	ackKey   = "adm.cache.ack." // and the node: it is told that others have forgotten
)

// Kinds of messages.
const (
	kindBeat  = "beat"  // I am here; a node times its own
	kindBye   = "bye"   // I answer nothing from memory any more
	kindEvent = "event" // forget these records
	kindAck   = "ack"   // forgotten
)

// messageVersion is that of the format. A node that meets another one forgets
// everything, since it cannot know what it is told.
const messageVersion = 1

// maxIDs is how many records one event names; more are the whole template.
const maxIDs = 1024

// maxMessage bounds what a node decodes; maxIDs ids fit.
const maxMessage = 64 << 10

// A message is what nodes tell each other about their caches.
type message struct {
	V        int            `json:"v"`
	Kind     string         `json:"kind"`
	From     runtime.GUID   `json:"from"`
	At       int64          `json:"at,omitzero"`     // beat: the sender's own clock
	Caches   bool           `json:"caches,omitzero"` // beat: the sender answers from memory
	Seq      uint64         `json:"seq,omitzero"`    // event, ack
	Template string         `json:"template,omitzero"`
	IDs      []runtime.GUID `json:"ids,omitzero"`
	All      bool           `json:"all,omitzero"`
}

func (m *message) encode() []byte {
	m.V = messageVersion
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // plain data
	}
	return b
}

func decode(body []byte) (m message, ok bool) {
	if len(body) > maxMessage {
		return m, false
	}
	err := json.Unmarshal(body, &m)
	return m, err == nil && m.V == messageVersion
}
