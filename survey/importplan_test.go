package survey

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// counter makes ids "p1", "p2" …
func counter(prefix string) func() string {
	n := 0
	return func() string { n++; return fmt.Sprint(prefix, n) }
}

// staff is an organisation as a store keeps it.
type staff struct {
	tree   Tree
	people []Person
}

// apply does what a plan says, as the store does.
func (s staff) apply(t testing.TB, plan ImportPlan) staff {
	t.Helper()
	var units []Unit
	for _, u := range append(s.tree.Units(), plan.NewUnits...) {
		if !slices.Contains(plan.EmptiedUnits, u) {
			units = append(units, u)
		}
	}
	tree, err := NewTree(units)
	if err != nil {
		t.Fatal(err)
	}
	changed := make(map[PersonID]Person)
	for _, p := range append(slices.Clone(plan.Update), plan.Deactivate...) {
		if _, twice := changed[p.ID]; twice {
			t.Fatalf("the plan changes %s twice", p.ID)
		}
		changed[p.ID] = p
	}
	var people []Person
	for _, p := range s.people {
		if next, ok := changed[p.ID]; ok {
			p = next
			delete(changed, p.ID)
		}
		people = append(people, p)
	}
	if len(changed) > 0 {
		t.Fatalf("the plan changes people who do not exist: %v", changed)
	}
	return staff{tree, append(people, plan.Add...)}
}

// importInto imports a file that has no faults.
func importInto(t testing.TB, tree Tree, people []Person, file string) staff {
	t.Helper()
	rows, faults := parsePeople(t, file)
	if len(faults) > 0 {
		t.Fatal(listed(faults))
	}
	plan, faults := PlanImport(tree, people, rows, counter("i"))
	if len(faults) > 0 {
		t.Fatal(listed(faults))
	}
	return staff{tree, people}.apply(t, plan)
}

const columns = "email,name,unit,language\n"

// harbour is a small organisation; lines are email,name,unit,language.
func harbour(t testing.TB, lines ...string) staff {
	t.Helper()
	root, err := NewTree([]Unit{{ID: "root", Name: "Harbour"}})
	if err != nil {
		t.Fatal(err)
	}
	return importInto(t, root, nil, columns+strings.Join(lines, "\n"))
}

func (s staff) plan(t testing.TB, lines ...string) ImportPlan {
	t.Helper()
	rows, faults := parsePeople(t, columns+strings.Join(lines, "\n"))
	if len(faults) > 0 {
		t.Fatal(listed(faults))
	}
	plan, faults := PlanImport(s.tree, s.people, rows, counter("n"))
	if len(faults) > 0 {
		t.Fatal(listed(faults))
	}
	return plan
}

// told writes a plan in words, units by path.
func (s staff) told(t testing.TB, plan ImportPlan) []string {
	t.Helper()
	all, err := NewTree(append(s.tree.Units(), plan.NewUnits...))
	if err != nil {
		t.Fatal(err)
	}
	who := func(p Person) string {
		if p.Email != "" {
			return p.Email
		}
		return p.Name
	}
	out := []string{}
	for _, u := range plan.NewUnits {
		out = append(out, "new "+all.Path(u.ID))
	}
	for _, u := range plan.EmptiedUnits {
		out = append(out, "emptied "+all.Path(u.ID))
	}
	for _, p := range plan.Add {
		out = append(out, "add "+who(p)+" to "+all.Path(p.Unit))
	}
	for _, p := range plan.Update {
		out = append(out, fmt.Sprintf("update %s %q %q in %s", who(p), p.Name, p.Language, all.Path(p.Unit)))
	}
	for _, p := range plan.Deactivate {
		out = append(out, fmt.Sprintf("deactivate %s active=%v", who(p), p.Active))
	}
	for _, m := range plan.Moves {
		out = append(out, "move "+who(m.Person)+" from "+all.Path(m.From)+" to "+all.Path(m.To))
	}
	for _, r := range plan.Renames {
		out = append(out, fmt.Sprintf("%s %s to %s, %d people, share %.2f", r.Kind, all.Path(r.Old.ID), all.Path(r.New.ID), r.People, r.Share))
	}
	return out
}

func TestAFirstImportBuildsTheTreeAlongThePaths(t *testing.T) {
	root, err := NewTree([]Unit{{ID: "root", Name: "Harbour"}})
	if err != nil {
		t.Fatal(err)
	}
	s := staff{tree: root}
	plan := s.plan(t, "a@x.org,Ann,Children / North / Duty,en", ",Bo,Children / North,", "c@x.org,Cy,,fr", "d@x.org,Di,Harbour,", "e@x.org,Ed,Children / South / Duty,")
	want := []string{
		"new Children", "new Children / North", "new Children / North / Duty", "new Children / South", "new Children / South / Duty",
		"add a@x.org to Children / North / Duty", "add Bo to Children / North", "add c@x.org to Harbour", "add d@x.org to Harbour", "add e@x.org to Children / South / Duty",
	}
	if diff := cmp.Diff(want, s.told(t, plan)); diff != "" {
		t.Error(diff)
	}
	ids := map[string]bool{}
	for _, u := range plan.NewUnits {
		ids[string(u.ID)] = true
	}
	for _, p := range plan.Add {
		ids[string(p.ID)] = true
		if !p.Active {
			t.Errorf("%v is not active", p)
		}
	}
	if len(ids) != 10 {
		t.Errorf("5 units and 5 people have %d different ids", len(ids))
	}
}

func TestAPlanSaysWhatChangesAndNothingElse(t *testing.T) {
	before := harbour(t, "a@x.org,Ann,A,en", "b@x.org,Bo,A,en", ",Cy,A,en", ",Di,B / C,en", "e@x.org,Ed,B,en")
	same := []string{"a@x.org,Ann,A,en", "b@x.org,Bo,A,en", ",Cy,A,en", ",Di,B / C,en", "e@x.org,Ed,B,en"}
	change := func(i int, line string) []string {
		lines := slices.Clone(same)
		if lines[i] = line; line == "" {
			lines = slices.Delete(lines, i, i+1)
		}
		return lines
	}
	for name, c := range map[string]struct{ file, want []string }{
		"the same file":           {same, []string{}},
		"in another order":        {[]string{same[3], same[0], same[4], same[2], same[1]}, []string{}},
		"letter case of e-mail":   {change(0, "A@X.ORG,Ann,A,en"), []string{}},
		"another name":            {change(0, "a@x.org,Anne,A,en"), []string{`update a@x.org "Anne" "en" in A`}},
		"another language":        {change(2, ",Cy,A,fr"), []string{`update Cy "Cy" "fr" in A`}},
		"no language any more":    {change(2, ",Cy,A,"), []string{`update Cy "Cy" "" in A`}},
		"another unit":            {change(0, "a@x.org,Ann,B,en"), []string{`update a@x.org "Ann" "en" in B`, "move a@x.org from A to B"}},
		"a new unit":              {change(0, "a@x.org,Ann,B / D,en"), []string{"new B / D", `update a@x.org "Ann" "en" in B / D`, "move a@x.org from A to B / D"}},
		"a new person":            {append(slices.Clone(same), "f@x.org,Fay,A,"), []string{"add f@x.org to A"}},
		"left out":                {change(1, ""), []string{"deactivate b@x.org active=false"}},
		"a unit's only person":    {change(3, ""), []string{"emptied B / C", "deactivate Di active=false"}},
		"without e-mail, moved":   {change(2, ",Cy,B,en"), []string{"add Cy to B", "deactivate Cy active=false"}},
		"gets an e-mail":          {change(2, "cy@x.org,Cy,A,en"), []string{`update cy@x.org "Cy" "en" in A`}},
		"another e-mail":          {change(0, "ann@x.org,Ann,A,en"), []string{"add ann@x.org to A", "deactivate a@x.org active=false"}},
		"a namesake with e-mail":  {append(slices.Clone(same), "cy@x.org,Cy,A,en"), []string{"add cy@x.org to A"}},
		"letter case of a unit":   {change(0, "a@x.org,Ann,a,en"), []string{"new a", `update a@x.org "Ann" "en" in a`, "move a@x.org from A to a"}},
		"everybody under B":       {same[:3], []string{"emptied B", "emptied B / C", "deactivate Di active=false", "deactivate e@x.org active=false"}},
		"the organisation itself": {change(0, "a@x.org,Ann,Harbour,en"), []string{`update a@x.org "Ann" "en" in Harbour`, "move a@x.org from A to Harbour"}},
	} {
		t.Run(name, func(t *testing.T) {
			plan := before.plan(t, c.file...)
			if diff := cmp.Diff(c.want, before.told(t, plan)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if plan.Empty() != (len(c.want) == 0) {
				t.Errorf("Empty = %v", plan.Empty())
			}
		})
	}
}

func TestNumbersChangeOnlyByAFileThatListsThem(t *testing.T) {
	root, err := NewTree([]Unit{{ID: "root", Name: "Harbour"}})
	if err != nil {
		t.Fatal(err)
	}
	const listing = "email,name,unit,language,phone\n"
	s := importInto(t, root, nil, listing+",Ana,North,,+353 87 1234567\n,Bo,North,,+353871234568\nc@x.org,Cy,North,,\n")
	plan := func(file string) ImportPlan {
		t.Helper()
		rows, faults := parsePeople(t, file)
		if len(faults) > 0 {
			t.Fatal(listed(faults))
		}
		plan, faults := PlanImport(s.tree, s.people, rows, counter("n"))
		if len(faults) > 0 {
			t.Fatal(listed(faults))
		}
		return plan
	}
	if p := plan(columns + ",Ana,North,\n,Bo,North,\nc@x.org,Cy,North,\n"); !p.Empty() || p.NumbersSet+p.NumbersRemoved != 0 {
		t.Errorf("a file without the column changes %+v", p)
	}
	p := plan(columns + ",Ana,North,fr\n,Bo,North,\nc@x.org,Cy,North,\n")
	if len(p.Update) != 1 || p.Update[0].Phone != "+353871234567" {
		t.Errorf("another change lost the number: %+v", p.Update)
	}
	p = plan(listing + ",Ana,North,,\n,Bo,North,,+353871234569\nc@x.org,Cy,North,,\nd@x.org,Dee,North,,+353871234570\n")
	var numbers []string
	for _, person := range append(p.Update, p.Add...) {
		numbers = append(numbers, person.Name+" "+person.Phone)
	}
	if diff := cmp.Diff([]string{"Ana ", "Bo +353871234569", "Dee +353871234570"}, numbers); diff != "" {
		t.Error(diff)
	}
	if p.NumbersSet != 2 || p.NumbersRemoved != 1 { // Bo and Dee; Ana
		t.Errorf("%d set, %d removed", p.NumbersSet, p.NumbersRemoved)
	}
	// Dee has an address and a number, and gets mail; so does Cy.
	if diff := cmp.Diff(map[Reach]int{ByMail: 2, ByText: 1, ByHand: 1}, p.Reached); diff != "" {
		t.Error(diff)
	}
}

func TestWhoComesBackIsTheSamePerson(t *testing.T) {
	before := harbour(t, "a@x.org,Ann,A,en", ",Cy,A,en", "b@x.org,Bo,A,en")
	gone := before.apply(t, before.plan(t, "b@x.org,Bo,A,en"))
	plan := gone.plan(t, "b@x.org,Bo,A,en", "a@x.org,Ann,B,en", ",Cy,A,en")
	want := []string{"new B", `update a@x.org "Ann" "en" in B`, `update Cy "Cy" "en" in A`}
	if diff := cmp.Diff(want, gone.told(t, plan)); diff != "" {
		t.Error(diff)
	}
	if !plan.Update[0].Active || plan.Update[0].ID != before.people[0].ID {
		t.Errorf("Ann came back as %+v", plan.Update[0])
	}
}

// Somebody who left without an address long ago is not the newcomer with one.
func TestAnAddressDoesNotReviveANamesakeWhoLeft(t *testing.T) {
	before := harbour(t, ",Cy,A,en", "b@x.org,Bo,A,en")
	gone := before.apply(t, before.plan(t, "b@x.org,Bo,A,en"))
	want := []string{"add cy@x.org to A"}
	if diff := cmp.Diff(want, gone.told(t, gone.plan(t, "b@x.org,Bo,A,en", "cy@x.org,Cy,A,en"))); diff != "" {
		t.Error(diff)
	}
}

func TestLikelyRenamesAreNamedSoThatTrendsGoOn(t *testing.T) {
	before := harbour(t, "a@x.org,Ann,A / One,", "b@x.org,Bo,A / One,", ",Cy,A / One,", ",Di,A / One,", "e@x.org,Ed,A / Two,", "f@x.org,Fay,B,")
	renames := func(plan ImportPlan) []string {
		out := []string{}
		for _, line := range before.told(t, plan) {
			if strings.HasPrefix(line, "rename ") || strings.HasPrefix(line, "move ") && strings.Contains(line, "share") {
				out = append(out, line)
			}
		}
		return out
	}
	rest := []string{"e@x.org,Ed,A / Two,", "f@x.org,Fay,B,"}
	for name, c := range map[string]struct{ file, want []string }{
		"everybody under another name":         {[]string{"a@x.org,Ann,A / Uno,", "b@x.org,Bo,A / Uno,", ",Cy,A / Uno,", ",Di,A / Uno,", rest[0], rest[1]}, []string{"rename A / One to A / Uno, 4 people, share 1.00"}},
		"just half of them":                    {[]string{"a@x.org,Ann,A / Uno,", ",Cy,A / Uno,", "b@x.org,Bo,B,", rest[0], rest[1]}, []string{"rename A / One to A / Uno, 2 people, share 0.50"}},
		"fewer than half":                      {[]string{"a@x.org,Ann,A / Uno,", "b@x.org,Bo,B,", rest[0], rest[1]}, []string{}},
		"under another parent":                 {[]string{"a@x.org,Ann,B / One,", "b@x.org,Bo,B / One,", ",Cy,B / One,", ",Di,B / One,", rest[0], rest[1]}, []string{"move A / One to B / One, 4 people, share 1.00"}},
		"another name and parent":              {[]string{"a@x.org,Ann,B / Uno,", "b@x.org,Bo,B / Uno,", ",Cy,B / Uno,", ",Di,B / Uno,", rest[0], rest[1]}, []string{}},
		"somebody stays":                       {[]string{"a@x.org,Ann,A / One,", "b@x.org,Bo,A / Uno,", ",Cy,A / Uno,", ",Di,A / Uno,", rest[0], rest[1]}, []string{}},
		"into a unit that was there":           {[]string{"a@x.org,Ann,A / Two,", "b@x.org,Bo,A / Two,", rest[0], rest[1]}, []string{}},
		"a department with its teams":          {[]string{"a@x.org,Ann,Z / One,", "b@x.org,Bo,Z / One,", ",Cy,Z / One,", ",Di,Z / One,", "e@x.org,Ed,Z / Two,", rest[1]}, []string{"rename A to Z, 5 people, share 1.00"}},
		"a department and one of its teams":    {[]string{"a@x.org,Ann,Z / Uno,", "b@x.org,Bo,Z / Uno,", ",Cy,Z / Uno,", ",Di,Z / Uno,", "e@x.org,Ed,Z / Two,", rest[1]}, []string{"rename A to Z, 5 people, share 1.00", "rename A / One to Z / Uno, 4 people, share 1.00"}},
		"two teams become one: the larger was": {[]string{"a@x.org,Ann,A / All,", "b@x.org,Bo,A / All,", ",Cy,A / All,", "e@x.org,Ed,A / All,", rest[1]}, []string{"rename A / One to A / All, 3 people, share 0.75"}},
		"one splits into two: the first named": {[]string{"a@x.org,Ann,A / U,", "b@x.org,Bo,A / V,", ",Cy,A / V,", ",Di,A / U,", rest[0], rest[1]}, []string{"rename A / One to A / U, 2 people, share 0.50"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, renames(before.plan(t, c.file...))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// Two people of one name cannot be told apart without an address, so neither
// counts as somebody who went along.
func TestNamesakesWithoutAddressesAreNotFollowed(t *testing.T) {
	before := harbour(t, ",Cy,One,", ",Cy,Two,", "b@x.org,Bo,B,")
	if plan := before.plan(t, ",Cy,Uno,", ",Cy,Due,", "b@x.org,Bo,B,"); len(plan.Renames) > 0 {
		t.Errorf("renames %v", plan.Renames)
	}
}

func TestAPathBeginsBelowTheOrganisation(t *testing.T) {
	s := harbour(t, "a@x.org,Ann,A,en")
	rows := []PersonRow{{Line: 2, Email: "a@x.org", Unit: "Harbour / A"}, {Line: 3, Email: "b@x.org", Unit: "A"}, {Line: 4, Email: "c@x.org", Unit: "Harbour / A"}}
	plan, faults := PlanImport(s.tree, s.people, rows, counter("n"))
	want := []string{"2:1 organisation_first organisation=Harbour unit=Harbour / A", "4:1 organisation_first organisation=Harbour unit=Harbour / A"}
	if diff := cmp.Diff(want, listed(faults)); diff != "" || !plan.Empty() {
		t.Errorf("%v %s", plan, diff)
	}
	if _, faults := PlanImport(Tree{}, nil, rows, counter("n")); len(faults) != 1 || faults[0].Error.Key != "error.people.no_organisation" {
		t.Errorf("without an organisation: %v", faults)
	}
}

// anyFile draws a staff list over few names, so that people meet again.
func anyFile() *rapid.Generator[[]PersonRow] {
	return rapid.Custom(func(t *rapid.T) []PersonRow {
		var b strings.Builder
		b.WriteString(columns)
		seen := make(map[string]bool)
		for range rapid.IntRange(1, 25).Draw(t, "rows") {
			email := rapid.SampledFrom([]string{"", "", "a@x.org", "b@x.org", "c@x.org", "d@x.org", "e@x.org", "f@x.org", "g@x.org"}).Draw(t, "email")
			name := rapid.SampledFrom([]string{"", "Ann", "Bo", "Cy", "Di"}).Draw(t, "name")
			unit := rapid.SampledFrom([]string{"", "A", "A / One", "A / Two", "B", "B / One", "B / One / X", "C", "Harbour"}).Draw(t, "unit")
			language := rapid.SampledFrom([]string{"", "en", "fr"}).Draw(t, "language")
			key := email
			if email == "" {
				key = name + "|" + unit
			}
			if seen[key] || email == "" && name == "" {
				continue
			}
			seen[key] = true
			fmt.Fprintf(&b, "%s,%s,%s,%s\n", email, name, unit, language)
		}
		if len(seen) == 0 {
			b.WriteString("z@x.org,Zed,A,en\n")
		}
		rows, faults, err := ParsePeople(strings.NewReader(b.String()))
		if err != nil || len(faults) > 0 {
			t.Fatal(err, faults)
		}
		return rows
	})
}

// Whatever was imported before, an import makes the organisation what the file
// says, and the same file again changes nothing.
func TestAnImportMakesTheFileTrueAndAgainChangesNothing(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		root, err := NewTree([]Unit{{ID: "root", Name: "Harbour"}})
		if err != nil {
			t.Fatal(err)
		}
		s, newID := staff{tree: root}, counter("i")
		for range rapid.IntRange(1, 4).Draw(t, "imports") {
			rows := anyFile().Draw(t, "file")
			plan, faults := PlanImport(s.tree, s.people, rows, newID)
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			before := s
			s = s.apply(outer, plan)

			want, got := make(map[string]int), make(map[string]int)
			for _, r := range rows {
				u, ok := s.tree.ByPath(r.Unit)
				if !ok {
					t.Fatalf("unit %q does not exist after the import", r.Unit)
				}
				want[fmt.Sprint(r.Email, "|", r.Name, "|", u.ID, "|", r.Language)]++
			}
			for _, p := range s.people {
				if p.Active {
					got[fmt.Sprint(p.Email, "|", p.Name, "|", p.Unit, "|", p.Language)]++
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("active people (-file +after the import):\n%s", diff)
			}
			for _, r := range plan.Renames {
				if r.Share < 0.5 || r.Share > 1 || !slices.Contains(plan.EmptiedUnits, r.Old) || !slices.Contains(plan.NewUnits, r.New) {
					t.Fatalf("rename %+v", r)
				}
			}
			checkEmptied(t, before, s, plan)

			again, faults := PlanImport(s.tree, s.people, rows, newID)
			if len(faults) > 0 || !again.Empty() || len(again.Moves)+len(again.Renames) > 0 {
				t.Fatalf("the same file again: %+v %v", again, faults)
			}
		}
	})
}

// checkEmptied holds EmptiedUnits against a plain count.
func checkEmptied(t *rapid.T, before, after staff, plan ImportPlan) {
	for _, u := range before.tree.Units() {
		had, has := 0, 0
		for _, p := range before.people {
			if p.Active && before.tree.Within(p.Unit, u.ID) {
				had++
			}
		}
		for _, p := range after.people {
			if p.Active && after.tree.Within(p.Unit, u.ID) {
				has++
			}
		}
		if emptied := had > 0 && has == 0; emptied != slices.Contains(plan.EmptiedUnits, u) {
			t.Fatalf("%s had %d people and has %d; emptied units: %v", u.Name, had, has, plan.EmptiedUnits)
		}
	}
}

func TestPlansAreTheSameForTheSameInput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		root, _ := NewTree([]Unit{{ID: "root", Name: "Harbour"}})
		rows, next := anyFile().Draw(t, "first"), anyFile().Draw(t, "second")
		first, _ := PlanImport(root, nil, rows, counter("i"))
		tree, err := NewTree(append(root.Units(), first.NewUnits...))
		if err != nil {
			t.Fatal(err)
		}
		one, _ := PlanImport(tree, first.Add, next, counter("n"))
		two, _ := PlanImport(tree, first.Add, next, counter("n"))
		if diff := cmp.Diff(one, two); diff != "" {
			t.Fatal(diff)
		}
	})
}
