package handlers

import (
	"bytes"
	"fmt"
	"net/http"
)

// frame is what every page has around its own content.
type frame struct {
	Title        string // of the page, its unit first where it is about one
	Organisation string // its name; empty for pages of nobody in particular
	Brand        brand
	Sample       string // path of the style sheet of a colour that is tried out
	Signed       bool
	Nav          navigation
	Language     []languageItem
	Here         string   // the path that a change of language comes back to
	Charts       bool     // the page has charts and needs their script
	Scripts      []string // other scripts of the page, by the names of their bundles
	Refresh      int      // seconds after which a browser without script asks again; 0: never
}

type languageItem struct {
	Code    string
	Name    string // in its own language
	Current bool
}

// frame makes the parts around a page. v is nil when nobody is signed in;
// here is the page's own path.
func (con *console) frame(lang, titleKey string, v *viewer, here string) frame {
	f := frame{Title: con.site.Text(lang, titleKey, nil), Here: here, Brand: con.brand()}
	for _, code := range con.spoken().Languages {
		f.Language = append(f.Language, languageItem{Code: code, Name: con.site.Text(code, "console.language.own", nil), Current: code == lang})
	}
	if v == nil {
		return f
	}
	f.Signed, f.Organisation = true, v.Organisation
	if !v.MustChange {
		f.Nav = con.in(lang).navigation(*v, here)
	}
	return f
}

// render writes a page at once, so that a template that fails half way never
// leaves half a page.
func (con *console) render(w http.ResponseWriter, lang string, status int, page string, data any) {
	body, err := con.body(lang, page, data)
	if err != nil {
		con.log.Error("console template failed", "page", page, "error", err)
		http.Error(w, con.site.Text(lang, "error.console.unknown", nil), http.StatusInternalServerError)
		return
	}
	con.send(w, lang, status, body)
}

// body makes a page's bytes.
func (con *console) body(lang, page string, data any) ([]byte, error) {
	var body bytes.Buffer
	if err := con.pages.Render(&body, lang, page, data); err != nil {
		return nil, fmt.Errorf("template %s: %w", page, err)
	}
	return body.Bytes(), nil
}

// send writes a page that is whole.
func (con *console) send(w http.ResponseWriter, lang string, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", lang)
	h.Set("Vary", "Accept-Language, Cookie")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a reader that went away is not our fault to report
}
