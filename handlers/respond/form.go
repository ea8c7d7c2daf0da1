package respond

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"attune/survey"
)

const (
	// maxBody bounds a posted form, in bytes. A wave of 100 items with long
	// ids needs less than 4 KiB.
	maxBody = 16 << 10
	// maxFields bounds the fields of a form.
	maxFields = 512
	// maxCode bounds what is read of a typed code, in bytes: the printed form
	// has 24 characters, and people type spaces and dashes.
	maxCode = 64
	// maxValue bounds an answer's value, in bytes.
	maxValue = 16
)

// The fields that are not answers.
const (
	codeField = "code"
	stepField = "step"
)

// form is what somebody posted, checked for shape only.
type form struct {
	code    string
	step    string
	answers map[string]string // what was posted, by item id
}

// formFault is a form that could not be read at all.
type formFault struct {
	status int
	key    string
	args   map[string]any
}

// readForm reads a posted form from the body, never from the query. It
// refuses a body that is too large or of another type, a field that stands
// twice, and fields beyond any bound.
func readForm(w http.ResponseWriter, r *http.Request) (form, *formFault) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return form{}, &formFault{http.StatusUnsupportedMediaType, "phone.error.type", nil}
	}
	tooLarge := &formFault{http.StatusRequestEntityTooLarge, "phone.error.large", map[string]any{"kib": maxBody >> 10}}
	if r.ContentLength > maxBody {
		return form{}, tooLarge
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return form{}, tooLarge
		}
		return form{}, &formFault{http.StatusBadRequest, "phone.error.form", nil}
	}
	return parseForm(string(raw))
}

func parseForm(raw string) (form, *formFault) {
	unreadable := &formFault{http.StatusBadRequest, "phone.error.form", nil}
	fields, err := url.ParseQuery(raw)
	if err != nil || len(fields) > maxFields {
		return form{}, unreadable
	}
	f := form{answers: make(map[string]string)}
	for name, values := range fields {
		if len(values) != 1 || !utf8.ValidString(name) || !utf8.ValidString(values[0]) {
			return form{}, unreadable
		}
		value := values[0]
		switch {
		case name == codeField:
			f.code = strings.ToValidUTF8(value[:min(len(value), maxCode)], "")
		case name == stepField && value == codeField:
			f.step = value
		case name == stepField || len(value) > maxValue:
			return form{}, unreadable
		default:
			f.answers[name] = value
		}
	}
	return f, nil
}

// sheet reads the answers as option values. Whether an item and an option
// exist is for the wave to say.
func (f form) sheet() (survey.Answers, error) {
	a := make(survey.Answers, len(f.answers))
	for id, typed := range f.answers {
		value, err := strconv.Atoi(typed)
		if err != nil {
			return nil, survey.Fail(survey.Invalid, "error.answer.value", survey.Args{"item": id, "value": typed})
		}
		a[id] = value
	}
	return a, nil
}
