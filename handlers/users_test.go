package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestAUserIsGivenAPasswordOnceRolesAndTakenOut(t *testing.T) {
	h := newStaffHouse(t)
	b := h.as(adminMail)
	status, body := b.post(usersPath, url.Values{"email": {"New@riverside.example"}, "role": {manager, auditor}, "unit": {string(h.units["Hospital"])}})
	given := text(parsed(t, body).Find("code.given"))
	if status != http.StatusOK || len(given) < 26 {
		t.Fatalf("status %d, password %q", status, given)
	}
	if doc, _ := b.page(usersPath); doc.Find("code.given").Length() > 0 || !strings.Contains(text(doc.Find("table.users")), "a password of their own yetmanager and auditorHospital") {
		t.Errorf("the list: %s", text(doc.Find("table.users")))
	}
	fresh := h.browser()
	if status, _ := fresh.post("/console/sign-in", url.Values{"email": {"new@riverside.example"}, "password": {given}}); status != http.StatusSeeOther {
		t.Errorf("sign in with the one-time password: status %d", status)
	}
	path := usersPath + "/" + userKey("new@riverside.example")
	if strings.Contains(path, "new@") {
		t.Error("the address of the page has the user's address")
	}
	if status, _ := b.post(path, url.Values{"role": {hr}, "unit": {string(h.units["Hospital"])}}); status != http.StatusOK {
		t.Errorf("change: status %d", status)
	}
	u, err := h.store.UserByEmail(t.Context(), "new@riverside.example")
	must(t, err)
	if len(u.Roles) != 1 || u.Roles[0] != hr || u.Unit != "" {
		t.Errorf("changed to %v of %q", u.Roles, u.Unit)
	}
	if status, _ := b.post(path+"/sign-out", url.Values{"sure": {"1"}}); status != http.StatusOK {
		t.Errorf("sign out: status %d", status)
	}
	if status, _ := fresh.get("/console/password"); status != http.StatusSeeOther {
		t.Errorf("still signed in: status %d", status)
	}
	status, body = b.post(path+"/password", url.Values{"sure": {"1"}})
	if renewed := text(parsed(t, body).Find("code.given")); status != http.StatusOK || renewed == given || len(renewed) < 26 {
		t.Errorf("new password: status %d, %q", status, renewed)
	}
	if status, _ := h.browser().post("/console/sign-in", url.Values{"email": {"new@riverside.example"}, "password": {given}}); status == http.StatusSeeOther {
		t.Error("the old password still counts")
	}
	if status, _ := b.post(path+"/remove", nil); status != http.StatusUnprocessableEntity {
		t.Errorf("removed without the tick: status %d", status)
	}
	if status, _ := b.post(path+"/remove", url.Values{"sure": {"1"}}); status != http.StatusSeeOther {
		t.Errorf("remove: status %d", status)
	}
	if status, _ := b.get(path); status != http.StatusNotFound {
		t.Errorf("the page of nobody: status %d", status)
	}
	_, log := b.get("/console/audit/actions")
	for _, want := range []string{"Signed ", "out everywhere", "new@riverside.example"} {
		if !strings.Contains(log, want) {
			t.Errorf("the administrative log lacks %q", want)
		}
	}
	if strings.Contains(log, given) {
		t.Error("the administrative log has a password")
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	h := newStaffHouse(t)
	b := h.as(adminMail)
	path := usersPath + "/" + userKey(adminMail)
	status, body := b.post(path, url.Values{"role": {hr}})
	if status != http.StatusConflict || !strings.Contains(text(parsed(t, body).Find(".fault")), "only administrator") {
		t.Errorf("gave up the role: status %d", status)
	}
	if status, _ := b.post(path+"/remove", url.Values{"sure": {"1"}}); status != http.StatusConflict {
		t.Errorf("removed themself: status %d", status)
	}
	if err := h.store.RemoveUser(t.Context(), adminMail); err == nil {
		t.Error("the store removed the last administrator")
	}
	// With a second one the first may go.
	b.post(usersPath, url.Values{"email": {"two@riverside.example"}, "role": {admin}})
	if status, _ := b.post(path, url.Values{"role": {hr}}); status != http.StatusOK {
		t.Errorf("one of two gave up the role: status %d", status)
	}
	if status, _ := b.get(usersPath); status != http.StatusForbidden {
		t.Errorf("and still opens the users: status %d", status)
	}
}

func TestWhatIsWrongWithAUserStandsAtItsField(t *testing.T) {
	h := newStaffHouse(t)
	b := h.as(adminMail)
	for name, c := range map[string]struct {
		form  url.Values
		fault string
	}{
		"no address":        {url.Values{"role": {hr}}, "#email-fault"},
		"no such address":   {url.Values{"role": {hr}, "email": {"nobody"}}, "#email-fault"},
		"an address twice":  {url.Values{"role": {hr}, "email": {hrMail}}, "#email-fault"},
		"no role":           {url.Values{"email": {"x@riverside.example"}}, "#roles-fault"},
		"an invented role":  {url.Values{"email": {"x@riverside.example"}, "role": {"root"}}, "#roles-fault"},
		"a manager of none": {url.Values{"email": {"x@riverside.example"}, "role": {manager}}, "#unit-fault"},
	} {
		status, body := b.post(usersPath, c.form)
		faults := parsed(t, body).Find(".fault")
		if status < 400 || status >= 500 || faults.Length() != 1 || parsed(t, body).Find(c.fault).Length() != 1 {
			t.Errorf("%s: status %d, %s", name, status, text(faults))
		}
	}
}
