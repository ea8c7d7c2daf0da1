// Package respond serves the respondent's pages: the page that a personal link
// opens, the drawing of tickets, the answer form for printed slips, the shared
// tablet's page, the way to take a ballot back, help, and the public log.
//
// It is a room of its own so that nothing about who answers can get in: plain
// net/http, no session, no cookie, no person, no store, and no log of any
// kind. A code or a token travels in POST bodies only. Every page for printed
// slips works without script; a personal link cannot, since its ticket is made
// on the phone.
package respond

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
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
	// Help lists the support contacts for everybody, whatever their team.
	Help(ctx context.Context) (survey.Help, error)
	// PaperWave finds the open wave that a printed code belongs to.
	PaperWave(ctx context.Context, code string) (survey.OpenWave, error)
	// CastPaper puts a ballot into its box and returns after it was committed.
	CastPaper(ctx context.Context, code string, a survey.Answers) (survey.Receipt, error)
	// WithdrawPaper takes the code's ballot out of its box again.
	WithdrawPaper(ctx context.Context, code string) error
	// Log lists the entries of the public log, oldest first.
	Log(ctx context.Context) ([]survey.Entry, error)

	// Drawable lists the announced and the open waves, by opening date.
	Drawable(ctx context.Context) ([]survey.OpenWave, error)
	// Offer gives what a phone needs to draw its ticket. It changes nothing.
	Offer(ctx context.Context, token string, wave survey.WaveID) (survey.Offer, error)
	// Draw stamps a blinded element for whoever holds the link with this token.
	Draw(ctx context.Context, token string, wave survey.WaveID, blinded []byte) (survey.Drawn, error)
	// CastTicket puts a ballot into its box and returns after it was committed.
	CastTicket(ctx context.Context, b survey.TicketBallot) (survey.Receipt, error)
	// WithdrawTicket takes the ticket's ballot out of its box again.
	WithdrawTicket(ctx context.Context, b survey.TicketBallot) error
}

// Config is what the pages need.
type Config struct {
	Waves    Waves
	Site     *static.Site
	Language string // of somebody whose browser asks for none of ours; empty: "en"
	// Spoken is which languages the organisation offers now; nil: all of them,
	// and Language. It knows nobody, so that everybody is offered the same.
	Spoken func() static.Spoken
	Now    func() time.Time // the clock
	// BallotOrigin is where phones send ballots if that is another host than
	// this one, such as "https://ballot.example.org"; empty: this one. It must
	// lead to this same server.
	BallotOrigin string
	// PublicURL is the origin of the pages, such as
	// "https://survey.example.org". It is needed with BallotOrigin only, whose
	// casting routes take ballots from pages of exactly this origin.
	PublicURL string
}

// contentSecurityPolicy allows this server's own files and nothing else.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// The paths served here. A path never carries a code or a token.
const (
	answerPath       = "/p"
	withdrawPath     = "/p/withdraw"
	leavePath        = "/p/leave"
	logPath          = "/log"
	logJSONPath      = "/log.json"
	linkPath         = "/a"
	workerPath       = "/a/worker.js"
	pastPath         = "/a/past"
	pastTextsPath    = "/a/past.json"
	manifestPath     = "/manifest/"
	offerPath        = "/draw/offer"
	drawPath         = "/draw"
	castPath         = "/cast"
	castWithdrawPath = "/cast/withdraw"
	kioskPath        = "/kiosk"
	kioskWavePath    = "/kiosk/"
)

// route is one path with what it answers; one that ends in a slash stands for
// everything below it too.
type route struct {
	path      string
	get, post http.HandlerFunc
}

func (s *server) routes() []route {
	return []route{
		{answerPath, s.showForm, s.takeForm},
		{withdrawPath, s.showWithdraw, s.takeWithdraw},
		{leavePath, s.showLeave, nil},
		{logPath, s.showLog, nil},
		{logJSONPath, s.showLogJSON, nil},
		{linkPath, s.showLink, nil},
		{workerPath, s.showWorker, nil},
		{pastPath, s.showPast, nil},
		{pastTextsPath, s.showPastTexts, nil},
		{manifestPath, s.showManifest, nil},
		{offerPath, nil, s.offer},
		{drawPath, nil, s.draw},
		{castPath, nil, s.takeBallot},
		{castWithdrawPath, nil, s.takeBallotBack},
		{kioskPath, s.showKiosk, nil},
		{kioskWavePath, s.showKioskWave, nil},
	}
}

// Routes lists the patterns to mount the handler of New under. A star at the
// end stands for the rest of the path.
func Routes() []string {
	var patterns []string
	for _, r := range (*server)(nil).routes() {
		if strings.HasSuffix(r.path, "/") {
			r.path += "*"
		}
		patterns = append(patterns, r.path)
	}
	return patterns
}

type server struct {
	waves    Waves
	site     *static.Site
	pages    *static.Pages
	spoken   func() static.Spoken // which languages are offered now
	now      func() time.Time
	fresh    freshPages
	ballots  string // the origin that ballots are sent to; empty: this one
	public   string // the origin of the pages, where ballots is set
	policy   string // the content security policy
	promises promises
}

// New builds the handler. It fails when something in cfg is missing or a
// template does not parse.
func New(cfg Config) (http.Handler, error) {
	if cfg.Waves == nil || cfg.Site == nil || cfg.Now == nil {
		return nil, errors.New("respond: Waves, Site and Now are all needed")
	}
	s := &server{waves: cfg.Waves, site: cfg.Site, spoken: cfg.Spoken, now: cfg.Now}
	if s.spoken == nil {
		every := cfg.Site.Spoken(nil, cfg.Site.Language(cfg.Language, "en"))
		s.spoken = func() static.Spoken { return every }
	}
	s.policy = contentSecurityPolicy
	if cfg.BallotOrigin != "" {
		if err := s.sendElsewhere(cfg.BallotOrigin, cfg.PublicURL); err != nil {
			return nil, err
		}
	}
	pages, err := cfg.Site.Pages("phone", nil)
	if err != nil {
		return nil, err
	}
	s.pages = pages
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		var allow []string
		if r.get != nil {
			mux.HandleFunc("GET "+r.path, r.get)
			allow = append(allow, "GET, HEAD")
		}
		if r.post != nil {
			mux.HandleFunc("POST "+r.path, r.post)
			allow = append(allow, "POST")
		}
		mux.HandleFunc(r.path, s.refuseMethod(strings.Join(allow, ", ")))
	}
	mux.HandleFunc("/", s.refusePath)
	return s.guard(mux)
}

// sendElsewhere makes the pages send their ballots to an origin of its own.
func (s *server) sendElsewhere(ballots, public string) error {
	for name, origin := range map[string]string{"BallotOrigin": ballots, "PublicURL": public} {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme == "" || u.Host == "" || u.Scheme+"://"+u.Host != origin {
			return fmt.Errorf("respond: %s is %q; with a ballot origin both must be origins such as https://survey.example.org, without a path", name, origin)
		}
	}
	s.ballots, s.public = ballots, public
	for _, directive := range []string{"connect-src 'self'", "form-action 'self'"} {
		s.policy = strings.Replace(s.policy, directive, directive+" "+ballots, 1)
	}
	return nil
}

// guard sets the headers of every answer, refuses posts that another site's
// page makes, and turns a panic into a plain page without writing down
// anything about the request.
func (s *server) guard(next http.Handler) (http.Handler, error) {
	own, casting := http.NewCrossOriginProtection(), http.NewCrossOriginProtection()
	if s.public != "" {
		if err := casting.AddTrustedOrigin(s.public); err != nil {
			return nil, fmt.Errorf("respond: PublicURL: %w", err)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", s.policy)
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
		origins := own
		if s.public != "" && (r.URL.Path == castPath || r.URL.Path == castWithdrawPath) {
			origins = casting
			h.Set("Access-Control-Allow-Origin", s.public)
			h.Set("Vary", "Origin")
		}
		if err := origins.Check(r); err != nil && !originWithheld(r) {
			s.refuse(w, r, http.StatusForbidden, "phone.error.origin", nil)
			return
		}
		next.ServeHTTP(w, r)
	}), nil
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
	return s.spoken().Pick(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
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
