package mongo

import (
	"errors"
	"strings"
)

// Decimals are strings of one width for each field, so that the server's order of
// strings is the order of the numbers and nothing passes through a float. A number
// that is not negative is "p", the digits before the point padded to precision -
// scale, the point, the fraction. A negative one is "n" and the same with every
// digit taken from nine, so that the larger amount sorts first:
//
//	decimal(6,2):  -12.30  n9987.69      0.00  p0000.00      12.30  p0012.30
//
// A type decimal128 would do, but FerretDB has none, and a record has the same
// form on every server.

var errDecimal = errors.New("not a decimal of the field's precision and scale")

func appendSortable(dst []byte, s string, precision, scale int) ([]byte, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	pad := precision - scale - len(whole)
	if pad < 0 && whole == "0" { // decimal(2,2) has no digit before the point
		whole, pad = "", 0
	}
	if pad < 0 || len(fraction) != scale {
		return dst, errDecimal
	}
	zero, mark := byte('0'), byte('p')
	if negative {
		zero, mark = '9', 'n'
	}
	dst = append(dst, mark)
	for range pad {
		dst = append(dst, zero)
	}
	dst = appendDigits(dst, whole, negative)
	if scale > 0 {
		dst = append(dst, '.')
		dst = appendDigits(dst, fraction, negative)
	}
	return dst, nil
}

// appendDigits copies digits or, for a negative number, takes each from nine.
func appendDigits(dst []byte, digits string, negative bool) []byte {
	if !negative {
		return append(dst, digits...)
	}
	for i := range len(digits) {
		if digits[i] != '.' {
			dst = append(dst, '9'-digits[i]+'0')
		} else {
			dst = append(dst, '.')
		}
	}
	return dst
}

// plainDecimal gives back what appendSortable was given.
func plainDecimal(s string) (string, error) {
	if len(s) < 2 || s[0] != 'p' && s[0] != 'n' {
		return "", errDecimal
	}
	negative := s[0] == 'n'
	digits := string(appendDigits(nil, s[1:], negative))
	whole := strings.TrimLeft(digits, "0")
	if whole == "" || whole[0] == '.' {
		whole = "0" + whole
	}
	if negative {
		whole = "-" + whole
	}
	return whole, nil
}
