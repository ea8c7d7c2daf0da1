package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"attune/survey"
)

// changes opens the preview of a change and gives what would follow.
func (h *staffHouse) wouldFollow(b *browser, unit survey.UnitID, form url.Values) string {
	h.t.Helper()
	doc, _ := b.page(organisationPath + "/" + string(unit) + "/change?" + form.Encode())
	return text(doc.Find("#consequences"))
}

func (h *staffHouse) pathOf(unit survey.UnitID) string {
	h.t.Helper()
	units, err := h.store.Units(h.t.Context())
	must(h.t, err)
	tree, err := survey.NewTree(units)
	must(h.t, err)
	return tree.Path(unit)
}

// The staff house: Children has Duty team (14), Intake (4) and Long-term team
// (9), Hospital has Night crisis team (8) and Day clinic (11); one wave is
// announced.
func TestTheTreeShowsPeopleAndNeverWhoAnswered(t *testing.T) {
	h := newStaffHouse(t)
	doc, _ := h.as(adminMail).page(organisationPath)
	tree := text(doc.Find("[data-tree]"))
	for _, want := range []string{"Riverside Services People: 46", "Children People: 27", "Intake People: 4", "Day clinic People: 11"} {
		if !strings.Contains(tree, want) {
			t.Errorf("lacks %q: %s", want, tree)
		}
	}
	// 12 of the duty team answered the released wave: no page of units says so.
	if strings.Contains(tree, "12") {
		t.Errorf("the tree has a number of answers: %s", tree)
	}
}

func TestAMoveSaysWhatFollowsAndThenIsDoneAndUndone(t *testing.T) {
	h := newStaffHouse(t)
	b := h.as(adminMail)
	intake, hospital, children := h.units["Children / Intake"], h.units["Hospital"], h.units["Children"]
	move := url.Values{"do": {"move"}, "to": {string(hospital)}}
	got := h.wouldFollow(b, intake, move)
	for _, want := range []string{
		"The trend of Intake, and of what lies under it, goes on",
		"The figures of Children and Hospital are about other people, by 4",
		// In Hospital the smallest sibling of a team of 4 joins it: the night team of 8.
		"Intake and Night crisis team are asked and shown together (12 people)",
		"no longer together with others: Long-term team",
		"May 2026 is announced, and nothing changes in it",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q: %s", want, got)
		}
	}
	if h.pathOf(intake) != "Children / Intake" {
		t.Fatal("the preview moved the unit")
	}
	status, _ := b.post(organisationPath+"/"+string(intake)+"/change", move)
	if status != http.StatusSeeOther || h.pathOf(intake) != "Hospital / Intake" {
		t.Fatalf("status %d, lies at %s", status, h.pathOf(intake))
	}
	doc, _ := b.page(fmt.Sprintf("%s?did=move&unit=%s&was=%s", organisationPath, intake, children))
	if got := text(doc.Find(".done p")); got != "“Intake” now lies under “Hospital”." {
		t.Errorf("said %q", got)
	}
	undo := url.Values{}
	for _, name := range []string{"do", "to"} {
		undo.Set(name, doc.Find(".done input[name="+name+"]").AttrOr("value", ""))
	}
	if status, _ := b.post(doc.Find(".done form").AttrOr("action", ""), undo); status != http.StatusSeeOther || h.pathOf(intake) != "Children / Intake" {
		t.Errorf("undo: status %d, lies at %s", status, h.pathOf(intake))
	}
	// Each change is in the administrative log.
	_, log := b.get("/console/audit/actions")
	if strings.Count(log, "Children / Intake")+strings.Count(log, "Hospital / Intake") < 2 {
		t.Error("the administrative log lacks the moves")
	}
}

func TestWhatTheTreeRefusesStandsAtItsForm(t *testing.T) {
	h := newStaffHouse(t)
	b := h.as(adminMail)
	children := string(h.units["Children"])
	for name, c := range map[string]struct {
		form url.Values
		at   string
		want string
	}{
		"a ring":              {url.Values{"do": {"move"}, "to": {string(h.units["Children / Intake"])}}, "#move", "lies inside it"},
		"a name beside":       {url.Values{"do": {"rename"}, "name": {"Hospital"}}, "#rename", "Hospital"},
		"a slash":             {url.Values{"do": {"rename"}, "name": {"A / B"}}, "#rename", "A / B"},
		"a name below":        {url.Values{"do": {"add"}, "name": {"Intake"}}, "#add", "Intake"},
		"a unit in use":       {url.Values{"do": {"retire"}}, "#retire", "27"},
		"nowhere to be found": {url.Values{"do": {"move"}, "to": {"nowhere"}}, "#move", "nowhere"},
	} {
		status, body := b.post(organisationPath+"/"+children+"/change", c.form)
		if name == "a unit in use" {
			c.want = "3 units lie under it" // nobody is in Children itself
		}
		if got := text(parsed(t, body).Find(c.at + " .fault")); status < 400 || status >= 500 || !strings.Contains(got, c.want) {
			t.Errorf("%s: status %d, %q", name, status, got)
		}
	}
	for _, path := range []string{"/nowhere", "/" + children + "/change?do=burn", "/nowhere/change?do=move"} {
		if status, _ := b.get(organisationPath + path); status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, status)
		}
	}
}

func TestAUnitIsAddedTakenOutOfUseAndBroughtBackAsItself(t *testing.T) {
	h := newStaffHouse(t)
	b := h.as(adminMail)
	duty := h.units["Children / Duty team"]
	// The staff of a team that gets a sub-unit become a team of their own.
	got := h.wouldFollow(b, duty, url.Values{"do": {"add"}, "name": {"Nights"}})
	if !strings.Contains(got, "The people who belong to Duty team itself (14) become the team “Duty team, directly”") {
		t.Errorf("adding under a team: %s", got)
	}
	change := func(unit survey.UnitID, form url.Values) survey.UnitID {
		t.Helper()
		r, err := http.NewRequest(http.MethodPost, h.URL+organisationPath+"/"+string(unit)+"/change", strings.NewReader(form.Encode()))
		must(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		response, body := b.do(r)
		to, err := url.Parse(response.Header.Get("Location"))
		if response.StatusCode != http.StatusSeeOther || err != nil {
			t.Fatalf("status %d: %s", response.StatusCode, body)
		}
		return survey.UnitID(to.Query().Get("unit"))
	}
	hospital := h.units["Hospital"]
	first := change(hospital, url.Values{"do": {"add"}, "name": {"Ward 7"}})
	if h.pathOf(first) != "Hospital / Ward 7" {
		t.Fatalf("lies at %q", h.pathOf(first))
	}
	if parent := change(first, url.Values{"do": {"retire"}}); parent != hospital || h.pathOf(first) != "" {
		t.Fatalf("retired, its path is %q", h.pathOf(first))
	}
	if again := change(hospital, url.Values{"do": {"add"}, "name": {"Ward 7"}}); again != first {
		t.Error("a unit that comes back is another one: its history is lost")
	}
}
