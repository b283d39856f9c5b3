package model

// Names of the system fields. Every record has them; they carry no TLA.
const (
	FieldID       = "id"
	FieldCreated  = "created"
	FieldUpdated  = "updated"
	FieldRevision = "revision"
	FieldDeleted  = "deleted" // only where deletes are soft
)

// SystemFields returns the system fields of a template, in the order in which
// they open Template.Fields. The fields are new with every call.
func SystemFields(d Deletes) []*Field {
	fields := []*Field{
		system(FieldID, GUID, true, "Identity of the record: a UUIDv7 that the node makes."),
		system(FieldCreated, Timestamp, true, "When the record was written."),
		system(FieldUpdated, Timestamp, true, "When the record was last changed."),
		system(FieldRevision, Integer, true, "Number of the record's version; it starts at 1 and goes up with every change."),
	}
	if d == DeletesSoft {
		fields = append(fields, system(FieldDeleted, Timestamp, false, "When the record was deleted; null while it lives."))
	}
	for i, f := range fields {
		f.Index = i
	}
	return fields
}

func system(name string, kind Kind, required bool, doc string) *Field {
	return &Field{
		Name:      name,
		Public:    name,
		GoName:    GoName(name),
		Type:      Type{Kind: kind},
		System:    true,
		Required:  required,
		Protected: true,
		Doc:       doc,
	}
}
