package handlers

import (
	"context"
	"net/http"
	"strings"

	"attune/analytics"
	"attune/survey"

	"github.com/labstack/echo/v4"
)

// experiencePage lays an audit beside what staff of the same part of the
// organisation experience, as it was published.
type experiencePage struct {
	frame
	Unit, Audit, AuditPath string
	Threshold              string
	Scales                 []experienceScale
	Sort                   heads
	Unasked                []string // scales that staff have not been asked about
	Nowhere                []experiencePolicy
}

// experienceScale is one scale: the policies that should be felt in it and
// what each unit experiences.
type experienceScale struct {
	ID, Title, Wave string
	Guide           link // no path when there is none
	Policies        []experiencePolicy
	Units           []experienceUnit
}

// experiencePolicy is one policy, its state, and what reading it beside the
// units gives; Readings are sentences.
type experiencePolicy struct {
	Text, State string
	Standing    survey.Standing
	Readings    []string
}

type experienceUnit struct {
	figure
	Name string
	Path string
	Felt string // in words; empty where nothing is shown
}

func (con *console) experiencePage(c echo.Context, v viewer) error {
	o, err := con.openAudit(c, v)
	if err != nil {
		return err
	}
	lang := con.lang(c.Request())
	p, err := con.in(lang).experience(c.Request().Context(), v, o)
	if err != nil {
		return err
	}
	p.frame = con.frame(lang, "experience.title", &v, auditPath(o.audit)+"/experience")
	for _, scale := range p.Scales {
		p.Sort = inOrder(con.in(lang), c, p.frame, "units", scale.Units, byName("unit", "console.table.unit", func(u experienceUnit) string { return u.Name }))
	}
	con.render(c.Response(), lang, http.StatusOK, "experience", p)
	return nil
}

func (s speech) experience(ctx context.Context, v viewer, o opened) (experiencePage, error) {
	releases, err := s.con.archive.Releases(ctx)
	if err != nil {
		return experiencePage{}, err
	}
	p := experiencePage{
		Unit: s.path(o.tree, o.audit.Unit), Audit: o.pack.Title.In(s.lang), AuditPath: auditPath(o.audit),
		Threshold: s.say("experience.threshold", survey.Args{"share": s.num(100 * survey.FeltFrom)}),
	}
	for _, id := range supports(o.pack) {
		r, m, ok := s.latestWith(releases, id)
		if !ok {
			p.Unasked = append(p.Unasked, s.supportTitle(id))
			continue
		}
		p.Scales = append(p.Scales, s.experienceScale(v, o, r, m))
	}
	for _, b := range o.pack.Blocks {
		for _, e := range b.Entries {
			if e.Supports == survey.FeltNowhere && !e.InWords() {
				a := o.answers[e.ID]
				p.Nowhere = append(p.Nowhere, experiencePolicy{
					Text: e.Text.In(s.lang), State: s.stateOf(o.pack, a), Standing: o.pack.Standing(a), Readings: []string{o.pack.Reasons[e.Reason].In(s.lang)},
				})
			}
		}
	}
	return p, nil
}

// supports are the scales in which a pack's entries should be felt, in the
// order of the entries.
func supports(pack *survey.LeaderPack) []string {
	var ids []string
	had := map[string]bool{survey.FeltNowhere: true}
	for _, b := range pack.Blocks {
		for _, e := range b.Entries {
			if !had[e.Supports] {
				had[e.Supports] = true
				ids = append(ids, e.Supports)
			}
		}
	}
	return ids
}

// latestWith is the latest release of a wave that asked a scale.
func (s speech) latestWith(releases []*analytics.Release, scale string) (*analytics.Release, measure, bool) {
	for i := len(releases) - 1; i >= 0; i-- {
		for _, ref := range releases[i].Packs() {
			pack, err := s.con.library.Find(ref)
			if err != nil {
				continue // a pack of another installation
			}
			if found, ok := pack.Scale(scale); ok {
				return releases[i], s.scale(pack, found), true
			}
		}
	}
	return nil, measure{}, false
}

func (s speech) experienceScale(v viewer, o opened, r *analytics.Release, m measure) experienceScale {
	scale := experienceScale{ID: m.id, Title: m.title, Wave: s.wave(r.Wave())}
	if guide := s.con.guides.Scale(m.id); guide != nil {
		scale.Guide = s.guideFor(guide, string(o.audit.Unit))
	}
	tree := r.Tree()
	for _, u := range tree.Units() {
		if !tree.Within(u.ID, o.audit.Unit) || !v.sees(tree, u.ID) {
			continue
		}
		unit := experienceUnit{figure: s.figure(r, string(u.ID), m, analytics.StatisticMean), Name: s.unit(u), Path: "/console/teams/" + string(u.ID)}
		if unit.Shown {
			unit.Felt = s.say("experience.unfelt", nil)
			if survey.ReadPolicy(survey.InPlace, true, unit.value, m.low, m.high) == survey.InPlaceAndFelt {
				unit.Felt = s.say("experience.felt", nil)
			}
		}
		scale.Units = append(scale.Units, unit)
	}
	for _, b := range o.pack.Blocks {
		for _, e := range b.Entries {
			if e.Supports == m.id {
				scale.Policies = append(scale.Policies, s.experiencePolicy(o, e, m, scale.Units))
			}
		}
	}
	return scale
}

// experiencePolicy reads one policy beside every unit: one sentence for each
// reading that occurs, with the units it is true of.
func (s speech) experiencePolicy(o opened, e survey.LeaderEntry, m measure, units []experienceUnit) experiencePolicy {
	a := o.answers[e.ID]
	p := experiencePolicy{Text: e.Text.In(s.lang), State: s.stateOf(o.pack, a), Standing: o.pack.Standing(a)}
	if p.Standing == "" {
		return p
	}
	of := make(map[survey.PolicyReading][]string)
	for _, u := range units {
		reading := survey.ReadPolicy(p.Standing, u.Shown, u.value, m.low, m.high)
		of[reading] = append(of[reading], u.Name)
	}
	for _, reading := range survey.PolicyReadings() {
		if names := of[reading]; len(names) > 0 {
			p.Readings = append(p.Readings, s.say("experience."+string(reading), survey.Args{"units": strings.Join(names, ", ")}))
		}
	}
	return p
}

// feltOf leads to where what leaders answered about a unit, or about one above
// it that the viewer sees, lies beside what staff experience: the latest
// answers about each.
func (s speech) feltOf(ctx context.Context, v viewer, unit survey.UnitID) ([]link, error) {
	tree, audits, err := s.con.leaderTree(ctx)
	if err != nil {
		return nil, err
	}
	var links []link
	for _, id := range append([]survey.UnitID{unit}, tree.Ancestors(unit)...) {
		latest := survey.LeaderAudit{}
		for _, a := range audits {
			pack, err := s.con.leaders.Find(a.Pack, a.Version)
			if a.Unit == id && err == nil && len(supports(pack)) > 0 && a.Started.After(latest.Started) {
				latest = a
			}
		}
		if latest.ID != "" && v.forFigures().sees(tree, id) {
			links = append(links, link{auditPath(latest) + "/experience", s.say("teamtext.felt", survey.Args{"unit": s.path(tree, id)})})
		}
	}
	return links, nil
}
