package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:  "bad-type-params",
		Doc: "The parameters of a type fit both stores.",
		Cure: "string(1..16383), text and binary to 15 MiB (a MongoDB document holds 16), decimal(1..34, 0..p) (what a " +
			"Decimal128 holds), array<T> of scalars other than text and binary, an enum with its values, sub-fields only " +
			"in an object.",
		check: problems(rec.ProblemTypeParams),
	})
}
