package rule

import (
	"fmt"
	"strings"
	"testing"
)

func TestTooManyIndexes(t *testing.T) {
	var b strings.Builder
	b.WriteString("[single_field_indexes]\n")
	for i := range maxIndexes {
		fmt.Fprintf(&b, "i%d = \"a\"\n", i)
	}
	expect(t, "too-many-indexes",
		b.String(),
		b.String()+"j = \"a\" # want: 62 indexes\nk = \"a\"\n",
	)
}
