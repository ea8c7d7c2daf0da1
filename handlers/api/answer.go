package api

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"attune/survey"
)

// result is what a route found: a body, and the address of the next page.
type result struct {
	body any
	next string // empty: this is the last page
}

// problem is an error as RFC 9457 writes it.
type problem struct {
	Type   string `json:"type"` // "urn:attune:" and the key of the text, the same in every language
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"` // in the reader's language, the text of the pages
}

// write answers with a problem.
func (a *API) write(w http.ResponseWriter, r *http.Request, status int, err *survey.Error) {
	body, fault := json.Marshal(problem{
		Type: "urn:attune:" + err.Key, Title: http.StatusText(status), Status: status,
		Detail: a.cfg.Site.Text(a.lang(r), err.Key, err.Args),
	})
	if fault != nil { // four plain fields: it cannot
		a.cfg.Log.Error("api problem", "error", fault)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Content-Language", a.lang(r))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a reader that went away is not our fault to report
}

// send answers with what was found, or with "not modified" where the reader
// has it already.
func (a *API) send(w http.ResponseWriter, r *http.Request, found result) {
	body, err := json.Marshal(found.body)
	if err != nil {
		a.refuse(w, r, fmt.Errorf("write an answer: %w", err))
		return
	}
	if found.next != "" {
		w.Header().Set("Link", "<"+found.next+`>; rel="next"`)
	}
	w.Header().Set("Content-Language", a.lang(r))
	a.blob(w, r, "application/json", append(body, '\n'))
}

// blob answers with a body that is tagged by its hash: two answers have one
// tag when they are the same, byte for byte.
func (a *API) blob(w http.ResponseWriter, r *http.Request, kind string, body []byte) {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	if has(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body)
}

// has says whether an If-None-Match names a tag; it compares weakly, as RFC
// 9110 section 13.1.2 asks.
func has(headers []string, tag string) bool {
	for _, part := range strings.Split(strings.Join(headers, ","), ",") {
		if part = strings.TrimSpace(part); part == "*" || strings.TrimPrefix(part, "W/") == tag {
			return true
		}
	}
	return false
}

// Pages of a list.
const (
	defaultLimit = 200
	maxLimit     = 5000
)

// paged are the query parameters of a route that answers with a list.
func paged(others ...string) []string { return append(others, "limit", "cursor") }

// page cuts one page out of a list. The list must have one order for good:
// what is released never changes.
func page[T any](r *http.Request, all []T) (part []T, next string, err error) {
	query := r.URL.Query()
	limit := defaultLimit
	if text := query.Get("limit"); query.Has("limit") {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > maxLimit {
			return nil, "", survey.Fail(survey.Invalid, "error.api.limit", survey.Args{"most": maxLimit})
		}
	}
	query.Del("limit")
	cursor := query.Get("cursor")
	has := query.Has("cursor")
	query.Del("cursor")
	mark := markOf(r.URL.Path + "?" + query.Encode())
	at := 0
	if has {
		if at, err = place(cursor, mark); err != nil || at > len(all) {
			return nil, "", survey.Fail(survey.Invalid, "error.api.cursor", nil)
		}
	}
	end := min(at+limit, len(all))
	part = make([]T, 0, end-at) // never null
	part = append(part, all[at:end]...)
	if end < len(all) {
		query.Set("limit", strconv.Itoa(limit))
		query.Set("cursor", base64.RawURLEncoding.EncodeToString([]byte(mark+strconv.Itoa(end))))
		next = (&url.URL{Path: r.URL.Path, RawQuery: query.Encode()}).String()
	}
	return part, next, nil
}

// markLength is how much of a list's name a cursor carries, so that it is of
// no use in another list.
const markLength = 8

func markOf(list string) string {
	sum := sha256.Sum256([]byte(list))
	return hex.EncodeToString(sum[:])[:markLength]
}

// place reads a cursor.
func place(cursor, mark string) (int, error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) <= markLength || string(raw[:markLength]) != mark {
		return 0, survey.Fail(survey.Invalid, "error.api.cursor", nil)
	}
	at, err := strconv.Atoi(string(raw[markLength:]))
	if err != nil || at < 0 {
		return 0, survey.Fail(survey.Invalid, "error.api.cursor", nil)
	}
	return at, nil
}
