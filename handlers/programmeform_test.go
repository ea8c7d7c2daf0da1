package handlers

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/survey"

	"github.com/PuerkitoBio/goquery"
)

const newProgrammePath = programmesPath + "/new"

// typedForm is a form that breaks no rule: the first Tuesday of every month.
func typedForm(change func(url.Values)) url.Values {
	form := url.Values{
		"name": {"check"}, "pack": {"pulse"}, "how": {"months"}, "every": {"1"}, "which": {"1"}, "weekday": {"2"}, "starts": {"2026-04-01"},
		"opens_at": {"08:00"}, "open_days": {"7"}, "closes_at": {"20:00"}, "lead_days": {"14"}, "results_days": {"14"}, "reminders": {"2, 5@14:30"},
		"owner": {"Ana Ruiz"}, "contact": {"Extension 12"}, "k": {"5"},
	}
	change(form)
	return form
}

func with(form url.Values, field string, values ...string) url.Values {
	form = maps.Clone(form)
	form[field] = values
	return form
}

// TestAProgrammeIsMadeAfterItsYearWasLookedAt goes the whole way: form,
// preview, back, preview, stored.
func TestAProgrammeIsMadeAfterItsYearWasLookedAt(t *testing.T) {
	h := newStaffHouseWith(t, func(context.Context, *staffHouse) {})
	b := h.as(adminMail)
	form := typedForm(func(f url.Values) {
		f["module"] = []string{"supports", "belonging"}
		f["paper"] = []string{string(h.units["Hospital"])}
	})
	status, body := b.post(newProgrammePath, with(form, "step", "preview"))
	doc := parsed(t, body)
	// From 1 March 2026: the first Tuesdays of April 2026 to February 2027, eleven.
	if n := doc.Find("#year li").Length(); status != http.StatusOK || n != 11 {
		t.Fatalf("status %d, %d dates: %s", status, n, text(doc.Find("main")))
	}
	dates := doc.Find("#year li")
	for i, want := range []string{"7 April 2026, 08:00", "5 May 2026, 08:00", "2 June 2026, 08:00"} {
		if got := text(dates.Eq(i).Find("strong")); !strings.Contains(got, want) {
			t.Errorf("date %d is %s, want %s", i, got, want)
		}
	}
	packs := func(i int) string { return text(dates.Eq(i).Contents().Not("strong, .note")) }
	if packs(0) == packs(1) || packs(0) != packs(2) {
		t.Errorf("the modules do not take turns: %q, %q, %q", packs(0), packs(1), packs(2))
	}
	// Intake has 4 people, which is fewer than k.
	if got := text(doc.Find("#plan")); !strings.Contains(got, "46 people in 4 groups") || !strings.Contains(got, "Intake") || !strings.Contains(got, "On paper: Hospital") {
		t.Errorf("whom it asks: %s", got)
	}
	if all, _ := h.store.Programmes(t.Context()); len(all) != 0 {
		t.Fatal("the preview has stored something")
	}
	carried := carriedOf(doc)
	if _, body = b.post(newProgrammePath, with(carried, "step", "again")); text(parsed(t, body).Find("h1")) != "New programme" {
		t.Fatal("no way back to the form")
	}
	if back := fieldsOf(parsed(t, body)); !maps.EqualFunc(back, form, slices.Equal) {
		t.Errorf("the way through the preview lost something:\n%v\n%v", back, form)
	}
	if status, _ := b.post(newProgrammePath, with(carried, "step", "save")); status != http.StatusSeeOther {
		t.Fatalf("save: status %d", status)
	}
	p, err := h.store.Programme(t.Context(), "check")
	must(t, err)
	if p.Repeat != "FREQ=MONTHLY;INTERVAL=1;BYDAY=1TU" || !p.Active || len(p.Reminders) != 2 || p.Reminders[1].String() != "5d@14:30" || p.K != 5 || len(p.Paper) != 1 || p.OpenDays != 7 {
		t.Errorf("stored %+v", p)
	}
	h.wantDone(adminMail+" access.signed_in", adminMail+" programme.added check")
	if doc, _ := b.page(programmesPath + "?done=added&of=check"); !strings.Contains(text(doc.Find("#programme-check")), "every month, on the first Tuesday") {
		t.Errorf("the list: %s", text(doc.Find("#programme-check")))
	}
}

// carriedOf are the hidden fields of a preview.
func carriedOf(doc *goquery.Document) url.Values {
	carried := make(url.Values)
	doc.Find("#plan input[type=hidden]").Each(func(_ int, in *goquery.Selection) { carried.Add(in.AttrOr("name", ""), in.AttrOr("value", "")) })
	return carried
}

// fieldsOf is what a browser would send of the form of a programme.
func fieldsOf(doc *goquery.Document) url.Values {
	sent := make(url.Values)
	doc.Find("main form input, main form select").Each(func(_ int, in *goquery.Selection) {
		name, value := in.AttrOr("name", ""), in.AttrOr("value", "")
		_, checked := in.Attr("checked")
		switch kind := in.AttrOr("type", ""); {
		case goquery.NodeName(in) == "select":
			value = in.Find("option[selected]").AttrOr("value", "")
			if name == "unit" && in.Find("option[selected]").Index() == 0 {
				return // the whole organisation
			}
		case (kind == "checkbox" || kind == "radio") && !checked:
			return
		}
		if value != "" {
			sent.Add(name, value)
		}
	})
	return sent
}

func TestEverythingThatIsWrongWithAProgrammeIsSaidAtOnceAndNothingTypedIsLost(t *testing.T) {
	h := newStaffHouseWith(t, func(ctx context.Context, h *staffHouse) { must(h.t, h.store.AddProgramme(ctx, monthly(h))) })
	b := h.as(adminMail)
	for name, c := range map[string]struct {
		change func(url.Values)
		fields []string
	}{
		"nothing filled in": {func(f url.Values) { clear(f) }, []string{
			"name", "packs", "repeat", "starts", "opens_at", "open_days", "closes_at", "lead_days", "results_days", "owner", "contact", "k",
		}},
		"a rule of each part": {func(f url.Values) {
			f.Set("name", "monthly")
			f.Set("open_days", "0")
			f.Set("closes_at", "07:00")
			f.Set("lead_days", "46")
			f.Set("reminders", "2, 900")
			f.Set("owner", " ")
			f.Set("k", "4")
			f["paper"] = []string{"nowhere"}
		}, []string{"name", "closes_at", "lead_days", "reminders", "owner", "k", "paper"}},
		"too often":         {func(f url.Values) { f.Set("how", "weeks"); f.Set("every", "2") }, []string{"repeat"}},
		"a rule of its own": {func(f url.Values) { f.Set("how", "rule"); f.Set("rule", "FREQ=SOMETIMES") }, []string{"repeat"}},
		"a pack twice":      {func(f url.Values) { f["module"] = []string{"pulse"} }, []string{"packs"}},
		"words":             {func(f url.Values) { f.Set("open_days", "a week") }, []string{"open_days"}},
		"a unit is gone":    {func(f url.Values) { f.Set("unit", "gone") }, []string{"unit"}},
	} {
		t.Run(name, func(t *testing.T) {
			form := typedForm(c.change)
			status, body := b.post(newProgrammePath, with(form, "step", "save"))
			doc := parsed(t, body)
			var got []string
			doc.Find(".fault[id$=-fault]").Each(func(_ int, f *goquery.Selection) { got = append(got, strings.TrimSuffix(f.AttrOr("id", ""), "-fault")) })
			slices.Sort(got)
			slices.Sort(c.fields)
			if status != http.StatusUnprocessableEntity || !slices.Equal(got, c.fields) {
				t.Errorf("status %d, faults at %v, want %v: %s", status, got, c.fields, text(doc.Find("#faults")))
			}
			doc.Find("#faults a").Each(func(_ int, a *goquery.Selection) {
				if href := a.AttrOr("href", ""); doc.Find(href).Length() != 1 {
					t.Errorf("%s leads nowhere", href)
				}
			})
			if said := text(doc.Find("main .fault")); strings.Contains(said, "--") || strings.Contains(said, "attune ") {
				t.Errorf("a command is named: %s", said)
			}
			if len(form) > 0 {
				if back := fieldsOf(doc); back.Get("name") != form.Get("name") || back.Get("contact") != form.Get("contact") || back.Get("open_days") != form.Get("open_days") {
					t.Errorf("lost: %v", back)
				}
			}
		})
	}
	if all, _ := h.store.Programmes(t.Context()); len(all) != 1 {
		t.Errorf("%d programmes", len(all))
	}
}

func TestAChangeHoldsForWavesThatAreNotAnnounced(t *testing.T) {
	h := newStaffHouseWith(t, func(ctx context.Context, h *staffHouse) {
		p := monthly(h)
		p.Pauses = []survey.Pause{{From: "2026-06-01", To: "2026-06-30"}}
		must(h.t, h.store.AddProgramme(ctx, p))
		root, err := h.store.EnsureOrganisation(ctx, "")
		must(h.t, err)
		o := p.On(time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC), time.UTC)
		w := survey.Wave{
			ID: "2026-03", Programme: p.ID, State: survey.Planned, Scope: root.ID, Opens: o.Opens, Closes: o.Closes, ResultsOn: o.ResultsOn,
			Owner: p.Owner, Contact: p.Contact, K: 5, Tag: "7KQ", Packs: []survey.PackRef{},
		}
		must(h.t, h.store.CreateOccurrence(ctx, w, o.Date))
	})
	b := h.as(adminMail)
	doc, _ := b.page(programmesPath + "/monthly/change")
	form := fieldsOf(doc)
	if form.Get("which") != "1" || form.Get("weekday") != "2" || len(form["module"]) != 2 || form.Get("seen") == "" {
		t.Fatalf("the form: %v", form)
	}
	form = with(with(form, "owner", "Kim Lee"), "weekday", "3")
	path := programmesPath + "/monthly/change"
	status, body := b.post(path, with(form, "step", "preview"))
	doc = parsed(t, body)
	if got := text(doc.Find("#plan")); status != http.StatusOK || !strings.Contains(got, "March 2026 (planned) keeps its dates, 3 March 2026 to 10 March 2026") || !strings.Contains(got, "Ana Ruiz as the one") {
		t.Errorf("what stays: status %d, %s", status, got)
	}
	// The modules go on in turn: one wave has been made.
	if got := text(doc.Find("#year li").First()); !strings.Contains(got, "4 March 2026") {
		t.Errorf("the first date of the new plan: %s", got)
	}
	if !strings.Contains(text(doc.Find("#year")), "3 June 2026, 08:00 – 10 June 2026, 20:00 pause: nothing opens") {
		t.Errorf("the pause is gone: %s", text(doc.Find("#year")))
	}
	// Somebody else is quicker.
	must(t, h.store.ChangeProgramme(t.Context(), "monthly", func(p *survey.Programme) error { p.K = 6; return nil }))
	if status, body = b.post(path, with(form, "step", "save")); status != http.StatusUnprocessableEntity || !strings.Contains(text(parsed(t, body).Find("#faults")), "Somebody else has changed monthly") {
		t.Errorf("a change over somebody else's: status %d", status)
	}
	doc, _ = b.page(path)
	form = with(form, "seen", fieldsOf(doc).Get("seen"))
	if status, _ = b.post(path, with(form, "step", "save")); status != http.StatusSeeOther {
		t.Fatalf("save: status %d", status)
	}
	p, err := h.store.Programme(t.Context(), "monthly")
	must(t, err)
	if p.Owner != "Kim Lee" || p.Repeat != "FREQ=MONTHLY;INTERVAL=1;BYDAY=1WE" || len(p.Pauses) != 1 || !p.Active {
		t.Errorf("stored %+v", p)
	}
	waves, err := h.waves.Waves(t.Context())
	must(t, err)
	if len(waves) != 1 || waves[0].Owner != "Ana Ruiz" {
		t.Errorf("the planned wave has changed: %+v", waves)
	}
	h.wantDone(adminMail+" access.signed_in", adminMail+" programme.changed monthly")
}

// The rule of 21 days is held against what is promised and against what other
// programmes are going to ask.
func TestThePreviewSaysWhichDatesStandInEachOthersWay(t *testing.T) {
	h := newStaffHouseWith(t, func(ctx context.Context, h *staffHouse) {
		must(h.t, h.store.AddProgramme(ctx, monthly(h))) // first Tuesdays, the whole organisation
		h.announce(ctx, time.Date(2026, 3, 30, 9, 0, 0, 0, time.UTC), false)
	})
	b := h.as(adminMail)
	_, body := b.post(newProgrammePath, with(typedForm(func(f url.Values) { f.Set("which", "3"); f.Set("unit", string(h.units["Hospital"])) }), "step", "preview"))
	doc := parsed(t, body)
	first := doc.Find("#year li").First() // 21 April: 22 days after 30 March, 14 after 7 April
	if got := text(first.Find(".against")); !strings.Contains(got, "monthly") || strings.Contains(got, "2026-03") {
		t.Errorf("21 April: %s", got)
	}
	_, body = b.post(newProgrammePath, with(typedForm(func(f url.Values) { f.Set("which", "2") }), "step", "preview"))
	doc = parsed(t, body)
	if got := text(doc.Find("#year li").First().Find(".against")); !strings.Contains(got, "2026-03") { // 14 April
		t.Errorf("14 April: %s", got)
	}
	if got := text(doc.Find("#warnings")); !strings.Contains(got, "dates that would be refused: 1") || !strings.Contains(got, "Dates too near to another wave to come: 11") {
		t.Errorf("warnings: %s", got)
	}
	_, body = b.post(newProgrammePath, with(typedForm(func(f url.Values) { f.Set("unit", string(h.units["Children / Intake"])) }), "step", "preview"))
	if got := text(parsed(t, body).Find("#warnings")); !strings.Contains(got, "4 people") {
		t.Errorf("a unit with fewer people than k: %s", got)
	}
}

func TestACopyHasEverythingButTheName(t *testing.T) {
	h := newStaffHouseWith(t, func(ctx context.Context, h *staffHouse) { must(h.t, h.store.AddProgramme(ctx, monthly(h))) })
	b := h.as(adminMail)
	doc, _ := b.page(newProgrammePath + "?copy=monthly")
	form := fieldsOf(doc)
	if form.Get("name") != "" || form.Get("owner") != "Ana Ruiz" || len(form["module"]) != 2 || form.Get("seen") != "" || form.Get("starts") != "2026-03-22" {
		t.Errorf("the copy: %v", form)
	}
	if status, _ := b.get(newProgrammePath + "?copy=nothing"); status != http.StatusNotFound {
		t.Errorf("a copy of nothing: status %d", status)
	}
}

func TestAUnitThatAProgrammeAsksStaysInUse(t *testing.T) {
	h := newStaffHouseWith(t, func(ctx context.Context, h *staffHouse) {
		id, err := h.store.AddUnit(ctx, h.units["Children"], "New team")
		must(h.t, err)
		h.units["new"] = id
		p := monthly(h)
		p.Scope = id
		must(h.t, h.store.AddProgramme(ctx, p))
	})
	b := h.as(adminMail)
	path := organisationPath + "/" + string(h.units["new"])
	status, body := b.post(path+"/change", url.Values{"do": {"retire"}})
	if got := text(parsed(t, body).Find(".fault")); status != http.StatusConflict || !strings.Contains(got, "“New team” stays in use: monthly asks it") {
		t.Errorf("status %d, %s", status, got)
	}
	must(t, h.store.ChangeProgramme(t.Context(), "monthly", func(p *survey.Programme) error { p.Scope = ""; return nil }))
	if status, _ = b.post(path+"/change", url.Values{"do": {"retire"}}); status != http.StatusSeeOther {
		t.Errorf("after the programme was changed: status %d", status)
	}
}

func TestAnImportThatEmptiesAUnitThatAProgrammeAsksSaysThatItStays(t *testing.T) {
	h := newStaffHouseWith(t, func(ctx context.Context, h *staffHouse) {
		p := monthly(h)
		p.Scope = h.units["Hospital / Day clinic"]
		must(h.t, h.store.AddProgramme(ctx, p))
	})
	b := h.as(adminMail)
	status, body := b.send(peoplePath+"/import", "staff.csv", []byte("email,name,unit,language\nstaff0@riverside.example,Person 0,Children / Duty team,\n"), nil)
	doc := parsed(t, body)
	if got := text(doc.Find(".fault")); status != http.StatusOK || !strings.Contains(got, "Hospital / Day clinic stays in use although nobody is left in it: monthly") {
		t.Errorf("status %d, %s", status, got)
	}
}
