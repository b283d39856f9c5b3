package suite

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/beds-project/beds/bench/load"
	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
)

func TestParseVariant(t *testing.T) {
	v, err := ParseVariant("p1:GOMAXPROCS=1,bin=x,GOGC=400")
	if err != nil || v.Name != "p1" || v.Bin != "x" || !slices.Equal(v.Env, []string{"GOMAXPROCS=1", "GOGC=400"}) {
		t.Errorf("%+v %v", v, err)
	}
	for _, bad := range []string{"", ":A=1", "p:A"} {
		if _, err := ParseVariant(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// Every request of the benchmark is one that a node understands.
func TestBodies(t *testing.T) {
	ids := []runtime.GUID{{1}, {2}, {3}}
	numbers := []string{"a", "b", "c"}
	for name, body := range map[string]func(uint64) []byte{
		"fetch": fetch("order", ids), "fetch number": fetchNumber(numbers), "write": write("order"), "write example": write("example"),
		"reads": batch("order", 16, fetchOp(ids)), "writes": batch("order", 16, writeOp("order")), "fan": batch("order", fan, fanOp(ids, numbers)),
	} {
		for n := range uint64(3) {
			req, err := envelope.Decode(body(n), envelope.DefaultLimits)
			if err != nil {
				t.Errorf("%s: %v\n%s", name, err, body(n))
			} else if req.EventID == "" {
				t.Errorf("%s has no event id", name)
			}
		}
	}
	if a, b := write("order")(0), write("order")(0); bytes.Equal(a, b) {
		t.Error("two writes are the same")
	}
}

func TestChecks(t *testing.T) {
	ok := envelope.AppendReply(nil, &envelope.Request{}, &envelope.Result{Data: []byte(`{"id":1}`), Count: 1}, "n", 1)
	none := envelope.AppendReply(nil, &envelope.Request{}, &envelope.Result{}, "n", 1)
	bad := envelope.AppendReply(nil, &envelope.Request{}, &envelope.Result{Err: envelope.Errorf(envelope.Busy, "busy")}, "n", 1)
	if !okay(ok) || okay(none) || okay(bad) {
		t.Error("okay judges wrongly")
	}
	one := envelope.AppendResult(nil, &envelope.Result{Data: []byte(`{"id":1}`)})
	two := envelope.AppendReply(nil, &envelope.Request{}, &envelope.Result{Data: append(append(one, ','), one...)}, "n", 1)
	if !allOkay(2)(two) || allOkay(3)(two) {
		t.Error("allOkay judges wrongly")
	}
}

func TestDerive(t *testing.T) {
	s := &load.Sample{Requests: 100, Elapsed: 2 * time.Second, Latencies: []time.Duration{time.Millisecond}}
	after := usage{broker: 10 * time.Millisecond, client: 5 * time.Millisecond, machine: time.Second}
	m := derive(s, &Contestant{Ops: 10}, new(usage), &after)
	if m.Rate != 500 || m.BrokerCPU != 10 || m.TotalCPU != 15 || m.ServerCPU != -1 || m.Foreign < .49 || m.Foreign > .5 {
		t.Errorf("%+v", m)
	}
}
