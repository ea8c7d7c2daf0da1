package static

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Colour is a colour of sRGB, each part 0 to 255.
type Colour struct{ R, G, B uint8 }

// ParseColour reads "#rrggbb", in small or capital letters, with or without
// the mark in front and blanks around. Anything else, a name such as "teal"
// included, gives false.
func ParseColour(text string) (Colour, bool) {
	text = strings.TrimPrefix(strings.TrimSpace(text), "#")
	raw, err := strconv.ParseUint(text, 16, 32)
	if err != nil || len(text) != 6 {
		return Colour{}, false
	}
	return Colour{uint8(raw >> 16), uint8(raw >> 8 & 0xff), uint8(raw & 0xff)}, true
}

// String is the colour as "#rrggbb".
func (c Colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// Luminance is the relative luminance of WCAG 2.2
// (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance): 0 for black, 1 for
// white. WCAG 2.0 has 0.03928 where 2.2 has 0.04045; no colour of 8 bits lies
// between the two.
func (c Colour) Luminance() float64 {
	linear := func(part uint8) float64 {
		v := float64(part) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

// Contrast is the contrast ratio of WCAG 2.2
// (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio) of two colours, whichever
// of them lies in front: 1 for a colour on itself, 21 for black on white.
func Contrast(a, b Colour) float64 {
	la, lb := a.Luminance(), b.Luminance()
	return (math.Max(la, lb) + 0.05) / (math.Min(la, lb) + 0.05)
}

// Mixed is the colour with a share, 0 to 1, of another one in it, part by part
// as color-mix(in srgb, …) mixes.
func (c Colour) Mixed(other Colour, share float64) Colour {
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-share) + float64(b)*share)) }
	return Colour{mix(c.R, other.R), mix(c.G, other.G), mix(c.B, other.B)}
}

// hue takes a colour apart as CSS does (https://www.w3.org/TR/css-color-4/#rgb-to-hsl):
// hue 0 to 6, saturation and lightness 0 to 1.
func (c Colour) hue() (h, s, l float64) {
	r, g, b := float64(c.R)/255, float64(c.G)/255, float64(c.B)/255
	high, low := max(r, g, b), min(r, g, b)
	l = (high + low) / 2
	span := high - low
	if span == 0 {
		return 0, 0, l
	}
	switch high {
	case r:
		h = math.Mod((g-b)/span+6, 6)
	case g:
		h = (b-r)/span + 2
	default:
		h = (r-g)/span + 4
	}
	return h, span / (1 - math.Abs(2*l-1)), l
}

// ofHue puts a colour together again
// (https://www.w3.org/TR/css-color-4/#hsl-to-rgb). At the same hue and
// saturation no part of a lighter colour is smaller than that of a darker one.
func ofHue(h, s, l float64) Colour {
	part := func(n float64) uint8 {
		k := math.Mod(n+2*h, 12)
		return uint8(math.Round(255 * (l - s*min(l, 1-l)*max(-1, min(k-3, 9-k, 1)))))
	}
	return Colour{part(0), part(8), part(4)}
}
