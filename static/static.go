// Package static holds what lies under every page: templates, style sheets,
// browser bundles, and the texts in every language. It embeds itself, so that
// the binary needs no files beside it, and imports nothing of this module.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"sync"
)

var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssSpace   = regexp.MustCompile(`\s*\n\s*`)
)

//go:embed templates css bundles icons locales
var files embed.FS

// sheets are the style sheets that pages link to, each made of these files
// in this order: tokens once, one file per audience. The phone's is built
// with the bundles, since it has to be small.
func sheets() map[string][]string {
	return map[string][]string{
		"console.css": {"css/tokens.css", "css/console.css"},
		"staff.css":   {"css/tokens.css", "css/phone.css", "css/staff.css"},
	}
}

// Site is everything static, read and checked once at start.
type Site struct {
	assets map[string]asset // by name, "phone.css"
	byPath map[string]asset // by URL path, "/static/0123456789ab/phone.css"
	texts  map[string]map[string]string
	langs  []string
}

type asset struct {
	path    string
	kind    string
	body    []byte
	gzipped func() []byte // packed when first asked for; commands never do
	brotli  []byte        // nil where none was built
}

// New reads templates, assets and texts. It fails on anything that would
// break a page later: a style sheet that names a missing file, a key that
// stands twice, a language that lacks a key or has other placeholders.
//
// A process reads once: what the binary carries is the same each time, and
// nothing in a Site changes.
func New() (*Site, error) { return built() }

var built = sync.OnceValues(read)

func read() (*Site, error) {
	s := &Site{assets: make(map[string]asset), byPath: make(map[string]asset)}
	for name, parts := range sheets() {
		var body bytes.Buffer
		for _, part := range parts {
			raw, err := files.ReadFile(part)
			if err != nil {
				return nil, fmt.Errorf("style sheet %s: %w", name, err)
			}
			body.Write(raw)
		}
		s.add(name, tight(body.Bytes()), nil)
	}
	bundles, err := fs.Glob(files, "bundles/*[^r]") // all but what is packed, NAME.br
	if err != nil {
		return nil, fmt.Errorf("bundles: %w", err)
	}
	for _, name := range bundles {
		raw, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("bundle %s: %w", name, err)
		}
		brotli, err := files.ReadFile(name + ".br")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("bundle %s: %w", name, err)
		}
		s.add(path.Base(name), raw, brotli)
	}
	icon, err := files.ReadFile("icons/attune.svg")
	if err != nil {
		return nil, fmt.Errorf("icon: %w", err)
	}
	s.add("attune.svg", icon, nil)
	if s.texts, s.langs, err = readTexts(files); err != nil {
		return nil, err
	}
	return s, nil
}

// tight leaves out a style sheet's comments and indentation, which a phone
// would load for nothing.
func tight(sheet []byte) []byte {
	return cssSpace.ReplaceAll(cssComment.ReplaceAll(sheet, nil), []byte("\n"))
}

func (s *Site) add(name string, body, brotli []byte) {
	sum := sha256.Sum256(body)
	a := asset{
		path:    "/static/" + hex.EncodeToString(sum[:6]) + "/" + name,
		kind:    mime.TypeByExtension(path.Ext(name)),
		body:    body,
		gzipped: sync.OnceValue(func() []byte { return gzipped(body) }),
		brotli:  brotli,
	}
	if path.Ext(name) == ".js" {
		a.kind = "text/javascript; charset=utf-8" // mime's table differs by machine
	}
	s.assets[name], s.byPath[a.path] = a, a
}

// gzipped packs a body as small as gzip can. Neither step can fail: the level
// is one that exists, and memory takes every byte.
func gzipped(body []byte) []byte {
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		panic(err)
	}
	if _, err := z.Write(body); err != nil {
		panic(err)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return packed.Bytes()
}

// Asset is the URL path of an asset, with the hash of its content in it.
// An unknown name is a fault in a template and gives an error.
func (s *Site) Asset(name string) (string, error) {
	a, ok := s.assets[name]
	if !ok {
		return "", fmt.Errorf("asset %q does not exist", name)
	}
	return a.path, nil
}

// packed gives the smallest form of an asset that a browser takes, and what
// that is called in Content-Encoding.
func (a asset) packed(accepts string) (body []byte, encoding string) {
	switch {
	case a.brotli != nil && strings.Contains(accepts, "br"):
		return a.brotli, "br"
	case strings.Contains(accepts, "gzip"):
		return a.gzipped(), "gzip"
	}
	return a.body, ""
}

// Body is an asset's content, for a page that serves it under a path of its
// own, in the smallest form that accepts (an Accept-Encoding) allows, and what
// that form is called in Content-Encoding. An unknown name is a fault in a
// handler and gives an error.
func (s *Site) Body(name, accepts string) (body []byte, encoding string, err error) {
	a, ok := s.assets[name]
	if !ok {
		return nil, "", fmt.Errorf("asset %q does not exist", name)
	}
	body, encoding = a.packed(accepts)
	return body, encoding, nil
}

// Assets lists every asset's URL path with the SHA-256 of its body, hex.
func (s *Site) Assets() map[string]string {
	sums := make(map[string]string, len(s.assets))
	for _, a := range s.assets {
		sum := sha256.Sum256(a.body)
		sums[a.path] = hex.EncodeToString(sum[:])
	}
	return sums
}

// Content is an asset as it is, neither compressed nor served. An unknown name
// gives an error.
func (s *Site) Content(name string) ([]byte, error) {
	a, ok := s.assets[name]
	if !ok {
		return nil, fmt.Errorf("asset %q does not exist", name)
	}
	return bytes.Clone(a.body), nil
}

// Serves says whether ServeHTTP has something at a URL path.
func (s *Site) Serves(path string) bool {
	_, ok := s.byPath[path]
	return ok
}

// ServeHTTP serves the assets under /static/. A path carries the hash of its
// content, so browsers may keep it for good.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, ok := s.byPath[r.URL.Path]
	if !ok || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	h.Set("X-Content-Type-Options", "nosniff")
	body, encoding := a.packed(r.Header.Get("Accept-Encoding"))
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // a reader that went away is not our fault to report
}

// Languages lists the languages that every text exists in, English first.
func (s *Site) Languages() []string { return append([]string(nil), s.langs...) }

func sortLanguages(langs []string) {
	sort.Slice(langs, func(i, j int) bool {
		if (langs[i] == "en") != (langs[j] == "en") {
			return langs[i] == "en"
		}
		return langs[i] < langs[j]
	})
}
