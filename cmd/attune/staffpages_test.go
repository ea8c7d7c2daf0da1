package main

import (
	"slices"
	"testing"

	"attune/survey"
)

// testStaffPages looks at what everybody who works here may open: promises,
// results, and the button that stops mail.
func (h *tour) testStaffPages(t *testing.T) {
	releases, err := h.in.archive.Releases(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	released := releases[len(releases)-1].Wave()
	var keys []string
	for _, unit := range []string{"Children and Families / Duty and Assessment", "Children and Families / Family Time"} {
		key, err := h.in.waves.ResultsKey(t.Context(), released, demoUnit(t, h.in, unit))
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	v := h.guest(t)
	for _, lang := range []string{"en", "fr", "es"} {
		in := func(name string) string { return name + " (" + lang + ")" }
		v.open("/r/" + keys[0] + "?lang=" + lang)
		v.judge(in("results of a shown team"))
		v.open("/r/" + keys[1] + "?lang=" + lang)
		v.judge(in("results of a hidden team"))
		v.open("/r/nothing?lang=" + lang)
		v.judge(in("no results"))
		v.open("/log/" + string(released) + "?lang=" + lang)
		v.judge(in("promise of a released wave"))
		v.open("/log/1999-01?lang=" + lang)
		v.judge(in("promise of no wave"))
		v.open("/u/" + h.stopMail(t) + "?lang=" + lang)
		v.judge(in("stop mail"))
		v.follow("form.row button")
		v.judge(in("mail is stopped"))
		v.follow("form.row button")
	}
	v.open("/u/nothing")
	v.judge("mail of nobody")
	v.fetched("/manifest/" + string(released))
	v.fetched("/log/" + string(released) + "/client.json")
	v.fetched("/waves.ics")
}

// stopMail is the token of somebody's button that stops mail.
func (h *tour) stopMail(t *testing.T) string {
	t.Helper()
	links, err := h.in.waves.PersonLinks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		return link.Stop
	}
	t.Fatal("the demo has nobody")
	return ""
}

// testAuditPages looks at what auditors may open.
func (h *tour) testAuditPages(t *testing.T) {
	all, err := h.in.waves.Waves(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	released := all[slices.IndexFunc(all, func(w survey.Wave) bool { return w.State == survey.Released })].ID
	v := h.guest(t)
	v.signIn("auditor@example.org", "demo-works-council")
	for _, lang := range []string{"en", "fr", "es"} {
		v.open("/console/audit")
		v.follow("form.languages button[lang=" + lang + "]")
		v.judge("audit (" + lang + ")")
		v.open("/console/waves/" + string(released) + "/poster?lang=" + lang)
		v.judge("poster (" + lang + ")")
	}
	v.open("/console/audit/" + string(released)) // in the language chosen last
	v.judge("audit of a wave")
	v.follow("form.languages button[lang=en]")
	v.open("/console/audit/" + string(released))
	v.judge("audit of a wave")
	v.open("/console/audit/actions?kind=access")
	v.judge("what was done")
	v.fetched("/console/audit/attune-audit.json")
	v.fetched("/console/audit/evidence.zip")
	v.fetched("/console/audit/actions/attune-actions.csv")
	v.fetched("/console/waves/" + string(released) + "/poster.pdf")
}
