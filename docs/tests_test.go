package docs_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// named is a test that a document refers to, in code.
var named = regexp.MustCompile("`(Test[A-Z][A-Za-z0-9]+)`")

func TestEveryTestThatADocumentNamesExists(t *testing.T) {
	there := make(map[string]bool)
	declared := regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9]+)\(`)
	for _, file := range documents(t, "_test.go") {
		for _, found := range declared.FindAllStringSubmatch(read(t, file), -1) {
			there[found[1]] = true
		}
	}
	count := 0
	for _, page := range documents(t, ".md") {
		for _, found := range named.FindAllStringSubmatch(read(t, page), -1) {
			count++
			if !there[found[1]] {
				t.Errorf("%s names %s, which no package has", page, found[1])
			}
		}
	}
	if count < 50 {
		t.Errorf("%d tests are named; the threat model alone has more", count)
	}
}

func TestEveryAdversaryHasWhatProtectsWhatDoesNotAndATest(t *testing.T) {
	text := read(t, filepath.Join(root, "docs", "threat-model.md"))
	_, text, _ = strings.Cut(text, "## Who might try\n")
	text, _, _ = strings.Cut(text, "\n## ")
	rows := strings.Split(text, "\n### ")[1:]
	if len(rows) < 9 {
		t.Errorf("%d adversaries, the design has nine", len(rows))
	}
	for _, row := range rows {
		name, _, _ := strings.Cut(row, "\n")
		for _, part := range []string{"*Ha", "*Protected by*", "*Honestly not*", "*Shown by*"} {
			if !strings.Contains(row, "\n"+part) {
				t.Errorf("%s: no paragraph begins with %s", name, part)
			}
		}
	}
}
