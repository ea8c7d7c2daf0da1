package handlers

import (
	"bytes"
	"errors"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"attune/survey"
)

// memoryShelf keeps packs in the library only.
type memoryShelf struct{ library *survey.Library }

func (s memoryShelf) Keep(data []byte) (*survey.Pack, []survey.Fault, error) {
	return s.library.Add(data)
}
func (s memoryShelf) Discard(id, version string) error { return s.library.Remove(id, version) }

// packHouse is a house with a shelf.
func packHouse(t *testing.T) *house {
	t.Helper()
	library, err := survey.NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	return newHouse(t, func(cfg *Config) { cfg.Library, cfg.Shelf = library, memoryShelf{library} })
}

// upload posts a file to the page of questionnaires.
func (b *browser) upload(name string, content []byte) (int, string) {
	b.house.t.Helper()
	return b.send(packsPath, name, content, nil)
}

// send posts a form with a file and other fields.
func (b *browser) send(path, name string, content []byte, fields map[string]string) (int, string) {
	b.house.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for field, value := range fields {
		if err := form.WriteField(field, value); err != nil {
			b.house.t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err = errors.Join(err, form.Close()); err != nil {
		b.house.t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, b.house.URL+path, &body)
	if err != nil {
		b.house.t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	response, answer := b.do(r)
	return response.StatusCode, answer
}

const breakRoom = `id: break-room
version: "1.0"
title: {en: Break room}
languages: [en]
provenance: {en: {drafted: "a <test>"}}
licence: own
credit: Harbour (made up)
citation: [none]
disclaimer: {en: No diagnosis.}
audience: staff
confidentiality: anonymous
recall_window: {en: Choose.}
minutes: 1
responses:
  agree: [{value: 1, label: {en: "No"}}, {value: 2, label: {en: "Yes"}}]
default_response: agree
items:
  - {id: own_quiet, text: {en: The break <b>room</b> is quiet.}, topic: sustains, rationale: A test.}
scales: []
`

func TestAnUploadedQuestionnaireIsCheckedShownAndTakenOutAgain(t *testing.T) {
	h := packHouse(t)
	b := h.as(adminMail)
	status, page := b.upload("own.yaml", []byte(strings.Replace(breakRoom, "licence: own\n", "", 1)))
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, "Line 1, column 1") || !strings.Contains(page, "licence") {
		t.Errorf("status %d without the fault and its line", status)
	}
	if status, _ := b.upload("own.yaml", []byte(breakRoom)); status != http.StatusSeeOther {
		t.Fatalf("status %d", status)
	}
	_, page = b.get(packsPath + "/break-room/1.0") // the one page with a frame, of our own
	doc := parsed(t, page)
	if doc.Find("iframe.phone").AttrOr("src", "") != packsPath+"/break-room/1.0/phone?lang=en" || !strings.Contains(doc.Find("table").Text(), "a <test>") {
		t.Error("no preview, or no provenance")
	}
	if _, page = b.get(packsPath + "/break-room/1.0/phone?lang=en"); !strings.Contains(page, "The break &lt;b&gt;room&lt;/b&gt; is quiet.") || strings.Contains(page, `type="module"`) {
		t.Error("the preview does not show the question as text")
	}
	if status, page = b.post(packsPath+"/break-room/1.0/remove", url.Values{"sure": {"1"}}); status != http.StatusOK || !strings.Contains(page, "Removed: Break room 1.0.") {
		t.Errorf("removing: status %d", status)
	}
	if status, _ = b.get(packsPath + "/break-room/1.0"); status != http.StatusNotFound {
		t.Errorf("still there: status %d", status)
	}
}

func TestABuiltInQuestionnaireIsNeitherReplacedNorRemoved(t *testing.T) {
	h := packHouse(t)
	b := h.as(adminMail)
	status, page := b.upload("own.yaml", []byte(strings.Replace(breakRoom, "id: break-room", "id: pulse", 1)))
	if status != http.StatusConflict || !strings.Contains(page, "comes with Attune") {
		t.Errorf("status %d", status)
	}
	if status, _ := b.post(packsPath+"/pulse/1.0/remove", url.Values{"sure": {"1"}}); status != http.StatusNotFound {
		t.Errorf("removing pulse: status %d", status)
	}
}

func TestAForeignQuestionnaireIsOfferedToBeMended(t *testing.T) {
	foreign, err := os.ReadFile("../survey/interchange/testdata/foreign.json")
	if err != nil {
		t.Fatal(err)
	}
	h := packHouse(t)
	status, page := h.as(adminMail).upload("foreign.json", foreign)
	doc := parsed(t, page)
	if status != http.StatusUnprocessableEntity || doc.Find("pre.draft").Length() != 1 || !strings.Contains(doc.Find("[role=alert]").Text(), "Left out: item 1.2") {
		t.Errorf("status %d: %s", status, doc.Find("[role=alert]").Text())
	}
}

func TestOnlyAdministratorsAddQuestionnaires(t *testing.T) {
	h := packHouse(t)
	for _, email := range []string{hrMail, managerMail, auditorMail} {
		if status, _ := h.as(email).upload("own.yaml", []byte(breakRoom)); status != http.StatusForbidden {
			t.Errorf("%s: status %d", email, status)
		}
	}
	if status, _ := h.browser().upload("own.yaml", []byte(breakRoom)); status != http.StatusSeeOther {
		t.Errorf("nobody signed in: status %d, want the way to the sign-in", status)
	}
	if status, _ := h.as(adminMail).upload("own.yaml", bytes.Repeat([]byte("x"), maxPackUpload)); status != http.StatusUnprocessableEntity {
		t.Errorf("a file that is too large: status %d", status)
	}
}
