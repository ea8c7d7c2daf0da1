package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"attune/survey"
)

// paths lists the units in use by path, which fails when they form no tree.
func paths(t testing.TB, s *Store) []string {
	t.Helper()
	units, err := s.Units(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tree, err := survey.NewTree(units)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, u := range tree.Units()[1:] {
		all = append(all, tree.Path(u.ID))
	}
	return all
}

// unitAt finds the id of a path.
func unitAt(t testing.TB, s *Store, path string) survey.UnitID {
	t.Helper()
	units, err := s.Units(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tree, err := survey.NewTree(units)
	if err != nil {
		t.Fatal(err)
	}
	u, ok := tree.ByPath(path)
	if !ok {
		t.Fatalf("no unit %q", path)
	}
	return u.ID
}

// importStaff brings "name: unit" lines in, as a file of people without e-mail.
func importStaff(t testing.TB, s *Store, lines ...string) {
	t.Helper()
	units, err := s.Units(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tree, err := survey.NewTree(units)
	if err != nil {
		t.Fatal(err)
	}
	people, err := s.People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]survey.PersonRow, len(lines))
	for i, line := range lines {
		name, unit, _ := strings.Cut(line, ": ")
		rows[i] = survey.PersonRow{Line: i + 2, Email: name + "@example.org", Name: name, Unit: unit}
	}
	plan, faults := survey.PlanImport(tree, people, rows, randomID)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if err := s.ApplyImport(t.Context(), plan); err != nil {
		t.Fatal(err)
	}
}

func withStaff(t *testing.T, lines ...string) *Store {
	t.Helper()
	s := newStore(t)
	_, err := s.EnsureOrganisation(t.Context(), "Org")
	must(t, err)
	importStaff(t, s, lines...)
	return s
}

func TestTheOrganisationIsMadeOnceAndRenamed(t *testing.T) {
	s := newStore(t)
	first, err := s.EnsureOrganisation(t.Context(), " Child  Services ")
	must(t, err)
	if first.Name != "Child Services" || first.Parent != "" || first.ID == "" {
		t.Fatalf("%+v", first)
	}
	for _, step := range []struct{ name, want string }{
		{"", "Child Services"}, {"Child Services", "Child Services"}, {"Family Services", "Family Services"}, {"", "Family Services"},
	} {
		got, err := s.EnsureOrganisation(t.Context(), step.name)
		must(t, err)
		if got.ID != first.ID || got.Name != step.want {
			t.Fatalf("after %q: %+v", step.name, got)
		}
	}
	units, err := s.Units(t.Context())
	must(t, err)
	if len(units) != 1 {
		t.Fatalf("%v", units)
	}
}

func TestAnImportIsAppliedAsPlanned(t *testing.T) {
	s := withStaff(t, "Ana: North / Duty", "Ben: North", "Cleo: South")
	if diff := cmp.Diff([]string{"North", "North / Duty", "South"}, paths(t, s)); diff != "" {
		t.Fatal(diff)
	}
	importStaff(t, s, "Ana: South", "Ben: North", "Dora: South")
	people, err := s.People(t.Context())
	must(t, err)
	south, north := unitAt(t, s, "South"), unitAt(t, s, "North")
	var got []string
	for _, p := range people {
		got = append(got, fmt.Sprintf("%s %v south=%v north=%v", p.Name, p.Active, p.Unit == south, p.Unit == north))
	}
	want := []string{
		"Ana true south=true north=false", "Ben true south=false north=true",
		"Cleo false south=true north=false", "Dora true south=true north=false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	if diff := cmp.Diff([]string{"North", "South"}, paths(t, s)); diff != "" {
		t.Fatal(diff)
	}
	checkForeignKeys(t, s)
}

func TestNumbersAreStoredChangedAndRemovedByImports(t *testing.T) {
	s := withStaff(t, "ana: North")
	number := func() string {
		t.Helper()
		people, err := s.People(t.Context())
		must(t, err)
		if len(people) != 1 {
			t.Fatalf("%v", people)
		}
		return people[0].Phone
	}
	bring := func(phone string, has bool) {
		t.Helper()
		units, err := s.Units(t.Context())
		must(t, err)
		tree, err := survey.NewTree(units)
		must(t, err)
		people, err := s.People(t.Context())
		must(t, err)
		row := survey.PersonRow{Line: 2, Email: "ana@example.org", Name: "ana", Unit: "North", Phone: phone, PhoneListed: has}
		plan, faults := survey.PlanImport(tree, people, []survey.PersonRow{row}, randomID)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		must(t, s.ApplyImport(t.Context(), plan))
	}
	for _, step := range []struct {
		phone string
		has   bool
		want  string
	}{
		{"+353871234567", true, "+353871234567"},
		{"", false, "+353871234567"},
		{"+353871234568", true, "+353871234568"},
		{"", true, ""},
		{"", false, ""},
	} {
		if bring(step.phone, step.has); number() != step.want {
			t.Fatalf("after %+v: %q", step, number())
		}
	}
}

func TestAUnitThatComesBackHasItsOldID(t *testing.T) {
	s := withStaff(t, "Ana: North / Duty", "Ben: South")
	duty, north := unitAt(t, s, "North / Duty"), unitAt(t, s, "North")
	importStaff(t, s, "Ben: South")
	if diff := cmp.Diff([]string{"South"}, paths(t, s)); diff != "" {
		t.Fatal(diff)
	}
	importStaff(t, s, "Ben: South", "Cleo: North / Duty")
	if unitAt(t, s, "North / Duty") != duty || unitAt(t, s, "North") != north {
		t.Fatal("the units were made anew")
	}
	checkForeignKeys(t, s)
}

func TestAUnitStaysWhenSomebodyIsInOrUnderIt(t *testing.T) {
	s := withStaff(t, "Ana: North / Duty", "Ben: South")
	north, south := unitAt(t, s, "North"), unitAt(t, s, "South")
	must(t, s.ApplyImport(t.Context(), survey.ImportPlan{EmptiedUnits: []survey.Unit{{ID: north}, {ID: south}}}))
	if diff := cmp.Diff([]string{"North", "North / Duty", "South"}, paths(t, s)); diff != "" {
		t.Fatal(diff)
	}
}

func TestAnEmptiedUnitStaysAboveAnEmptyOneThatStays(t *testing.T) {
	s := withStaff(t, "Ana: North / Duty", "Ben: South")
	ana, err := s.People(t.Context())
	must(t, err)
	must(t, s.ApplyImport(t.Context(), survey.ImportPlan{
		Deactivate: ana[:1], EmptiedUnits: []survey.Unit{{ID: unitAt(t, s, "North")}}, // Duty is not named
	}))
	if diff := cmp.Diff([]string{"North", "North / Duty", "South"}, paths(t, s)); diff != "" {
		t.Fatal(diff)
	}
}

func TestAStalePlanChangesNothing(t *testing.T) {
	s := withStaff(t, "Ana: North", "Ben: South")
	before, err := s.People(t.Context())
	must(t, err)
	ana := before[0]
	renamed := ana
	renamed.Name = "Anna"
	root, err := s.EnsureOrganisation(t.Context(), "")
	must(t, err)
	for name, plan := range map[string]survey.ImportPlan{
		"unknown person":        {Update: []survey.Person{renamed, {ID: "nobody", Unit: ana.Unit}}},
		"unknown leaver":        {Update: []survey.Person{renamed}, Deactivate: []survey.Person{{ID: "nobody"}}},
		"unknown unit":          {Update: []survey.Person{renamed}, Add: []survey.Person{{ID: "p", Unit: "nowhere", Active: true}}},
		"address taken":         {Update: []survey.Person{renamed}, Add: []survey.Person{{ID: "p", Email: ana.Email, Unit: ana.Unit}}},
		"unit there already":    {Update: []survey.Person{renamed}, NewUnits: []survey.Unit{{ID: "n", Parent: root.ID, Name: "North"}}},
		"parent missing":        {NewUnits: []survey.Unit{{ID: "n", Parent: "nowhere", Name: "East"}}},
		"new units form a ring": {NewUnits: []survey.Unit{{ID: "a", Parent: "b", Name: "A"}, {ID: "b", Parent: "a", Name: "B"}}},
	} {
		t.Run(name, func(t *testing.T) {
			wantCode(t, s.ApplyImport(t.Context(), plan), survey.Conflict, "error.store.import_stale")
			after, err := s.People(t.Context())
			must(t, err)
			if diff := cmp.Diff(before, after); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]string{"North", "South"}, paths(t, s)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNewUnitsMayComeInAnyOrder(t *testing.T) {
	s := withStaff(t)
	root, err := s.EnsureOrganisation(t.Context(), "")
	must(t, err)
	must(t, s.ApplyImport(t.Context(), survey.ImportPlan{NewUnits: []survey.Unit{
		{ID: "c", Parent: "b", Name: "C"}, {ID: "b", Parent: "a", Name: "B"}, {ID: "a", Parent: root.ID, Name: "A"},
	}}))
	if diff := cmp.Diff([]string{"A", "A / B", "A / B / C"}, paths(t, s)); diff != "" {
		t.Fatal(diff)
	}
}

func TestAnyRowOfImportsLeavesTheStaffOfTheLastFile(t *testing.T) {
	s := withStaff(t)
	names := []string{"Ana", "Ben", "Cleo", "Dora", "Emil"}
	units := []string{"North", "North / Duty", "North / Duty / Night", "South", "South / Duty"}
	rapid.Check(t, func(rt *rapid.T) {
		want := make(map[string]string)
		var lines []string
		for _, name := range names {
			if rapid.Bool().Draw(rt, name+" works") {
				want[name] = rapid.SampledFrom(units).Draw(rt, name+" unit")
				lines = append(lines, name+": "+want[name])
			}
		}
		importStaff(t, s, lines...)
		list, err := s.Units(t.Context())
		must(t, err)
		tree, err := survey.NewTree(list)
		must(t, err)
		people, err := s.People(t.Context())
		must(t, err)
		got, staffed := make(map[string]string), make(map[survey.UnitID]bool)
		for _, p := range people {
			if !p.Active {
				continue
			}
			got[p.Name] = tree.Path(p.Unit)
			staffed[p.Unit] = true
			for _, up := range tree.Ancestors(p.Unit) {
				staffed[up] = true
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatal(diff)
		}
		for _, u := range tree.Units()[1:] {
			if !staffed[u.ID] {
				rt.Fatalf("%s is shown and has nobody in or under it", tree.Path(u.ID))
			}
		}
	})
	checkForeignKeys(t, s)
}

func TestRenamingAUnit(t *testing.T) {
	s := withStaff(t, "Ana: North / Duty", "Ben: South", "Cleo: South / Duty")
	duty := unitAt(t, s, "North / Duty")
	must(t, s.RenameUnit(t.Context(), duty, "  Night   duty "))
	must(t, s.RenameUnit(t.Context(), duty, "Night duty")) // its own name is not taken
	if unitAt(t, s, "North / Night duty") != duty {
		t.Fatal("the unit has another id")
	}
	north, south := unitAt(t, s, "North"), unitAt(t, s, "South")
	wantCode(t, s.RenameUnit(t.Context(), north, "South"), survey.Conflict, "error.store.unit_twice")
	wantCode(t, s.RenameUnit(t.Context(), north, " "), survey.Invalid, "error.store.unit_name")
	wantCode(t, s.RenameUnit(t.Context(), north, "North/West"), survey.Invalid, "error.store.unit_name")
	wantCode(t, s.RenameUnit(t.Context(), "nowhere", "East"), survey.NotFound, "error.store.unit_missing")
	importStaff(t, s, "Ana: North / Night duty") // South is retired: its name is free, it is not there to rename
	must(t, s.RenameUnit(t.Context(), north, "South"))
	wantCode(t, s.RenameUnit(t.Context(), south, "East"), survey.NotFound, "error.store.unit_missing")
}

func TestMovingAUnit(t *testing.T) {
	s := withStaff(t, "Ana: North / Duty / Night", "Ben: South", "Cleo: South / Duty")
	root, err := s.EnsureOrganisation(t.Context(), "")
	must(t, err)
	north, south, duty, night := unitAt(t, s, "North"), unitAt(t, s, "South"), unitAt(t, s, "North / Duty"), unitAt(t, s, "North / Duty / Night")
	wantCode(t, s.MoveUnit(t.Context(), root.ID, north), survey.Invalid, "error.store.unit_root")
	wantCode(t, s.MoveUnit(t.Context(), north, north), survey.Invalid, "error.store.unit_ring")
	wantCode(t, s.MoveUnit(t.Context(), north, night), survey.Invalid, "error.store.unit_ring")
	wantCode(t, s.MoveUnit(t.Context(), duty, south), survey.Conflict, "error.store.unit_twice")
	wantCode(t, s.MoveUnit(t.Context(), duty, "nowhere"), survey.NotFound, "error.store.unit_missing")
	wantCode(t, s.MoveUnit(t.Context(), "nowhere", duty), survey.NotFound, "error.store.unit_missing")
	must(t, s.MoveUnit(t.Context(), duty, north)) // where it is
	must(t, s.MoveUnit(t.Context(), duty, root.ID))
	if diff := cmp.Diff([]string{"Duty", "Duty / Night", "North", "South", "South / Duty"}, paths(t, s)); diff != "" {
		t.Fatal(diff)
	}
}
