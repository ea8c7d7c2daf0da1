package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"attune/analytics"
	"attune/handlers/api"
	"attune/survey"
	"attune/survey/store"

	"github.com/PuerkitoBio/goquery"
)

// readAPI reads the rows of every wave with a token for everything and with
// one for each unit. What the second may see is worked out here anew: what the
// manager of that unit may open, the blocks with a unit of theirs, and the
// units above.
func (h *yearHouse) readAPI(t *testing.T, lang string, told, want sheet) {
	for unit, token := range h.everyToken(t, lang) {
		for _, r := range h.releases {
			status, rows := h.apiRows(t, token, lang, string(r.Wave()))
			for _, row := range rows {
				tellRow(told, row, unit)
			}
			sees := r.Tree().Root().ID == unit || unit == ""
			if _, there := r.Unit(unit); there != (status == http.StatusOK) && !sees {
				t.Errorf("wave %s for %s: status %d", r.Wave(), unit, status)
			}
			for _, c := range r.Cells() {
				if h.mayTell(r, c, unit) {
					wantRow(want, r, c, unit)
				}
			}
		}
	}
}

func (h *yearHouse) everyToken(t *testing.T, lang string) map[survey.UnitID]string {
	t.Helper()
	tokens := map[survey.UnitID]string{"": h.token("all "+lang, "")}
	for path, unit := range h.units {
		tokens[unit] = h.token(path+" "+lang, unit)
	}
	return tokens
}

// mayTell is the rule in this test's own words.
func (h *yearHouse) mayTell(r *analytics.Release, c analytics.Cell, unit survey.UnitID) bool {
	if unit == "" {
		return true
	}
	if !slices.Contains([]string{"mean", "coverage", "count"}, c.Statistic) {
		return false
	}
	under := func(id survey.UnitID) bool { // in the unit's part
		return id == unit || slices.Contains(r.Tree().Ancestors(id), unit)
	}
	if b, ok := r.Block(c.Unit); ok {
		return slices.ContainsFunc(b.Units, under)
	}
	return under(survey.UnitID(c.Unit)) || slices.Contains(r.Tree().Ancestors(unit), survey.UnitID(c.Unit))
}

// apiRows reads all pages of a wave's rows, a few rows a page.
func (h *house) apiRows(t *testing.T, token, lang, wave string) (status int, rows []map[string]string) {
	t.Helper()
	for path := "/api/v1/waves/" + wave + "/rows?limit=400"; path != ""; {
		response, body := h.ask(token, path, "Accept-Language", lang)
		if response.StatusCode != http.StatusOK {
			return response.StatusCode, nil
		}
		var page struct {
			Data json.RawMessage `json:"data"`
		}
		must(t, json.Unmarshal([]byte(body), &page))
		rows = append(rows, jsonRows(t, string(page.Data))...)
		path = ""
		if link, _, ok := strings.Cut(response.Header.Get("Link"), ">; rel=\"next\""); ok {
			path = strings.TrimPrefix(link, "<")
		}
	}
	return http.StatusOK, rows
}

// A token for a unit and its manager are told the same numbers: what stands on
// the manager's page of every unit that they may open stands in the rows, and
// no row is about a unit whose page they may not open, unless that is above
// theirs or combined with theirs.
func TestATokenSeesWhatTheManagerOfItsUnitSees(t *testing.T) {
	h := newYearHouse(t)
	for email, v := range h.people {
		if !v.has(manager) {
			continue
		}
		token := h.token(email, v.Unit)
		if viewerOf(store.Token{Unit: v.Unit}).scope() != v.scope() || api.PartOf(store.Token{Unit: v.Unit}) != v.scope() {
			t.Errorf("%s and the token have two parts", email)
		}
		latest := h.releases[len(h.releases)-1]
		if _, ok := latest.Unit(v.Unit); !ok {
			continue
		}
		_, rows := h.apiRows(t, token, "en", string(latest.Wave()))
		value := make(map[string]string)
		b := h.as(email)
		for _, row := range rows {
			value[row["unit_id"]+" "+row["measure"]+" "+row["statistic"]] = row["value"]
			status, _ := b.get("/console/teams/" + row["unit_id"])
			above := slices.Contains(latest.Tree().Ancestors(v.Unit), survey.UnitID(row["unit_id"]))
			if (status != http.StatusOK) != (above || row["unit_level"] == "block") {
				t.Errorf("%s: status %d, and a row of %s", email, status, row["unit_id"])
			}
		}
		doc, _ := b.page("/console/teams/" + string(v.Unit))
		doc.Find("section.card[id] table.figures").Each(func(_ int, table *goquery.Selection) {
			scale, _ := table.Closest("section").Attr("id")
			if table.Parents().Filter("details.together").Length() > 0 {
				return
			}
			cell := table.Find("tbody tr").Last().Find("td").First().Text()
			number, _, _ := strings.Cut(spaced(cell), " ")
			if got := value[string(v.Unit)+" "+scale+" mean"]; number != "" && got != "" && got != number {
				t.Errorf("%s: %s is %q on the page and %q in the row", email, scale, number, got)
			}
		})
	}
}

// Every wave, unit and pack that a unit's token is not for is answered like one
// that does not exist, to the byte.
func TestWhatATokenMayNotSeeLooksLikeWhatDoesNotExist(t *testing.T) {
	h := newYearHouse(t)
	night := h.token("night", h.units[nightTeam])
	_, nothing := h.ask(night, "/api/v1/units/nowhere/verdicts")
	seen := 0
	for path, unit := range h.units {
		response, body := h.ask(night, "/api/v1/units/"+string(unit)+"/verdicts")
		switch {
		case path == nightTeam:
			seen++
			if response.StatusCode != http.StatusOK {
				t.Errorf("its own unit: status %d", response.StatusCode)
			}
		case response.StatusCode != http.StatusNotFound || body != nothing:
			t.Errorf("%s: status %d, %s", path, response.StatusCode, body)
		}
		if _, units := h.ask(night, "/api/v1/waves/"+string(h.releases[0].Wave())+"/units"); strings.Contains(units, `"`+lastName(path)+`"`) !=
			(path == nightTeam || path == "Hospital" || unit == h.root()) {
			t.Errorf("the units of the night team's token: %s", units)
		}
	}
	if seen != 1 {
		t.Error("the night team was not asked for: the test shows nothing")
	}
}

// What the API says of trends and signs is what the page of the unit says.
func TestVerdictsAreThoseOfThePage(t *testing.T) {
	h := newHouse(t)
	said := make(map[string]bool)
	for _, unit := range []survey.UnitID{orgID, childrenID, dutyID, intakeID, nightID} {
		_, body := h.ask(h.token(string(unit), unit), "/api/v1/units/"+string(unit)+"/verdicts")
		var found api.Verdicts
		must(t, json.Unmarshal([]byte(body), &found))
		doc, _ := h.as(hrMail).page("/console/teams/" + string(unit))
		if len(found.Trends) == 0 || len(found.Signs) == 0 || found.Mode == nil {
			t.Fatalf("%s has no verdicts: %s", unit, body)
		}
		for _, trend := range found.Trends {
			said[trend.Verdict] = true
			want := h.site.Text("en", "trend.name."+trend.Verdict, nil)
			if card := doc.Find("section#" + trend.Measure); !strings.Contains(card.Text(), want) {
				t.Errorf("%s %s is %s, and the page does not say %q", unit, trend.Measure, trend.Verdict, want)
			}
		}
		for i, sign := range found.Signs {
			said[sign.State] = true
			row := doc.Find("#states tbody tr").Eq(i)
			want := h.site.Text("en", "signs.state."+sign.State, nil)
			if last, _ := row.Find("td").Last().Html(); !strings.Contains(last, want) {
				t.Errorf("%s %s is %s, and the page says %s", unit, sign.Measure, sign.State, spaced(last))
			}
		}
	}
	if len(said) < 3 {
		t.Errorf("only %v were said: the test shows little", slices.Sorted(maps.Keys(said)))
	}
}

func TestPagesOfAListJoinToTheWhole(t *testing.T) {
	h := newHouse(t)
	token := h.token("all", "")
	whole, err := h.archive.Release(context.Background(), "2026-11")
	must(t, err)
	for _, limit := range []int{1, 7, 5000} {
		var all []string
		path := fmt.Sprintf("/api/v1/waves/2026-11/rows?statistic=mean&limit=%d", limit)
		for pages := 0; path != "" && pages < 40; pages++ {
			response, body := h.ask(token, path)
			var page struct {
				Data []struct{ Unit_ID, Measure string }
			}
			must(t, json.Unmarshal([]byte(body), &page))
			if len(page.Data) > limit || len(page.Data) == 0 {
				t.Fatalf("%d rows on a page of %d", len(page.Data), limit)
			}
			for _, row := range page.Data {
				all = append(all, row.Unit_ID+" "+row.Measure)
			}
			link, _, _ := strings.Cut(response.Header.Get("Link"), ">")
			path = strings.TrimPrefix(link, "<")
		}
		var want []string
		for _, c := range whole.Cells() {
			if c.Statistic == analytics.StatisticMean {
				want = append(want, c.Unit+" "+c.Measure)
			}
		}
		if limit == 1 { // forty pages of it are enough
			want = want[:40]
		}
		if !slices.Equal(all, want) {
			t.Errorf("pages of %d: %d rows, want %d", limit, len(all), len(want))
		}
	}
	response, _ := h.ask(token, "/api/v1/waves/2026-11/rows?limit=1")
	next := response.Header.Get("Link")
	cursor := next[strings.Index(next, "cursor=")+len("cursor=") : strings.Index(next, "&limit")]
	for _, path := range []string{
		"/api/v1/waves?limit=0", "/api/v1/waves?limit=5001", "/api/v1/waves?limit=x", "/api/v1/waves?limit=", "/api/v1/waves?cursor=", "/api/v1/waves?cursor=x",
		"/api/v1/waves?limit=1&limit=2", "/api/v1/waves/2026-10/rows?limit=1&cursor=" + cursor, "/api/v1/waves/2026-11/rows?unit=duty&cursor=" + cursor,
	} {
		if response, _ := h.ask(token, path); response.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", path, response.StatusCode)
		}
	}
}

func TestATokenTravelsInItsHeaderOnly(t *testing.T) {
	h := newHouse(t)
	token := h.token("all", "")
	plain, expired, err := api.NewToken(strings.NewReader(strings.Repeat("x", 32)), "old", "", h.clock.at.AddDate(0, 0, -40), 30)
	must(t, err)
	_, err = h.store.AddToken(context.Background(), expired)
	must(t, err)
	for name, r := range map[string]func() *http.Response{
		"in the address":       func() *http.Response { r, _ := h.ask("", "/api/v1/waves?access_token="+token); return r },
		"as a cookie":          func() *http.Response { r, _ := h.ask("", "/api/v1/waves", "Cookie", "attune_console="+token); return r },
		"as a password":        func() *http.Response { r, _ := h.ask("", "/api/v1/waves", "Authorization", "Basic "+token); return r },
		"its hash":             func() *http.Response { r, _ := h.ask(api.Hash(token), "/api/v1/waves"); return r },
		"one that has expired": func() *http.Response { r, _ := h.ask(plain, "/api/v1/waves"); return r },
	} {
		if got := r(); got.StatusCode != http.StatusUnauthorized || got.Header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%s: status %d", name, got.StatusCode)
		}
	}
	for _, session := range []*browser{h.as(hrMail), h.as(adminMail)} {
		if status, _ := session.get("/api/v1/waves"); status != http.StatusUnauthorized {
			t.Errorf("with a session: status %d", status)
		}
	}
	for _, path := range []string{"/api/v1", "/api/v1/waves", "/api/v1/openapi.json", "/api/v1/nothing", "/api/v2"} {
		r, _ := http.NewRequest(http.MethodOptions, h.URL+path, nil)
		r.Header.Set("Origin", "https://elsewhere.example")
		response, _ := h.browser().do(r)
		asked, _ := h.ask(token, path, "Origin", "https://elsewhere.example")
		for _, got := range []*http.Response{response, asked} {
			for name := range got.Header {
				if strings.HasPrefix(name, "Access-Control") || name == "Set-Cookie" {
					t.Errorf("%s has the header %s", path, name)
				}
			}
		}
		if response.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("OPTIONS %s: status %d", path, response.StatusCode)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		r, _ := http.NewRequest(method, h.URL+"/api/v1/waves", strings.NewReader("{}"))
		r.Header.Set("Authorization", "Bearer "+token)
		response, body := h.browser().do(r)
		if response.StatusCode != http.StatusMethodNotAllowed || response.Header.Get("Allow") != "GET, HEAD" || !strings.Contains(body, "only read") {
			t.Errorf("%s: status %d, %s", method, response.StatusCode, body)
		}
	}
	if log := h.log.String(); strings.Contains(log, token) || strings.Contains(log, "127.0.0.1") {
		t.Errorf("the log tells who asked: %s", log)
	}
}

func TestAFaultOfTheServerIsLoggedAndNotTold(t *testing.T) {
	for name, fault := range map[string]func() error{
		"an error": func() error { return fmt.Errorf("disk 7 is on fire") },
		"a panic":  func() error { panic("disk 7 is on fire") },
	} {
		h := newHouse(t, func(c *Config) { c.Archive = analytics.NewArchive(broken{fault}) })
		response, body := h.ask(h.token("all", ""), "/api/v1/waves")
		if response.StatusCode != http.StatusInternalServerError || strings.Contains(body, "disk 7") || response.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: status %d, %s", name, response.StatusCode, body)
		}
		if !strings.Contains(h.log.String(), "disk 7 is on fire") {
			t.Errorf("%s: the log lacks the detail", name)
		}
	}
}
