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
			"little. Towards the second a string of up to 63 characters counts in full and a longer one, like text, 22 bytes, " +
			"because InnoDB may keep it elsewhere. Make long strings text, or move groups of fields into an object.",
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

// rowBytes returns what a column counts towards a row and towards a page. The
// sizes are those at which MariaDB 10.11 refuses to create a table.
func rowBytes(typ *model.Type) (row, page int) {
	const (
		pointer = 12  // a BLOB's share of the row
		stub    = 22  // what InnoDB counts in the page for a value that it may keep elsewhere
		short   = 255 // bytes up to which it never does
	)
	switch typ.Kind {
	case "":
		return 0, 0
	case model.Text, model.Binary, model.Object, model.Array:
		return pointer, stub
	case model.String, model.Enum:
		n := columnBytes(typ)
		if n > short {
			return n + 2, stub
		}
		return n + 1, n + 1
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
