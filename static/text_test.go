package static

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What a placeholder is stands in one regular expression, which checkParity
// holds the languages against; fill cuts by hand, and must cut there.
func TestATextIsFilledWhereThePlaceholdersStandAndNowhereElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"{", "}", "{unit}", "{n}", "{n_2}", "{other}", "{}", "{é}", "n", " ", "«"})).Draw(t, "text"), "")
		args := map[string]any{"unit": "{n}", "n": 3, "n_2": 2.5}
		want := placeholder.ReplaceAllStringFunc(text, func(name string) string {
			if value, ok := args[name[1:len(name)-1]]; ok {
				return fmt.Sprint(value)
			}
			return name
		})
		if got := fill(text, args); got != want {
			t.Fatalf("%q is filled as %q, want %q", text, got, want)
		}
	})
}
