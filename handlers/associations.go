package handlers

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"attune/analytics"
	"attune/survey"

	"github.com/labstack/echo/v4"
)

// associationsPath is the page about what goes together.
const associationsPath = "/console/associations"

// associationsPage shows, for each pack that compares its answers with another
// one's scales, the latest release that asked both.
type associationsPage struct {
	frame
	Need     []string // what a first comparison needs, when there is none
	Families []associationFamily
}

type associationFamily struct {
	Heading string
	Finding []string
	Tables  []associationTable
}

// associationTable has a row for each predictor and a column for each outcome.
type associationTable struct {
	Title, Caption string
	Outcomes       []string
	Rows           []associationRow
}

type associationRow struct {
	Name  string
	Cells []associationCell
}

// associationCell is one comparison in words; Asked is false where the pack
// makes none of these two.
type associationCell struct {
	Asked, Shown, Stands bool
	Value, Interval      string
	Words, Chance        string
	Status               string
}

func (con *console) associations(c echo.Context, v viewer) error {
	lang := con.lang(c.Request())
	releases, err := con.archive.Releases(c.Request().Context())
	if err != nil {
		return err
	}
	s := con.in(lang)
	p := associationsPage{frame: con.frame(lang, "associations.title", &v, associationsPath)}
	p.Families = s.associations(releases, con.library.Find)
	if len(p.Families) == 0 {
		p.Need = s.associationsNeed(con.library.All())
	}
	con.render(c.Response(), lang, http.StatusOK, "associations", p)
	return nil
}

// associationsNeed names the packs that can be compared here, each in its
// latest version, and the fewest people.
func (s speech) associationsNeed(packs []*survey.Pack) []string {
	title := make(map[string]string)
	for _, p := range packs {
		title[p.ID] = p.Title.In(s.lang)
	}
	var need []string
	for _, p := range packs {
		if p.Associations == nil || title[p.Associations.With] == "" {
			continue
		}
		line := s.say("associations.need.packs", survey.Args{"pack": title[p.ID], "with": title[p.Associations.With]})
		if !slices.Contains(need, line) {
			need = append(need, line)
		}
	}
	if len(need) == 0 {
		return []string{s.say("associations.need.no_pack", nil)}
	}
	return append(need, s.say("associations.need.people", nil))
}

// associations finds the latest comparisons of each pack. find gives the packs
// that say what their names mean.
func (s speech) associations(releases []*analytics.Release, find func(survey.PackRef) (*survey.Pack, error)) []associationFamily {
	var families []associationFamily
	had := make(map[string]bool)
	for _, r := range slices.Backward(releases) {
		packs := make(map[string]*survey.Pack)
		for _, ref := range r.Packs() {
			if p, err := find(ref); err == nil { // a pack of another installation: its figures are in the export
				packs[ref.ID] = p
			}
		}
		byPack := make(map[string][]analytics.Association)
		var order []string
		for _, a := range r.Associations() {
			if a.Cell.Status == analytics.StatusEmpty || had[a.Pack] || packs[a.Pack] == nil || packs[a.With] == nil {
				continue
			}
			if len(byPack[a.Pack]) == 0 {
				order = append(order, a.Pack)
			}
			byPack[a.Pack] = append(byPack[a.Pack], a)
		}
		for _, id := range order {
			had[id] = true
			families = append(families, s.associationFamily(r, packs[id], packs[byPack[id][0].With], byPack[id]))
		}
	}
	return families
}

func (s speech) associationFamily(r *analytics.Release, pack, with *survey.Pack, all []analytics.Association) associationFamily {
	name := s.say("associations.family", survey.Args{"pack": pack.Title.In(s.lang), "with": with.Title.In(s.lang)})
	f := associationFamily{Heading: s.familyTitle(name, all)}
	var stand []string
	cases := 0
	for _, a := range all {
		if a.Cell.Status == analytics.StatusShown {
			cases = a.Cell.N
		}
		if a.StandsOut {
			stand = append(stand, s.say("associations.pair", survey.Args{"predictor": s.predictor(pack, a.Predictor), "outcome": s.scaleTitle(with, a.Outcome)}))
		}
	}
	args := survey.Args{"wave": s.wave(r.Wave()), "n": cases, "comparisons": len(all), "pairs": strings.Join(slices.Compact(stand), "; ")}
	key, caption := "associations.finding.some", "associations.caption"
	switch {
	case cases == 0:
		key, caption = "associations.finding.hidden", "associations.caption.hidden"
	case len(stand) == 0:
		key = "associations.finding.none"
	}
	f.Finding = []string{s.say(key, args)}
	for _, kind := range []struct{ statistic, title string }{
		{analytics.StatisticCorrelation, "associations.pairs"}, {analytics.StatisticSlope, "associations.slopes"},
	} {
		if t := s.associationTable(pack, with, all, kind.statistic); len(t.Rows) > 0 {
			t.Title, t.Caption = s.say(kind.title, nil), s.say(caption, args)
			f.Tables = append(f.Tables, t)
		}
	}
	return f
}

func (s speech) associationTable(pack, with *survey.Pack, all []analytics.Association, statistic string) associationTable {
	var outcomes, predictors []string
	at := make(map[survey.Pair]analytics.Association)
	for _, a := range all {
		if a.Statistic != statistic {
			continue
		}
		at[survey.Pair{Outcome: a.Outcome, Predictor: a.Predictor}] = a
		if !slices.Contains(outcomes, a.Outcome) {
			outcomes = append(outcomes, a.Outcome)
		}
		if !slices.Contains(predictors, a.Predictor) {
			predictors = append(predictors, a.Predictor)
		}
	}
	var t associationTable
	for _, outcome := range outcomes {
		t.Outcomes = append(t.Outcomes, s.scaleTitle(with, outcome))
	}
	for _, predictor := range predictors {
		row := associationRow{Name: s.predictor(pack, predictor)}
		for _, outcome := range outcomes {
			a, ok := at[survey.Pair{Outcome: outcome, Predictor: predictor}]
			row.Cells = append(row.Cells, s.associationCell(a, ok))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// From which coefficient an association is called moderate, and strong.
// Source: Cohen 1988, Statistical Power Analysis, section 3.2.
const (
	moderateFrom = .3
	strongFrom   = .5
)

func (s speech) associationCell(a analytics.Association, asked bool) associationCell {
	c := associationCell{Asked: asked}
	if !asked {
		return c
	}
	if a.Cell.Status != analytics.StatusShown {
		c.Status = s.say("associations.not_shown", nil)
		return c
	}
	c.Shown, c.Stands = true, a.StandsOut
	c.Value = s.coefficient(a.Cell.Value)
	switch a.Cell.Reason {
	case analytics.ReasonClampedHigh:
		c.Value = s.say("console.or_more", survey.Args{"value": c.Value})
	case analytics.ReasonClampedLow:
		c.Value = s.say("console.or_less", survey.Args{"value": c.Value})
	}
	c.Interval = s.say("associations.interval", survey.Args{"low": s.coefficient(a.Cell.Low), "high": s.coefficient(a.Cell.High)})
	c.Words = s.say(associationWords(a.Cell.Value), nil)
	switch {
	case a.StandsOut:
		c.Chance = s.say("associations.stands", survey.Args{"comparisons": a.Comparisons})
	case a.Cell.Value != 0:
		c.Chance = s.say("associations.chance", nil)
	}
	return c
}

// associationWords is the key of a coefficient's direction and strength.
func associationWords(value float64) string {
	direction, strength := "more", "weak"
	if value < 0 {
		direction = "less"
	}
	switch size := math.Abs(value); {
	case size == 0:
		return "associations.words.none"
	case size >= strongFrom:
		strength = "strong"
	case size >= moderateFrom:
		strength = "moderate"
	}
	return "associations.words." + direction + "." + strength
}

// coefficient writes tenths, with the sign that screen readers say as minus.
func (s speech) coefficient(v float64) string {
	text := strings.Replace(strconv.FormatFloat(v, 'f', 1, 64), "-", "−", 1)
	if s.lang == "fr" || s.lang == "es" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}

// predictor is the name of what is compared: a reading of items, or a scale.
func (s speech) predictor(pack *survey.Pack, id string) string {
	if p, ok := pack.Associations.Predictor(id); ok {
		return p.Title.In(s.lang)
	}
	return s.scaleTitle(pack, id)
}

func (s speech) scaleTitle(pack *survey.Pack, id string) string {
	scale, _ := pack.Scale(id)
	return scale.Title.In(s.lang)
}
