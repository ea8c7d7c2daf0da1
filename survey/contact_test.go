package survey

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func names(contacts []Contact) string {
	var list []string
	for _, c := range contacts {
		list = append(list, c.Name)
	}
	return strings.Join(list, " ")
}

func TestTheNearestContactComesFirstThenTheOneWhoSpeaksTheLanguage(t *testing.T) {
	all := []Contact{
		{Name: "week-here", Tier: TierWeek, Site: "north", Order: 1},
		{Name: "everybody", Tier: TierToday, Order: 2},
		{Name: "everybody-fr", Tier: TierToday, Language: "fr", Order: 3},
		{Name: "children", Tier: TierToday, Site: "children", Order: 4},
		{Name: "north-any-language", Tier: TierToday, Site: "north", Order: 5},
		{Name: "north-fr", Tier: TierToday, Site: "north", Language: "fr", Order: 6},
		{Name: "north-es", Tier: TierToday, Site: "north", Language: "es", Order: 7},
		{Name: "south", Tier: TierToday, Site: "south", Order: 8},
		{Name: "any-es", Tier: TierAny, Language: "es", Order: 9},
	}
	north, south := []UnitID{"north", "children", "org"}, []UnitID{"south", "children", "org"}
	for _, c := range []struct {
		why, language string
		lines         [][]UnitID
		want          string
	}{
		{"north in French", "fr", [][]UnitID{north}, "north-fr north-any-language children everybody-fr everybody week-here any-es"},
		{"north in English: no other language, but in the tier that has nobody else", "en", [][]UnitID{north}, "north-any-language children everybody week-here any-es"},
		{"a group of two teams has the contacts of both", "en", [][]UnitID{north, south}, "north-any-language south children everybody week-here any-es"},
		{"a unit above has none of those below", "en", [][]UnitID{{"children", "org"}}, "children everybody any-es"},
		{"nobody knows the team", "fr", nil, "everybody-fr everybody any-es"},
	} {
		if got := names(HelpFor(all, c.lines...).In(c.language)); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
}

func TestSomebodyForTodayCoversAWaveOnlyFromItsScopeUpward(t *testing.T) {
	scope := []UnitID{"children", "org"}
	for name, c := range map[string]struct {
		contact Contact
		want    bool
	}{
		"everywhere":       {Contact{Tier: TierToday}, true},
		"the scope itself": {Contact{Tier: TierToday, Site: "children"}, true},
		"a part of it":     {Contact{Tier: TierToday, Site: "north"}, false},
		"another tier":     {Contact{Tier: TierWeek}, false},
		"another language": {Contact{Tier: TierToday, Language: "es"}, true}, // better than nobody
	} {
		if _, got := HelpFor([]Contact{c.contact}, scope).Today("en"); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// Whoever is listed for everybody in every language is seen by everybody, and
// nobody sees a contact of a site that they are not in.
func TestNoSiteHidesAContactForEverybodyAndNoneIsShownElsewhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := []UnitID{"a", "b", "org"}
		var all []Contact
		for i := range rapid.IntRange(0, 8).Draw(t, "contacts") {
			all = append(all, Contact{
				Tier: rapid.SampledFrom(Tiers()).Draw(t, "tier"), Site: rapid.SampledFrom([]UnitID{"", "a", "b", "z"}).Draw(t, "site"),
				Language: rapid.SampledFrom([]string{"", "en", "fr"}).Draw(t, "language"), Order: i,
			})
		}
		shown := HelpFor(all, line).In("en")
		for _, c := range all {
			in := slices.Contains(shown, c)
			switch {
			case c.Site == "z" && in:
				t.Fatalf("%+v is for another site", c)
			case c.Site != "z" && c.Language != "fr" && !in:
				t.Fatalf("%+v is not shown", c)
			}
		}
		for tier, before := 0, 0; before < len(shown); before++ {
			at := slices.Index(Tiers(), shown[before].Tier)
			if at < tier {
				t.Fatal("a later tier stands before an earlier one")
			}
			tier = at
		}
	})
}

const contactHeader = "site,tier,language,name,reach,hours,what_happens\n"

func contactTree(t testing.TB) Tree {
	t.Helper()
	tree, err := NewTree([]Unit{{ID: "o", Name: "Org"}, {ID: "c", Parent: "o", Name: "Children"}, {ID: "n", Parent: "c", Name: "North"}})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestAListOfContactsIsReadInItsOrder(t *testing.T) {
	list := "\ufefftier;site;language;name;reach;hours;what_happens\r\n" +
		"Today;Children/ North;FR;\"Ana; Ruiz\";  extension   12 ;8–20;\r\n" +
		";;;;;;\r\n" +
		"any;org;;x;y;;\r\n"
	list = strings.Replace(list, ";org;", ";Org;", 1) // the organisation itself is everywhere
	got, faults, err := ParseContacts(strings.NewReader(list), contactTree(t))
	if err != nil || len(faults) > 0 {
		t.Fatal(err, faults)
	}
	want := []Contact{
		{Site: "n", Tier: TierToday, Language: "fr", Name: "Ana; Ruiz", Reach: "extension 12", Hours: "8–20", Order: 1},
		{Tier: TierAny, Name: "x", Reach: "y", Order: 2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if line := got[0].Line(); line != "Ana; Ruiz, extension 12, 8–20" {
		t.Error(line)
	}
}

func TestEveryFaultOfAListOfContactsHasItsLineAndColumn(t *testing.T) {
	for name, c := range map[string]struct {
		list         string
		line, column int
		key          string
	}{
		"empty":           {"", 1, 1, "error.contact.none"},
		"only columns":    {contactHeader, 1, 1, "error.contact.none"},
		"missing column":  {"site,tier,language,name,reach,hours\n", 1, 1, "error.people.column_missing"},
		"unknown column":  {"x," + contactHeader, 1, 1, "error.contact.column_unknown"},
		"column twice":    {"site," + contactHeader, 1, 6, "error.people.column_twice"},
		"tier":            {contactHeader + ",now,,a,b,,\n", 2, 2, "error.contact.tier"},
		"language":        {contactHeader + ",any,de,a,b,,\n", 2, 6, "error.contact.language"},
		"site":            {contactHeader + "South,any,,a,b,,\n", 2, 1, "error.contact.site"},
		"no name":         {contactHeader + ",any,,,b,,\n", 2, 7, "error.contact.empty"},
		"no way":          {contactHeader + ",any,,a,,,\n", 2, 9, "error.contact.empty"},
		"long":            {contactHeader + ",any,,a," + strings.Repeat("é", MaxContactReach+1) + ",,\n", 2, 9, "error.contact.long"},
		"too few fields":  {contactHeader + ",any,,a,b,\n", 2, 1, "error.people.fields"},
		"open quote":      {contactHeader + ",any,,\"a,b,,\n", 2, 7, "error.people.quote_open"},
		"unseen":          {contactHeader + ",any,,a\u202e,b,,\n", 2, 7, "error.people.hidden"},
		"not UTF-8":       {contactHeader + ",any,,\xff,b,,\n", 2, 7, "error.people.not_utf8"},
		"one too many":    {contactHeader + strings.Repeat(",any,,a,b,,\n", MaxContacts+1), MaxContacts + 2, 1, "error.contact.too_many"},
		"one huge column": {contactHeader + strings.Repeat(" ", maxContactsBytes), 1, 1, "error.contact.too_large"},
	} {
		contacts, faults, err := ParseContacts(strings.NewReader(c.list), contactTree(t))
		if err != nil {
			t.Fatal(err)
		}
		found := slices.ContainsFunc(faults, func(f Fault) bool { return f.Line == c.line && f.Column == c.column && f.Error.Key == c.key })
		if !found || contacts != nil {
			t.Errorf("%s: %+v with %d contacts, want %s at %d:%d", name, faults, len(contacts), c.key, c.line, c.column)
		}
	}
}

func TestTheLongestContactFitsIntoAWave(t *testing.T) {
	c := Contact{
		Tier: TierToday, Name: strings.Repeat("é", MaxContactName), Reach: strings.Repeat("é", MaxContactReach),
		Hours: strings.Repeat("é", MaxContactHours), WhenICall: strings.Repeat("é", MaxContactCall),
	}
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	if n := len([]rune(c.Line())); n > maxProgrammeContact { // 500, as for a wave
		t.Errorf("%d characters", n)
	}
	c.Hours = "9\n17"
	if err := c.Check(); !IsKey(err, "error.contact.line") {
		t.Error(err)
	}
}

func FuzzParseContacts(f *testing.F) {
	f.Add([]byte(contactHeader + "Children / North,today,fr,Ana,12,8,\n"))
	f.Add([]byte("site;tier\n\"\n"))
	tree := contactTree(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		contacts, faults, err := ParseContacts(strings.NewReader(string(raw)), tree)
		if err != nil || (len(contacts) == 0) == (len(faults) == 0) {
			t.Fatalf("%d contacts, %d faults, %v", len(contacts), len(faults), err)
		}
		for i, c := range contacts {
			if c.Check() != nil || c.Order != i+1 {
				t.Fatalf("%+v was read", c)
			}
		}
	})
}

// What is written is read back as it was.
func TestAListOfContactsIsReadBackAsItWasWritten(t *testing.T) {
	tree, err := NewTree([]Unit{{ID: "org", Name: "Harbour"}, {ID: "north", Name: "North, \"old\" wing", Parent: "org"}})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := func(most int) *rapid.Generator[string] {
			return rapid.Map(rapid.StringOfN(rapid.RuneFrom([]rune(`aé";,=+' 9`)), 1, most, -1), func(s string) string { return "x" + strings.Join(strings.Fields(s), " ") })
		}
		var list []Contact
		for i := range rapid.IntRange(1, 6).Draw(t, "contacts") {
			list = append(list, Contact{
				Site: rapid.SampledFrom([]UnitID{"", "north"}).Draw(t, "site"), Tier: rapid.SampledFrom(Tiers()).Draw(t, "tier"),
				Language: rapid.SampledFrom([]string{"", "en", "es"}).Draw(t, "language"), Name: text(20).Draw(t, "name"),
				Reach: text(20).Draw(t, "reach"), Hours: text(20).Draw(t, "hours"), WhenICall: text(20).Draw(t, "call"), Order: i + 1,
			})
		}
		var file strings.Builder
		if err := WriteContacts(&file, tree, append(slices.Clone(list), Contact{Site: "gone", Tier: TierToday, Name: "left out", Reach: "1"})); err != nil {
			t.Fatal(err)
		}
		back, faults, err := ParseContacts(strings.NewReader(file.String()), tree)
		if err != nil || len(faults) > 0 {
			t.Fatalf("%v %v in\n%s", err, faults, file.String())
		}
		if diff := cmp.Diff(list, back); diff != "" {
			t.Errorf("%s\nin\n%s", diff, file.String())
		}
	})
}
