package wave

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"attune/survey"
	"attune/survey/ticket"
)

// marks are the forms in which something must stand in no file.
func marks(name string, raw []byte) map[string][]byte {
	return map[string][]byte{
		name:             raw,
		name + ", hex":   []byte(hex.EncodeToString(raw)),
		name + ", HEX":   []byte(strings.ToUpper(hex.EncodeToString(raw))),
		name + ", JSON":  []byte(base64.StdEncoding.EncodeToString(raw)),
		name + ", plain": []byte(base64.RawURLEncoding.EncodeToString(raw)),
	}
}

// search looks for marks in all files of a folder, journals included.
func search(dir string, all map[string][]byte) (found []string, files int, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if os.IsNotExist(err) { // a journal that is gone already
				return nil
			}
			return err
		}
		raw, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		files++
		for name, mark := range all {
			if bytes.Contains(raw, mark) {
				found = append(found, name+" in "+filepath.Base(path))
			}
		}
		return err
	})
	return found, files, err
}

func TestNoFileAndNoOutputEverHoldsACodeASecretANullifierOrAnAnswerSheet(t *testing.T) {
	outputs := listen(t)
	h := newHouse(t, twoTeams(), flush(5*time.Millisecond))
	h.releaser.opaque = true
	w := h.opened()
	all := make(map[string][]byte)
	add := func(name string, raw []byte) {
		for form, mark := range marks(name, raw) {
			all[form] = mark
		}
	}
	var codes []string
	for path, some := range h.codes(w.ID) {
		codes = append(codes, some...)
		for i, typed := range some {
			code, err := ticket.ParsePaperCode(typed)
			must(t, err)
			add(path+" secret", code.Secret[:])
			nullifier := code.Nullifier(string(w.ID))
			add(path+" nullifier", nullifier[:])
			all[path+" code"] = []byte(typed)
			all[path+" code without blanks"] = []byte(strings.ReplaceAll(typed, " ", ""))
			sheet, err := h.sheet().Encode(h.answers(1 << 30 / (i + 1)))
			must(t, err)
			add(path+" sheet", sheet)
			listed, err := json.Marshal(h.answers(1 << 30 / (i + 1)))
			must(t, err)
			all[path+" answers"] = listed
		}
	}

	// Inside every flush, between all its steps, and all the time beside it.
	look := func() {
		found, _, err := search(h.dir, all)
		if err != nil || len(found) > 0 {
			t.Errorf("%v %v", found, err)
		}
	}
	var once sync.Mutex
	h.Waves.cfg.Rand = hooked(func() { once.Lock(); defer once.Unlock(); look() })
	stop, stopped := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for {
			select {
			case <-stop:
				stopped <- n
				return
			default:
				look()
				n++
			}
		}
	}()
	var wait sync.WaitGroup
	for i, code := range codes {
		answers := h.answers(1 << 30 / (i%7 + 1))
		wait.Go(func() {
			if _, err := h.CastPaper(t.Context(), code, answers); err != nil {
				t.Error(err)
			}
			if _, err := h.CastPaper(t.Context(), code, answers); err != nil {
				t.Error(err)
			}
			if i%3 == 0 {
				if err := h.WithdrawPaper(t.Context(), code); err != nil {
					t.Error(err)
				}
			}
			_, _ = h.CastPaper(t.Context(), wrongSecret(w, i), answers)
		})
	}
	wait.Wait()
	h.clock.set(w.Closes)
	h.tick()
	close(stop)
	if n := <-stopped; n < 3 {
		t.Errorf("looked %d times only", n)
	}
	h.wantState(w.ID, survey.Released)
	h.Waves.Close()
	look()
	if _, files, err := search(h.dir, all); err != nil || files < 3 {
		t.Fatalf("%d files, %v", files, err)
	}
	if said := outputs(); said != "" {
		t.Fatalf("the program said %q", said)
	}

	// The search itself finds what it is to find.
	must(t, os.WriteFile(filepath.Join(h.dir, "data", "planted"), append([]byte("x"), all["North secret"]...), 0o600))
	if found, _, err := search(h.dir, all); err != nil || len(found) == 0 {
		t.Fatalf("the search is blind: %v", err)
	}
}

// listen catches what is written to standard output, standard error and the
// log from here on.
func listen(t *testing.T) (said func() string) {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "said"))
	must(t, err)
	out, errs := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = file, file
	log.SetOutput(file)
	put := func() {
		os.Stdout, os.Stderr = out, errs
		log.SetOutput(errs)
	}
	t.Cleanup(func() { put(); _ = file.Close() })
	return func() string {
		put()
		raw, err := os.ReadFile(file.Name())
		must(t, err)
		return string(raw)
	}
}

func TestThePackageCannotWriteToTheTerminalOrALog(t *testing.T) {
	sources, err := filepath.Glob("*.go")
	must(t, err)
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), source, nil, 0)
		must(t, err)
		for _, i := range file.Imports {
			switch i.Path.Value {
			case `"log"`, `"log/slog"`, `"log/syslog"`, `"expvar"`, `"net/http"`, `"runtime/trace"`:
				t.Errorf("%s imports %s", source, i.Path.Value)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.SelectorExpr:
				pkg, _ := x.X.(*ast.Ident)
				if pkg != nil && (pkg.Name == "os" && (x.Sel.Name == "Stdout" || x.Sel.Name == "Stderr") ||
					pkg.Name == "fmt" && strings.HasPrefix(x.Sel.Name, "Print")) {
					t.Errorf("%s uses %s.%s", source, pkg.Name, x.Sel.Name)
				}
			case *ast.CallExpr:
				if f, ok := x.Fun.(*ast.Ident); ok && (f.Name == "print" || f.Name == "println") {
					t.Errorf("%s uses %s", source, f.Name)
				}
			}
			return true
		})
	}
}

func TestEveryErrorKeyOfThePackageHasATextInEveryLanguage(t *testing.T) {
	key := regexp.MustCompile(`"((?:error\.(?:wave|tickets|unit)|paper|ticket|unsubscribe)\.[a-z_]+)"`)
	used := make(map[string]bool)
	sources, err := filepath.Glob("*.go")
	must(t, err)
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(source)
		must(t, err)
		for _, m := range key.FindAllStringSubmatch(string(raw), -1) {
			used[m[1]] = true
		}
	}
	for _, lang := range []string{"en", "fr", "es"} {
		texts := make(map[string]string)
		files, err := filepath.Glob(filepath.Join("..", "..", "static", "locales", lang, "*.json"))
		must(t, err)
		for _, file := range files {
			raw, err := os.ReadFile(file)
			must(t, err)
			must(t, json.Unmarshal(raw, &texts))
		}
		for k := range used {
			if texts[k] == "" {
				t.Errorf("%s: %s has no text", lang, k)
			}
		}
	}
}

func TestKeysAreForTheirOwnerOnlyAndLieInTheKeyFolderOnly(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.announced()
	folder, err := os.Stat(filepath.Join(h.dir, "keys"))
	must(t, err)
	file, err := os.Stat(h.keyFile(w.ID))
	must(t, err)
	if folder.Mode().Perm() != 0o700 || file.Mode().Perm() != 0o600 {
		t.Fatalf("folder %o, file %o", folder.Mode().Perm(), file.Mode().Perm())
	}
	key, err := h.readKeys(w.ID)
	must(t, err)
	all := marks("box key", key.Box)
	for name, mark := range marks("paper key", key.Paper) {
		all[name] = mark
	}
	if found, _, err := search(filepath.Join(h.dir, "data"), all); err != nil || len(found) > 0 {
		t.Fatalf("%v %v", found, err)
	}
}
