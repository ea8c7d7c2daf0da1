package static

import (
	"fmt"
	"strings"
)

// TextContrast is what WCAG 2.2 asks of text at level AA (1.4.3), EdgeContrast
// what it asks of large text (1.4.3) and of edges, marks and the focus ring
// (1.4.11, 2.4.13). An accent is used for both, links of body size among them,
// so that the first decides.
const (
	TextContrast = 4.5
	EdgeContrast = 3.0
)

// scheme is what an accent stands on in one colour scheme: the values of
// css/tokens.css, which a test compares.
type scheme struct {
	paper, surface, sunken             Colour
	attentionSoft, worseSoft, goodSoft Colour
	ink, inkSoft, line, edge           Colour
	soft                               float64 // the share of the accent in a ground of its own
	dark                               bool
}

func lightScheme() scheme {
	return scheme{
		paper: Colour{0xfa, 0xf7, 0xf1}, surface: Colour{0xff, 0xff, 0xff}, sunken: Colour{0xf1, 0xec, 0xe3},
		attentionSoft: Colour{0xfb, 0xf0, 0xda}, worseSoft: Colour{0xf7, 0xe9, 0xf1}, goodSoft: Colour{0xe2, 0xf1, 0xea},
		ink: Colour{0x20, 0x28, 0x2a}, inkSoft: Colour{0x4b, 0x56, 0x58}, line: Colour{0xde, 0xd7, 0xcb}, edge: Colour{0x7c, 0x84, 0x84},
		soft: 0.1,
	}
}

func darkScheme() scheme {
	return scheme{
		paper: Colour{0x16, 0x1a, 0x1a}, surface: Colour{0x1f, 0x25, 0x25}, sunken: Colour{0x11, 0x14, 0x14},
		attentionSoft: Colour{0x3a, 0x2e, 0x16}, worseSoft: Colour{0x3b, 0x24, 0x32}, goodSoft: Colour{0x1c, 0x38, 0x2d},
		ink: Colour{0xec, 0xe8, 0xe0}, inkSoft: Colour{0xb9, 0xba, 0xb4}, line: Colour{0x36, 0x3d, 0x3d}, edge: Colour{0x86, 0x90, 0x90},
		soft: 0.12, dark: true,
	}
}

// softened is the ground that an accent makes for what it marks.
func (s scheme) softened(accent Colour) Colour { return s.surface.Mixed(accent, s.soft) }

// least is the ground on which an accent is hardest to read, and the contrast
// there.
func (s scheme) least(accent Colour) (ground Colour, ratio float64) {
	ratio = 22 // more than there is
	for _, on := range []Colour{s.surface, s.paper, s.sunken, s.attentionSoft, s.worseSoft, s.goodSoft, s.softened(accent)} {
		if r := Contrast(accent, on); r < ratio {
			ground, ratio = on, r
		}
	}
	return ground, ratio
}

// nearest is the shade of a colour, of the same hue and saturation, that lies
// nearest to it and can be read on every ground: darker on light ones and
// lighter on dark ones, in steps of a thousandth.
func (s scheme) nearest(c Colour) Colour {
	const steps = 1000
	h, sat, l := c.hue()
	shade := c
	for i := 0; i <= steps; i++ {
		if _, ratio := s.least(shade); ratio >= TextContrast {
			return shade
		}
		by := float64(i) / steps
		if s.dark {
			shade = ofHue(h, sat, min(1, l+by))
		} else {
			shade = ofHue(h, sat, max(0, l-by))
		}
	}
	return shade // black or white, which a test holds can be read
}

// Shades are an accent as one colour scheme uses it.
type Shades struct {
	Accent Colour  // links, buttons, marks
	Strong Colour  // the same under a pointer
	Soft   Colour  // a ground for what is marked
	On     Colour  // text on Accent and Strong
	Ratio  float64 // the contrast of Accent on the ground where it is hardest to read
}

func (s scheme) shades(accent Colour) Shades {
	sh := Shades{Accent: accent, Soft: s.softened(accent)}
	if s.dark {
		sh.Strong, sh.On = accent.Mixed(Colour{255, 255, 255}, 0.45), s.sunken
	} else {
		sh.Strong, sh.On = accent.Mixed(Colour{}, 0.35), s.surface
	}
	_, sh.Ratio = s.least(accent)
	return sh
}

// Accent is an organisation's colour with all its shades. Its zero value is no
// colour; NewAccent makes one.
type Accent struct{ Light, Dark Shades }

// Faint says why a colour cannot be an accent.
type Faint struct {
	Colour, On  Colour  // the colour, and the ground that it is hardest to read on
	Ratio, Need float64 // its contrast there, and what it needs
	Nearest     Colour  // its nearest shade that can be read everywhere
}

// Error is for logs; pages say it in the reader's language.
func (f *Faint) Error() string {
	return fmt.Sprintf("%s on %s is %.2f:1 and has to be %.1f:1; %s is", f.Colour, f.On, f.Ratio, f.Need, f.Nearest)
}

// NewAccent makes the shades of a colour. It fails with a *Faint when text in
// that colour cannot be read on a light ground. No colour can be read on light
// and on dark grounds alike (it would need a luminance below 0.15 and above
// 0.32), so in the dark scheme its nearest shade that can is used.
func NewAccent(c Colour) (Accent, error) {
	light, dark := lightScheme(), darkScheme()
	if on, ratio := light.least(c); ratio < TextContrast {
		return Accent{}, &Faint{Colour: c, On: on, Ratio: ratio, Need: TextContrast, Nearest: light.nearest(c)}
	}
	return Accent{Light: light.shades(c), Dark: dark.shades(dark.nearest(c))}, nil
}

// tokens are the custom properties that an accent sets.
func (sh Shades) tokens() string {
	return fmt.Sprintf("--accent:%s;--accent-strong:%s;--accent-soft:%s;--on-accent:%s;--focus:%s", sh.Accent, sh.Strong, sh.Soft, sh.On, sh.Accent)
}

// Sheet is a style sheet that lays the accent over css/tokens.css. Paper stays
// black on white, and who asks their system for more contrast gets Attune's
// own colours. Charts keep theirs, which belong together.
func (a Accent) Sheet() []byte {
	const query = "@media screen and (prefers-contrast:no-preference)"
	return []byte(query + "{:root{" + a.Light.tokens() + "}}\n" + query + " and (prefers-color-scheme:dark){:root{" + a.Dark.tokens() + "}}\n")
}

// Sample is a style sheet that shows the accent beside the colours of both
// schemes, whichever the page itself has: .sample-light and .sample-dark.
func (a Accent) Sample() []byte {
	var b strings.Builder
	for _, one := range []struct {
		name string
		scheme
		Shades
	}{{"light", lightScheme(), a.Light}, {"dark", darkScheme(), a.Dark}} {
		fmt.Fprintf(&b, ".sample-%s{color-scheme:%[1]s;%s;--paper:%s;--surface:%s;--sunken:%s;--ink:%s;--ink-soft:%s;--line:%s;--edge:%s}\n",
			one.name, one.tokens(), one.paper, one.surface, one.sunken, one.ink, one.inkSoft, one.line, one.edge)
	}
	return []byte(b.String())
}
