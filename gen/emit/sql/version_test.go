package sql

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"testing"

	"github.com/beds-project/beds/gen/load"
)

// emitted is the hash of all procedures of this repository's templates, without
// comments and fingerprints, for load.ArtefactVersion. A node recognises
// procedures of another version by the fingerprint alone: when this test fails
// because the emitter changed, raise ArtefactVersion and put the new pair here.
const emitted = "3 ade2168491b8dcd7"

func TestArtefactVersion(t *testing.T) {
	r := load.Sources(load.Source{Path: "pin_rec.toml", Data: []byte(pinned)})
	if r.Set == nil {
		t.Fatal(r.Findings)
	}
	h := sha256.New()
	fingerprint := regexp.MustCompile(`[0-9a-f]{16}`)
	for _, f := range Files(r.Set) {
		if !strings.Contains(f.Path, "/proc_") {
			continue
		}
		for line := range bytes.Lines(f.Content) {
			if !bytes.HasPrefix(bytes.TrimSpace(line), []byte("--")) {
				h.Write(fingerprint.ReplaceAll(line, nil))
			}
		}
	}
	if got := load.ArtefactVersion + " " + hex.EncodeToString(h.Sum(nil)[:8]); got != emitted {
		t.Errorf("the procedures are %q, not %q: raise load.ArtefactVersion if the change is meant, so that nodes refuse the old ones", got, emitted)
	}
}

// pinned has every kind of access path.
const pinned = `version = 1
schema = "rel"
service = "app_server"
template_class = "Pin"
collection = "msPin"
extension = "_pin"
[behaviour]
deletes = "soft"
locking = true
ad_hoc = true
[fields]
a_pin = { type = "string(20)", required = true }
b_pin = "decimal(10,2)"
c_pin = { type = "enum", values = ["x", "y"], default = "x" }
d_pin = "guid"
e_pin = "object"
f_pin = "timestamp"
[unique_indexes]
a_pin = true
[compound_indexes]
d_f = ["d_pin", "-f_pin"]
[[partial_indexes]]
name = "xs"
fields = ["b_pin"]
where = { c_pin = "x" }
[queries.some]
params = { d = "guid", cs = "array<string>" }
filter = { d_pin = "$d", c_pin = { in = "$cs" } }
sort = ["-f_pin"]
limit = 10
`
