// Package api is the read-only HTTP interface for programs of others: released
// figures as the rows of an export, the units and waves around them, the
// questions behind them, and what trends show.
//
// It is a room of its own: plain net/http, no session, no cookie, no page. A
// request carries a token of its integration in its header and nowhere else.
// Every figure comes from an analytics.Archive, and who may be told which is
// decided by analytics.Part, the rule that the pages go by. openapi.yaml beside
// this file says what every route answers; a test holds the two together.
package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"attune/analytics"
	"attune/static"
	"attune/survey"
	"attune/survey/store"
)

// tokens is all that the interface does with the store: a wall, since the
// store also holds people, invitations and ballot boxes.
type tokens interface {
	UseToken(ctx context.Context, hash, day string) (store.Token, error)
}

// Config is what an API needs; all of it.
type Config struct {
	Store   *store.Store // tokens; nothing else of it is used
	Archive *analytics.Archive
	Library *survey.Library
	Site    *static.Site
	Spoken  func() static.Spoken // the languages that are offered at the moment
	Zone    *time.Location       // the organisation's, for days
	Now     func() time.Time
	Log     *slog.Logger
	// Verdicts judges the trends and signs of a unit up to the latest wave that
	// a token's part has of it, as the unit's page does. It fails with NotFound
	// or Forbidden for a unit that the part has nothing of.
	Verdicts func(ctx context.Context, t store.Token, unit survey.UnitID) (Verdicts, error)
}

// API answers the routes under /api. It is safe for concurrent use.
type API struct {
	cfg    Config
	tokens tokens
	brake  *brake
	mux    *http.ServeMux
	yaml   []byte // the OpenAPI document
	json   []byte // the same
}

// New fails when the OpenAPI document that the program carries is broken.
func New(cfg Config) (*API, error) {
	a := &API{cfg: cfg, tokens: cfg.Store, brake: newBrake(), mux: http.NewServeMux()}
	var err error
	if a.yaml, a.json, err = openAPI(); err != nil {
		return nil, err
	}
	for _, r := range a.routes() {
		a.mux.HandleFunc(r.pattern, r.answer)
	}
	a.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		a.refuse(w, r, survey.Fail(survey.NotFound, "error.api.path", nil))
	})
	return a, nil
}

// route is one path with what answers it.
type route struct {
	pattern string
	answer  http.HandlerFunc
}

func (a *API) routes() []route {
	return []route{
		{"/api/v1/openapi.yaml", a.document("application/yaml", &a.yaml)},
		{"/api/v1/openapi.json", a.document("application/json", &a.json)},
		{"/api/v1", a.with(a.token)},
		{"/api/v1/waves", a.with(a.waves, paged()...)},
		{"/api/v1/waves/{wave}", a.with(a.wave)},
		{"/api/v1/waves/{wave}/units", a.with(a.units, paged()...)},
		{"/api/v1/waves/{wave}/rows", a.with(a.rows, paged("unit", "measure", "statistic", "status")...)},
		{"/api/v1/units/{unit}/verdicts", a.with(a.verdicts)},
		{"/api/v1/packs", a.with(a.packs, paged()...)},
		{"/api/v1/packs/{pack}/{version}", a.with(a.pack)},
	}
}

// Routes lists the paths that are answered, with ":name" for what varies.
func Routes() []string {
	var paths []string
	for _, r := range (&API{}).routes() {
		parts := strings.Split(r.pattern, "/")
		for i, part := range parts {
			if name, ok := strings.CutPrefix(part, "{"); ok {
				parts[i] = ":" + strings.TrimSuffix(name, "}")
			}
		}
		paths = append(paths, strings.Join(parts, "/"))
	}
	return paths
}

// ServeHTTP answers a request. It writes no log line about who asked for what.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Authorization, Accept-Language")
	defer func() {
		switch fault := recover(); fault {
		case nil:
		case http.ErrAbortHandler: // net/http's own way to end an answer
			panic(fault)
		default:
			a.refuse(w, r, fmt.Errorf("panic: %v", fault))
		}
	}()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		a.write(w, r, http.StatusMethodNotAllowed, survey.Fail(survey.Invalid, "error.api.method", nil))
		return
	}
	a.mux.ServeHTTP(w, r)
}

// caller is a token and what it may see.
type caller struct {
	store.Token
	part analytics.Part
	lang string
}

// PartOf is what a token may see: all of the organisation, or exactly what a
// manager of its unit sees.
func PartOf(t store.Token) analytics.Part {
	if t.Unit == "" {
		return analytics.Whole()
	}
	return analytics.PartOf(t.Unit)
}

// with lets whoever has a token in, and no query parameter but these.
func (a *API) with(answer func(r *http.Request, c caller) (result, error), parameters ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := a.caller(r)
		if err == nil {
			err = known(r, parameters)
		}
		var found result
		if err == nil {
			found, err = answer(r, c)
		}
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		a.send(w, r, found)
	}
}

// caller finds whose token a request carries and slows it where it asks too
// often.
func (a *API) caller(r *http.Request) (caller, error) {
	now := a.cfg.Now()
	sent, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || sent == "" {
		return caller{}, errNoToken()
	}
	today := now.In(a.cfg.Zone).Format(time.DateOnly)
	t, err := a.tokens.UseToken(r.Context(), Hash(sent), today)
	switch {
	case survey.IsCode(err, survey.NotFound):
		return caller{}, errNoToken()
	case err != nil:
		return caller{}, fmt.Errorf("token: %w", err)
	case t.Expires < today:
		return caller{}, &refusal{http.StatusUnauthorized, 0, survey.Fail(survey.Forbidden, "error.api.expired", survey.Args{"name": t.Name, "day": t.Expires})}
	}
	if wait := a.brake.take(t.ID, now); wait > 0 {
		seconds := int((wait + time.Second - 1) / time.Second)
		return caller{}, &refusal{http.StatusTooManyRequests, seconds, survey.Fail(survey.TooMany, "error.api.often", survey.Args{"seconds": seconds})}
	}
	return caller{t, PartOf(t), a.lang(r)}, nil
}

func errNoToken() error {
	return &refusal{http.StatusUnauthorized, 0, survey.Fail(survey.Forbidden, "error.api.token", nil)}
}

// known refuses a query parameter that the route does not have: a filter with
// a slip in its name would otherwise filter nothing.
func known(r *http.Request, parameters []string) error {
	for name, values := range r.URL.Query() {
		found := false
		for _, p := range parameters {
			found = found || p == name
		}
		if !found {
			return survey.Fail(survey.Invalid, "error.api.parameter", survey.Args{"name": name})
		}
		if len(values) > 1 {
			return survey.Fail(survey.Invalid, "error.api.twice", survey.Args{"name": name})
		}
	}
	return nil
}

func (a *API) lang(r *http.Request) string {
	return a.cfg.Spoken().Pick(r.Header.Get("Accept-Language"))
}

func (a *API) text(lang string) analytics.Text {
	return func(key string, args map[string]any) string { return a.cfg.Site.Text(lang, key, args) }
}

// refusal is an error with a status that its code does not have.
type refusal struct {
	status int
	wait   int // seconds after which to try again; 0: none
	err    *survey.Error
}

func (e *refusal) Error() string { return e.err.Error() }
func (e *refusal) Unwrap() error { return e.err }

// refuse answers with a problem. Only what nobody foresaw is logged, without
// token, address or path.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var special *refusal
	var told *survey.Error
	switch {
	case errors.As(err, &special):
		if special.status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", "Bearer")
		}
		if special.wait > 0 {
			w.Header().Set("Retry-After", fmt.Sprint(special.wait))
		}
		a.write(w, r, special.status, special.err)
	case errors.As(err, &told) && a.cfg.Site.Has(told.Key):
		status := StatusOf(told.Code)
		if told.Code == survey.Forbidden { // what lies elsewhere is not told apart from what does not exist
			status = http.StatusNotFound
		}
		a.write(w, r, status, told)
	default:
		a.cfg.Log.Error("api failed", "error", err)
		a.write(w, r, http.StatusInternalServerError, survey.Fail("", "error.console.unknown", nil))
	}
}

// StatusOf is the one table from what went wrong to an HTTP status, of this
// interface and of the pages.
func StatusOf(code survey.Code) int {
	switch code {
	case survey.Invalid:
		return http.StatusUnprocessableEntity
	case survey.NotFound:
		return http.StatusNotFound
	case survey.Conflict:
		return http.StatusConflict
	case survey.Forbidden:
		return http.StatusForbidden
	case survey.TooMany:
		return http.StatusTooManyRequests
	case survey.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
