package survey

import "slices"

// Fields of one person, as CheckPerson and PlanPerson name them in faults.
const (
	PersonEmail    = columnEmail
	PersonName     = columnName
	PersonUnit     = columnUnit
	PersonLanguage = columnLanguage
	PersonPhone    = columnPhone
)

// CheckPerson holds one person to the rules of a staff list, and cleans every
// field as ParsePeople does. The unit of p is not looked at. Faults are by
// field; the person is good when there is none.
func CheckPerson(p Person) (Person, map[string]*Error) {
	parser := peopleParser{byPhone: make(map[string]int)}
	fields := []string{PersonEmail, PersonName, PersonLanguage, PersonPhone}
	at := func(field, text string) csvField { return csvField{text: text, column: slices.Index(fields, field)} }
	var good bool
	p.Email, good = parser.email(at(PersonEmail, p.Email))
	p.Name, _ = parser.name(at(PersonName, p.Name))
	p.Language, _ = parser.language(at(PersonLanguage, p.Language))
	p.Phone = parser.phone(at(PersonPhone, p.Phone))
	if good && p.Email == "" && p.Name == "" {
		parser.fail(slices.Index(fields, PersonName), "error.person.nobody", nil)
	}
	faults := make(map[string]*Error, len(parser.faults))
	for _, f := range parser.faults {
		faults[fields[f.Column]] = f.Error
	}
	return p, faults
}

// PlanPerson makes the plan for one person who is added (an empty id) or
// changed, beside all people that there are, inactive ones included. A new
// person whose address an inactive one has is that person, who comes back.
// Faults are by field; there is no plan with one.
func PlanPerson(tree Tree, people []Person, p Person, newID func() string) (ImportPlan, map[string]*Error) {
	p, faults := CheckPerson(p)
	if _, ok := tree.Unit(p.Unit); !ok {
		faults[PersonUnit] = Fail(Invalid, "error.person.unit", nil)
	}
	p.Active = true
	added := p.ID == ""
	for _, other := range people {
		switch {
		case other.ID == p.ID:
		case p.Email != "" && other.Email == p.Email && added && !other.Active:
			p.ID = other.ID
		case p.Email != "" && other.Email == p.Email:
			faults[PersonEmail] = Fail(Conflict, "error.person.email_taken", Args{"email": p.Email, "name": other.Name})
		case p.Email == "" && other.Email == "" && other.Active && other.Name == p.Name && other.Unit == p.Unit:
			faults[PersonName] = Fail(Conflict, "error.person.name_taken", Args{"name": p.Name})
		}
		if other.ID != p.ID && p.Phone != "" && other.Active && other.Phone == p.Phone {
			faults[PersonPhone] = Fail(Conflict, "error.person.phone_taken", nil)
		}
	}
	if len(faults) > 0 {
		return ImportPlan{}, faults
	}
	i := slices.IndexFunc(people, func(other Person) bool { return other.ID == p.ID })
	if i < 0 {
		p.ID = PersonID(newID())
		return ImportPlan{Add: []Person{p}}, nil
	}
	plan := ImportPlan{}
	if old := people[i]; old != p {
		plan.Update = []Person{p}
		if old.Active && old.Unit != p.Unit {
			plan.Moves = []Move{{Person: p, From: old.Unit, To: p.Unit}}
		}
	}
	return plan, nil
}
