package handlers

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"attune/survey"
	"attune/survey/store"

	"github.com/labstack/echo/v4"
)

const deedsPath = "/console/audit/actions"

// deedsOnPage is how many entries one page of the administrative log shows.
const deedsOnPage = 50

// deeds is all that pages do with the administrative log: add to it and read.
type deeds interface {
	AddDeed(ctx context.Context, d survey.Deed) error
	AdminLog(ctx context.Context, f survey.AdminFilter, before, limit int) ([]survey.AdminEntry, error)
	EachDeed(ctx context.Context, f survey.AdminFilter, do func(survey.AdminEntry) error) error
}

// deed is what a viewer does. Details are of survey.DetailsOf; none of them
// may be a figure or say anything about a respondent.
func (v viewer) deed(action survey.DeedName, subject string, details survey.Args) survey.Deed {
	d := survey.Deed{Who: v.Email, Roles: v.Roles, Action: action, Subject: subject}
	for name, value := range details {
		if d.Details == nil {
			d.Details = make(map[string]string)
		}
		d.Details[name] = fmt.Sprint(value)
	}
	return d
}

// noting gives a context for the store's change that action names: the change
// and its entry in the administrative log are one transaction of people.db.
func noting(c echo.Context, v viewer, action survey.DeedName, subject string, details survey.Args) context.Context {
	return store.Noting(c.Request().Context(), v.deed(action, subject, details))
}

// noted adds to the administrative log what is no change of people.db: before
// a file with figures leaves, and after what was done elsewhere.
func (con *console) noted(c echo.Context, v viewer, action survey.DeedName, subject string, details survey.Args) error {
	return con.deeds.AddDeed(c.Request().Context(), v.deed(action, subject, details))
}

// deedsPage is a part of the administrative log, the newest entry first.
type deedsPage struct {
	frame
	Kinds    []choice
	From, To string // days, as they were asked for
	Error    string
	Entries  []deedLine
	Sort     heads
	Older    string // the address of what comes next, empty at the end
	Next     string // the same where another order was asked for
	Newest   string // the address of the beginning, empty when this is it
	CSV      string
}

// deedLine is one entry in words.
type deedLine struct {
	Seq             int
	When, Who, Role string
	What            string
	Details         []string
}

// deedsRequest is what the form asks for.
type deedsRequest struct{ Kind, From, To string }

// filter reads a request; days are the organisation's, To is included.
func (con *console) filter(in deedsRequest) (survey.AdminFilter, error) {
	f := survey.AdminFilter{Kind: in.Kind}
	day := func(text string, add int) (time.Time, error) {
		if text == "" {
			return time.Time{}, nil
		}
		t, err := time.ParseInLocation(time.DateOnly, text, con.zone)
		if err != nil {
			return time.Time{}, survey.Fail(survey.Invalid, "error.adminlog.day", survey.Args{"day": text})
		}
		return t.AddDate(0, 0, add), nil
	}
	var err error
	if f.From, err = day(in.From, 0); err != nil {
		return survey.AdminFilter{}, err
	}
	if f.To, err = day(in.To, 1); err != nil {
		return survey.AdminFilter{}, err
	}
	return f, nil
}

func (con *console) deedsPage(c echo.Context, v viewer) error {
	lang := con.lang(c.Request())
	s := con.in(lang)
	in := deedsRequest{c.QueryParam("kind"), c.QueryParam("from"), c.QueryParam("to")}
	p := deedsPage{frame: con.frame(lang, "adminlog.title", &v, deedsPath), From: in.From, To: in.To}
	p.Kinds = append(p.Kinds, choice{"", s.say("adminlog.kind.all", nil), in.Kind == ""})
	for _, kind := range survey.DeedKinds() {
		p.Kinds = append(p.Kinds, choice{kind, s.say("adminlog.kind."+kind, nil), in.Kind == kind})
	}
	status := http.StatusOK
	before, _ := strconv.Atoi(c.QueryParam("before")) // what is no number asks for the beginning
	filter, err := con.filter(in)
	if known, ok := asSurveyError(err); ok {
		status, p.Error = statusOf(known.Code), s.say(known.Key, known.Args)
	} else {
		if err := s.fillDeeds(c, &p, in, filter, max(0, before)); err != nil {
			return err
		}
	}
	con.render(c.Response(), lang, status, "deeds", p)
	return nil
}

// fillDeeds reads a part of the log: the newest entries before one, or, where
// another order is asked for, the first of all that the filter lets through.
func (s speech) fillDeeds(c echo.Context, p *deedsPage, in deedsRequest, filter survey.AdminFilter, before int) error {
	ctx := c.Request().Context()
	columns := []column[survey.AdminEntry]{
		byDate("when", "adminlog.when", func(e survey.AdminEntry) string { return fmt.Sprintf("%09d", e.Seq) }),
		byName("who", "adminlog.who", func(e survey.AdminEntry) string { return e.Who }),
	}
	if p.Sort = inOrder(s, c, p.frame, "deeds", nil, columns...); !p.Sort.chosen() {
		entries, err := s.con.deeds.AdminLog(ctx, filter, before, deedsOnPage+1)
		if err != nil {
			return err
		}
		p.turn(in, entries, before)
		for _, e := range entries[:min(len(entries), deedsOnPage)] {
			p.Entries = append(p.Entries, s.deedLine(e))
		}
		return nil
	}
	var all []survey.AdminEntry
	if err := s.con.deeds.EachDeed(ctx, filter, func(e survey.AdminEntry) error { all = append(all, e); return nil }); err != nil {
		return err
	}
	inOrder(s, c, p.frame, "deeds", all, columns...)
	from, _ := strconv.Atoi(c.QueryParam("from")) // what is no number begins at the first
	from = max(0, min(from, len(all)))
	p.turn(in, nil, from)
	if end := from + deedsOnPage; end < len(all) {
		p.Next = sortedPath(c, deedsPath, c.QueryParam("sort")) + "&from=" + strconv.Itoa(end)
	}
	for _, e := range all[from:min(from+deedsOnPage, len(all))] {
		p.Entries = append(p.Entries, s.deedLine(e))
	}
	return nil
}

// turn sets the links around a part of the log.
func (p *deedsPage) turn(in deedsRequest, entries []survey.AdminEntry, before int) {
	q := url.Values{}
	for name, value := range map[string]string{"kind": in.Kind, "from": in.From, "to": in.To} {
		if value != "" {
			q.Set(name, value)
		}
	}
	address := func(path string) string {
		if len(q) == 0 {
			return path
		}
		return path + "?" + q.Encode()
	}
	p.CSV = address(deedsPath + "/attune-actions.csv")
	if before > 0 {
		p.Newest = address(deedsPath)
	}
	if len(entries) > deedsOnPage {
		q.Set("before", strconv.Itoa(entries[deedsOnPage-1].Seq))
		p.Older = address(deedsPath)
	}
}

// deedLine writes an entry in words.
func (s speech) deedLine(e survey.AdminEntry) deedLine {
	return deedLine{
		Seq: e.Seq, When: s.moment(e.At), Who: e.Who, Role: s.roles(e.Roles),
		What: s.deed(e.Deed), Details: s.details(e.Deed),
	}
}

// deed says what was done; an action of a newer program goes by its name.
func (s speech) deed(d survey.Deed) string {
	key := "adminlog." + string(d.Action)
	if !s.con.site.Has(key) {
		return strings.TrimSpace(string(d.Action) + " " + d.Subject)
	}
	subject := d.Subject
	if subject == allWaves && d.Action.Kind() == "export" {
		subject = s.say("console.export.all", nil)
	}
	return s.say(key, survey.Args{"subject": subject})
}

func (s speech) details(d survey.Deed) []string {
	var all []string
	for _, name := range survey.DetailsOf(d.Action) {
		value := d.Details[name]
		if value == "" {
			continue
		}
		if name == "roles" {
			value = s.roles(strings.Split(value, ","))
		}
		all = append(all, s.say("adminlog.detail."+name, survey.Args{"value": value}))
	}
	return all
}

func (s speech) roles(roles []string) string {
	names := make([]string, len(roles))
	for i, role := range roles {
		if names[i] = s.con.roleName(s.lang, role); role == survey.CommandRole {
			names[i] = s.say("adminlog.command", nil)
		}
	}
	return s.list(names)
}

// deedColumns are the columns of the administrative log as a file; the last
// but one is a sentence in the reader's language.
func deedColumns() []string {
	return []string{"seq", "at", "who", "roles", "action", "subject", "details", "said", "sha256"}
}

// deedsCSV is the chosen part of the log as a file, the oldest entry first.
// Reading it is noted too, before anything is sent.
func (con *console) deedsCSV(c echo.Context, v viewer) error {
	filter, err := con.filter(deedsRequest{c.QueryParam("kind"), c.QueryParam("from"), c.QueryParam("to")})
	if err != nil {
		return err
	}
	if err := con.noted(c, v, survey.DidActionsRead, "", nil); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "attune-actions-"+con.today()+".csv"))
	c.Response().WriteHeader(http.StatusOK)
	s := con.in(con.lang(c.Request()))
	out := csv.NewWriter(c.Response())
	err = out.Write(deedColumns())
	if err == nil {
		err = con.deeds.EachDeed(c.Request().Context(), filter, func(e survey.AdminEntry) error { return out.Write(s.deedRow(e)) })
	}
	out.Flush()
	if err != nil { // half a file must not look like a whole one
		con.log.Error("the administrative log could not be sent", "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

func (s speech) deedRow(e survey.AdminEntry) []string {
	details := ""
	if len(e.Details) > 0 {
		raw, _ := json.Marshal(e.Details) // texts by texts
		details = string(raw)
	}
	return []string{
		strconv.Itoa(e.Seq), e.At.UTC().Format(time.RFC3339), noFormula(e.Who), strings.Join(e.Roles, " "), string(e.Action), noFormula(e.Subject), details,
		noFormula(strings.Join(append([]string{s.deed(e.Deed)}, s.details(e.Deed)...), "; ")), e.SHA256,
	}
}

// noFormula keeps a text from being run by a spreadsheet.
func noFormula(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
