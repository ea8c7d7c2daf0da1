package handlers

import (
	"context"
	"net/http"
	"slices"

	"attune/analytics"
	"attune/survey"

	"github.com/labstack/echo/v4"
)

// homePage is where somebody begins after signing in: for managers their part
// of the organisation in the latest wave, for HR all of it; what changed, what
// is due, and one tap to each unit.
type homePage struct {
	frame
	Auditor bool     // sees no figures, and is led to the public log
	Teach   []string // what to expect while there is nothing to show; empty where there is
	Finding []string
	Latest  waveFacts
	Coming  []string // the waves that are announced or open
	Due     []dueLine
	Small   string     // what helps where the viewer's own unit has no figures
	Instead []string   // and what is known about the units around it
	Modes   []unitLine // signs of survival mode, that mode first
	Calm    string     // what is said of the units without a line of their own
	Changes []unitLine
	Still   string // what is said where nothing changed
	Units   besideTable
	Hidden  []reason
	K       int
}

func (con *console) overview(c echo.Context, v viewer) error {
	lang := con.lang(c.Request())
	if !v.readsFigures() {
		con.render(c.Response(), lang, http.StatusOK, "home", homePage{frame: con.frame(lang, "console.overview.title", &v, consolePath), Auditor: true})
		return nil
	}
	at, err := con.in(lang).homeRead(c.Request().Context(), v)
	if err != nil {
		return err
	}
	return con.keptPage(c, v, "home", basis{at.releases, []any{at.coming, at.due, at.teach, at.events}}, func(s speech, v viewer) (any, error) {
		p, err := s.homePage(v, at)
		p.Units.sorted(s, c, p.frame)
		return p, err
	})
}

// homeRead is what a first page tells of: in words, what comes and is due, and
// what to expect while there is no figure for the viewer.
type homeRead struct {
	releases      []*analytics.Release
	coming, teach []string
	due           []dueLine
	events        []survey.Event // of every unit of the viewer's part and of those above it
}

// homeRead reads what there is to tell somebody who sees figures.
func (s speech) homeRead(ctx context.Context, v viewer) (at homeRead, err error) {
	if at.releases, err = s.con.archive.Releases(ctx); err != nil {
		return homeRead{}, err
	}
	if at.coming, err = s.coming(ctx, v); err != nil {
		return homeRead{}, err
	}
	if at.due, err = s.due(ctx, v); err != nil {
		return homeRead{}, err
	}
	latest, root, ok := v.latest(at.releases)
	if !ok {
		at.teach, err = s.teach(ctx, v, len(at.releases) > 0)
		return at, err
	}
	tree := latest.Tree()
	at.events, err = s.con.events.Events(ctx, append(v.units(tree), tree.Ancestors(root)...))
	return at, err
}

// homePage makes the page of somebody who sees figures.
func (s speech) homePage(v viewer, at homeRead) (homePage, error) {
	p := homePage{frame: s.con.frame(s.lang, "console.overview.title", &v, consolePath), Coming: at.coming, Due: at.due, Teach: at.teach}
	latest, root, ok := v.latest(at.releases)
	if !ok {
		return p, nil
	}
	tree := latest.Tree()
	s = s.explaining(reasons{instead: "units", blocks: "units", open: func(u survey.UnitID) bool { return v.sees(tree, u) }})
	line, err := v.sights(regular(at.releases), root)
	if err != nil {
		return p, err
	}
	scales, signs := s.measures(line)
	p.Latest, p.K = s.facts(latest), latest.K()
	p.Finding = s.overviewFinding(latest, root)
	p.Units = s.part(v, latest, root, scales)
	s.noteHidden(latest, root)
	p.Hidden = s.whyNot(tree)
	if f := s.figure(latest, string(root), response(), analytics.StatisticCoverage); !f.Shown {
		p.Small = s.small(tree, root, f)
		p.Instead, err = s.knownInstead(line, root, scales, at.events)
		return p, err
	}
	states, err := s.states(v, line, root, scales, signs, at.events)
	if err != nil {
		return p, err
	}
	s.marked(&p.Units, states, latest)
	p.Modes, p.Calm = s.modes(tree, states)
	p.Changes, p.Still = s.moves(tree, states)
	return p, nil
}

// teach says what to expect while there are no figures for the viewer.
func (s speech) teach(ctx context.Context, v viewer, others bool) ([]string, error) {
	if others {
		return []string{s.say("console.overview.none_of_yours", nil)}, nil
	}
	said := []string{s.say("console.overview.empty", nil)}
	all, err := s.con.waves.Waves(ctx)
	if err != nil {
		return nil, err
	}
	if at := slices.IndexFunc(all, func(w survey.Wave) bool { return !w.State.Final() }); at >= 0 {
		w := all[at]
		said = append(said, s.say("home.teach."+string(w.State), survey.Args{
			"wave": s.wave(w.ID), "opens": s.day(w.Opens), "closes": s.day(w.Closes), "results": s.date(w.ResultsOn), "owner": w.Owner,
		}))
	} else {
		said = append(said, s.say("home.teach.none", nil))
	}
	return append(said, s.say("home.teach.small", nil), s.say("home.teach.meanwhile", nil)), nil
}

// coming says which waves are announced or open, and until when. It holds no
// figure: how many have answered is told to nobody.
func (s speech) coming(ctx context.Context, v viewer) ([]string, error) {
	all, err := s.con.waves.Waves(ctx)
	if err != nil {
		return nil, err
	}
	tree, err := s.con.planTree(ctx)
	if err != nil {
		return nil, err
	}
	var said []string
	for _, w := range all {
		if _, mine := v.part(tree, w.Scope); !mine {
			continue
		}
		if w.State == survey.Announced || w.State == survey.Open || w.State == survey.Closed {
			said = append(said, s.say("home.coming."+string(w.State), survey.Args{
				"wave": s.wave(w.ID), "opens": s.day(w.Opens), "closes": s.day(w.Closes), "results": s.date(w.ResultsOn),
			}))
		}
	}
	return said, nil
}

// small says what helps somebody whose own unit has no figures of its own.
func (s speech) small(tree survey.Tree, root survey.UnitID, f figure) string {
	args := survey.Args{"unit": s.unitID(tree, root), "status": lower(f.Status), "wave": f.Wave}
	if up := tree.Ancestors(root); len(up) > 0 {
		args["above"] = s.unitID(tree, up[0])
		return s.say("home.small", args)
	}
	return s.say("home.small.alone", args)
}

// knownInstead reads for each scale what is known of the teams that a small unit is
// combined with, or of the unit above it.
func (s speech) knownInstead(line []sight, unit survey.UnitID, scales []measure, all []survey.Event) ([]string, error) {
	latest := line[len(line)-1].release
	events := eventsOf(latest.Tree(), unit, all)
	var said []string
	for _, m := range s.askedIn(latest, unit, scales) {
		card, asked, err := s.card(line, unit, m, events)
		if err != nil {
			return nil, err
		}
		if asked {
			said = append(said, card.Heading)
		}
	}
	return said, nil
}
