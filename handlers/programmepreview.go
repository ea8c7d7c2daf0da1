package handlers

import (
	"net/http"
	"net/url"

	"attune/survey"
	"attune/survey/wave"

	"github.com/labstack/echo/v4"
)

// programmePreview is a year of a programme that is not stored yet.
type programmePreview struct {
	frame
	ID, Action string
	Typed      []typedField
	Lead       string
	Lines      []string
	Kept       []string // what waves that there are already keep
	Warnings   []string
	Asked      []string // whom a wave asks
	Months     []plannedMonth
}

// typedField is one value of the form, on its way through the preview.
type typedField struct{ Name, Value string }

func (con *console) previewProgramme(c echo.Context, v viewer, typed url.Values, p survey.Programme) error {
	ctx, lang := c.Request().Context(), con.lang(c.Request())
	s := con.in(lang)
	forecast, err := con.outlooks.Foresee(ctx, p)
	if err != nil {
		return err
	}
	tree := forecast.Outlook.Tree
	page := programmePreview{
		frame: con.frame(lang, "programme.preview", &v, programmesPath), ID: c.Param("programme"), Action: c.Request().URL.Path,
		Lines: s.programmeLines(tree, p), Kept: s.kept(forecast.Kept),
	}
	page.Title = s.say("programme.preview.of", survey.Args{"programme": p.ID})
	for _, field := range programmeFields() {
		for _, value := range typed[field] {
			page.Typed = append(page.Typed, typedField{field, value})
		}
	}
	page.Warnings, page.Asked = s.foreseen(forecast)
	var dates []plannedDate
	opening, first := 0, ""
	for _, d := range forecast.Dates {
		dates = append(dates, s.foreseenDate(tree, p, d))
		if !d.Paused && !d.Decided {
			opening++
			if first == "" {
				first = s.moment(d.Opens)
			}
		}
	}
	page.Months = s.months(dates)
	page.Lead = s.say("programme.preview.none", nil)
	if opening > 0 {
		page.Lead = s.say("programme.preview.lead", survey.Args{"waves": opening, "first": first})
	}
	con.render(c.Response(), lang, http.StatusOK, "programme-preview", page)
	return nil
}

// kept says what waves that the programme has made keep.
func (s speech) kept(waves []survey.Wave) []string {
	var told []string
	for _, w := range waves {
		told = append(told, s.say("programme.kept", survey.Args{
			"wave": s.wave(w.ID), "state": s.say("console.state."+string(w.State), nil), "opens": s.day(w.Opens), "closes": s.day(w.Closes), "owner": w.Owner, "k": w.K,
		}))
	}
	if len(told) > 0 {
		told = append(told, s.say("programme.kept.reminders", nil))
	}
	return told
}

// foreseen says what stands in a programme's way as a whole, and whom a wave
// of it asks.
func (s speech) foreseen(f wave.Forecast) (warnings, asked []string) {
	if f.TooFew != nil {
		return []string{s.fault(f.TooFew)}, nil
	}
	refused, clashes := 0, 0
	for _, d := range f.Dates {
		refused += min(1, len(d.Refused))
		clashes += min(1, len(d.Clashes))
	}
	if refused > 0 {
		warnings = append(warnings, s.say("programme.warn.refused", survey.Args{"dates": refused}))
	}
	if clashes > 0 {
		warnings = append(warnings, s.say("programme.warn.clashes", survey.Args{"dates": clashes}))
	}
	return warnings, s.whomAsked(f.Outlook)
}

// foreseenDate is one date of the preview with what stands against it.
func (s speech) foreseenDate(tree survey.Tree, p survey.Programme, d wave.Foreseen) plannedDate {
	date := plannedDate{Opens: s.moment(d.Opens), Closes: s.moment(d.Closes), at: d.Opens}
	switch {
	case d.Decided:
		date.State = s.say("programme.date.decided", nil)
	case d.Paused:
		date.State = s.say("admin.programmes.state_paused", nil)
	default:
		date.Packs = s.packTitles(d.Request.Packs)
		date.State = s.say("programme.date.around", survey.Args{"announced": s.day(d.Announced), "results": s.date(d.ResultsOn)})
	}
	for _, refused := range d.Refused {
		date.Against = append(date.Against, s.fault(refused))
	}
	for _, clash := range d.Clashes {
		date.Against = append(date.Against, s.say("programme.clash", survey.Args{
			"programme": clash.Programme, "pack": s.packTitles([]string{clash.Pack}), "opens": s.day(clash.Opens), "days": clash.Days,
		}))
	}
	return date
}
