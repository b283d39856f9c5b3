package rule

import (
	"strings"
	"testing"

	"github.com/beds-project/beds/gen/rec"
)

func TestFileSize(t *testing.T) {
	src := "version = 1\n# " + strings.Repeat("x", rec.MaxFileSize)
	if n := count("file-size", "x_rec.toml", src); n != 1 {
		t.Errorf("%d bytes have %d findings", len(src), n)
	}
	if n := count("file-size", "x_rec.toml", src[:rec.MaxFileSize]); n != 0 {
		t.Errorf("%d bytes have %d findings", rec.MaxFileSize, n)
	}
}
