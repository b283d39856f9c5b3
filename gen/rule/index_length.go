package rule

import (
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "index-length",
		Doc: "An index entry has at most 3,072 bytes.",
		Cure: "That is InnoDB's limit. A string counts four bytes a character, and id adds 16 to every index. " +
			"Lower the max of the strings, or take fewer.",
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
		size := idBytes
		for _, k := range ix.Keys {
			f, ok := typed(t, k.Name)
			if !ok || !indexable(f.Type.Kind) {
				size = 0
				break // other rules have found that
			}
			size += columnBytes(f.Type)
		}
		if size > maxIndexBytes {
			r.Addf(ix.Span, "an entry of index %q takes up to %d bytes; InnoDB allows %d (four bytes a character, %d for id)",
				clip(ix.Name), size, maxIndexBytes, idBytes)
		}
	}
}
