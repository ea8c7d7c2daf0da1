package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"attune/survey"
)

func monthly(h *staffHouse) survey.Programme {
	return survey.Programme{
		ID: "monthly", Packs: []string{"pulse"}, Modules: []string{"supports", "belonging"}, Repeat: "FREQ=MONTHLY;BYDAY=1TU", Starts: "2026-03-01",
		OpensAt: 8 * 60, OpenDays: 7, ClosesAt: 20 * 60, LeadDays: 14, ResultsDays: 14, Owner: "Ana Ruiz", Contact: "Extension 12", K: 5, Active: true, Since: h.clock.at,
	}
}

// The clock stands at 1 March 2026: the year to come has twelve first Tuesdays,
// 3 March 2026 to 2 February 2027, and the modules take turns.
func TestTheCalendarShowsAYearOfAProgrammeWithItsModulesInTurn(t *testing.T) {
	h := newStaffHouseWith(t, func(ctx context.Context, h *staffHouse) { must(h.t, h.store.AddProgramme(ctx, monthly(h))) })
	b := h.as(adminMail)
	doc, _ := b.page(programmesPath)
	if n := doc.Find("#year h3").Length(); n != 12 {
		t.Errorf("%d months", n)
	}
	dates := doc.Find("#year li")
	if got := text(dates.First()); !strings.Contains(got, "3 March 2026 – 10 March 2026") || !strings.Contains(got, "monthly · Riverside Services") {
		t.Errorf("the first date: %s", got)
	}
	first, second, third := text(dates.Eq(0).Contents().Not("strong, .note")), text(dates.Eq(1).Contents().Not("strong, .note")), text(dates.Eq(2).Contents().Not("strong, .note"))
	if first == second || first != third {
		t.Errorf("the modules do not take turns: %q, %q, %q", first, second, third)
	}
	// A pause takes its dates out, and no module's turn.
	if status, _ := b.post(programmesPath+"/monthly/pause", url.Values{"from": {"2026-04-01"}, "to": {"2026-04-30"}}); status != http.StatusSeeOther {
		t.Fatalf("pause: status %d", status)
	}
	doc, _ = b.page(programmesPath + "?done=paused&of=monthly")
	dates = doc.Find("#year li")
	if got := text(dates.Eq(1)); !strings.Contains(got, "7 April 2026") || !strings.Contains(got, "pause: nothing opens") {
		t.Errorf("the paused date: %s", got)
	}
	if got := text(dates.Eq(2).Contents().Not("strong, .note")); got != second {
		t.Errorf("the pause took a turn: %q, want %q", got, second)
	}
	status, body := b.post(programmesPath+"/monthly/pause", url.Values{"from": {"2026-05-02"}, "to": {"2026-05-01"}})
	if got := text(parsed(t, body).Find("#programme-monthly [role=alert]")); status != http.StatusUnprocessableEntity || !strings.Contains(got, "the other way round") {
		t.Errorf("a pause that ends before it begins: status %d, %s", status, got)
	}
	for _, step := range []struct {
		do   string
		want int
	}{{"stop", 0}, {"resume", 12}} {
		if status, _ := b.post(programmesPath+"/monthly/"+step.do, nil); status != http.StatusSeeOther {
			t.Errorf("%s: status %d", step.do, status)
		}
		doc, _ = b.page(programmesPath)
		if n := doc.Find("#year li").Length(); n != step.want {
			t.Errorf("%s: %d dates, want %d", step.do, n, step.want)
		}
		if strings.Contains(text(doc.Find("#year")), "pause: nothing opens") {
			t.Errorf("%s left a pause", step.do)
		}
	}
}

func planned(change func(url.Values)) url.Values {
	form := url.Values{
		"pack": {"pulse"}, "opens": {"2026-03-09T08:00"}, "closes": {"2026-03-19T18:00"}, "results": {"2026-04-01"}, "owner": {"Ada Owner"},
		"contact": {"Support line, extension 12"}, "programme": {"main"}, "k": {"5"},
	}
	change(form)
	return form
}

func TestAWaveIsPlannedAnnouncedAndEndedByHand(t *testing.T) {
	h := newStaffHouseWith(t, func(context.Context, *staffHouse) {})
	b := h.as(adminMail)
	status, body := b.post(planPath, planned(func(f url.Values) { f["paper"] = []string{string(h.units["Hospital"])} }))
	if status != http.StatusSeeOther {
		t.Fatalf("plan: status %d, %s", status, text(parsed(t, body).Find(".fault")))
	}
	all, err := h.waves.Waves(t.Context())
	must(t, err)
	if len(all) != 1 || all[0].State != survey.Planned || all[0].Opens.Format("2006-01-02 15:04") != "2026-03-09 08:00" || len(all[0].Paper) != 1 {
		t.Fatalf("planned %+v", all)
	}
	steps := stepsPath(all[0].ID)
	doc, _ := b.page(steps)
	if got := text(doc.Find("#card")); !strings.Contains(got, "46 people in 4 groups") || doc.Find("#announce").Length() != 1 {
		t.Errorf("before the announcement: %s", got)
	}
	path := strings.TrimSuffix(steps, "/steps")
	if status, _ := b.post(path+"/announce", nil); status != http.StatusUnprocessableEntity {
		t.Errorf("announced without the tick: status %d", status)
	}
	if status, _ := b.post(path+"/announce", url.Values{"sure": {"1"}}); status != http.StatusSeeOther {
		t.Errorf("announce: status %d", status)
	}
	doc, _ = b.page(steps)
	if doc.Find("#announce").Length() != 0 || text(doc.Find("h1 .state")) != "announced" {
		t.Errorf("after the announcement: %s", text(doc.Find("h1")))
	}
	if status, _ := b.post(path+"/void", url.Values{"sure": {"1"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("ended without a reason: status %d", status)
	}
	if status, _ := b.post(path+"/void", url.Values{"sure": {"1"}, "reason": {"wrong dates"}}); status != http.StatusSeeOther {
		t.Errorf("end: status %d", status)
	}
	if doc, _ = b.page(steps); text(doc.Find("h1 .state")) != "void" || doc.Find("form.fields").Length() != 0 {
		t.Errorf("after the end: %s", text(doc.Find("main")))
	}
	_, log := b.get("/console/audit/actions")
	if strings.Count(log, string(all[0].ID)) < 3 {
		t.Error("the administrative log lacks a step")
	}
}

func TestWhatIsWrongWithAPlannedWaveStandsAtItsField(t *testing.T) {
	h := newStaffHouseWith(t, func(context.Context, *staffHouse) {})
	b := h.as(adminMail)
	for name, c := range map[string]struct {
		change func(url.Values)
		fields []string
	}{
		"everything empty":   {func(f url.Values) { clear(f) }, []string{"packs", "opens", "closes", "results", "owner", "k", "contact"}},
		"closes first":       {func(f url.Values) { f.Set("closes", "2026-03-08T08:00") }, []string{"closes"}},
		"results too early":  {func(f url.Values) { f.Set("results", "2026-03-10") }, []string{"results"}},
		"no contact":         {func(f url.Values) { f.Del("contact") }, []string{"contact"}},
		"k below the floor":  {func(f url.Values) { f.Set("k", "4") }, []string{"k"}},
		"a name of a series": {func(f url.Values) { f.Set("programme", "A b") }, []string{"programme"}},
		"rules and texts": {func(f url.Values) {
			f.Set("closes", "2026-03-08T08:00")
			f.Set("owner", "")
			f.Set("k", "x")
			f.Set("programme", "A b")
		}, []string{"closes", "owner", "k", "programme"}},
		"too few people": {func(f url.Values) { f.Set("unit", string(h.units["Children / Intake"])) }, []string{"unit"}},
	} {
		status, body := b.post(planPath, planned(c.change))
		doc := parsed(t, body)
		var got []string
		for _, field := range c.fields {
			if doc.Find("#"+field+"-fault").Length() == 1 {
				got = append(got, field)
			}
		}
		if status != http.StatusUnprocessableEntity || len(got) != len(c.fields) || doc.Find("#faults a").Length() != len(c.fields) || doc.Find(".fault[id$=-fault]").Length() != len(c.fields) {
			t.Errorf("%s: status %d, %s", name, status, text(doc.Find("[role=alert]")))
		}
		if strings.Contains(text(doc.Find("[role=alert]")), "--") {
			t.Errorf("%s names an option of a command: %s", name, text(doc.Find("[role=alert]")))
		}
	}
	if all, _ := h.waves.Waves(t.Context()); len(all) != 0 {
		t.Errorf("%d waves were planned all the same", len(all))
	}
}
