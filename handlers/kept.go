package handlers

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"attune/analytics"
	"attune/survey/store"

	"github.com/labstack/echo/v4"
)

// keptRoom bounds the bytes of all pages that are kept.
const keptRoom = 32 << 20

// basis is what a page of figures is made of, beside its address, its language
// and the rights of its reader: stored releases, which never change, and what
// was read for it a moment ago. Nothing of a ballot, a ticket or a roster can
// stand in it, since no page has a way to one.
type basis struct {
	releases []*analytics.Release
	read     []any // as JSON tells apart
}

// errOvertaken says that how the organisation looks, or its packs, changed while
// a page was made: half of it may be of before, so it is made again.
var errOvertaken = errors.New("overtaken by a change")

// keptPage answers with a page that was made before of the same things, or
// makes it. Who asks, what they may see and what the page is made of has been
// read for this very request; fresh gets no more than that. So a page is
// never older than what it tells of, and never goes to a reader with other
// rights (docs/decisions/kept-pages.md).
func (con *console) keptPage(c echo.Context, v viewer, page string, of basis, fresh func(s speech, v viewer) (any, error)) error {
	s := con.in(con.lang(c.Request()))
	rights := v.rights()
	key, err := s.basisKey(page, c.Request().URL.RequestURI(), rights, of)
	if err != nil {
		return err
	}
	body, err := con.kept.recall(key, func() ([]byte, error) {
		data, err := fresh(s, rights)
		if err != nil {
			return nil, err
		}
		body, err := con.body(s.lang, page, data)
		if now, changed := s.basisKey(page, c.Request().URL.RequestURI(), rights, of); err == nil && changed == nil && now != key {
			return nil, errOvertaken
		}
		return body, err
	})
	if errors.Is(err, errOvertaken) {
		return con.keptPage(c, v, page, of, fresh)
	}
	if err != nil {
		return err
	}
	con.send(c.Response(), s.lang, http.StatusOK, body)
	return nil
}

// rights is the viewer as far as a page of figures may depend on who reads it:
// nothing by which they could be told from others who may see the same.
func (v viewer) rights() viewer {
	return viewer{User: store.User{Roles: v.Roles, Unit: v.Unit}, Organisation: v.Organisation, names: v.names}
}

// basisKey is everything that a page depends on, hashed.
func (s speech) basisKey(page, address string, rights viewer, of basis) (string, error) {
	releases := make([]string, len(of.releases))
	for i, r := range of.releases {
		releases[i] = r.SHA256()
	}
	raw, err := json.Marshal([]any{
		page, address, s.lang, rights.Roles, rights.Unit, rights.Organisation, rights.names,
		s.con.brand(), s.con.spoken(), s.con.library.Edition(), releases, of.read,
	})
	if err != nil {
		return "", fmt.Errorf("what page %s is made of: %w", page, err)
	}
	sum := sha256.Sum256(raw)
	return string(sum[:]), nil
}

// keepPages makes an empty keep for pages.
func keepPages() *keep[[]byte] { return newKeep(keptRoom, func(body []byte) int { return len(body) }) }

// statesRoom bounds how many units all states that are kept may tell of.
const statesRoom = 6_000

// keepStates makes an empty keep for what first pages say of units.
func keepStates() *keep[[]unitState] {
	return newKeep(statesRoom, func(states []unitState) int { return len(states) })
}
