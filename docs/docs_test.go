// Package docs_test holds the documents to what they say: links lead
// somewhere, and the settings that they name are the ones that the program
// reads.
package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = ".."

// link is an inline link or picture: [text](target "title").
var link = regexp.MustCompile(`\]\(([^)\s]+)[^)]*\)`)

// setting is an environment variable of the program.
var setting = regexp.MustCompile(`\bATTUNE_[A-Z_]+\b`)

func TestRelativeLinksLeadToFilesAndHeadings(t *testing.T) {
	pages := documents(t, ".md")
	if len(pages) < 10 {
		t.Fatalf("found %d documents, expected the README, docs and decisions at least", len(pages))
	}
	for _, page := range pages {
		for _, target := range links(read(t, page)) {
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			path, heading, _ := strings.Cut(target, "#")
			file := filepath.Join(filepath.Dir(page), path)
			if path == "" {
				file = page
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s links to %s, which does not exist", page, target)
				continue
			}
			if heading != "" && !slices.Contains(anchors(read(t, file)), heading) {
				t.Errorf("%s links to %s, which has no such heading", page, target)
			}
		}
	}
}

func TestDecisionsAreAllListed(t *testing.T) {
	index := read(t, filepath.Join(root, "docs", "decisions", "README.md"))
	pages, err := filepath.Glob(filepath.Join(root, "docs", "decisions", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		name := filepath.Base(page)
		if name != "README.md" && !slices.Contains(links(index), name) {
			t.Errorf("docs/decisions/README.md does not list %s", name)
		}
	}
}

func TestReadmeAndProgramKnowTheSameSettings(t *testing.T) {
	written := setting.FindAllString(read(t, filepath.Join(root, "README.md")), -1)
	var known []string
	for _, file := range documents(t, ".go") {
		if strings.HasPrefix(file, filepath.Join(root, "cmd", "attune")+string(filepath.Separator)) && !strings.HasSuffix(file, "_test.go") {
			known = append(known, setting.FindAllString(read(t, file), -1)...)
		}
	}
	for _, name := range sorted(written) {
		if !slices.Contains(known, name) {
			t.Errorf("README.md explains %s, which cmd/attune does not read", name)
		}
	}
	for _, name := range sorted(known) {
		if !slices.Contains(written, name) {
			t.Errorf("cmd/attune reads %s, which README.md does not explain", name)
		}
	}
}

// documents lists the project's own files with this ending.
func documents(t *testing.T, ending string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return fs.SkipDir
		}
		if !d.IsDir() && strings.HasSuffix(path, ending) {
			found = append(found, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// links lists the targets of a document's links, leaving out code.
func links(text string) []string {
	var targets []string
	code := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			code = !code
		}
		if code {
			continue
		}
		for _, match := range link.FindAllStringSubmatch(line, -1) {
			targets = append(targets, match[1])
		}
	}
	return targets
}

// anchors lists a document's headings in the form in which links name them:
// small letters, blanks as hyphens, everything else left out.
func anchors(text string) []string {
	var found []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			continue
		}
		heading := strings.ToLower(strings.TrimSpace(strings.TrimLeft(line, "#")))
		found = append(found, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-', r == '_', r >= 'a' && r <= 'z', r >= '0' && r <= '9', r > 127:
				return r
			}
			return -1
		}, heading))
	}
	return found
}

func sorted(names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	return slices.Compact(names)
}

func read(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
