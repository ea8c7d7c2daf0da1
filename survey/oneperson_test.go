package survey

import (
	"testing"
)

func TestOnePersonIsHeldToTheRulesOfAStaffList(t *testing.T) {
	tree, err := NewTree([]Unit{{ID: "o", Name: "Org"}, {ID: "a", Parent: "o", Name: "A"}, {ID: "b", Parent: "o", Name: "B"}})
	if err != nil {
		t.Fatal(err)
	}
	people := []Person{
		{ID: "1", Email: "ana@x.example", Name: "Ana", Unit: "a", Phone: "+353871234567", Active: true},
		{ID: "2", Name: "Joe", Unit: "a", Active: true},
		{ID: "3", Email: "gone@x.example", Name: "Gone", Unit: "b"},
	}
	newID := func() string { return "new" }
	for name, c := range map[string]struct {
		given Person
		field string
		key   string
	}{
		"no unit":                       {Person{Name: "Zoe", Unit: "z"}, PersonUnit, "error.person.unit"},
		"nobody":                        {Person{Unit: "a"}, PersonName, "error.person.nobody"},
		"no address":                    {Person{Email: "ana", Unit: "a"}, PersonEmail, "error.people.email"},
		"an address that another has":   {Person{Email: "ANA@x.example", Unit: "b"}, PersonEmail, "error.person.email_taken"},
		"changed to another's address":  {Person{ID: "2", Email: "gone@x.example", Name: "Joe", Unit: "a"}, PersonEmail, "error.person.email_taken"},
		"a name beside the same":        {Person{Name: "Joe", Unit: "a"}, PersonName, "error.person.name_taken"},
		"a number that another has":     {Person{Name: "Zoe", Unit: "a", Phone: "+353 87 123 4567"}, PersonPhone, "error.person.phone_taken"},
		"a number without its country":  {Person{Name: "Zoe", Unit: "a", Phone: "087"}, PersonPhone, "error.people.phone"},
		"a language that nobody speaks": {Person{Name: "Zoe", Unit: "a", Language: "xx"}, PersonLanguage, "error.people.language"},
	} {
		_, faults := PlanPerson(tree, people, c.given, newID)
		if len(faults) != 1 || faults[c.field] == nil || faults[c.field].Key != c.key {
			t.Errorf("%s: %v", name, faults)
		}
	}

	plan, faults := PlanPerson(tree, people, Person{Email: " Zoe@X.example ", Name: "Zoe  Z", Unit: "b"}, newID)
	if want := (Person{ID: "new", Email: "zoe@x.example", Name: "Zoe Z", Unit: "b", Active: true}); faults != nil || len(plan.Add) != 1 || plan.Add[0] != want {
		t.Errorf("a new person: %+v %v", plan, faults)
	}
	plan, _ = PlanPerson(tree, people, Person{Email: "gone@x.example", Name: "Gone", Unit: "a"}, newID)
	if len(plan.Add) != 0 || len(plan.Update) != 1 || plan.Update[0].ID != "3" || !plan.Update[0].Active {
		t.Errorf("somebody who comes back: %+v", plan)
	}
	plan, _ = PlanPerson(tree, people, Person{ID: "2", Name: "Joe", Unit: "b"}, newID)
	if len(plan.Update) != 1 || len(plan.Moves) != 1 || plan.Moves[0].From != "a" || plan.Moves[0].To != "b" {
		t.Errorf("somebody who moves: %+v", plan)
	}
	if plan, _ = PlanPerson(tree, people, people[0], newID); !plan.Empty() {
		t.Errorf("nothing changed: %+v", plan)
	}
}
