package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"attune/survey"
)

// personNamed finds somebody of the staff list.
func (h *staffHouse) personNamed(name string) survey.Person {
	h.t.Helper()
	people, err := h.store.People(h.t.Context())
	must(h.t, err)
	for _, p := range people {
		if p.Name == name {
			return p
		}
	}
	h.t.Fatalf("nobody is called %s", name)
	return survey.Person{}
}

func TestPeopleAreListedByUnitAndNameInPages(t *testing.T) {
	h := newStaffHouse(t)
	b := h.as(adminMail)
	rows := func(query string) (int, string) {
		doc, _ := b.page(peoplePath + "?" + query)
		return doc.Find("table.staff tbody tr").Length(), text(doc.Find("main"))
	}
	for query, want := range map[string]int{
		"": 46, "unit=" + string(h.units["Children"]): 27, "unit=" + string(h.units["Children / Intake"]): 4, "q=person+45": 1, "q=STAFF45@": 1, "left=1": 0, "from=40": 6, "from=x": 46,
	} {
		if got, said := rows(query); got != want {
			t.Errorf("%q: %d rows, want %d: %.200s", query, got, want, said)
		}
	}
}

func TestOnePersonIsAddedChangedAndTakenOffTheList(t *testing.T) {
	h := newStaffHouse(t)
	b := h.as(adminMail)
	form := url.Values{"name": {"Zoe Z"}, "email": {"zoe@riverside.example"}, "unit": {string(h.units["Children / Intake"])}, "language": {"fr"}}
	if status, body := b.post(peoplePath+"/new", form); status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", status, body)
	}
	zoe := h.personNamed("Zoe Z")
	path := peoplePath + "/" + string(zoe.ID)
	form.Set("unit", string(h.units["Hospital"]))
	if status, _ := b.post(path, form); status != http.StatusOK || h.personNamed("Zoe Z").Unit != h.units["Hospital"] {
		t.Errorf("moved: status %d, %+v", status, h.personNamed("Zoe Z"))
	}
	form.Set("email", "staff1@riverside.example") // Person 1's
	form.Set("phone", "087")
	status, body := b.post(path, form)
	doc := parsed(t, body)
	if status != http.StatusUnprocessableEntity || !strings.Contains(text(doc.Find("#email-fault")), "Person 1") || doc.Find("#phone-fault").Length() != 1 || doc.Find("#name-fault").Length() != 0 {
		t.Errorf("refused: status %d, %s", status, text(doc.Find(".fault")))
	}
	if got := doc.Find("#email").AttrOr("value", ""); got != "staff1@riverside.example" {
		t.Errorf("what was typed is gone: %q", got)
	}
	if status, _ := b.post(path+"/leave", nil); status != http.StatusSeeOther || h.personNamed("Zoe Z").Active {
		t.Errorf("off the list: status %d", status)
	}
	if status, _ := b.get(peoplePath + "/nobody"); status != http.StatusNotFound {
		t.Errorf("nobody: status %d", status)
	}
	_, log := b.get("/console/audit/actions")
	if strings.Count(log, "Changed the staff list by one person") != 3 || strings.Contains(log, "Zoe") {
		t.Error("the administrative log lacks a change, or names somebody")
	}
}

// csvOf is the staff house's own list, with rows changed by hand.
func (h *staffHouse) csvOf(change func(n int, row string) string) []byte {
	list := "email,name,unit,language\n"
	n := 0
	for _, team := range staffTeams() {
		for range team.people {
			list += change(n, fmt.Sprintf("staff%d@riverside.example,Person %d,%s,", n, n, team.path))
			n++
		}
	}
	return []byte(list)
}

func TestAStaffListIsShownBeforeItIsTakenAndNothingIsHalfDone(t *testing.T) {
	h := newStaffHouse(t)
	b := h.as(adminMail)
	same := func(_ int, row string) string { return row + "\n" }
	_, body := b.send(peoplePath+"/import", "staff.csv", h.csvOf(same), nil)
	if !strings.Contains(text(parsed(t, body).Find("#pending")), "Nothing: the list says what is there already") {
		t.Errorf("its own list: %s", text(parsed(t, body).Find("main")))
	}
	changed := h.csvOf(func(n int, row string) string {
		switch n {
		case 0: // leaves
			return ""
		case 1: // moves to a new unit
			return "staff1@riverside.example,Person 1,Hospital / Ward 7,\n"
		case 2: // has another name
			return "staff2@riverside.example,Person Two,Children / Duty team,\n"
		}
		return row + "\n"
	})
	status, body := b.send(peoplePath+"/import", "staff.csv", append(changed, "new@riverside.example,Nora New,Children / Intake,es\n"...), nil)
	doc := parsed(t, body)
	for _, want := range []string{
		"New units: 1", "Hospital / Ward 7", "People who leave the list: 1", "Person 0 (Children / Duty team)", "People who move: 1",
		"Person 1: from Children / Duty team to Hospital / Ward 7", "New people: 1", "Nora New (Children / Intake)", "People whose entry changes: 1", "News will reach 46 people by mail",
	} {
		if !strings.Contains(text(doc.Find("#pending")), want) {
			t.Errorf("the preview lacks %q: %s", want, text(doc.Find("#pending")))
		}
	}
	if status != http.StatusOK || !h.personNamed("Person 0").Active {
		t.Fatal("the preview changed something")
	}
	seen, list := doc.Find("input[name=seen]").AttrOr("value", ""), doc.Find("textarea").Text()
	// Somebody changes the list meanwhile: it is shown again, and not taken.
	if status, _ := b.post(peoplePath+"/"+string(h.personNamed("Person 3").ID)+"/leave", nil); status != http.StatusSeeOther {
		t.Fatal(status)
	}
	status, body = b.send(peoplePath+"/import/take", "", nil, map[string]string{"seen": seen, "list": list})
	doc = parsed(t, body)
	if status != http.StatusConflict || doc.Find("#pending").Length() != 1 || !h.personNamed("Person 0").Active {
		t.Fatalf("a list that was overtaken: status %d", status)
	}
	status, _ = b.send(peoplePath+"/import/take", "", nil, map[string]string{"seen": doc.Find("input[name=seen]").AttrOr("value", ""), "list": list})
	if status != http.StatusSeeOther || h.personNamed("Person 0").Active || !h.personNamed("Nora New").Active || !h.personNamed("Person 3").Active {
		t.Errorf("taken: status %d", status)
	}
	if got := h.pathOf(h.personNamed("Person 1").Unit); got != "Hospital / Ward 7" {
		t.Errorf("Person 1 is in %s", got)
	}
}

func TestFaultsOfAStaffListAreToldByLineAndChangeNothing(t *testing.T) {
	h := newStaffHouse(t)
	b := h.as(adminMail)
	status, body := b.send(peoplePath+"/import", "staff.csv", []byte("email,name,unit,language\nana,Ana,Children,\n,,Children,\nzoe@x.example,Zoe,Children,xx\n"), nil)
	faults := text(parsed(t, body).Find("[role=alert]"))
	for _, want := range []string{"ana", "neither an e-mail address nor a name", "“xx” is not a language", "2", "3", "4"} {
		if status != http.StatusUnprocessableEntity || !strings.Contains(faults, want) {
			t.Errorf("status %d, faults lack %q: %s", status, want, faults)
		}
	}
	if status, _ := b.send(peoplePath+"/import", "staff.csv", nil, nil); status != http.StatusUnprocessableEntity {
		t.Errorf("an empty file: status %d", status)
	}
	for email, want := range map[string]int{hrMail: http.StatusForbidden, managerMail: http.StatusForbidden, auditorMail: http.StatusForbidden} {
		if status, _ := h.as(email).send(peoplePath+"/import", "staff.csv", h.csvOf(func(int, string) string { return "" }), nil); status != want {
			t.Errorf("%s: status %d", email, status)
		}
	}
}
