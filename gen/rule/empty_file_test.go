package rule

import "testing"

func TestEmptyFile(t *testing.T) {
	for _, src := range []string{"", " ", "\n\n \t\r\n", "\ufeff"} {
		if n := count("empty-file", "x_rec.toml", src); n != 1 {
			t.Errorf("%q has %d findings", src, n)
		}
	}
	if n := count("empty-file", "x_rec.toml", "version = 1"); n != 0 {
		t.Errorf("a file with a key has %d findings", n)
	}
}
