package static_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Contrast follows WCAG 2.2, "contrast ratio" and "relative luminance":
// (L1 + 0.05) / (L2 + 0.05), L from linearised sRGB.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	luminance := func(hex string) float64 {
		var l float64
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			raw, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
			if err != nil {
				t.Fatalf("colour %q: %v", hex, err)
			}
			c := float64(raw) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			l += weight * c
		}
		return l
	}
	la, lb := luminance(a), luminance(b)
	return (math.Max(la, lb) + 0.05) / (math.Min(la, lb) + 0.05)
}

// palettes reads the four sets of colours; what a later block leaves out
// keeps the value of the blocks that it is laid over.
func palettes(t *testing.T) map[string]map[string]string {
	t.Helper()
	raw, err := os.ReadFile("css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	colour := regexp.MustCompile(`(--[a-z-]+):\s*(#[0-9a-f]{6});`)
	var blocks []map[string]string
	for _, block := range strings.Split(string(raw), ":root {")[1:] {
		set := make(map[string]string)
		for _, m := range colour.FindAllStringSubmatch(block, -1) {
			set[m[1]] = m[2]
		}
		if len(set) > 0 {
			blocks = append(blocks, set)
		}
	}
	if len(blocks) != 4 {
		t.Fatalf("%d blocks with colours, want light, dark, and high contrast of both", len(blocks))
	}
	over := func(layers ...map[string]string) map[string]string {
		set := make(map[string]string)
		for _, layer := range layers {
			for name, value := range layer {
				set[name] = value
			}
		}
		return set
	}
	return map[string]map[string]string{
		"light":               blocks[0],
		"dark":                over(blocks[0], blocks[1]),
		"high contrast light": over(blocks[0], blocks[2]),
		"high contrast dark":  over(blocks[0], blocks[1], blocks[2], blocks[3]),
	}
}

func TestTextAndControlsKeepTheirContrast(t *testing.T) {
	// 7:1 body text and 4.5:1 everything else: STYLE "Look"; 3:1 for edges of
	// controls and the focus ring: WCAG 2.2, 1.4.11 and 2.4.13.
	pairs := []struct {
		front, back string
		least       float64
	}{
		{"--ink", "--paper", 7},
		{"--ink", "--surface", 7},
		{"--ink", "--sunken", 7},
		{"--ink", "--accent-soft", 7},
		{"--ink", "--attention-soft", 7},
		{"--ink", "--worse-soft", 7},
		{"--ink", "--better-soft", 7},
		{"--ink-soft", "--paper", 4.5},
		{"--ink-soft", "--surface", 4.5},
		{"--ink-soft", "--sunken", 4.5},
		{"--ink-soft", "--accent-soft", 4.5},
		{"--accent", "--paper", 4.5},
		{"--accent", "--surface", 4.5},
		{"--accent", "--accent-soft", 4.5},
		{"--accent", "--sunken", 4.5},
		{"--on-accent", "--accent", 4.5},
		{"--on-accent", "--accent-strong", 4.5},
		{"--attention", "--paper", 4.5},
		{"--attention", "--surface", 4.5},
		{"--attention", "--attention-soft", 4.5},
		{"--worse", "--paper", 4.5},
		{"--worse", "--surface", 4.5},
		{"--worse", "--worse-soft", 4.5},
		{"--better", "--paper", 4.5},
		{"--better", "--surface", 4.5},
		{"--better", "--better-soft", 4.5},
		{"--edge", "--paper", 3},
		{"--edge", "--surface", 3},
		{"--focus", "--paper", 3},
		{"--focus", "--surface", 3},
		{"--chart-line", "--chart-band", 3},
		{"--chart-quiet", "--surface", 3},
	}
	for name, set := range palettes(t) {
		for _, p := range pairs {
			if got := contrast(t, set[p.front], set[p.back]); got < p.least {
				t.Errorf("%s: %s %s on %s %s is %.2f:1, want at least %.1f:1", name, p.front, set[p.front], p.back, set[p.back], got, p.least)
			}
		}
	}
}
