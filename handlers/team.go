package handlers

import (
	"encoding/json"
	"slices"

	"attune/analytics"
	"attune/survey"

	"github.com/labstack/echo/v4"
)

// teamPage is one unit over all waves.
type teamPage struct {
	frame
	Unit     string
	Path     string // of this page
	Above    []link // the units above that the viewer may open, the highest first
	Below    []link
	Finding  []string // sentences; the first says who answered, the next what moved
	Latest   waveFacts
	Cards    []scaleCard // of the latest wave
	Earlier  []scaleCard // asked in other waves only
	Asked    askedTable
	Needs    needsCard
	Signs    signTable
	Who      string // the heading of Answered
	Answered []figure
	ByWave   head         // by which all figures wave for wave can be put in order
	Breaks   []breakMark  // of Answered
	Coverage drawnChart   // of Answered
	Guided   []guidedLink // guides to what was found
	Plan     string       // the unit's action plan
	Felt     []link       // what leaders answered, beside what staff experience
	Asking   []toAsk      // on paper: what to ask the team
	Wave     survey.WaveID
	Beside   besideTable
	Hidden   []reason // what is not shown, and why
	K        int

	planned survey.UnitID // whose plan Plan is
}

// link leads to the page of a unit.
type link struct{ Path, Name string }

// waveFacts are the dates and the fingerprint of a wave.
type waveFacts struct {
	Name, Opened, Closed string
	Words                []string // the manifest's fingerprint
	Checked              string   // what the audit before the release found; empty for old releases
}

// scaleCard is one scale: what is found, the line over the waves and the same
// figures as a table.
type scaleCard struct {
	ID       string
	Heading  string
	Trend    verdict
	Compare  string      // what the latest value may be held against; empty for nothing
	Note     string      // which way is better
	Key      []keyLine   // what each line of the chart is
	Breaks   []breakMark // where a line begins anew, and why
	Events   []eventMark // what happened between the waves
	Chart    json.RawMessage
	Label    string // the chart in words, for screen readers
	Figures  []figure
	Together []figure // the combined block's figures in the waves without one of the unit's own
	ByWave   head

	measure measure
}

func (con *console) team(c echo.Context, v viewer) error {
	at, err := con.unitRead(c, v)
	if err != nil {
		return err
	}
	felt, err := con.in(con.lang(c.Request())).feltOf(c.Request().Context(), v, at.unit)
	if err != nil {
		return err
	}
	page, paper := "team", c.QueryParam("print") != ""
	if paper {
		page = "team-print"
	}
	return con.keptPage(c, v, page, at.basis(felt), func(s speech, v viewer) (any, error) {
		p, err := s.unitPage(v, at)
		if err != nil {
			return nil, err
		}
		p.Felt = felt
		p.frame = con.frame(s.lang, "console.team.title", &v, p.Path)
		p.Title, p.Charts = p.Unit+" – "+p.Title, !paper
		p.sorted(s, c)
		if paper {
			p.Here += "?print=1"
			p.Asking = s.asking(p.Guided)
		}
		return p, nil
	})
}

// figureTable is figures wave for wave; Wave is empty where there is only one.
type figureTable struct {
	Rows []figure
	Wave head
}

// Own are the unit's figures as a table.
func (card scaleCard) Own() figureTable { return figureTable{card.Figures, card.ByWave} }

// Others are those of the combined block.
func (card scaleCard) Others() figureTable { return figureTable{card.Together, card.ByWave} }

// sorted puts all figures wave for wave in the order that the address asks
// for. The charts are made by then, and keep the order of time.
func (p *teamPage) sorted(s speech, c echo.Context) {
	byWave := byDate("date", "console.table.wave", figure.Opened)
	order := func(rows []figure) head { return inOrder(s, c, p.frame, "waves", rows, byWave)["date"] }
	p.ByWave = order(p.Answered)
	for _, cards := range [][]scaleCard{p.Cards, p.Earlier} {
		for i := range cards {
			cards[i].ByWave = order(cards[i].Figures)
			order(cards[i].Together)
		}
	}
	p.Beside.sorted(s, c, p.frame)
}

// unitRead is what a unit's page tells of.
type unitRead struct {
	unit     survey.UnitID
	releases []*analytics.Release // all of them
	line     []sight              // the last is the latest wave
	rounds   []sight              // those after incidents
	events   []survey.Event
}

// unitRead reads what there is to tell of the unit that an address names. It
// fails for a unit that is none of the viewer's part.
func (con *console) unitRead(c echo.Context, v viewer) (at unitRead, err error) {
	ctx := c.Request().Context()
	at.unit = survey.UnitID(c.Param("unit"))
	if at.releases, err = con.archive.Releases(ctx); err != nil {
		return unitRead{}, err
	}
	line, err := v.sights(at.releases, at.unit)
	if err != nil {
		return unitRead{}, err
	}
	at.line, at.rounds = apart(line)
	at.events, err = con.happened(ctx, at.latest().Tree(), at.unit)
	return at, err
}

func (at unitRead) latest() *analytics.Release { return at.line[len(at.line)-1].release }

// basis is what the page is made of, when more is read for it.
func (at unitRead) basis(more ...any) basis {
	return basis{at.releases, append([]any{at.events}, more...)}
}

// unitPage makes the page of a unit in this language.
func (s speech) unitPage(v viewer, at unitRead) (teamPage, error) {
	tree := at.latest().Tree()
	s = s.explaining(reasons{
		page: at.unit, instead: "beside", open: func(u survey.UnitID) bool { return v.sees(tree, u) && u != at.unit },
	})
	p, err := s.team(v, at)
	p.Path, p.Wave = teamPath(at.unit), at.latest().Wave()
	return p, err
}

// team gathers the page of a unit.
func (s speech) team(v viewer, at unitRead) (teamPage, error) {
	unit, line, latest, events := at.unit, at.line, at.latest(), at.events
	tree := latest.Tree()
	scales, signs := s.measures(line)
	p := teamPage{Unit: s.unitID(tree, unit), Latest: s.facts(latest), K: latest.K()}
	p.Above, p.Below = s.around(v, tree, unit)
	p.Answered = s.over(line, string(unit), response(), analytics.StatisticCoverage)
	for _, m := range scales {
		card, asked, err := s.card(line, unit, m, events)
		if err != nil {
			return teamPage{}, err
		}
		switch {
		case !asked:
		case card.Figures[len(card.Figures)-1].version == "":
			p.Earlier = append(p.Earlier, card)
		default:
			p.Cards = append(p.Cards, card)
		}
	}
	p.Needs = s.needs(at.rounds, unit)
	p.Asked = s.asked(line, unit)
	p.Breaks = s.marks(chartLine{figures: p.Answered})
	p.Who = s.whoAnswered(p.Answered)
	var err error
	if p.Coverage, err = s.coverage(p.Answered, p.Unit); err != nil {
		return teamPage{}, err
	}
	if p.Signs, err = s.signTable(line, unit, scales, signs, events); err != nil {
		return teamPage{}, err
	}
	p.Finding = s.finding(p.Answered, p.Cards)
	p.planned = planUnit(tree, unit)
	p.Guided, p.Plan = s.guided(v, p, tree, p.planned, signs), unitActionsPath(p.planned)
	p.Beside = s.beside(v, latest, unit, scales)
	s.noteHidden(latest, unit)
	p.Hidden = s.whyNot(tree)
	return p, nil
}

// around lists the units above that the viewer may open, the highest first,
// and the units below.
func (s speech) around(v viewer, tree survey.Tree, unit survey.UnitID) (above, below []link) {
	up := tree.Ancestors(unit)
	for i := len(up) - 1; i >= 0; i-- {
		if v.sees(tree, up[i]) {
			above = append(above, s.link(tree, up[i]))
		}
	}
	for _, child := range tree.Children(unit) {
		below = append(below, s.link(tree, child))
	}
	return above, below
}

func (s speech) link(tree survey.Tree, unit survey.UnitID) link {
	return link{Path: teamPath(unit), Name: s.unitID(tree, unit)}
}

// facts are what every dashboard page says about a wave.
func (s speech) facts(r *analytics.Release) waveFacts {
	f := waveFacts{Name: s.wave(r.Wave()), Opened: s.date(r.Opens()), Closed: s.date(r.Closes()), Checked: s.checked(r)}
	if words, err := survey.Fingerprint(r.ManifestSHA256()); err == nil {
		f.Words = words
	}
	return f
}

// response is the measure of a wave as a whole: who answered.
func response() measure { return measure{id: analytics.MeasureResponse, low: 0, high: 1} }

// over reads one measure of a unit in every wave of a line that belongs to
// the measure's programmes.
func (s speech) over(line []sight, unit string, m measure, statistic string) []figure {
	return s.figures(line, seriesOf(line, unit, m, statistic))
}

// figures puts a series in words, as far as a line goes.
func (s speech) figures(line []sight, points []analytics.Point) []figure {
	cells := make(map[survey.WaveID]analytics.Point, len(points))
	for _, point := range points {
		cells[point.Wave] = point
	}
	var figures []figure
	for _, at := range line {
		point, ok := cells[at.release.Wave()]
		if !ok {
			continue
		}
		var f figure
		if at.mine {
			f = s.figureOf(at.release, point.Cell, point.Present)
		} else {
			f = s.elsewhere(at.release)
		}
		if point.Break {
			f.Break = s.say("console.break.teams", nil)
		}
		figures = append(figures, f)
	}
	s.newVersions(figures)
	return figures
}

// card is one scale of a unit; asked is false when it was asked in none of
// the waves.
func (s speech) card(line []sight, unit survey.UnitID, m measure, events []survey.Event) (card scaleCard, asked bool, err error) {
	series := seriesOf(line, string(unit), m, analytics.StatisticMean)
	figures := s.figures(line, series)
	if !slices.ContainsFunc(figures, func(f figure) bool { return f.version != "" }) {
		return scaleCard{}, false, nil
	}
	tree := line[len(line)-1].release.Tree()
	name := s.unitID(tree, unit)
	card = scaleCard{ID: m.id, Figures: figures, Note: s.direction(m), measure: m}
	found := s.judged(line, series, m, events)
	card.Trend = s.verdict(found)
	s.begunAnew(figures, events)
	lines := []chartLine{{roleOwn, name, figures}}
	var above chartLine
	if up := tree.Ancestors(unit); len(up) > 0 {
		above = chartLine{role: roleAbove, name: s.unitID(tree, up[0])}
		above.figures = s.over(line, string(up[0]), m, analytics.StatisticMean)
		lines = append(lines, above)
	}
	blocks, any := s.together(figures, m)
	if any {
		lines = append(lines, chartLine{roleTogether, s.say("console.chart.together_name", nil), blocks})
		card.Together = onlyShown(blocks)
	}
	card.Key, card.Breaks = s.key(lines), s.marks(lines[0], above)
	card.Label = s.describe(m, name, figures)
	card.Heading = s.heading(m, found.Verdict, figures, blocks, above)
	card.Compare = s.compared(line[len(line)-1].release, unit, m, found)
	card.Events = s.eventMarks(figures, events)
	card.Chart, err = trend(m, lines, chartData{Breaks: card.Breaks, Usual: usual(m, found), Events: card.Events}, card.Label)
	if len(usual(m, found)) > 0 {
		card.Key = append(card.Key, keyLine{roleUsual, s.say("console.chart.key.usual", nil)})
	}
	return card, true, err
}

func (s speech) direction(m measure) string {
	switch m.direction {
	case survey.HigherBetter:
		return s.say("console.direction.better", nil)
	case survey.HigherWorse:
		return s.say("console.direction.worse", nil)
	}
	return s.say("console.direction.neutral", nil)
}

// together are the figures of the blocks that the unit is combined in, wave
// for wave; any is false when it is combined in none. Where the teams of the
// block change, the line begins anew.
func (s speech) together(figures []figure, m measure) (blocks []figure, any bool) {
	blocks = make([]figure, len(figures))
	for i, f := range figures {
		blocks[i] = figure{wave: f.wave, Wave: f.Wave, Short: f.Short, Status: f.Status}
		if _, ok := blockOf(f); !ok {
			continue
		}
		status := f.Status
		blocks[i] = s.figure(f.release, f.block, m, analytics.StatisticMean)
		blocks[i].Status = status
		blocks[i].version += " " + f.block
		any = true
	}
	return blocks, any
}

// blockOf is the block that a figure's unit is combined in; a unit can also be
// part of the unit above it, which has a page and a line of its own.
func blockOf(f figure) (analytics.Block, bool) {
	if f.block == "" {
		return analytics.Block{}, false
	}
	return f.release.Block(f.block)
}

// onlyShown keeps the figures that have a value.
func onlyShown(figures []figure) []figure {
	var shown []figure
	for _, f := range figures {
		if f.Shown {
			shown = append(shown, f)
		}
	}
	return shown
}
