package handlers

import (
	"context"
	"net/http"
	"slices"
	"time"

	"attune/survey"
	"attune/survey/store"
	"attune/survey/wave"

	"github.com/labstack/echo/v4"
)

const administrationPath = "/console/administration"

// Messages says which ways messages to people can go.
type Messages struct {
	Mail  bool // a mail server is set up
	Texts bool // a gateway for text messages is set up
}

// outlooks is what administrators' pages may know of waves to come: what the
// rules say of them, and how many people they would ask. It names nobody.
type outlooks interface {
	CheckAnnounce(ctx context.Context, id survey.WaveID) error
	CheckOccurrence(ctx context.Context, r wave.Request) error
	CheckPlan(ctx context.Context, r wave.Request) ([]survey.FieldFault, error)
	CheckProgramme(ctx context.Context, p survey.Programme, fresh bool) ([]survey.FieldFault, error)
	Foresee(ctx context.Context, p survey.Programme) (wave.Forecast, error)
	Dates(ctx context.Context, p survey.Programme, n int) ([]wave.Date, error)
	Outlook(ctx context.Context, r wave.Request) (wave.Outlook, error)
	OutlookWith(ctx context.Context, r wave.Request, units []survey.Unit) (wave.Outlook, error)
}

// running is what the administrators' first page reads of the store.
type running interface {
	Programmes(ctx context.Context) ([]survey.Programme, error)
	Occurrences(ctx context.Context, programme string) ([]survey.Decision, error)
	Mailings(ctx context.Context) ([]store.MailingCount, error)
	Contacts(ctx context.Context) ([]survey.Contact, error)
}

// administrationPage is what an administrator looks at first: the next wave
// and what stands in its way, what runs, and what needs somebody. It has no
// figure of what anybody answered, or of how many did.
type administrationPage struct {
	frame
	Next     *comingCard // nil: no wave to come
	Running  []waveRow
	Queue    []string
	Warnings []string
}

// comingCard is the wave that opens next.
type comingCard struct {
	Name    string
	Lines   []string // dates, owner, contact
	Blocked []string // what stands in its way
	Notes   []string // who is combined, and whom no message reaches
	Promise string   // path, once it is announced
}

// home is the first page after signing in: figures for whoever may read some,
// else the administrators' page, else what an auditor sees.
func (con *console) home(c echo.Context, v viewer) error {
	if v.has(admin) && !v.readsFigures() {
		return con.administration(c, v)
	}
	return con.overview(c, v)
}

func (con *console) administration(c echo.Context, v viewer) error {
	ctx, lang := c.Request().Context(), con.lang(c.Request())
	s := con.in(lang)
	p := administrationPage{frame: con.frame(lang, "admin.title", &v, administrationPath)}
	all, err := con.waves.Waves(ctx)
	if err != nil {
		return err
	}
	if p.Next, err = s.comes(ctx, all); err != nil {
		return err
	}
	records, err := con.records(c)
	if err != nil {
		return err
	}
	for _, w := range all {
		if w.State == survey.Announced || w.State == survey.Open || w.State == survey.Closed {
			p.Running = append(p.Running, s.waveRow(w, records))
		}
	}
	mailings, err := con.running.Mailings(ctx)
	if err != nil {
		return err
	}
	p.Queue = s.queue(mailings)
	if p.Warnings, err = s.warnings(ctx, all, mailings); err != nil {
		return err
	}
	con.render(c.Response(), lang, http.StatusOK, "administration", p)
	return nil
}

// comes finds the wave that opens next: one that is planned or announced,
// or the next date of a programme.
func (s speech) comes(ctx context.Context, all []survey.Wave) (*comingCard, error) {
	now := s.con.now()
	var next *survey.Wave
	for _, w := range all { // by opening
		if (w.State == survey.Planned || w.State == survey.Announced) && w.Closes.After(now) {
			next = &w
			break
		}
	}
	date, programme, err := s.con.nextDate(ctx)
	switch {
	case err != nil:
		return nil, err
	case date != nil && (next == nil || date.Opens.Before(next.Opens)):
		return s.comingDate(ctx, programme, *date)
	case next == nil:
		return nil, nil //nolint:nilnil // no wave to come is no fault
	}
	return s.comingWave(ctx, *next)
}

// nextDate is the first date to come of any programme that goes on.
func (con *console) nextDate(ctx context.Context) (next *wave.Date, programme survey.Programme, err error) {
	programmes, err := con.running.Programmes(ctx)
	if err != nil {
		return nil, survey.Programme{}, err
	}
	const ahead = 6 // dates that may be decided or paused before one is free
	for _, p := range programmes {
		if !p.Active {
			continue
		}
		dates, err := con.outlooks.Dates(ctx, p, ahead)
		if err != nil {
			return nil, survey.Programme{}, err
		}
		i := slices.IndexFunc(dates, func(d wave.Date) bool { return !d.Decided && !d.Paused })
		if i >= 0 && (next == nil || dates[i].Opens.Before(next.Opens)) {
			next, programme = &dates[i], p
		}
	}
	return next, programme, nil
}

func (s speech) comingDate(ctx context.Context, p survey.Programme, d wave.Date) (*comingCard, error) {
	n := &comingCard{Name: s.say("admin.next.date", survey.Args{"programme": p.ID, "date": s.date(d.Date)})}
	contact := p.Contact
	if contact == "" {
		contact = s.say("admin.next.contact_first", nil)
	}
	n.Lines = []string{
		s.say("admin.next.dates", survey.Args{"opens": s.moment(d.Opens), "closes": s.moment(d.Closes)}),
		s.say("admin.next.announced", survey.Args{"date": s.moment(d.Announced)}),
		s.say("admin.next.people", survey.Args{"owner": p.Owner, "results": s.date(d.ResultsOn), "contact": contact}),
		s.say("admin.next.asks", survey.Args{"packs": s.packTitles(d.Request.Packs)}),
	}
	return n, s.obstacles(ctx, n, d.Request, s.con.outlooks.CheckOccurrence(ctx, d.Request))
}

func (s speech) comingWave(ctx context.Context, w survey.Wave) (*comingCard, error) {
	n := &comingCard{Name: s.wave(w.ID)}
	packs := make([]string, len(w.Packs))
	for i, ref := range w.Packs {
		packs[i] = ref.ID
	}
	n.Lines = []string{
		s.say("admin.next.dates", survey.Args{"opens": s.moment(w.Opens), "closes": s.moment(w.Closes)}),
		s.say("admin.next.people", survey.Args{"owner": w.Owner, "results": s.date(w.ResultsOn), "contact": w.Contact}),
		s.say("admin.next.asks", survey.Args{"packs": s.packTitles(packs)}),
	}
	if w.State == survey.Announced {
		n.Promise = "/log/" + string(w.ID)
		n.Lines = append(n.Lines, s.say("admin.next.promised", nil))
		return n, nil
	}
	n.Lines = append(n.Lines, s.say("admin.next.planned", nil))
	request := wave.Request{Unit: w.Scope, Paper: w.Paper, AllPaper: w.AllPaper, K: w.K}
	return n, s.obstacles(ctx, n, request, s.con.outlooks.CheckAnnounce(ctx, w.ID))
}

// packTitles names packs in the language of the page.
func (s speech) packTitles(ids []string) string {
	titles := make([]string, len(ids))
	for i, id := range ids {
		titles[i] = id
		if pack, err := s.con.library.Latest(id); err == nil {
			titles[i] = pack.Title.In(s.lang)
		}
	}
	return s.list(titles)
}

// obstacles adds what a wave would be refused for, and whom it would ask.
// refused is what the rules say about it.
func (s speech) obstacles(ctx context.Context, n *comingCard, r wave.Request, refused error) error {
	if refused != nil {
		known, ok := asSurveyError(refused)
		if !ok {
			return refused
		}
		n.Blocked = append(n.Blocked, s.fault(known))
	}
	o, err := s.con.outlooks.Outlook(ctx, r)
	if known, ok := asSurveyError(err); ok {
		if said := s.fault(known); !slices.Contains(n.Blocked, said) {
			n.Blocked = append(n.Blocked, said)
		}
		return nil
	}
	if err != nil {
		return err
	}
	n.Notes = append(n.Notes, s.whomAsked(o)...)
	return nil
}

// whomAsked says how many people a wave would ask, who is combined and whom no
// message reaches.
func (s speech) whomAsked(o wave.Outlook) []string {
	notes := []string{s.say("admin.next.asked", survey.Args{"people": o.People, "groups": len(o.Groups)})}
	for _, g := range o.Groups {
		if g.Merged() {
			notes = append(notes, s.say("admin.next.merged", survey.Args{"teams": s.teams(o.Tree, g.Units), "people": g.Headcount}))
		}
	}
	if o.ByHand > 0 {
		notes = append(notes, s.say("admin.next.by_hand", survey.Args{"people": o.ByHand}))
	}
	if o.ByText > 0 && !s.con.messages.Texts {
		notes = append(notes, s.say("admin.next.by_text", survey.Args{"people": o.ByText}))
	}
	return notes
}

// teams names the teams of a group with those above them.
func (s speech) teams(tree survey.Tree, units []survey.UnitID) string {
	names := make([]string, len(units))
	for i, unit := range units {
		names[i] = s.unitID(tree, unit)
	}
	return s.list(names)
}

// fault is an error in words. Where those name an option of a command, pages
// have words of their own.
func (s speech) fault(known *survey.Error) string {
	if own := "admin." + known.Key; s.con.site.Has(own) {
		return s.say(own, known.Args)
	}
	return s.say(known.Key, known.Args)
}

// queue says what has not gone yet, and what could not go: counts of messages
// and nobody's address.
func (s speech) queue(mailings []store.MailingCount) []string {
	var waiting, refused, unknown int
	for _, m := range mailings {
		waiting += m.Waiting + m.Sending
		refused += m.Refused
		unknown += m.Unknown
	}
	lines := []string{s.say("admin.queue.empty", nil)}
	if waiting > 0 {
		lines[0] = s.say("admin.queue.waiting", survey.Args{"count": waiting})
	}
	if refused > 0 {
		lines = append(lines, s.say("admin.queue.refused", survey.Args{"count": refused}))
	}
	if unknown > 0 {
		lines = append(lines, s.say("admin.queue.unknown", survey.Args{"count": unknown}))
	}
	return lines
}

// skippedFor is how long a skipped date of a programme is told.
const skippedFor = 35 * 24 * time.Hour

// warnings says what needs somebody.
func (s speech) warnings(ctx context.Context, all []survey.Wave, mailings []store.MailingCount) ([]string, error) {
	var told []string
	warn := func(key string, args survey.Args) { told = append(told, s.say(key, args)) }
	for _, w := range all {
		if w.State == survey.Closed && s.con.now().Sub(w.Closes) > time.Hour {
			warn("admin.warning.unreleased", survey.Args{"wave": s.wave(w.ID), "destroyed": s.day(w.Closes.AddDate(0, 0, survey.ReleaseWithinDays))})
		}
	}
	if !s.con.messages.Mail {
		warn("admin.warning.no_mail", nil)
	}
	contacts, err := s.con.running.Contacts(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(contacts, func(c survey.Contact) bool { return c.Tier == survey.TierToday && c.Site == "" }) {
		warn("admin.warning.no_contact", nil)
	}
	programmes, err := s.con.running.Programmes(ctx)
	if err != nil {
		return nil, err
	}
	since := s.con.now().Add(-skippedFor).In(s.con.zone).Format(time.DateOnly)
	for _, p := range programmes {
		decisions, err := s.con.running.Occurrences(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		for _, d := range decisions {
			if d.Skipped != nil && d.Wave == "" && d.Date >= since {
				warn("admin.warning.skipped", survey.Args{"programme": p.ID, "date": s.date(d.Date), "reason": s.fault(d.Skipped)})
			}
		}
	}
	return told, nil
}
