package rule

import "strings"

// nearest returns the known name that is most like got, or nothing where none is
// like it. Of equals the first in the order of known wins.
func nearest(got string, known []string) string {
	if got == "" || len(got) > 64 {
		return ""
	}
	got = strings.ToLower(got)
	best, least := "", len(got)+1
	for _, k := range known {
		lower := strings.ToLower(k)
		if lower == got {
			return k
		}
		// A third of the letters may differ; more, and it is another word.
		most := min(max(len(got), len(lower))/3, least-1)
		if d := distance(got, lower, most); d <= most {
			best, least = k, d
		}
	}
	return best
}

// distance counts the edits between two names: insertions, deletions, changes and
// swaps of neighbours. It stops counting above most.
func distance(a, b string, most int) int {
	if d := len(a) - len(b); d > most || -d > most {
		return most + 1
	}
	var rows [3][]int
	buf := make([]int, 3*(len(b)+1))
	for i := range rows {
		rows[i] = buf[i*(len(b)+1) : (i+1)*(len(b)+1)]
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	before, last, row := rows[2], rows[0], rows[1]
	for i := range len(a) {
		row[0] = i + 1
		low := row[0]
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			d := min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, before[j-1]+1)
			}
			row[j+1] = d
			low = min(low, d)
		}
		if low > most {
			return most + 1
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
