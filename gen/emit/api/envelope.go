package api

import "github.com/beds-project/beds/gen/model"

func text(doc string) object { return object{{"type", "string"}}.with(doc != "", "description", doc) }

func number(minimum int, doc string) object {
	return object{{"type", "integer"}, {"minimum", minimum}}.with(doc != "", "description", doc)
}

// envelopeSchemas describes version 1 of the envelope around the data. Each
// document holds it, so that a client author needs no other.
func envelopeSchemas(t *model.Template) object {
	outcome := object{
		{"status", object{{"enum", []string{"ok", "error", "unknown"}}, {"description", "unknown: ask again with the same key"}}},
		{"data", object{{"type", "array"}}},
		{"count", number(0, "")},
		{"cursor", text("goes into options.cursor for the next page; absent on the last one")},
		{"error", ref("Error")},
	}
	return object{
		{"Request", object{{"type", "object"}, {"properties", object{
			{"v", object{{"const", 1}}},
			{"template", text("")},
			{"op", text("")},
			{"event_id", text("identity of this request")},
			{"parent_id", text("the event that caused it")},
			{"root_id", text("the first event of the chain")},
			{"depth", number(0, "")},
			{"key", object{{"type", "string"}, {"maxLength", 128}, {"description", "idempotency key of a write: the same key again gets the same result"}}},
			{"deadline_ms", number(0, "")},
			{"data", object{{"type", "object"}}},
			{"options", ref("Options")},
			{"ops", object{{"type", "array"}}},
		}}, {"required", []string{"v", "template", "op"}}}},
		{"Options", options(t)},
		{"Operation", closed(object{
			{"op", object{{"enum", []string{"fetch", "count", "write", "update", "delete", "query"}}}},
			{"data", object{{"type", "object"}}},
			{"key", text("")},
			{"options", ref("Options")},
			{"template", object{{"const", t.Name}}},
		}, []string{"op"})},
		{"Reply", object{{"type", "object"}, {"properties", append(object{
			{"v", object{{"const", 1}}}, {"event_id", text("")}, {"parent_id", text("")},
			{"node", text("who answered")}, {"took_us", number(0, "microseconds in the node")},
		}, outcome...)}, {"required", []string{"v", "event_id", "status", "data"}}}},
		{"Result", object{{"type", "object"}, {"properties", outcome}, {"required", []string{"status", "data"}}}},
		{"Error", errorSchema()},
	}
}

func options(t *model.Template) object {
	names := object{{"type", "array"}, {"items", object{{"type", "string"}}}}
	return closed(object{
		{"limit", object{{"type", "integer"}, {"minimum", 1}, {"maximum", t.Behaviour.MaxLimit}}},
		{"cursor", text("")},
		{"return", names.with(true, "description", "public names of the fields to return")},
		{"sort", names.with(true, "description", "public names, with a minus for descending, along the access path")},
		{"dry_run", object{{"type", "boolean"}}},
		{"atomic", object{{"type", "boolean"}, {"description", "batch: all or nothing"}}},
	}, nil)
}

func errorSchema() object {
	detail := object{{"type", "object"}, {"properties", object{{"field", text("")}, {"code", text("")}, {"message", text("")}}}}
	return object{{"type", "object"}, {"properties", object{
		{"code", text("a stable name; the catalogue is part of the documentation")},
		{"message", text("")},
		{"details", object{{"type", "array"}, {"items", detail}}},
		{"retryable", object{{"type", "boolean"}}},
	}}, {"required", []string{"code", "message", "retryable"}}}
}
