package sql

import "strconv"

// A procedure is what the frame of every procedure needs.
type procedure struct {
	name    string
	access  string // READS SQL DATA or MODIFIES SQL DATA
	version int
	print   string // the template's fingerprint
	about   []string
}

// open writes everything up to BEGIN.
func (p *procedure) open(w *writer) {
	w.head(p.about...)
	w.put("DELIMITER //\n\n",
		"CREATE OR REPLACE DEFINER = ", owner, " PROCEDURE ", ident(p.name), " (IN `p_request` JSON)\n",
		"  ", p.access, "\n",
		"  SQL SECURITY DEFINER\n",
		"  COMMENT ", literal(p.comment()), "\n",
		"BEGIN\n")
}

// comment is what beds_versions returns and the node compares at start.
func (p *procedure) comment() string {
	return "beds " + p.name + " v" + strconv.Itoa(p.version) + " " + p.print
}

// close ends the procedure and the file.
func (p *procedure) close(w *writer) {
	w.put("END//\n\nDELIMITER ;\n")
	w.tail()
}

// procedure makes the frame of a procedure of the template.
func (e *emitter) procedure(name, access string, about ...string) *procedure {
	return &procedure{name: name, access: access, version: e.t.Version, print: e.t.Fingerprint, about: about}
}

const (
	reads    = "READS SQL DATA"
	modifies = "MODIFIES SQL DATA"
)
