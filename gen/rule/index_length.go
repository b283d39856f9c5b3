package rule

import (
	"slices"

	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "index-length",
		Doc: "An index entry has at most 3,072 bytes.",
		Cure: "That is InnoDB's limit. A string counts four bytes a character, and id adds 16 to every index. " +
			"The where of a " +
			"partial index counts, since MariaDB has it as leading columns. Lower the max of the strings, or take fewer.",
		whole: true,
		check: checkIndexLength,
	})
}

// maxIndexBytes is InnoDB's limit for an index entry; idBytes is what id takes of it.
const (
	maxIndexBytes = 3072
	idBytes       = 16
)

func checkIndexLength(t *rec.Template, r *Reporter) {
	for _, ix := range t.Indexes {
		if size := entryBytes(t, ix); size > maxIndexBytes {
			r.Addf(ix.Span, "an entry of index %q takes up to %d bytes; InnoDB allows %d (four bytes a character, %d for id)",
				clip(ix.Name), size, maxIndexBytes, idBytes)
		}
	}
}

// entryBytes is the size of an index's longest entry. Fields that are unknown or
// cannot be indexed are for other rules.
func entryBytes(t *rec.Template, ix *rec.Index) int {
	keys := slices.Clone(ix.Keys)
	for _, c := range ix.Where {
		if !slices.ContainsFunc(keys, func(k rec.Ref) bool { return k.Name == c.Field.Name }) {
			keys = append(keys, c.Field)
		}
	}
	size := idBytes
	for _, k := range keys {
		if f, ok := typed(t, k.Name); ok && indexable(f.Type.Kind) {
			size += columnBytes(f.Type)
		}
	}
	return size
}
