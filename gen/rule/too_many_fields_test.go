package rule

import (
	"fmt"
	"testing"

	"github.com/beds-project/beds/gen/rec"
)

func TestTooManyFields(t *testing.T) {
	src := "[fields]\n"
	for i := range rec.MaxFields {
		src += fmt.Sprintf("f%d_exm = \"integer\"\n", i)
	}
	if n := count("too-many-fields", "x_rec.toml", src); n != 0 {
		t.Errorf("%d fields have %d findings", rec.MaxFields, n)
	}
	expect(t, "too-many-fields", src+"x_exm = { type = \"object\", fields = { a = \"string\" } } # want: at most 1000\n")
}
