package main

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// tiny is what two numbers may differ by and still be the same: all that is
// read has few decimals, and sums of it stay far below where floats lose them.
const tiny = 1e-9

// span is a closed range of numbers; an end may be infinite.
type span struct{ low, high float64 }

func everything() span { return span{math.Inf(-1), math.Inf(1)} }

func (s span) empty() bool { return s.low > s.high+tiny }

func (s span) meet(o span) span { return span{math.Max(s.low, o.low), math.Min(s.high, o.high)} }

func (s span) plus(o span) span { return span{s.low + o.low, s.high + o.high} }

func (s span) minus(o span) span { return span{s.low - o.high, s.high - o.low} }

func (s span) times(n float64) span { return span{s.low * n, s.high * n} }

func (s span) width() float64 { return s.high - s.low }

// mark says that a number stands for everything beyond it as well.
type mark int

const (
	exact  mark = iota
	orLess      // "2 or less"
	orMore      // "4 or more"
)

// number is one number as it is shown.
type number struct {
	value    float64
	decimals int
	mark     mark
}

// written finds a number with its mark at the start of a text: "2.5", "4 or
// more", "2, between “rarely” and “sometimes”". Thousands are not grouped.
var written = regexp.MustCompile(`^(-?\d{1,12})(?:\.(\d{1,9}))?(?: (or less|or more))?(?:,.*)?$`)

// parseNumber reads a number as pages show it; ok is false for a text that
// begins with none.
func parseNumber(text string) (n number, ok bool) {
	m := written.FindStringSubmatch(tidy(text))
	if m == nil {
		return number{}, false
	}
	digits := m[1]
	if m[2] != "" {
		digits += "." + m[2]
	}
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return number{}, false
	}
	n = number{value: v, decimals: len(m[2])}
	switch m[3] {
	case "or less":
		n.mark = orLess
	case "or more":
		n.mark = orMore
	}
	return n, true
}

// tidy takes surplus white space out of a text.
func tidy(text string) string { return strings.Join(strings.Fields(text), " ") }

var ofMany = regexp.MustCompile(`^(\d{1,9}) of (\d{1,9})\b`)

// parseOf reads "8 of 12".
func parseOf(text string) (n, invited int, ok bool) {
	m := ofMany.FindStringSubmatch(tidy(text))
	if m == nil {
		return 0, 0, false
	}
	n, _ = strconv.Atoi(m[1]) // digits only, and few
	invited, _ = strconv.Atoi(m[2])
	return n, invited, true
}

var fromTo = regexp.MustCompile(`^(-?\d{1,9}(?:\.\d{1,9})?) to (-?\d{1,9}(?:\.\d{1,9})?)$`)

// parseInterval reads "1.7 to 2.3".
func parseInterval(text string) (low, high number, ok bool) {
	m := fromTo.FindStringSubmatch(tidy(text))
	if m == nil {
		return low, high, false
	}
	low, okLow := parseNumber(m[1])
	high, okHigh := parseNumber(m[2])
	return low, high, okLow && okHigh && low.value <= high.value
}

// parseDecimal reads a number of an export: nothing, or digits with a point.
func parseDecimal(text string) (n number, ok bool) {
	n, ok = parseNumber(text)
	return n, ok && n.mark == exact && strings.Trim(text, "-0123456789.") == ""
}

// rounding is the range of numbers that a number with so many decimals stands
// for, when nothing else is known of how it was rounded.
func (n number) rounding() span {
	half := math.Pow10(-n.decimals) / 2
	return span{n.value - half, n.value + half}
}

// onGrid says whether a value lies a whole number of steps above origin.
func onGrid(value, origin, step float64) bool {
	at := (value - origin) / step
	return math.Abs(at-math.Round(at)) < 1e-6
}
