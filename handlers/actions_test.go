package handlers

import (
	crand "crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"attune/survey"
	"attune/survey/store"

	"github.com/PuerkitoBio/goquery"
)

// filled is the form of an action that can be kept.
func filled(unit survey.UnitID, text string) url.Values {
	return url.Values{"unit": {string(unit)}, "text": {text}, "owner": {"Ana Lead"}, "mail": {managerMail}, "due": {"2026-12-24"}, "status": {"planned"}}
}

// adds puts an action into the plan and gives the path of its page.
func (b *browser) adds(unit survey.UnitID, text string) string {
	b.house.t.Helper()
	status, body := b.post(actionsPath, filled(unit, text))
	if status != http.StatusSeeOther {
		b.house.t.Fatalf("status %d: %s", status, body)
	}
	actions, err := b.house.store.Actions(b.house.t.Context(), []survey.UnitID{unit})
	must(b.house.t, err)
	for _, a := range actions {
		if a.Text == text {
			return actionPath(a.ID)
		}
	}
	b.house.t.Fatalf("%s is in no plan", text)
	return ""
}

func texts(doc *goquery.Document, selector string) []string {
	var all []string
	doc.Find(selector).Each(func(_ int, s *goquery.Selection) { all = append(all, strings.Join(strings.Fields(s.Text()), " ")) })
	return all
}

func TestAnActionGoesFromASuggestionOfAGuideIntoThePlanInOneTap(t *testing.T) {
	h := newHouse(t)
	lead := h.as(managerMail)
	doc, _ := lead.page("/console/teams/" + string(dutyID))
	add, ok := doc.Find("#guided a[href*='guide=scale_burnout']").Attr("href")
	if !ok {
		t.Fatal("the unit's page has no way into the plan")
	}
	guide, err := survey.NewGuides()
	must(t, err)
	burnout, err := guide.Find("scale_burnout")
	must(t, err)
	doc, _ = lead.page(add)
	if got, want := doc.Find("textarea[name=text]").Text(), burnout.Organisation[0].In("en"); got != want {
		t.Errorf("filled in %q, want %q", got, want)
	}
	if got := doc.Find("select[name=unit] option[selected]").AttrOr("value", ""); got != string(dutyID) {
		t.Errorf("for %q, want the unit of the page", got)
	}
	doc, _ = lead.page("/console/guides/scale_burnout?unit=" + string(dutyID))
	ways := doc.Find("main .card a[href*='/actions/new']")
	if want := len(burnout.Suggestions()); ways.Length() != want {
		t.Fatalf("%d ways into the plan, want %d", ways.Length(), want)
	}
	doc, _ = lead.page(ways.Last().AttrOr("href", ""))
	last := burnout.Manager[len(burnout.Manager)-1].In("en")
	form := doc.Find("form.write")
	if got := form.Find("textarea").Text(); got != last {
		t.Errorf("filled in %q, want %q", got, last)
	}
	values := filled(dutyID, form.Find("textarea").Text())
	for _, name := range []string{"guide", "suggestion"} {
		values.Set(name, form.Find("input[name="+name+"]").AttrOr("value", ""))
	}
	status, _ := lead.post(form.AttrOr("action", ""), values)
	actions, err := h.store.Actions(t.Context(), []survey.UnitID{dutyID})
	must(t, err)
	if status != http.StatusSeeOther || len(actions) != 1 || actions[0].Text != last || actions[0].Origin.Guide != "scale_burnout" {
		t.Fatalf("status %d, kept %+v", status, actions)
	}
	doc, _ = lead.page(actionPath(actions[0].ID))
	if doc.Find("a[href='/console/guides/scale_burnout']").Length() == 0 {
		t.Error("the action does not say where it comes from")
	}
	for _, path := range []string{"/console/teams/" + string(dutyID), "/console/guides/scale_burnout"} {
		doc, _ := h.as(hrMail).page(path)
		if doc.Find("main a[href*='/actions/new']").Length() != 0 {
			t.Errorf("%s: HR, who reads, is led to write", path)
		}
	}
}

func TestThePlanIsOfTheViewersPartByTheDayAndCanBeNarrowed(t *testing.T) {
	h := newHouse(t)
	h.plan(dutyID, "In a while", "2026-12-20")
	h.plan(childrenID, "Overdue", "2026-11-01")
	h.plan(nightID, "Elsewhere", "2026-12-01")
	done := h.plan(longID, "Finished", "2026-10-01")
	must(t, h.store.SaveAction(t.Context(), done, 1, survey.ActionEdit{
		ActionState: survey.ActionState{Text: "Finished", Owner: "x", Due: "2026-10-01", Status: survey.ActionDone, Evidence: "Everybody has it"}, At: h.clock.now(),
	}, nil))
	for _, c := range []struct {
		email, path string
		want        string
	}{
		{managerMail, actionsPath, "Overdue, In a while"},
		{adminMail, actionsPath, "Overdue, Elsewhere, In a while"},
		{hrMail, actionsPath, "Overdue, Elsewhere, In a while"},
		{nightMail, actionsPath, "Elsewhere"},
		{managerMail, actionsPath + "?status=all", "Finished, Overdue, In a while"},
		{managerMail, actionsPath + "?status=done", "Finished"},
		{managerMail, actionsPath + "?status=dropped", ""},
		{managerMail, actionsPath + "?status=nonsense", "Overdue, In a while"},
		{managerMail, actionsPath + "?unit=duty", "In a while"},
		{managerMail, actionsPath + "?unit=night", "Overdue, In a while"}, // which is not theirs to choose
		{managerMail, unitActionsPath(dutyID), "In a while"},
		{managerMail, unitActionsPath(childrenID), "Overdue, In a while"},
	} {
		doc, _ := h.as(c.email).page(c.path)
		if got := strings.Join(texts(doc, "#plan .what"), ", "); got != c.want {
			t.Errorf("%s at %s: %q, want %q", c.email, c.path, got, c.want)
		}
		if late := texts(doc, "#plan .late strong"); strings.Contains(c.want, "Overdue") && (len(late) != 1 || late[0] != "Was due on 1 November 2026") {
			t.Errorf("%s at %s: late are %q", c.email, c.path, late)
		}
	}
	if doc, _ := h.as(managerMail).page(actionsPath + "?status=done"); texts(doc, "#plan .said")[0] != "Everybody has it" {
		t.Error("what came of it is not told")
	}
	if doc, _ := h.as(nightMail).page(actionsPath + "?status=done"); !strings.Contains(doc.Find("#plan").Text(), "fits this choice") {
		t.Error("an empty choice is not told from an empty plan")
	}
}

// Nobody learns from a refusal what exists elsewhere.
func TestNobodyReadsOrWritesAPlanBeyondTheirPart(t *testing.T) {
	h := newHouse(t)
	path := h.as(adminMail).adds(nightID, "Quiet room")
	hash, err := HashPassword(crand.Reader, password)
	must(t, err)
	const both = "both@riverside.example"
	must(t, h.store.AddUser(t.Context(), store.User{Email: both, PasswordHash: hash, Roles: []string{hr, manager}, Unit: childrenID}))
	forms := map[string]url.Values{
		path: filled("", "x"), path + "/undo": {"was": {"1"}}, path + "/comments": {"comment": {"x"}}, path + "/remove": {"sure": {"1"}},
	}
	gets := []string{path, unitActionsPath(nightID)}
	for name, c := range map[string]struct {
		email       string
		read, write int
		unitRead    int
	}{
		"the manager of another department":  {managerMail, http.StatusNotFound, http.StatusNotFound, http.StatusForbidden},
		"HR":                                 {hrMail, http.StatusOK, http.StatusForbidden, http.StatusOK},
		"an auditor":                         {auditorMail, http.StatusForbidden, http.StatusForbidden, http.StatusForbidden},
		"HR, who manages another department": {both, http.StatusOK, http.StatusForbidden, http.StatusOK},
	} {
		b := h.as(c.email)
		for i, want := range []int{c.read, c.unitRead} {
			if status, body := b.get(gets[i]); status != want {
				t.Errorf("%s reads %s: status %d, want %d", name, gets[i], status, want)
			} else if want == http.StatusOK && strings.Contains(body, `method="post" action="/console/actions`) {
				t.Errorf("%s sees forms at %s", name, gets[i])
			}
		}
		for at, form := range forms {
			if status, _ := b.post(at, form); status != c.write {
				t.Errorf("%s writes %s: status %d, want %d", name, at, status, c.write)
			}
		}
		if status, _ := b.post(actionsPath, filled(nightID, "Meant well")); status != http.StatusForbidden {
			t.Errorf("%s adds an action: status %d", name, status)
		}
		if status, _ := b.post(actionsPath+"/shared", url.Values{"wave": {"2026-12"}, "unit": {string(nightID)}, "day": {"2026-11-20"}}); status != http.StatusForbidden {
			t.Errorf("%s shares results: status %d", name, status)
		}
	}
	if status, _ := h.as(adminMail).get(unitActionsPath("nowhere")); status != http.StatusNotFound {
		t.Errorf("a unit that is not: status %d", status)
	}
	record, err := h.store.Action(t.Context(), strings.TrimPrefix(path, actionsPath+"/"))
	if err != nil || record.N != 1 || len(record.Comments) != 0 {
		t.Errorf("something was written: %+v %v", record, err)
	}
}

func TestAnActionIsChangedCommentedTakenBackAndRemovedOnlyWithTheBox(t *testing.T) {
	h := newHouse(t)
	lead := h.as(managerMail)
	path := lead.adds(dutyID, "Case talks")
	form := filled("", "Case talks")
	form.Set("was", "1")
	form.Set("status", "done")
	status, body := lead.post(path, form)
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, "says what came of it") {
		t.Errorf("done without evidence: status %d", status)
	}
	form.Set("evidence", "Six talks were held")
	if status, _ = lead.post(path, form); status != http.StatusSeeOther {
		t.Fatalf("status %d", status)
	}
	if status, body = lead.post(path, form); status != http.StatusConflict || !strings.Contains(body, "Somebody else has changed") || !strings.Contains(body, "Six talks") {
		t.Errorf("over somebody's change: status %d", status)
	}
	if status, _ = lead.post(path+"/comments", url.Values{"comment": {"Keep <b>going</b>"}}); status != http.StatusSeeOther {
		t.Errorf("comment: status %d", status)
	}
	if status, _ = lead.post(path+"/comments", url.Values{"comment": {" "}}); status != http.StatusUnprocessableEntity {
		t.Errorf("empty comment: status %d", status)
	}
	doc, _ := lead.page(path)
	if got := texts(doc, "#comments .said"); len(got) != 1 || got[0] != "Keep <b>going</b>" {
		t.Errorf("comments %q", got)
	}
	if got := texts(doc, "#history li"); len(got) != 2 || got[1] != "21 November 2026, lead.children: changed how far it is and what came of it (done)" {
		t.Errorf("history %q", got)
	}
	if status, _ = lead.post(path+"/undo", url.Values{"was": {doc.Find("#history input[name=was]").AttrOr("value", "")}}); status != http.StatusSeeOther {
		t.Errorf("undo: status %d", status)
	}
	doc, _ = lead.page(path)
	if got := doc.Find("input[name=status][checked]").AttrOr("value", ""); got != "planned" {
		t.Errorf("taken back it is %q", got)
	}
	if status, body = lead.post(path+"/remove", nil); status != http.StatusUnprocessableEntity || !strings.Contains(body, "lost for good") {
		t.Errorf("removed without the box: status %d", status)
	}
	lead.page(path)
	if status, _ = lead.post(path+"/remove", url.Values{"sure": {"1"}}); status != http.StatusSeeOther {
		t.Errorf("remove: status %d", status)
	}
	if status, _ = lead.get(path); status != http.StatusNotFound {
		t.Errorf("removed and still there: status %d", status)
	}
}

func TestWhatCannotBeKeptOfAnActionComesBackWithItsReason(t *testing.T) {
	h := newHouse(t)
	lead := h.as(managerMail)
	for field, c := range map[string]struct{ value, want string }{
		"text": {" ", "says nothing yet"}, "owner": {"", "Nobody is named"}, "due": {"tomorrow", "The day is missing"},
		"mail": {"stranger@riverside.example", "Nobody signs in here as"}, "status": {"late", "no status"},
	} {
		form := filled(dutyID, "Case <talks>")
		form.Set(field, c.value)
		status, body := lead.post(actionsPath, form)
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, c.want) {
			t.Errorf("%s: status %d, without %q", field, status, c.want)
		}
		if field != "text" && !strings.Contains(body, "Case &lt;talks&gt;") {
			t.Errorf("%s: what was typed is lost", field)
		}
	}
	if actions, _ := h.store.Actions(t.Context(), []survey.UnitID{dutyID}); len(actions) != 0 {
		t.Errorf("kept: %v", actions)
	}
}

func TestAnActionThatBeginsIsMarkedOnTheChartsOfItsUnitWhereThatIsAsked(t *testing.T) {
	h := newHouse(t)
	lead := h.as(managerMail)
	path := lead.adds(dutyID, "Weekly case talks")
	form := filled("", "Weekly case talks")
	form.Set("was", "1")
	form.Set("status", "under_way")
	form.Set("mark", "1")
	form.Set("mark_day", "2027-01-01")
	if status, body := lead.post(path, form); status != http.StatusUnprocessableEntity || !strings.Contains(body, `value="2027-01-01"`) {
		t.Errorf("a day that has not come: status %d", status)
	}
	form.Set("mark_day", "2026-06-01")
	if status, _ := lead.post(path, form); status != http.StatusSeeOther {
		t.Fatalf("status %d", status)
	}
	doc, _ := lead.page("/console/teams/" + string(dutyID))
	if marks := texts(doc, "#burnout .happened li"); len(marks) != 1 || !strings.Contains(marks[0], "1 June 2026: Weekly case talks") {
		t.Errorf("marks %q", marks)
	}
	doc, _ = lead.page(path)
	if !strings.Contains(doc.Find("main").Text(), "The day on which it began is marked") {
		t.Error("the action does not say that it is marked")
	}
}

func TestPlansHoldNoFigure(t *testing.T) {
	h := newHouse(t)
	path := h.as(managerMail).adds(dutyID, "Case talks")
	for _, at := range []string{actionsPath, unitActionsPath(dutyID), path} {
		doc, body := h.as(adminMail).page(at)
		if doc.Find("main table, main .figure, main .chart").Length() != 0 || strings.Contains(body, "console.table") {
			t.Errorf("%s has figures", at)
		}
	}
}
