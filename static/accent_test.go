package static_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"attune/static"

	"pgregory.net/rapid"
)

func colour(t interface{ Fatalf(string, ...any) }, text string) static.Colour {
	c, ok := static.ParseColour(text)
	if !ok {
		t.Fatalf("%q is no colour", text)
	}
	return c
}

func anyColour(t *rapid.T, name string) static.Colour {
	return static.Colour{R: rapid.Byte().Draw(t, name+" red"), G: rapid.Byte().Draw(t, name+" green"), B: rapid.Byte().Draw(t, name+" blue")}
}

func TestContrastIsThatOfAnotherProgram(t *testing.T) {
	for _, c := range []struct {
		a, b  string
		ratio float64
	}{
		{"#000000", "#ffffff", 21}, // the definition: (1 + 0.05) / (0 + 0.05)
		// The others were computed with axe-core 4.14.1,
		// axe.commons.color.getContrast. #767676 is the lightest grey for text on
		// white, #949494 the lightest for edges.
		{"#767676", "#ffffff", 4.542225},
		{"#777777", "#ffffff", 4.478089},
		{"#949494", "#ffffff", 3.033470},
		{"#959595", "#ffffff", 2.995346},
		{"#ff0000", "#ffffff", 3.998477},
		{"#0000ff", "#ffffff", 8.592471},
		{"#008000", "#ffffff", 5.137403},
		{"#ffd500", "#ffffff", 1.421830},
		{"#0b5a64", "#faf7f1", 7.381203},
		{"#86cdd3", "#161a1a", 9.765153},
		{"#0a0a0a", "#0b0b0b", 1.005869},
	} {
		if got := static.Contrast(colour(t, c.a), colour(t, c.b)); math.Abs(got-c.ratio) > 1e-6 {
			t.Errorf("%s on %s: %.6f, want %.6f", c.a, c.b, got, c.ratio)
		}
	}
}

func TestContrastIsTheSameBothWaysAndBetween1And21(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyColour(t, "a"), anyColour(t, "b")
		ratio := static.Contrast(a, b)
		if ratio != static.Contrast(b, a) || ratio < 1 || ratio > 21 || static.Contrast(a, a) != 1 {
			t.Fatalf("%s and %s: %v, the other way %v", a, b, ratio, static.Contrast(b, a))
		}
		if back, ok := static.ParseColour(a.String()); !ok || back != a {
			t.Fatalf("%s reads as %s", a, back)
		}
	})
}

func TestOnlySixDigitsAreAColour(t *testing.T) {
	for text, want := range map[string]string{" #0B5A64 ": "#0b5a64", "ffd500": "#ffd500"} {
		if got := colour(t, text).String(); got != want {
			t.Errorf("%q reads as %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"", "#", "#fff", "teal", "#0b5a6", "#0b5a644", "#0b5a6g", "-b5a64", "+0b5a6", "0x5a64", "#0b5a64;}", "# b5a64"} {
		if c, ok := static.ParseColour(text); ok {
			t.Errorf("%q reads as %s", text, c)
		}
	}
}

// TestAnAccentCanBeReadWhereverItStands holds the rules of tokens_test.go for
// every colour that is taken, and for the shade that is offered for every other.
func TestAnAccentCanBeReadWhereverItStands(t *testing.T) {
	sets := palettes(t)
	rapid.Check(t, func(t *rapid.T) {
		c := anyColour(t, "accent")
		accent, err := static.NewAccent(c)
		var faint *static.Faint
		if errors.As(err, &faint) {
			if faint.Ratio >= faint.Need || faint.Need != 4.5 || faint.Colour != c {
				t.Fatalf("refused, although: %v", faint)
			}
			if got := static.Contrast(c, faint.On); got != faint.Ratio {
				t.Fatalf("%v: the contrast is %v", faint, got)
			}
			if accent, err = static.NewAccent(faint.Nearest); err != nil {
				t.Fatalf("the shade that was offered for %s: %v", c, err)
			}
		} else if err != nil {
			t.Fatal(err)
		} else if accent.Light.Accent != c {
			t.Fatalf("%s became %s", c, accent.Light.Accent)
		}
		for name, shades := range map[string]static.Shades{"light": accent.Light, "dark": accent.Dark} {
			least := math.Inf(1)
			atLeast := func(front, back static.Colour, need float64, what string) float64 {
				ratio := static.Contrast(front, back)
				if ratio < need {
					t.Fatalf("%s, %s in the %s scheme: %s on %s is %.3f:1, want %.1f:1", c, what, name, front, back, ratio, need)
				}
				return ratio
			}
			for _, token := range []string{"--paper", "--surface", "--sunken", "--attention-soft", "--worse-soft", "--better-soft"} {
				ratio := atLeast(shades.Accent, colour(t, sets[name][token]), 4.5, token)
				least = min(least, ratio)
				atLeast(shades.Strong, colour(t, sets[name][token]), 4.5, "pointed at, "+token)
			}
			least = min(least, atLeast(shades.Accent, shades.Soft, 4.5, "on its own ground"))
			atLeast(shades.On, shades.Accent, 4.5, "text on a button")
			atLeast(shades.On, shades.Strong, 4.5, "text on a button under a pointer")
			atLeast(colour(t, sets[name]["--ink"]), shades.Soft, 7, "body text")
			atLeast(colour(t, sets[name]["--ink-soft"]), shades.Soft, 4.5, "quiet text")
			if shades.Ratio != least {
				t.Fatalf("%s in the %s scheme says %v:1 at least, it is %v:1", c, name, shades.Ratio, least)
			}
		}
	})
}

func TestTheShadeOfferedIsTheNearest(t *testing.T) {
	for _, c := range []struct{ from, to string }{
		// Found with axe-core 4.14.1: the first lightness, in steps of a
		// thousandth down from the colour's, at which its getContrast gives 4.5
		// on the six light grounds of tokens.css and on a tenth of the colour in
		// white.
		{"#ffd500", "#7f6a00"},
		{"#ff0000", "#d70000"},
		{"#808080", "#6b6b6b"},
		{"#ffffff", "#6b6b6b"},
	} {
		_, err := static.NewAccent(colour(t, c.from))
		var faint *static.Faint
		if !errors.As(err, &faint) || faint.Nearest.String() != c.to {
			t.Errorf("%s: %v, want %s", c.from, err, c.to)
		}
	}
	if _, err := static.NewAccent(colour(t, "#0b5a64")); err != nil {
		t.Errorf("Attune's own colour: %v", err)
	}
}

func TestTheGroundsOfAnAccentAreThoseOfTheTokens(t *testing.T) {
	accent, err := static.NewAccent(colour(t, "#0b5a64"))
	if err != nil {
		t.Fatal(err)
	}
	sample := string(accent.Sample())
	for name, set := range palettes(t) {
		if strings.HasPrefix(name, "high") {
			continue
		}
		_, block, _ := strings.Cut(sample, ".sample-"+name+"{")
		block, _, _ = strings.Cut(block, "}")
		for _, token := range []string{"--paper", "--surface", "--sunken", "--ink", "--ink-soft", "--line", "--edge"} {
			if !strings.Contains(block+";", token+":"+set[token]+";") {
				t.Errorf("%s: the sample has not %s: %s", name, token, set[token])
			}
		}
	}
}

func TestTheSheetLeavesPaperAndMoreContrastAlone(t *testing.T) {
	accent, err := static.NewAccent(colour(t, "#8a1c4a"))
	if err != nil {
		t.Fatal(err)
	}
	sheet := string(accent.Sheet())
	for _, line := range strings.Split(strings.TrimSpace(sheet), "\n") {
		if !strings.HasPrefix(line, "@media screen and (prefers-contrast:no-preference)") {
			t.Errorf("for every medium: %s", line)
		}
	}
	if !strings.Contains(sheet, "--accent:#8a1c4a;") || strings.Count(sheet, ":root{") != 2 {
		t.Errorf("the sheet is %s", sheet)
	}
}
