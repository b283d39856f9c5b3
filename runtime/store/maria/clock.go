package maria

// Times cross the wire as text, 2026-01-31 23:59:59.000000 in UTC, and live in a
// Row as microseconds since 1970. The arithmetic is the proleptic Gregorian
// calendar's, by eras of 400 years that begin in March.

const (
	microsPerSecond = 1_000_000
	secondsPerDay   = 86_400
	daysPerEra      = 146_097
	daysTo1970      = 719_468 // from 0000-03-01
)

// appendDatetime appends the text of a moment between the years 0 and 9999.
func appendDatetime(dst []byte, micro int64) []byte {
	seconds, fraction := floorDiv(micro, microsPerSecond)
	days, second := floorDiv(seconds, secondsPerDay)
	year, month, day := civil(days)
	dst = appendDigits(dst, year, 4)
	dst = append(dst, '-')
	dst = appendDigits(dst, month, 2)
	dst = append(dst, '-')
	dst = appendDigits(dst, day, 2)
	dst = append(dst, ' ')
	dst = appendDigits(dst, second/3600, 2)
	dst = append(dst, ':')
	dst = appendDigits(dst, second/60%60, 2)
	dst = append(dst, ':')
	dst = appendDigits(dst, second%60, 2)
	dst = append(dst, '.')
	return appendDigits(dst, fraction, 6)
}

// parseDatetime reads what appendDatetime writes; the fraction may be shorter or
// absent.
func parseDatetime(b []byte) (int64, bool) {
	if len(b) < 19 || b[4] != '-' || b[7] != '-' || b[10] != ' ' || b[13] != ':' || b[16] != ':' || len(b) > 26 {
		return 0, false
	}
	year, ok1 := digits(b[0:4])
	month, ok2 := digits(b[5:7])
	day, ok3 := digits(b[8:10])
	hour, ok4 := digits(b[11:13])
	minute, ok5 := digits(b[14:16])
	second, ok6 := digits(b[17:19])
	var fraction int64
	ok7 := len(b) == 19 || b[19] == '.'
	for i := 20; i < 26; i++ {
		fraction *= 10
		if i < len(b) {
			ok7 = ok7 && b[i] >= '0' && b[i] <= '9'
			fraction += int64(b[i] - '0')
		}
	}
	ok := ok1 && ok2 && ok3 && ok4 && ok5 && ok6 && ok7 && month >= 1 && month <= 12 && day >= 1
	return ((daysFrom(year, month, day)*24+hour)*60+minute)*60*microsPerSecond + second*microsPerSecond + fraction, ok
}

// civil turns days since 1970 into a date.
func civil(days int64) (year, month, day int64) {
	era, doe := floorDiv(days+daysTo1970, daysPerEra)
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = doy - (153*mp+2)/5 + 1
	month = mp + 3
	year = yoe + era*400
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// daysFrom is the inverse of civil.
func daysFrom(year, month, day int64) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	era, yoe := floorDiv(year, 400)
	doy := (153*(month-3)+2)/5 + day - 1
	return era*daysPerEra + yoe*365 + yoe/4 - yoe/100 + doy - daysTo1970
}

// floorDiv divides towards minus infinity; the rest is never negative.
func floorDiv(a, b int64) (quotient, rest int64) {
	quotient, rest = a/b, a%b
	if rest < 0 {
		return quotient - 1, rest + b
	}
	return quotient, rest
}

func appendDigits(dst []byte, n int64, width int) []byte {
	var b [6]byte
	for i := width - 1; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return append(dst, b[:width]...)
}

func digits(b []byte) (int64, bool) {
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
