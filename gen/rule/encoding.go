package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:  "encoding",
		Doc: "A template is UTF-8 without a byte order mark.",
		Cure: "Save the file as UTF-8. Many editors call the byte order mark a signature or BOM; " +
			"other TOML tools refuse it, so BEDS does too. Line ends may be LF or CRLF.",
		check: problems(rec.ProblemEncoding),
	})
}
