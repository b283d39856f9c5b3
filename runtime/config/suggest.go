package config

import "strings"

// maxSuggestBytes bounds what is compared: a longer name is no slip of the hand.
const maxSuggestBytes = 64

// nearest returns the candidate that was probably meant, or nothing. Ties go
// to the first, so that the answer never changes between runs.
func nearest(name string, candidates []string) string {
	if len(name) > maxSuggestBytes {
		return ""
	}
	best, least := "", len(name)/3+2
	for _, c := range candidates {
		if d := distance(strings.ToLower(name), c); d < least {
			best, least = c, d
		}
	}
	return best
}

// distance counts the single-byte edits between two names, two neighbours
// exchanged being one edit (optimal string alignment).
func distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
