package handlers

import (
	"context"
	crand "crypto/rand"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/handlers/api"
	"attune/survey"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// token makes a token for a unit, or for everything.
func (h *house) token(name string, unit survey.UnitID) string {
	h.t.Helper()
	plain, t, err := api.NewToken(crand.Reader, name, unit, h.clock.at, 30)
	must(h.t, err)
	_, err = h.store.AddToken(context.Background(), t)
	must(h.t, err)
	return plain
}

// ask asks the API as a program does: no cookie, a token in the header, and
// further headers in pairs.
func (h *house) ask(token, path string, headers ...string) (*http.Response, string) {
	h.t.Helper()
	r, err := http.NewRequest(http.MethodGet, h.URL+path, nil)
	must(h.t, err)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	must(h.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(h.t, err)
	return response, string(body)
}

// contract is the served OpenAPI document, and what was seen of it.
type contract struct {
	t      *testing.T
	doc    *openapi3.T
	router routers.Router
	met    map[string]bool // "/api/v1/waves 200"
}

func readContract(t *testing.T, h *house) *contract {
	t.Helper()
	_, text := h.ask("", "/api/v1/openapi.json")
	doc, err := openapi3.NewLoader().LoadFromData([]byte(text))
	must(t, err)
	must(t, doc.Validate(context.Background()))
	router, err := gorillamux.NewRouter(doc)
	must(t, err)
	return &contract{t, doc, router, make(map[string]bool)}
}

// hold fails where an answer is not as the document says, or where the
// document would not have allowed the question but it was answered.
func (c *contract) hold(response *http.Response, body string) {
	c.t.Helper()
	r := response.Request
	route, values, err := c.router.FindRoute(&http.Request{Method: r.Method, URL: r.URL, Header: r.Header})
	if err != nil {
		c.t.Errorf("%s is not documented: %v", r.URL.Path, err)
		return
	}
	in := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: values, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	if err := openapi3filter.ValidateRequest(c.t.Context(), in); err != nil && response.StatusCode == http.StatusOK {
		c.t.Errorf("%s was answered, which is not documented: %v", r.URL, err)
	}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: response.StatusCode, Header: response.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	out.SetBodyBytes([]byte(body))
	if err := openapi3filter.ValidateResponse(c.t.Context(), out); err != nil {
		c.t.Errorf("%s: status %d is not as documented: %v", r.URL, response.StatusCode, err)
	}
	for name, header := range documented(route, response.StatusCode).Headers {
		if got := response.Header.Get(name); got == "" && name != "Link" {
			c.t.Errorf("%s: status %d has no header %s", r.URL, response.StatusCode, name)
		} else if pattern := header.Value.Schema.Value; got != "" && pattern.Pattern != "" {
			if err := pattern.VisitJSON(got); err != nil {
				c.t.Errorf("%s: header %s: %v", r.URL, name, err)
			}
		}
	}
	c.met[fmt.Sprint(route.Path, " ", response.StatusCode)] = true
}

func documented(route *routers.Route, status int) *openapi3.Response {
	if found := route.Operation.Responses.Status(status); found != nil {
		return found.Value
	}
	return &openapi3.Response{}
}

// Every route, every documented answer of it, and nothing else: the served
// document and the program are held together.
func TestEveryDocumentedRouteAnswersAsTheDocumentSays(t *testing.T) {
	h := newHouse(t)
	c := readContract(t, h)
	all, pulse := h.token("all", ""), pulseVersion(t)
	paths := map[string]string{ // documented: asked
		"/api/v1": "/api/v1", "/api/v1/waves": "/api/v1/waves", "/api/v1/waves/{wave}": "/api/v1/waves/2026-11",
		"/api/v1/waves/{wave}/units": "/api/v1/waves/2026-11/units", "/api/v1/waves/{wave}/rows": "/api/v1/waves/2026-11/rows",
		"/api/v1/units/{unit}/verdicts": "/api/v1/units/duty/verdicts", "/api/v1/packs": "/api/v1/packs",
		"/api/v1/packs/{pack}/{version}": "/api/v1/packs/pulse/" + pulse,
		"/api/v1/openapi.json":           "/api/v1/openapi.json", "/api/v1/openapi.yaml": "/api/v1/openapi.yaml",
	}
	for _, path := range paths {
		response, body := h.ask(all, path)
		c.hold(response, body)
		tag := response.Header.Get("ETag")
		if response, body = h.ask(all, path, "If-None-Match", `"other", `+tag); response.StatusCode != http.StatusNotModified || body != "" {
			t.Errorf("%s is not known again: status %d", path, response.StatusCode)
		}
		c.hold(response, body)
		if strings.Contains(path, "openapi") {
			continue
		}
		for _, ask := range []struct{ token, path string }{{"", path}, {"attune_guessed", path}, {all, path + "?nothing=1"}} {
			response, body := h.ask(ask.token, ask.path)
			c.hold(response, body)
		}
	}
	for _, path := range []string{
		"/api/v1/waves/2031-01", "/api/v1/waves/2026-12/units", "/api/v1/waves/..%2F..%2Fkeys/rows", "/api/v1/units/nowhere/verdicts",
		"/api/v1/packs/pulse/9", "/api/v1/packs/sts/1",
	} {
		response, body := h.ask(all, path)
		if response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", path, response.StatusCode)
		}
		c.hold(response, body)
	}
	h.wearOut(all)
	for _, path := range paths {
		response, body := h.ask(all, path)
		c.hold(response, body)
	}
	var known []string
	for path, item := range c.doc.Paths.Map() {
		known = append(known, path)
		for method, operation := range item.Operations() {
			if method != http.MethodGet {
				t.Errorf("%s %s: the interface is read-only", method, path)
			}
			for status := range operation.Responses.Map() {
				if !c.met[path+" "+status] {
					t.Errorf("%s: the documented status %s was not met", path, status)
				}
			}
		}
	}
	slices.Sort(known)
	if routes := slices.Sorted(maps.Keys(paths)); !slices.Equal(known, routes) {
		t.Errorf("documented are\n%v\nand asked were\n%v", known, routes)
	}
	served := api.Routes()
	for i, path := range served {
		for _, name := range []string{"wave", "unit", "pack", "version"} {
			path = strings.ReplaceAll(path, ":"+name, "{"+name+"}")
		}
		served[i] = path
	}
	if slices.Sort(served); !slices.Equal(known, served) {
		t.Errorf("documented are\n%v\nand served are\n%v", known, served)
	}
}

func pulseVersion(t *testing.T) string {
	t.Helper()
	library, err := survey.NewLibrary()
	must(t, err)
	pack, err := library.Latest("pulse")
	must(t, err)
	return pack.Version
}

// wearOut asks until the token has to wait.
func (h *house) wearOut(token string) {
	h.t.Helper()
	for range 1000 {
		if response, _ := h.ask(token, "/api/v1"); response.StatusCode == http.StatusTooManyRequests {
			return
		}
	}
	h.t.Fatal("no token ever has to wait")
}

func TestATokenThatAsksTooOftenWaitsAndOthersDoNot(t *testing.T) {
	h := newHouse(t)
	busy, other := h.token("busy", ""), h.token("other", "")
	h.wearOut(busy)
	response, body := h.ask(busy, "/api/v1", "Accept-Language", "fr")
	if got := response.Header.Get("Retry-After"); response.StatusCode != http.StatusTooManyRequests || got != "1" {
		t.Errorf("status %d, Retry-After %q", response.StatusCode, got)
	}
	if !strings.Contains(body, "1 s et") {
		t.Errorf("the wait is not said in the reader's language: %s", body)
	}
	if response, _ := h.ask(other, "/api/v1"); response.StatusCode != http.StatusOK {
		t.Errorf("another token: status %d", response.StatusCode)
	}
	h.clock.at = h.clock.at.Add(time.Second)
	if response, _ := h.ask(busy, "/api/v1"); response.StatusCode != http.StatusOK {
		t.Errorf("after the wait: status %d", response.StatusCode)
	}
}
