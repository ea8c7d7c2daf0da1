package wave

import (
	"strings"
	"testing"

	"attune/survey"
)

// contacts makes the support contacts those of a list.
func (h *house) contacts(list ...survey.Contact) {
	h.t.Helper()
	must(h.t, h.db.ReplaceContacts(h.t.Context(), list))
}

func TestAWaveWithoutAContactCarriesTheFirstForTodayOfEverybodyAsked(t *testing.T) {
	h := newHouse(t, []team{{"Children / North", 7}, {"Children / South", 6}, {"Court", 6}})
	week := survey.Contact{Tier: survey.TierWeek, Name: "Health", Reach: "102", Order: 1}
	children := survey.Contact{Site: h.units["Children"], Tier: survey.TierToday, Name: "Alba", Reach: "104", Hours: "8–18", Order: 2}
	north := survey.Contact{Site: h.units["Children / North"], Tier: survey.TierToday, Name: "Nan", Reach: "105", Order: 3}
	everywhere := survey.Contact{Tier: survey.TierToday, Name: "Sam", Reach: "101", Order: 4}
	spanish := children
	spanish.Language = "es"
	for _, c := range []struct {
		why      string
		contacts []survey.Contact
		unit     string
		own      string
		want     string // empty: refused
	}{
		{"no contact at all", nil, "", "", ""},
		{"none for today", []survey.Contact{week}, "", "", ""},
		{"one for a part only", []survey.Contact{week, children, north}, "", "", ""},
		{"one for a part of the part asked", []survey.Contact{north}, "Children", "", ""},
		{"one for everybody", []survey.Contact{week, children, everywhere}, "", "", "Sam, 101"},
		{"one for the part asked", []survey.Contact{week, children, everywhere}, "Children", "", "Alba, 104, 8–18"},
		{"one for every language before one nearer for one", []survey.Contact{spanish, everywhere}, "Children", "", "Sam, 101"},
		{"one for one language before none", []survey.Contact{spanish}, "Children", "", "Alba, 104, 8–18"},
		{"a contact of its own", []survey.Contact{everywhere}, "", "Extension 12", "Extension 12"},
		{"a contact of its own and no other", nil, "", "Extension 12", "Extension 12"},
	} {
		h.contacts(c.contacts...)
		r := request(day)
		r.Contact, r.Unit = c.own, h.units[c.unit]
		w, err := h.Plan(t.Context(), r)
		if c.want == "" {
			if !survey.IsKey(err, "error.wave.contact") {
				t.Errorf("%s: %v", c.why, err)
			}
			continue
		}
		if err != nil || w.Contact != c.want {
			t.Errorf("%s: %q, %v", c.why, w.Contact, err)
		}
	}
}

// The face of a wave is for everybody whom it asks; only a receipt, which knows
// the group, has the contacts of the site. Both are those of now, also when
// they change while the wave is open.
func TestAReceiptHasTheContactsOfItsGroupAndAFaceThoseOfEverybodyAsked(t *testing.T) {
	h := newHouse(t, twoTeams())
	north := survey.Contact{Site: h.units["North"], Tier: survey.TierToday, Name: "Nan", Reach: "105", Order: 1}
	everywhere := survey.Contact{Tier: survey.TierToday, Name: "Sam", Reach: "101", Order: 2}
	h.contacts(north, everywhere)
	w := h.opened()
	codes := h.codes(w.ID)
	said := func(help survey.Help) string {
		var names []string
		for _, c := range help.In("en") {
			names = append(names, c.Name)
		}
		return strings.Join(names, " ")
	}
	for team, want := range map[string]string{"North": "Nan Sam", "South": "Sam"} {
		receipt, err := h.CastPaper(t.Context(), codes[team][0], h.answers(1))
		must(t, err)
		if got := said(receipt.Help); got != want || receipt.Contact != w.Contact {
			t.Errorf("receipt of %s: %q beside %q, want %q", team, got, receipt.Contact, want)
		}
	}
	faces, err := h.OpenWaves(t.Context())
	must(t, err)
	shown, err := h.PaperWave(t.Context(), codes["North"][1])
	must(t, err)
	if said(faces[0].Help) != "Sam" || said(shown.Help) != "Sam" {
		t.Errorf("faces: %q, %q", said(faces[0].Help), said(shown.Help))
	}
	h.contacts(survey.Contact{Tier: survey.TierToday, Name: "Kim", Reach: "106", Order: 1})
	faces, err = h.OpenWaves(t.Context())
	must(t, err)
	all, err := h.Help(t.Context())
	must(t, err)
	receipt, err := h.CastPaper(t.Context(), codes["North"][0], h.answers(2))
	must(t, err)
	if said(faces[0].Help) != "Kim" || said(all) != "Kim" || said(receipt.Help) != "Kim" {
		t.Errorf("after a change: %q, %q, %q", said(faces[0].Help), said(all), said(receipt.Help))
	}
}
