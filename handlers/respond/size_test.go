package respond_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"attune/static"
)

// The budget of DESIGN, "Qualities", in bytes as they travel: 10 KB before
// the first question, 30 KB in all on the first visit.
const (
	budgetBefore = 10_000
	budgetInAll  = 30_000
)

func TestTheFirstVisitKeepsItsBudget(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	site, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "fr", "es"} {
		r := httptest.NewRequest(http.MethodGet, "/p?lang="+lang, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := p.do(r)
		if w.Header().Get("Content-Encoding") != "gzip" {
			t.Fatal("the page is not compressed")
		}
		html := unpack(t, w.Body.Bytes())
		whole := w.Body.Len() + headerBytes(w)
		before := packed(t, html[:bytes.Index(html, []byte("</fieldset>"))]) + headerBytes(w)

		doc, err := goquery.NewDocumentFromReader(bytes.NewReader(html))
		if err != nil {
			t.Fatal(err)
		}
		var loads []string
		doc.Find("link[href], script[src], img[src]").Each(func(_ int, s *goquery.Selection) {
			if path := s.AttrOr("href", s.AttrOr("src", "")); !strings.HasPrefix(path, "data:") {
				loads = append(loads, path)
			}
		})
		if len(loads) != 2 {
			t.Errorf("the page loads %q, want one style sheet and one script", loads)
		}
		for _, path := range loads {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.Header.Set("Accept-Encoding", "gzip")
			w := httptest.NewRecorder()
			site.ServeHTTP(w, r)
			if w.Code != http.StatusOK || w.Header().Get("Content-Encoding") != "gzip" {
				t.Fatalf("%s: %d, %q", path, w.Code, w.Header().Get("Content-Encoding"))
			}
			whole += w.Body.Len() + headerBytes(w)
			before += w.Body.Len() + headerBytes(w)
		}
		t.Logf("%s: %d bytes before the first question, %d in all", lang, before, whole)
		if before > budgetBefore || whole > budgetInAll {
			t.Errorf("%s: %d bytes before the first question (at most %d), %d in all (at most %d)", lang, before, budgetBefore, whole, budgetInAll)
		}
	}
}

func headerBytes(w *httptest.ResponseRecorder) int {
	var b bytes.Buffer
	if err := w.Header().Write(&b); err != nil {
		panic(err) // a bytes.Buffer takes everything
	}
	return b.Len()
}

func unpack(t *testing.T, raw []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func packed(t *testing.T, raw []byte) int {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}
