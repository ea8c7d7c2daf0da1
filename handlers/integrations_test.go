package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"attune/handlers/api"
)

func TestHRMakesATokenThatIsShownOnceAndWorksUntilItIsRevoked(t *testing.T) {
	h := newHouse(t)
	b := h.as(hrMail)
	status, page := b.post("/console/integrations/tokens", url.Values{"name": {" Intranet "}, "unit": {string(childrenID)}, "days": {"90"}})
	start := strings.Index(page, "<code class=\"secret\">")
	if status != http.StatusOK || start < 0 {
		t.Fatalf("status %d", status)
	}
	token, _, _ := strings.Cut(page[start+len("<code class=\"secret\">"):], "<")
	if response, _ := h.ask(token, "/api/v1"); response.StatusCode != http.StatusOK {
		t.Fatalf("the token %q: status %d", token, response.StatusCode)
	}
	stored, err := h.store.Tokens(context.Background())
	must(t, err)
	if len(stored) != 1 || stored[0].Name != "Intranet" || stored[0].Unit != childrenID ||
		stored[0].Hash != api.Hash(token) || stored[0].Created != "2026-11-21" || stored[0].Used != "2026-11-21" || stored[0].Expires != "2027-02-19" {
		t.Errorf("stored is %+v", stored)
	}
	doc, again := b.page("/console/integrations")
	if strings.Contains(again, token) {
		t.Error("the token is shown a second time")
	}
	line := spaced(doc.Find("ul.events li").Text())
	for _, want := range []string{"Intranet", "Children", "21 November 2026", "19 February 2027"} {
		if !strings.Contains(line, want) {
			t.Errorf("the list lacks %q: %s", want, line)
		}
	}
	other := h.as(adminMail)
	if doc, _ := other.page("/console/integrations"); doc.Find("form[action$='/tokens']").Length() != 0 || doc.Find("form[action$='/revoke']").Length() != 1 {
		t.Error("an administrator can make a token, or not revoke one")
	}
	if status, _ := other.post("/console/integrations/tokens", url.Values{"name": {"Mine"}, "days": {"90"}}); status != http.StatusForbidden {
		t.Errorf("an administrator makes a token: status %d", status)
	}
	if status, page := other.post("/console/integrations/tokens/revoke", url.Values{"token": {stored[0].ID}, "sure": {"1"}}); status != http.StatusOK || !strings.Contains(page, "Intranet") {
		t.Errorf("revoking: status %d", status)
	}
	if response, _ := h.ask(token, "/api/v1"); response.StatusCode != http.StatusUnauthorized {
		t.Errorf("the revoked token: status %d", response.StatusCode)
	}
	if status, _ := other.post("/console/integrations/tokens/revoke", url.Values{"token": {stored[0].ID}, "sure": {"1"}}); status != http.StatusNotFound {
		t.Errorf("revoking again: status %d", status)
	}
}

func TestATokenThatCannotBeIsRefusedWithItsMend(t *testing.T) {
	h := newHouse(t)
	b := h.as(hrMail)
	h.token("Taken", "")
	for name, c := range map[string]struct {
		form url.Values
		want string
	}{
		"no name":       {url.Values{"name": {" "}, "days": {"90"}}, "has no name"},
		"too long":      {url.Values{"name": {strings.Repeat("x", api.MaxTokenName+1)}, "days": {"90"}}, "has no name"},
		"two lines":     {url.Values{"name": {"a\nb"}, "days": {"90"}}, "has no name"},
		"no days":       {url.Values{"name": {"New"}}, "1 to 730 days"},
		"too many days": {url.Values{"name": {"New"}, "days": {"731"}}, "1 to 730 days"},
		"taken":         {url.Values{"name": {"Taken"}, "days": {"90"}}, "already a token"},
		"no such unit":  {url.Values{"name": {"New"}, "days": {"90"}, "unit": {"nowhere"}}, "does not exist"},
	} {
		if status, page := b.post("/console/integrations/tokens", c.form); status < 400 || status >= 500 || !strings.Contains(page, c.want) {
			t.Errorf("%s: status %d", name, status)
		}
	}
	if stored, _ := h.store.Tokens(context.Background()); len(stored) != 1 {
		t.Errorf("%d tokens are stored", len(stored))
	}
}
