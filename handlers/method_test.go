package handlers

import (
	"net/http"
	"strings"
	"testing"
)

// TestAMethodThatAPageDoesNotHaveSaysWhichItHas tries addresses of the console
// with a method that they do not take, and addresses that there are not.
func TestAMethodThatAPageDoesNotHaveSaysWhichItHas(t *testing.T) {
	h := newHouse(t)
	b := h.as(adminMail)
	for _, c := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{http.MethodGet, "/console/programmes/x/stop", http.StatusMethodNotAllowed, "POST"},
		{http.MethodPost, "/console/programmes", http.StatusMethodNotAllowed, "GET"},
		{http.MethodPost, "/console", http.StatusMethodNotAllowed, "GET"},
		{http.MethodDelete, "/console/users", http.StatusMethodNotAllowed, "GET, POST"},
		{http.MethodPost, "/console/people/import/take/x", http.StatusNotFound, ""},
		{http.MethodGet, "/console/nothing", http.StatusNotFound, ""},
		{http.MethodPut, "/console/nothing", http.StatusNotFound, ""},
	} {
		r, err := http.NewRequest(c.method, h.URL+c.path, nil)
		must(t, err)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		answer, body := b.do(r)
		if answer.StatusCode != c.status || answer.Header.Get("Allow") != c.allow {
			t.Errorf("%s %s: status %d, allowed %q", c.method, c.path, answer.StatusCode, answer.Header.Get("Allow"))
		}
		if doc := parsed(t, body); doc.Find("main a[href='/console']").Length() == 0 || !strings.Contains(answer.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s %s: no way out, or no protection: %s", c.method, c.path, text(doc.Find("main")))
		}
	}
}

func TestAFileThatIsMissingOrTooLargeIsRefusedInTheWordsOfItsPage(t *testing.T) {
	h := newHouse(t)
	b := h.as(adminMail)
	for path, words := range map[string]string{peoplePath + "/import": "staff list", contactsPath: "support contacts", packsPath: "questions"} {
		_, body := b.send(path, "list.csv", nil, nil)
		missing := text(parsed(t, body).Find("main [role=alert]"))
		_, body = b.send(path, "list.csv", make([]byte, maxPackUpload+1), nil)
		big := text(parsed(t, body).Find("main [role=alert]"))
		if !strings.Contains(big, "3 MiB") || !strings.Contains(big, words) || path != packsPath && !strings.Contains(missing, words) {
			t.Errorf("%s: %q, %q", path, missing, big)
		}
	}
}
