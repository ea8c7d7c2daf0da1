package handlers

import (
	"net/http"

	"attune/survey"
)

// What is done can be taken back, or is asked about first: docs/architecture.md
// says when which, and consequences_test.go has it of every route.

// undo is the form that takes back what was just done; it stands in the notice
// that says so.
type undo struct {
	Path   string
	Fields []hiddenField
	Text   string
}

type hiddenField struct{ Name, Value string }

// undo makes the form; fields are names and values by turns.
func (s speech) undo(path string, fields ...string) *undo {
	u := &undo{Path: path, Text: s.say("admin.undo", nil)}
	for i := 0; i+1 < len(fields); i += 2 {
		u.Fields = append(u.Fields, hiddenField{fields[i], fields[i+1]})
	}
	return u
}

// isSure fails unless the box was ticked that says what cannot be taken back.
// Undoing what was done this moment sends it along.
func isSure(r *http.Request) error {
	if r.PostFormValue("sure") == "" {
		return survey.Fail(survey.Invalid, "error.admin.sure", nil)
	}
	return nil
}
