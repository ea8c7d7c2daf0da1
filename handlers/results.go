package handlers

import (
	"context"
	"net/http"
	"slices"

	"attune/analytics"
	"attune/handlers/respond"
	"attune/survey"

	"github.com/labstack/echo/v4"
)

// resultsPage is what everybody of a unit may see of one release: the unit's
// figures, those of the combined block that it is hidden in, and those of the
// units above. Managers see the same cells.
type resultsPage struct {
	staffFrame
	ID             survey.WaveID
	Unit, Wave     string
	Answered       string   // who answered, or why the unit is not shown on its own
	Hidden         []reason // what is not shown, and why
	Checked        string   // what the audit before the release found
	Seen           *respond.Seen
	Opened, Closed string
	Scales         []resultsScale
	Signs          resultsSigns
	Alone          []aloneTable // questions that are published by themselves
	Told           []toldNote   // what managers said and do about it
	Owner          string
	ResultsOn      string
	Contact        string
	Next           *nextWave // whose ticket can be collected here
	K              int
	Words          []string
}

// resultsScale is one scale: what was found, and the same for the units above.
type resultsScale struct {
	ID, Title, Plain string
	Finding          string
	Direction        string
	Rows             []resultsRow
}

// resultsRow is one unit's or block's figure of a scale.
type resultsRow struct {
	figure
	Name  string
	Own   bool
	Where string // between which response words the mean lies
}

// resultsSigns has a row for each sign and a column for each unit.
type resultsSigns struct {
	Columns []string
	Rows    []signLine
}

type signLine struct {
	Name  string
	Cells []figure
}

// nextWave is the wave whose ticket the page's script collects.
type nextWave struct {
	Wave           survey.WaveID
	ManifestSHA256 string
	Name           string
	Open           bool
	Opens, Closes  string
	Words          []string
}

// results is the page that a results link opens. What differs between two
// people who open it stays behind the # of their addresses.
func (con *console) results(c echo.Context) error {
	ctx := c.Request().Context()
	wave, unit, ok, err := con.waves.ResultsOf(ctx, c.Param("key"))
	if err != nil {
		return err
	}
	if !ok {
		return con.staffMissing(c, "results.missing.h1", "results.missing", "results.missing.void", "results.missing.do")
	}
	release, err := con.archive.Release(ctx, wave)
	if err != nil {
		return err
	}
	lang := con.staffLang(c.Request())
	s := con.in(lang).explaining(reasons{open: func(survey.UnitID) bool { return false }})
	p, err := s.results(ctx, release, unit)
	if err != nil {
		return err
	}
	p.staffFrame = con.staffFrame(lang, "results", "results.title")
	p.Organisation = release.Tree().Root().Name
	if p.Next != nil {
		if script, err := con.site.Asset("collect.js"); err == nil {
			p.Script = script
		}
	}
	return con.renderStaff(c, lang, http.StatusOK, "results", p)
}

func (s speech) results(ctx context.Context, r *analytics.Release, unit survey.UnitID) (resultsPage, error) {
	facts := s.facts(r)
	p := resultsPage{
		ID: r.Wave(), Unit: s.unitID(r.Tree(), unit), Wave: facts.Name, Opened: facts.Opened, Closed: facts.Closed,
		Words: facts.Words, Checked: facts.Checked, K: r.K(),
	}
	s.tellAnswered(&p, r, unit)
	places := s.places(r, unit)
	scales, signs := s.measures([]sight{{release: r, mine: true}})
	for _, m := range s.askedIn(r, unit, scales) {
		p.Scales = append(p.Scales, s.resultsScale(r, m, places))
	}
	p.Signs = s.resultsSigns(r, s.askedIn(r, unit, signs), places)
	p.Alone = s.alone(r, places)
	p.Hidden = s.whyNot(r.Tree())
	var err error
	if p.Told, err = s.toldAbout(ctx, r.Tree(), unit, r.Wave()); err != nil {
		return resultsPage{}, err
	}
	if err := s.seen(ctx, &p, r, unit); err != nil {
		return resultsPage{}, err
	}
	err = s.follow(ctx, &p, r, unit)
	return p, err
}

// tellAnswered says who answered, or that the unit is not shown on its own.
func (s speech) tellAnswered(p *resultsPage, r *analytics.Release, unit survey.UnitID) {
	f := s.figure(r, string(unit), response(), analytics.StatisticCoverage)
	if f.Shown {
		p.Answered = s.say("results.answered", survey.Args{"n": f.N, "invited": f.Invited})
		return
	}
	p.Answered = s.say("results.hidden", survey.Args{"unit": p.Unit, "k": r.K()})
}

// place is a unit or block whose figures the page shows.
type place struct {
	id, name string
	own      bool
}

// places are the unit, the block that it is combined in, and the units above,
// the nearest first.
func (s speech) places(r *analytics.Release, unit survey.UnitID) []place {
	tree := r.Tree()
	all := []place{{string(unit), s.unitID(tree, unit), true}}
	if block, ok := blockOf(s.figure(r, string(unit), response(), analytics.StatisticCoverage)); ok {
		all = append(all, place{block.ID, s.say("results.together", survey.Args{"teams": s.members(r, block.ID, "")}), false})
	}
	for _, up := range tree.Ancestors(unit) {
		all = append(all, place{string(up), s.unitID(tree, up), false})
	}
	return all
}

func (s speech) resultsScale(r *analytics.Release, m measure, places []place) resultsScale {
	scale := resultsScale{ID: m.id, Title: m.title, Direction: s.direction(m), Plain: s.plain(r, m)}
	for _, at := range places {
		row := resultsRow{figure: s.figure(r, at.id, m, analytics.StatisticMean), Name: at.name, Own: at.own}
		if row.Shown {
			row.Where = s.between(m.words, row.value)
		}
		scale.Rows = append(scale.Rows, row)
	}
	scale.Finding = s.resultsFinding(m, scale.Rows)
	return scale
}

// resultsFinding says what the nearest shown row found.
func (s speech) resultsFinding(m measure, rows []resultsRow) string {
	i := slices.IndexFunc(rows, func(row resultsRow) bool { return row.Shown })
	if i < 0 {
		return s.say("console.not_shown", nil)
	}
	return s.say("results.finding", survey.Args{"unit": rows[i].Name, "found": s.found(m, rows[i].figure)})
}

// plain explains a scale in the pack's own words.
func (s speech) plain(r *analytics.Release, m measure) string {
	for _, ref := range r.Packs() {
		pack, err := s.con.library.Find(ref)
		if err != nil || pack.ID != m.pack {
			continue
		}
		for _, scale := range pack.Scales {
			if scale.ID == m.id {
				return scale.Plain.In(s.lang)
			}
		}
	}
	return ""
}

func (s speech) resultsSigns(r *analytics.Release, signs []measure, places []place) resultsSigns {
	var t resultsSigns
	if len(signs) == 0 {
		return t
	}
	for _, at := range places {
		t.Columns = append(t.Columns, at.name)
	}
	for _, m := range signs {
		line := signLine{Name: m.title}
		for _, at := range places {
			line.Cells = append(line.Cells, s.figure(r, at.id, m, analytics.StatisticMean))
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// seen explains what managers see of the unit's group, by the rules that the
// release was made under and the group's leaf.
func (s speech) seen(ctx context.Context, p *resultsPage, r *analytics.Release, unit survey.UnitID) error {
	leaves, err := s.con.waves.Leaves(ctx, r.Wave())
	if err != nil {
		return err
	}
	u, _ := r.Tree().Unit(unit)
	if u.Direct {
		u.ID = u.Parent // as a leaf names it
	}
	path := r.Tree().Path(u.ID)
	promised := survey.Manifest{K: r.K(), KC: r.KC()}
	seen := respond.SeenOf(promised, nil, 0)
	for _, leaf := range leaves {
		if slices.Contains(leaf.Units, path) {
			seen = respond.SeenOf(promised, leaf.Units, leaf.Headcount)
		}
	}
	p.Seen = &seen
	return nil
}

// follow says what happens next: who acts on the results and when, and which
// wave comes.
func (s speech) follow(ctx context.Context, p *resultsPage, r *analytics.Release, unit survey.UnitID) error {
	all, err := s.con.waves.Waves(ctx)
	if err != nil {
		return err
	}
	scope := make(map[survey.WaveID]survey.UnitID, len(all))
	for _, w := range all {
		scope[w.ID] = w.Scope
		if w.ID == r.Wave() {
			p.Owner, p.ResultsOn, p.Contact = w.Owner, s.date(w.ResultsOn), w.Contact
		}
	}
	coming, err := s.con.waves.Drawable(ctx)
	if err != nil {
		return err
	}
	for _, w := range coming {
		if w.Manifest.TicketPublicKey == "" || !r.Tree().Within(unit, scope[w.ID]) {
			continue
		}
		p.Next = &nextWave{
			Wave: w.ID, ManifestSHA256: w.ManifestSHA256, Name: s.wave(w.ID), Open: w.State == survey.Open,
			Opens: s.moment(w.Opens), Closes: s.moment(w.Closes), Words: w.Fingerprint,
		}
		break
	}
	return nil
}
