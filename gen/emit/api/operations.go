package api

import "github.com/beds-project/beds/gen/model"

// channelNames are the kinds of queues that serve a template.
var channelNames = []string{"read", "write", "obj"}

// An operation is something that a client can ask for. Its name is that of the
// message and of the entry in the document.
type operation struct {
	name, op, channel, doc string
	data                   object
}

func operationsOf(t *model.Template) []operation {
	list := []operation{
		{"fetch", "fetch", "read", "Reads records by id or along an access path, a page at a time.", ref("Filter")},
		{"count", "count", "read", "Counts records along an access path.", ref("Filter")},
		{"write", "write", "write", "Stores a new record.", ref("New")},
	}
	if t.Behaviour.Updates {
		list = append(list, operation{"update", "update", "write", "Changes fields of a record.", ref("Changes")})
	}
	if t.Behaviour.Deletes != model.DeletesNone {
		list = append(list, operation{"delete", "delete", "write", "Deletes a record.", ref("Target")})
	}
	list = append(list, operation{"batch", "batch", "obj", "Runs several operations in one message, each with its own result.", nil})
	for _, q := range t.Queries {
		list = append(list, operation{"query." + q.Name, "query", "read", q.Doc, queryData(q)})
	}
	return list
}

func queryData(q *model.Query) object {
	var params object
	var names []string
	for _, p := range q.Params {
		params = append(params, member{p.Name, value(&p.Type, false).with(p.Doc != "", "description", p.Doc)})
		names = append(names, p.Name)
	}
	data := object{{"name", object{{"const", q.Name}}}}
	if params == nil {
		return closed(append(data, member{"params", closed(object{}, nil)}), []string{"name"})
	}
	return closed(append(data, member{"params", closed(params, names)}), []string{"name", "params"})
}

// channels are the routing keys of the exchange beds.events.
func channels(t *model.Template) object {
	var out object
	for _, name := range channelNames {
		var msgs object
		for _, op := range operationsOf(t) {
			if op.channel == name {
				msgs = append(msgs, member{op.name, message(op.name)})
			}
		}
		out = append(out, member{name, object{
			{"address", string(t.Family) + "." + name + "." + t.Name},
			{"messages", msgs},
			{"bindings", object{{"amqp", object{{"is", "routingKey"}, {"exchange", object{{"name", "beds.events"}, {"type", "topic"}, {"durable", true}}}}}}},
		}})
	}
	return append(out, member{"reply", object{
		{"address", raw("null")},
		{"messages", object{{"reply", message("reply")}, {"batchReply", message("batchReply")}}},
		{"description", "The queue that the request names in reply_to, such as amq.rabbitmq.reply-to."},
	}})
}

func message(name string) object { return object{{"$ref", "#/components/messages/" + name}} }

func operations(t *model.Template) object {
	var out object
	for _, op := range operationsOf(t) {
		reply := "reply"
		if op.op == "batch" {
			reply = "batchReply"
		}
		out = append(out, member{op.name, object{
			{"action", "send"},
			{"channel", object{{"$ref", "#/channels/" + op.channel}}},
			{"messages", []any{object{{"$ref", "#/channels/" + op.channel + "/messages/" + op.name}}}},
			{"reply", object{
				{"address", object{{"location", "$message.header#/reply_to"}}},
				{"channel", object{{"$ref", "#/channels/reply"}}},
				{"messages", []any{object{{"$ref", "#/channels/reply/messages/" + reply}}}},
			}},
		}.with(op.doc != "", "summary", op.doc)})
	}
	return out
}

// messages are the requests and the replies.
func messages(t *model.Template) object {
	var out object
	for _, op := range operationsOf(t) {
		special := object{{"op", object{{"const", op.op}}}, {"template", object{{"const", t.Name}}}}
		required := []string{"op", "template"}
		if op.data != nil {
			special = append(special, member{"data", op.data})
			required = append(required, "data")
		} else {
			special = append(special, member{"ops", object{{"type", "array"}, {"items", ref("Operation")}, {"maxItems", t.Behaviour.MaxBatch}}})
			required = append(required, "ops")
		}
		out = append(out, member{op.name, object{
			{"name", op.op},
			{"contentType", "application/json"},
			{"payload", object{{"allOf", []any{ref("Request"), object{{"properties", special}, {"required", required}}}}}},
		}})
	}
	reply := func(items object) object {
		data := object{{"data", object{{"type", "array"}, {"items", items}}}}
		return object{
			{"contentType", "application/json"},
			{"payload", object{{"allOf", []any{ref("Reply"), object{{"properties", data}}}}}},
		}
	}
	return append(out, member{"reply", reply(ref("Record"))}, member{"batchReply", reply(ref("Result"))})
}
