package rule

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"email_exm", "name_exm", "created", "id", "unique_indexes", "gte", "gt"}
	for _, c := range []struct{ got, want string }{
		{"emial_exm", "email_exm"},
		{"EMAIL_EXM", "email_exm"},
		{"crated", "created"},
		{"unique_index", "unique_indexes"},
		{"gtee", "gte"},
		{"idd", "id"},
		{"x", ""},
		{"", ""},
		{"completely_different", ""},
	} {
		if got := nearest(c.got, known); got != c.want {
			t.Errorf("nearest(%q) = %q, want %q", c.got, got, c.want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"abc", "abc", 0}, {"abc", "acb", 1},
		{"abc", "abd", 1}, {"abc", "xabc", 1}, {"kitten", "sitting", 3},
	} {
		if got := distance(c.a, c.b, 10); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
	if got := distance("abcdefgh", "ijklmnop", 2); got <= 2 {
		t.Errorf("a distance above the bound came out as %d", got)
	}
}
