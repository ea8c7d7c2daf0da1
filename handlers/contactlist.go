package handlers

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// contactsFile is the list as it can be sent back, changed.
func (con *console) contactsFile(c echo.Context, _ viewer) error {
	list, err := con.contactsCSV(c.Request().Context())
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Disposition", `attachment; filename="attune-contacts.csv"`)
	// The mark in front tells a spreadsheet that the file is UTF-8.
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", append([]byte("\ufeff"), list...))
}

func (con *console) contactsCSV(ctx context.Context) ([]byte, error) {
	tree, contacts, err := con.contactsNow(ctx)
	if err != nil {
		return nil, err
	}
	var list bytes.Buffer
	err = survey.WriteContacts(&list, tree, contacts)
	return list.Bytes(), err
}

// readContacts shows what people would see with the list that was sent.
// Nothing is taken yet.
func (con *console) readContacts(c echo.Context, v viewer) error {
	raw, _, err := uploaded(c.Response(), c.Request(), upload{"error.contacts.list_big", "error.contacts.list_missing"})
	if err != nil {
		return con.refuseContacts(c, v, err)
	}
	return con.proposeContacts(c, v, raw)
}

// proposeContacts checks a list and shows it, to be taken or left.
func (con *console) proposeContacts(c echo.Context, v viewer, raw []byte) error {
	tree, before, err := con.contactsNow(c.Request().Context())
	if err != nil {
		return err
	}
	contacts, faults, err := survey.ParseContacts(bytes.NewReader(raw), tree)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		con.renderContacts(c, v, http.StatusUnprocessableEntity, contactsPage{Faults: con.in(con.lang(c.Request())).lineFaults(faults)}, tree, before)
		return nil
	}
	con.renderContacts(c, v, http.StatusOK, contactsPage{Pending: string(raw), Before: len(before)}, tree, contacts)
	return nil
}

// replaceContacts takes the list that was shown, and keeps the one before on
// the page, to take it back.
func (con *console) replaceContacts(c echo.Context, v viewer) error {
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, maxPackUpload)
	if err := r.ParseMultipartForm(maxPackUpload); err != nil {
		return con.refuseContacts(c, v, survey.Fail(survey.Invalid, "error.console.form", nil))
	}
	list := r.PostFormValue("list")
	tree, _, err := con.contactsNow(r.Context())
	if err != nil {
		return err
	}
	contacts, faults, err := survey.ParseContacts(strings.NewReader(list), tree)
	if err != nil {
		return err
	}
	undo := r.PostFormValue("undo") != ""
	if undo && strings.Count(strings.TrimSpace(list), "\n") == 0 {
		contacts, faults = nil, nil // there were none before
	}
	if len(faults) > 0 { // somebody moved a unit meanwhile
		return con.proposeContacts(c, v, []byte(list))
	}
	before, err := con.contactsCSV(r.Context())
	if err != nil {
		return err
	}
	if err := con.support.ReplaceContacts(noting(c, v, survey.DidContacts, "", nil), contacts); err != nil {
		return err
	}
	tree, contacts, err = con.contactsNow(r.Context())
	if err != nil {
		return err
	}
	s, key := con.in(con.lang(r)), "contacts.done"
	if undo {
		key = "contacts.undone"
	}
	con.renderContacts(c, v, http.StatusOK, contactsPage{Done: s.say(key, survey.Args{"n": len(contacts)}), Undo: string(before), Undone: undo}, tree, contacts)
	return nil
}

// refuseContacts says what is wrong with what was sent, above the list that
// stays.
func (con *console) refuseContacts(c echo.Context, v viewer, err error) error {
	known, ok := asSurveyError(err)
	if !ok {
		return err
	}
	tree, contacts, err := con.contactsNow(c.Request().Context())
	if err != nil {
		return err
	}
	con.renderContacts(c, v, statusOf(known.Code), contactsPage{Error: con.in(con.lang(c.Request())).say(known.Key, known.Args)}, tree, contacts)
	return nil
}

// lineFaults puts the faults of a list in words, each with its line.
func (s speech) lineFaults(faults []survey.Fault) []string {
	said := make([]string, len(faults))
	for i, f := range faults {
		said[i] = s.say("packs.fault", survey.Args{"line": f.Line, "column": f.Column, "fault": s.say(f.Error.Key, f.Error.Args)})
	}
	return said
}
