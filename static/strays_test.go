package static_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Everything that people read stands in the locale files and in the packs, in
// every language. These tests look for sentences anywhere else: in templates,
// in the scripts, and in the code of the pages. What the command line prints
// and the errors of the program itself are for whoever runs it, in English.

var (
	action    = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	program   = regexp.MustCompile(`(?s)<(script|style)\b.*?</(script|style)>`)
	textNode  = regexp.MustCompile(`>([^<>]*)<`)
	spoken    = regexp.MustCompile(`\s(?:aria-label|aria-description|aria-roledescription|title|alt|placeholder|label)="([^"]*)"`)
	word      = regexp.MustCompile(`\p{L}{2,}`)
	words     = regexp.MustCompile(`\p{L}{2,}[,.;:'’–]*\s+\p{L}{2,}`)
	jsComment = regexp.MustCompile(`(?s)/\*.*?\*/|(?:^|\s)//[^\n]*`)
	jsPattern = regexp.MustCompile(`((?:[(=,:!&|?]|return)\s*)/(?:\[[^\]\n]*\]|\\.|[^/\n\\*])(?:\[[^\]\n]*\]|\\.|[^/\n\\])*/`)
	jsString  = regexp.MustCompile("\"([^\"\\n]*)\"|'([^'\\n]*)'|`([^`]*)`")
	cssClass  = regexp.MustCompile(`^[a-z -]+$`)
)

// strays are the texts of a template that come out of no key.
func strays(template string) []string {
	var found []string
	plain := program.ReplaceAllString(action.ReplaceAllString(template, ""), "")
	for _, parts := range append(textNode.FindAllStringSubmatch(plain, -1), spoken.FindAllStringSubmatch(plain, -1)...) {
		if text := strings.TrimSpace(parts[1]); word.MatchString(text) && text != "SHA-256" { // a name, the same in every language
			found = append(found, text)
		}
	}
	return found
}

func TestTemplatesHoldNoTextOfTheirOwn(t *testing.T) {
	walk(t, "templates", ".html", func(path, content string) {
		for _, text := range strays(content) {
			t.Errorf("%s: %q belongs into static/locales", path, text)
		}
	})
	const planted = `<p>{{t "a.key"}}</p><button aria-label="Close it">{{.}}</button><p>Hello {{.Name}}</p>`
	if got := strays(planted); len(got) != 2 {
		t.Errorf("found %q in a template with two strays", got)
	}
}

// straysOf are the literals of a script that read like a sentence.
func straysOf(script string) []string {
	var found []string
	for _, parts := range jsString.FindAllStringSubmatch(jsPattern.ReplaceAllString(jsComment.ReplaceAllString(script, " "), "$1 "), -1) {
		text := parts[1] + parts[2] + parts[3]
		if words.MatchString(text) && !cssClass.MatchString(text) && !strings.HasPrefix(text, "(prefers-") {
			found = append(found, text)
		}
	}
	return found
}

func TestScriptsHoldNoTextOfTheirOwn(t *testing.T) {
	walk(t, "js", ".js", func(path, content string) {
		for _, text := range straysOf(content) {
			t.Errorf("%s: %q belongs into static/locales", path, text)
		}
	})
	if got := straysOf(`say("Thank you."); make("p", "button wide"); // "Not this one."`); len(got) != 1 {
		t.Errorf("found %q in a script with one stray", got)
	}
}

// straysIn are the string literals of Go code that read like a sentence and
// are not the program's own: errors, panics, patterns of routes and headers.
func straysIn(t *testing.T, name, source string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if inner(n.Fun) {
				return false
			}
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			if n.Tag != nil {
				n.Tag = nil // of JSON
			}
		case *ast.BasicLit:
			if n.Kind != token.STRING {
				return false
			}
			text, err := strconv.Unquote(n.Value)
			if err != nil {
				t.Fatal(err)
			}
			if words.MatchString(text) && !technical(text) {
				found = append(found, text)
			}
		}
		return true
	})
	return found
}

// inner says whether a call is about the program itself.
func inner(function ast.Expr) bool {
	switch f := function.(type) {
	case *ast.Ident:
		return f.Name == "panic"
	case *ast.SelectorExpr:
		x, _ := f.X.(*ast.Ident)
		return x != nil && (x.Name == "errors" || x.Name == "regexp" || x.Name == "fmt" && f.Sel.Name == "Errorf") ||
			f.Sel.Name == "Error" || f.Sel.Name == "Warn" || f.Sel.Name == "Info" // the program's own log
	}
	return false
}

// technical are literals that no person reads: headers, media types, methods.
func technical(text string) bool {
	if text == "nobody has this password" { // hashed, so that signing in takes as long for unknown addresses
		return true
	}
	for _, part := range []string{
		"-src ", "frame-ancestors", "charset=", "no-store", "GET,", "max-age", "attachment;", "inline;", "Accept-", // headers
		"sha256sum", "jq -r", "attune verify", // commands to type
	} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

func TestPagesHoldNoTextOfTheirOwn(t *testing.T) {
	walk(t, filepath.Join("..", "handlers"), ".go", func(path, content string) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		for _, text := range straysIn(t, path, content) {
			t.Errorf("%s: %q belongs into static/locales", path, text)
		}
	})
	const planted = `package p; func f() { show("Thank you"); panic("not this one"); _ = errors.New("nor this") }`
	if got := straysIn(t, "planted.go", planted); len(got) != 1 {
		t.Errorf("found %q in code with one stray", got)
	}
}

// walk gives every file below a folder that ends so.
func walk(t *testing.T, root, ending string, look func(path, content string)) {
	t.Helper()
	seen := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ending) {
			return err
		}
		raw, err := os.ReadFile(path)
		seen++
		look(path, string(raw))
		return err
	})
	if err != nil || seen == 0 {
		t.Fatalf("%d files in %s: %v", seen, root, err)
	}
}
