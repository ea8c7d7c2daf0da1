package handlers

import (
	"net/http"
	"strings"
	"testing"
)

const twoContacts = "site,tier,language,name,reach,hours,what_happens\n,today,,Robin <Peer>,555 0100,,\nChildren,week,fr,Sam,Room 3,9-5,She listens.\n"

func TestAListOfContactsIsLookedAtTakenAndTakenBack(t *testing.T) {
	h := newHouse(t)
	b := h.as(adminMail)
	status, page := b.send(contactsPath, "list.csv", []byte(twoContacts), nil)
	doc := parsed(t, page)
	if status != http.StatusOK || !strings.Contains(doc.Find("#pending").Text(), "Contacts in this list: 2. Now: 0.") || !strings.Contains(page, "Robin &lt;Peer&gt;") {
		t.Fatalf("status %d: %s", status, spaced(doc.Find("main").Text()))
	}
	if _, now := b.get(contactsPath); strings.Contains(now, "Robin") {
		t.Error("looking at a list has taken it")
	}
	pending := doc.Find("#pending textarea").Text()
	status, page = b.send(contactsPath+"/replace", "", nil, map[string]string{"list": pending})
	doc = parsed(t, page)
	if status != http.StatusOK || !strings.Contains(doc.Find("[role=status]").Text(), "Contacts in the list: 2.") {
		t.Fatalf("status %d: %s", status, spaced(doc.Find("main").Text()))
	}
	if _, file := b.get(contactsPath + "/attune-contacts.csv"); strings.TrimPrefix(file, "\ufeff") != twoContacts {
		t.Errorf("the list that is given back is\n%s", file)
	}
	status, page = b.send(contactsPath+"/replace", "", nil, map[string]string{"undo": "yes", "list": doc.Find("textarea").First().Text()})
	if status != http.StatusOK || strings.Contains(parsed(t, page).Find("section.card").Text(), "Robin") {
		t.Errorf("undo: status %d %s", status, h.log.String())
	}
}

func TestAFaultyListOfContactsChangesNothing(t *testing.T) {
	h := newHouse(t)
	b := h.as(adminMail)
	for name, c := range map[string]struct{ list, want string }{
		"an unknown unit": {strings.Replace(twoContacts, "Children", "Nowhere", 1), "There is no unit “Nowhere”"},
		"no column":       {"a,b\n1,2\n", "Line 1, column 1"},
		"no file":         {"", "No list of support contacts came with the form"},
	} {
		status, page := b.send(contactsPath, "list.csv", []byte(c.list), nil)
		if status != http.StatusUnprocessableEntity && status != http.StatusBadRequest || !strings.Contains(page, c.want) || !strings.Contains(page, "Nothing was changed") {
			t.Errorf("%s: status %d\n%s", name, status, spaced(parsed(t, page).Find("main").Text()))
		}
	}
	if status, _ := h.as(managerMail).send(contactsPath+"/replace", "", nil, map[string]string{"list": twoContacts}); status != http.StatusForbidden {
		t.Errorf("a manager replaces contacts: status %d", status)
	}
}
