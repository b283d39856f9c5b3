package rule

import (
	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "row-size",
		Doc: "A row fits MariaDB: 65,535 bytes in all, 8,126 within a page of InnoDB.",
		Cure: "A string counts four bytes a character towards the first limit; text, binary, object and array count " +
			"little. Towards the second every string of more than ten characters counts 42 bytes, because InnoDB keeps " +
			"long values elsewhere. Make long strings text, or move groups of fields into an object.",
		whole: true,
		check: checkRowSize,
	})
}

// The limits of a row, and what BEDS itself takes of it: the system fields and
// the record of the write that made it.
const (
	maxRowBytes  = 65535
	maxPageBytes = 8126
	ownBytes     = 256
)

func checkRowSize(t *rec.Template, r *Reporter) {
	row, page := ownBytes, ownBytes
	for _, f := range t.Fields {
		full, inPage := rowBytes(&f.Type.Type)
		row += full
		page += inPage
	}
	// One bit for each column that may be null.
	row += (len(t.Fields) + 7) / 8
	page += (len(t.Fields) + 7) / 8
	at := rec.Span{}
	if e := t.Root.Get("fields"); e != nil {
		at = e.KeySpan
	}
	switch {
	case row > maxRowBytes:
		r.Addf(at, "a row takes up to %d bytes; MariaDB allows %d (four bytes a character of a string); make long strings text", row, maxRowBytes)
	case page >= maxPageBytes:
		r.Addf(at, "a row takes up to %d bytes of a page; InnoDB allows %d; move groups of fields into an object", page, maxPageBytes-1)
	}
}

// rowBytes returns what a column counts towards a row and towards a page.
func rowBytes(typ *model.Type) (row, page int) {
	const (
		pointer = 12 // a BLOB's share of the row
		stub    = 40 // what InnoDB keeps in the page of a long value
	)
	switch typ.Kind {
	case "":
		return 0, 0
	case model.Text, model.Binary, model.Object, model.Array:
		return pointer, stub + 2
	case model.String, model.Enum:
		n := columnBytes(typ)
		length := 1
		if n > 255 {
			length = 2
		}
		return n + length, min(n, stub) + length
	}
	n := columnBytes(typ)
	return n, n
}

// columnBytes is the size of a column's longest value in MariaDB.
func columnBytes(typ *model.Type) int {
	switch typ.Kind {
	case model.String, model.Enum:
		return 4 * typ.Max
	case model.Decimal:
		return decimalBytes(typ.Precision-typ.Scale) + decimalBytes(typ.Scale)
	case model.Boolean:
		return 1
	case model.Date:
		return 3
	case model.GUID:
		return idBytes
	}
	return 8 // integer, float, timestamp
}

// decimalBytes is the size of packed digits: nine take four bytes.
func decimalBytes(digits int) int {
	return digits/9*4 + (digits%9+1)/2
}
