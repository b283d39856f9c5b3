package suite

import (
	"bytes"
	"fmt"
	"strconv"
	"sync/atomic"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/lineage"
)

// eventIDs makes the event ids of the benchmark's requests.
var eventIDs = func() lineage.Source {
	s, err := lineage.NewSource("ms", "dev")
	if err != nil {
		panic(err) // the two names are constants
	}
	return s
}()

// serial numbers every record that this run writes, whoever writes it.
var serial atomic.Uint64

// fetch is a read of one record by id, going round the ids.
func fetch(template string, ids []runtime.GUID) func(uint64) []byte {
	return func(n uint64) []byte {
		b := append(head(template, envelope.OpFetch), `","data":{"id":"`...)
		b, _ = ids[n%uint64(len(ids))].AppendText(b)
		return append(b, `"}}`...)
	}
}

// fetchNumber is a read of one order by its unique number.
func fetchNumber(numbers []string) func(uint64) []byte {
	return func(n uint64) []byte {
		return fmt.Appendf(head("order", envelope.OpFetch), `","data":{"number":%q}}`, numbers[n%uint64(len(numbers))])
	}
}

// head begins an envelope, up to the event id.
func head(template, op string) []byte {
	b := append(make([]byte, 0, 640), `{"v":1,"template":"`...)
	b = append(append(b, template...), `","op":"`...)
	b = append(append(b, op...), `","event_id":"`...)
	return eventIDs.AppendEventID(b)
}

// write is a new record with an idempotency key.
func write(template string) func(uint64) []byte {
	return func(uint64) []byte {
		n := serial.Add(1)
		b := append(head(template, envelope.OpWrite), `","key":"`...)
		b = append(append(b, tag...), '-')
		b = strconv.AppendUint(b, n, 10)
		b = append(b, `","data":`...)
		return append(appendRecord(b, template, n), '}')
	}
}

// customers are as many as the shop has.
const customers = 1000

// appendRecord writes the data of a new record.
func appendRecord(b []byte, template string, n uint64) []byte {
	switch template {
	case "order":
		return fmt.Appendf(b, `{"number":"%s-%d","customer":"%s","placed":"2026-11-%02d","total":"%d.95","tax":"12.50",`+
			`"tags":["gift","fragile"],"ship_to":{"city":"London","country":"GB","name":"Ada Lovelace","street":"12 St James's Square","zip":"SW1Y 4JH"},`+
			`"note":"Please leave it with the neighbours, they are at home all day."}`, tag, n, customer(n), 1+n%28, 10+n%1000)
	case "example":
		return fmt.Appendf(b, `{"name":"Ada Lovelace %d","email":"%s-%d@example.com","balance":"12345678.90","tags":["poet","engine"],`+
			`"address":{"street":"12 St James's Square","city":"London"}}`, n, tag, n)
	}
	panic("the benchmark does not write " + template)
}

func customer(n uint64) runtime.GUID {
	return runtime.GUID{0: 0x01, 6: 0x70, 8: 0x80, 14: byte(n % customers >> 8), 15: byte(n % customers)}
}

// batch puts several operations into one message.
func batch(template string, size int, op func(b []byte, n uint64, i int) []byte) func(uint64) []byte {
	return func(n uint64) []byte {
		b := append(head(template, envelope.OpBatch), `","key":"`...)
		b = eventIDs.AppendEventID(b)
		b = append(b, `","ops":[`...)
		for i := range size {
			if i > 0 {
				b = append(b, ',')
			}
			b = op(b, n, i)
		}
		return append(b, ']', '}')
	}
}

// fetchOp is a read by id within a batch.
func fetchOp(ids []runtime.GUID) func([]byte, uint64, int) []byte {
	return func(b []byte, n uint64, i int) []byte {
		b = append(b, `{"op":"fetch","data":{"id":"`...)
		b, _ = ids[(n*257+uint64(i))%uint64(len(ids))].AppendText(b)
		return append(b, `"}}`...)
	}
}

// writeOp is a new record within a batch; its key follows from the batch's.
func writeOp(template string) func([]byte, uint64, int) []byte {
	return func(b []byte, _ uint64, _ int) []byte {
		b = append(b, `{"op":"write","data":`...)
		return append(appendRecord(b, template, serial.Add(1)), '}')
	}
}

// fanOp is one of the different reads that a page of a shop needs at once.
func fanOp(ids []runtime.GUID, numbers []string) func([]byte, uint64, int) []byte {
	return func(b []byte, n uint64, i int) []byte {
		at := (n*257 + uint64(i)) % uint64(len(ids))
		switch i % 6 {
		case 4:
			return fmt.Appendf(b, `{"op":"fetch","data":{"number":%q}}`, numbers[at])
		case 5:
			return fmt.Appendf(b, `{"op":"fetch","data":{"customer":"%s"},"options":{"limit":5}}`, customer(at))
		}
		return fetchOp(ids)(b, n, i)
	}
}

var statusOK = []byte(`"status":"ok"`)

// okay is the check of a reply with one result and data in it.
func okay(reply []byte) bool {
	return bytes.Contains(reply, statusOK) && !bytes.Contains(reply, []byte(`"data":[]`))
}

// allOkay is the check of a batch's reply: it and every operation succeeded.
func allOkay(size int) func([]byte) bool {
	return func(reply []byte) bool { return bytes.Count(reply, statusOK) == size+1 }
}
