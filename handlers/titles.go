package handlers

import (
	"slices"
	"strings"

	"attune/analytics"
	"attune/survey"
)

// The titles here say what a table found, in plain readings of its shown
// values. Where nothing is shown they name the table.

// signsTitle counts the signs whose mean in the latest wave lies at the middle
// answer or above.
func (s speech) signsTitle(rows []signRow, m measure) string {
	shown, high, wave := 0, 0, ""
	middle := (m.low + m.high) / 2
	for _, row := range rows {
		last := row.Cells[len(row.Cells)-1]
		wave = last.Wave
		if last.Shown {
			shown++
			if last.value >= middle {
				high++
			}
		}
	}
	if shown == 0 {
		return s.say("title.signs.hidden", survey.Args{"wave": wave})
	}
	return s.say("title.signs", survey.Args{"wave": wave, "high": high, "shown": shown, "word": lower(m.words[int(middle)])})
}

// besideTitle compares a unit with the one above it, scale by scale.
func (s speech) besideTitle(r *analytics.Release, unit survey.UnitID, scales []measure) string {
	wave := s.wave(r.Wave())
	up := r.Tree().Ancestors(unit)
	if len(up) == 0 {
		return s.say("title.beside.top", survey.Args{"wave": wave})
	}
	var higher, less, same []string
	for _, m := range s.askedIn(r, unit, scales) {
		own, above := s.figure(r, string(unit), m, analytics.StatisticMean), s.figure(r, string(up[0]), m, analytics.StatisticMean)
		if !own.Shown || !above.Shown {
			continue
		}
		switch by := round2(own.value - above.value); {
		case by > 0:
			higher = append(higher, m.title)
		case by < 0:
			less = append(less, m.title)
		default:
			same = append(same, m.title)
		}
	}
	args := survey.Args{"wave": wave, "unit": s.unitID(r.Tree(), up[0])}
	var parts []string
	for _, part := range []struct {
		key      string
		measures []string
	}{{"title.higher", higher}, {"title.lower", less}, {"title.same", same}} {
		if len(part.measures) > 0 {
			parts = append(parts, s.say(part.key, survey.Args{"measures": s.list(part.measures)}))
		}
	}
	if len(parts) == 0 {
		return s.say("title.beside.hidden", args)
	}
	args["parts"] = strings.Join(parts, "; ")
	return s.say("title.beside", args)
}

// needsTitle names what the latest round asked for most, among the questions
// that are answered on the scale of the first.
func (s speech) needsTitle(rows []needRow) string {
	var first []string
	most := 0.0
	for i, row := range rows {
		if i > 0 && row.Note != "" {
			break // another scale from here on
		}
		switch last := row.Cells[len(row.Cells)-1]; {
		case !last.Shown || last.value < most:
		case last.value > most:
			first, most = []string{row.Name}, last.value
		default:
			first = append(first, row.Name)
		}
	}
	if len(first) == 0 || len(first) == len(rows) {
		return s.say("needs.title", nil)
	}
	for i, name := range first {
		first[i] = s.say("title.quoted", survey.Args{"name": strings.TrimRight(name, ".")})
	}
	return s.say("title.needs", survey.Args{"items": s.list(first)})
}

// familyTitle says how many of a pack's comparisons stand out beyond chance.
func (s speech) familyTitle(name string, all []analytics.Association) string {
	shown := slices.ContainsFunc(all, func(a analytics.Association) bool { return a.Cell.Status == analytics.StatusShown })
	if !shown {
		return s.say("title.family.hidden", survey.Args{"name": name})
	}
	standing := 0
	for _, a := range all {
		if a.StandsOut {
			standing++
		}
	}
	return s.say("title.family", survey.Args{"name": name, "standing": standing, "comparisons": len(all)})
}
