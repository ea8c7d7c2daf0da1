package respond

import (
	"encoding/json"
	"net/http"
)

// pastScript shows and keeps a person's own results on their phone. Nothing of
// them ever comes here: the page is the same for everybody.
const pastScript = "past.js"

// pastPage is the page of the results that somebody kept on this phone.
type pastPage struct {
	frame
	Texts pastTexts
}

// pastTexts is what the script shows.
type pastTexts struct {
	Text map[string]string `json:"text"`
	Lang string            `json:"lang"`
}

func (s *server) pastTexts(r *http.Request) pastTexts {
	texts := pastTexts{Text: make(map[string]string), Lang: s.lang(r)}
	for _, name := range []string{
		"title", "keep", "why", "why_notes", "kept", "denied", "shared", "see",
		"caption", "error", "where", "several", "none", "file", "file_name", "erase", "erased", "undo", "notes", "print",
	} {
		texts.Text[name] = s.text(texts.Lang, "past."+name, nil)
	}
	return texts
}

// showPast is the page with what is kept.
func (s *server) showPast(w http.ResponseWriter, r *http.Request) {
	page := pastPage{frame: s.frame(r, "", "past.title"), Texts: s.pastTexts(r)}
	page.Script = pastScript
	s.render(w, r, http.StatusOK, "past", page)
}

// showPastTexts gives the words to the page that has just shown a result, so
// that nobody has to load them before the first question.
func (s *server) showPastTexts(w http.ResponseWriter, r *http.Request) {
	body, err := json.Marshal(s.pastTexts(r))
	if err != nil {
		panic(err) // a map of texts; guard answers with the plain page
	}
	writeBody(w, r, http.StatusOK, "application/json; charset=utf-8", body)
}
