// Package respond serves the respondent's pages: the answer form for printed
// tickets, the way to take a ballot back, help, and the public log.
//
// It is a room of its own so that nothing about who answers can get in: plain
// net/http, no session, no cookie, no person, no store, and no log of any
// kind. A code travels in POST bodies only. Every page works without script.
package respond

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"attune/static"
	"attune/survey"
)

// Waves is all that a respondent's page can do: a privacy wall. Nothing in it
// names a person, and nothing tells whether a code was used before it is used
// again.
type Waves interface {
	// OpenWaves lists the waves that take ballots now.
	OpenWaves(ctx context.Context) ([]survey.OpenWave, error)
	// NextOpening is when the next announced wave opens, if there is one.
	NextOpening(ctx context.Context) (time.Time, bool, error)
	// PaperWave finds the open wave that a printed code belongs to.
	PaperWave(ctx context.Context, code string) (survey.OpenWave, error)
	// CastPaper puts a ballot into its box and returns after it was committed.
	CastPaper(ctx context.Context, code string, a survey.Answers) (survey.Receipt, error)
	// WithdrawPaper takes the code's ballot out of its box again.
	WithdrawPaper(ctx context.Context, code string) error
	// Log lists the entries of the public log, oldest first.
	Log(ctx context.Context) ([]survey.Entry, error)
}

// Config is what the pages need.
type Config struct {
	Waves    Waves
	Site     *static.Site
	Language string           // of somebody whose browser asks for none of ours; empty: "en"
	Now      func() time.Time // the clock
}

// contentSecurityPolicy allows this server's own files and nothing else.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// The paths served here. A path never carries a code.
const (
	answerPath   = "/p"
	withdrawPath = "/p/withdraw"
	leavePath    = "/p/leave"
	logPath      = "/log"
	logJSONPath  = "/log.json"
)

// Routes lists the patterns to mount the handler of New under.
func Routes() []string {
	return []string{answerPath, withdrawPath, leavePath, logPath, logJSONPath}
}

type server struct {
	waves    Waves
	site     *static.Site
	pages    *static.Pages
	language string
	now      func() time.Time
	fresh    freshPages
}

// New builds the handler. It fails when something in cfg is missing or a
// template does not parse.
func New(cfg Config) (http.Handler, error) {
	if cfg.Waves == nil || cfg.Site == nil || cfg.Now == nil {
		return nil, errors.New("respond: Waves, Site and Now are all needed")
	}
	s := &server{waves: cfg.Waves, site: cfg.Site, language: cfg.Language, now: cfg.Now}
	s.language = cfg.Site.Language(cfg.Language, "en")
	pages, err := cfg.Site.Pages("phone", nil)
	if err != nil {
		return nil, err
	}
	s.pages = pages
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+answerPath, s.showForm)
	mux.HandleFunc("POST "+answerPath, s.takeForm)
	mux.HandleFunc("GET "+withdrawPath, s.showWithdraw)
	mux.HandleFunc("POST "+withdrawPath, s.takeWithdraw)
	mux.HandleFunc("GET "+leavePath, s.showLeave)
	mux.HandleFunc("GET "+logPath, s.showLog)
	mux.HandleFunc("GET "+logJSONPath, s.showLogJSON)
	for _, path := range Routes() {
		mux.HandleFunc(path, s.refuseMethod)
	}
	mux.HandleFunc("/", s.refusePath)
	return s.guard(mux), nil
}

// guard sets the headers of every answer, refuses posts that another site's
// page makes, and turns a panic into a plain page without writing down
// anything about the request.
func (s *server) guard(next http.Handler) http.Handler {
	origins := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		defer func() {
			if recover() != nil {
				s.refuse(w, r, http.StatusInternalServerError, "phone.error.fault", nil)
			}
		}()
		if err := origins.Check(r); err != nil && !originWithheld(r) {
			s.refuse(w, r, http.StatusForbidden, "phone.error.origin", nil)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// originWithheld is true for a browser that sends no Sec-Fetch-Site and, since
// our pages ask for no referrer, the origin "null" with a form of our own.
// Letting it pass gives nothing away: no cookie and no session come with it.
func originWithheld(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "null"
}

// render writes a page. It is made in memory first, so that a fault in a
// template never leaves half a page with status 200.
func (s *server) render(w http.ResponseWriter, r *http.Request, status int, page string, data any) {
	body, err := s.made(r, page, data)
	if err != nil {
		panic(err) // guard answers with the plain page
	}
	writePage(w, r, status, body)
}

func (s *server) made(r *http.Request, page string, data any) ([]byte, error) {
	var body bytes.Buffer
	err := s.pages.Render(&body, s.lang(r), page, data)
	return body.Bytes(), err
}

func writePage(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	writeBody(w, r, status, "text/html; charset=utf-8", body)
}

func writeBody(w http.ResponseWriter, r *http.Request, status int, kind string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a reader that went away is nobody's fault
	}
}

// lang is the language of an answer: the one asked for with ?lang=, else the
// browser's, else the organisation's. Nothing else of a query is ever read.
func (s *server) lang(r *http.Request) string {
	browser := s.site.Language(r.Header.Get("Accept-Language"), s.language)
	return s.site.Language(r.URL.Query().Get("lang"), browser)
}

func (s *server) text(lang, key string, args map[string]any) string {
	return s.site.Text(lang, key, args)
}

func wantsJSON(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "application/json")
}

// freshPages keeps the unfilled answer page per language, because making it
// costs more than taking the ballot. It holds nothing that depends on who
// asks; pages that carry what somebody typed are never kept and never
// compressed.
type freshPages struct {
	mu   sync.Mutex
	made map[string]freshPage
}

type freshPage struct{ plain, gzipped []byte }

// freshPagesKept bounds the memory: more than a few languages times the waves
// of a day is never needed.
const freshPagesKept = 32

func (f *freshPages) get(key string, build func() ([]byte, error)) (freshPage, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p, ok := f.made[key]; ok {
		return p, nil
	}
	plain, err := build()
	if err != nil {
		return freshPage{}, err
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return freshPage{}, err
	}
	if _, err := z.Write(plain); err != nil {
		return freshPage{}, err
	}
	if err := z.Close(); err != nil {
		return freshPage{}, err
	}
	if f.made == nil || len(f.made) >= freshPagesKept {
		f.made = make(map[string]freshPage)
	}
	p := freshPage{plain: plain, gzipped: packed.Bytes()}
	f.made[key] = p
	return p, nil
}

func (p freshPage) write(w http.ResponseWriter, r *http.Request) {
	body := p.plain
	w.Header().Set("Vary", "Accept-Encoding, Accept-Language")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		body = p.gzipped
	}
	writePage(w, r, http.StatusOK, body)
}
