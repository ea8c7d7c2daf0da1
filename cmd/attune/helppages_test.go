package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"attune/survey"
)

// The names of the demo's contacts by language: everybody's, and those of the
// department that answers on paper.
func demoNames(t *testing.T, lang string) (everywhere, site, elsewhere string) {
	t.Helper()
	switch lang {
	case "en":
		return "Occupational health (made up)", "Night desk for staff (made up)", "Jo Placeholder"
	case "fr":
		return "Santé au travail (fictif)", "Permanence de nuit du personnel (fictif)", "Camille Fictif"
	case "es":
		return "Salud laboral (inventado)", "Guardia nocturna para el personal (inventado)", "Alex Inventado"
	}
	t.Fatalf("no contact speaks %s", lang)
	return "", "", ""
}

// contacts are those that the page shows, by their lines.
func (v *guest) contacts(within string) []string {
	v.t.Helper()
	return value[[]string](v.ctx, v.t, `[...document.querySelectorAll("`+within+` .contact")].filter((c) => c.checkVisibility()).map((c) => c.innerText)`)
}

// helped holds the help page, where nobody's team is known: the contacts for
// everybody, in the reader's language, with hours and what happens.
func (v *guest) helped(lang string) {
	v.t.Helper()
	everywhere, site, elsewhere := demoNames(v.t, lang)
	shown := v.contacts("main")
	all := strings.Join(shown, "\n\n")
	if len(shown) != 3 || !strings.HasPrefix(shown[0], "Sam E") { // one of each tier
		v.t.Errorf("help (%s) shows %d contacts, Sam is not the first:\n%s", lang, len(shown), all)
	}
	hours, _, _ := strings.Cut(v.tour.site.Text(lang, "help.hours", map[string]any{"hours": "\x00"}), "\x00")
	call, _, _ := strings.Cut(v.tour.site.Text(lang, "help.call", map[string]any{"what": "\x00"}), "\x00")
	for _, want := range []string{everywhere, hours, call, "555 01"} {
		if !strings.Contains(all, want) {
			v.t.Errorf("help (%s) lacks %q:\n%s", lang, want, all)
		}
	}
	for _, other := range []string{site, elsewhere} {
		if strings.Contains(all, other) {
			v.t.Errorf("help (%s) names %q, who is there for one site", lang, other)
		}
	}
}

// helpedAtSite holds the page after a slip's ballot was received: the contact
// of the department first, and none of another.
func (v *guest) helpedAtSite(lang string) {
	v.t.Helper()
	_, site, elsewhere := demoNames(v.t, lang)
	shown := v.contacts("#received")
	if len(shown) != 4 || !strings.HasPrefix(shown[0], site) || !strings.HasPrefix(shown[1], "Sam E") {
		v.t.Errorf("received (%s): %q, want %q first, then Sam, four in all", lang, shown, site)
	}
	if slices.ContainsFunc(shown, func(c string) bool { return strings.HasPrefix(c, elsewhere) }) {
		v.t.Errorf("received (%s) names %q of another department", lang, elsewhere)
	}
}

// Somebody who tries the demo must see at once that nobody would answer.
func TestTheDemosContactsAreVisiblyFictional(t *testing.T) {
	tree, err := survey.NewTree([]survey.Unit{
		{ID: "o", Name: demoOrganisation}, {ID: "c", Parent: "o", Name: "Children and Families"}, {ID: "h", Parent: "o", Name: "Hospital and Crisis"},
	})
	if err != nil {
		t.Fatal(err)
	}
	contacts, faults, err := survey.ParseContacts(strings.NewReader(demoContacts), tree)
	if err != nil || len(faults) > 0 {
		t.Fatal(err, faults)
	}
	spoken := make(map[survey.UnitID]map[string]bool)
	for _, c := range contacts {
		said := strings.Contains(c.Name, "(made up)") || c.Language == "fr" && strings.Contains(c.Name, "(fictif)") || c.Language == "es" && strings.Contains(c.Name, "(inventado)")
		if !said {
			t.Errorf("%s does not say that it is made up", c.Name)
		}
		if spoken[c.Site] == nil {
			spoken[c.Site] = make(map[string]bool)
		}
		spoken[c.Site][c.Language] = true
	}
	for _, site := range []survey.UnitID{"c", "h"} {
		for _, lang := range survey.PeopleLanguages() {
			if !spoken[site][lang] {
				t.Errorf("site %s has no contact in %s", site, lang)
			}
		}
	}
}

// contactList sends a changed list of contacts, takes it and takes it back.
func (v *guest) contactList() {
	v.t.Helper()
	v.fetched("/console/contacts/attune-contacts.csv")
	list := filepath.Join(v.t.TempDir(), "contacts.csv")
	changed := strings.Replace(demoContacts, "Sam", "Sammy", 1)
	if err := os.WriteFile(list, []byte(changed), 0o600); err != nil {
		v.t.Fatal(err)
	}
	v.open("/console/contacts")
	v.choose(list)
	v.follow(".fields button[type=submit]")
	v.until(`document.querySelector("#pending")`)
	v.judge("contacts not taken yet")
	v.follow("#pending button")
	v.until(`document.querySelector(".done")`)
	v.judge("contacts taken")
	v.follow(".done + form button")
	v.until(`document.querySelector(".done") && !document.querySelector("main").innerText.includes("Sammy")`)
}
