package respond

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"

	"attune/survey"
)

// problem is what went wrong, in words, with the field to mend it in.
type problem struct {
	Status  int    `json:"-"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"` // "code", or an item id
	Key     string `json:"key,omitempty"`   // of the error, for whoever asks by script
}

// statuses maps the codes of errors to HTTP statuses. Everything that
// somebody can mend in the form is 422, so that the form comes back filled.
func statusOf(code survey.Code) int {
	switch code {
	case survey.TooMany:
		return http.StatusTooManyRequests
	case survey.Unavailable:
		return http.StatusServiceUnavailable
	case survey.Invalid, survey.NotFound, survey.Conflict, survey.Forbidden:
		return http.StatusUnprocessableEntity
	}
	return http.StatusInternalServerError
}

// Anchor is the id of the element to mend.
func (p problem) Anchor() string {
	if p.Field == codeField || p.Field == "" {
		return p.Field
	}
	return "q-" + p.Field
}

// explain turns an error of the waves into words. What has no words of its
// own is a fault of ours: its cause is neither shown nor written down here.
func (s *server) explain(lang string, err error, questions []question) problem {
	var e *survey.Error
	if !errors.As(err, &e) || !s.site.Has(e.Key) {
		return problem{Status: http.StatusInternalServerError, Message: s.text(lang, "phone.error.unsure", nil)}
	}
	p := problem{Status: statusOf(e.Code), Field: codeField}
	args := make(map[string]any, len(e.Args))
	for name, value := range e.Args {
		args[name] = value
	}
	switch e.Key {
	case "error.answer.value", "error.answer.item":
		p.Field = ""
		for _, q := range questions {
			if q.ID == args["item"] {
				p.Field, args["item"] = q.ID, q.Text
			}
		}
	case "error.answer.length", "wave.none_open", "paper.busy":
		p.Field = ""
	}
	p.Message = s.text(lang, e.Key, args)
	return p
}

// refuse answers with a page of its own that says what is wrong and what to
// do, or with the same as JSON.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, status int, key string, args map[string]any) {
	lang := s.lang(r)
	p := problem{Status: status, Message: s.text(lang, key, args)}
	if wantsJSON(r) {
		writeProblem(w, r, p)
		return
	}
	s.render(w, r, status, "problem", problemPage{frame: s.frame(r, "", "phone.error.title"), Problem: p})
}

func (s *server) refuseForm(w http.ResponseWriter, r *http.Request, f *formFault) {
	s.refuse(w, r, f.status, f.key, f.args)
}

func (s *server) refuseMethod(allow string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", allow)
		s.refuse(w, r, http.StatusMethodNotAllowed, "phone.error.method", nil)
	}
}

func (s *server) refusePath(w http.ResponseWriter, r *http.Request) {
	s.refuse(w, r, http.StatusNotFound, "phone.error.path", nil)
}

func writeProblem(w http.ResponseWriter, r *http.Request, p problem) {
	writeJSON(w, r, p.Status, struct {
		Error problem `json:"error"`
	}{p})
}

// writeJSON writes markup in a value as it is: an offer carries a manifest's
// exact bytes, and no browser takes JSON for a page.
func writeJSON(w http.ResponseWriter, r *http.Request, status int, v any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // only for types that JSON has no words for
	}
	writeBody(w, r, status, "application/json; charset=utf-8", body.Bytes())
}
