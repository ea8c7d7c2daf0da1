package handlers

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"attune/survey"
)

// number writes a figure with as many decimals as it has, two at most, and
// the decimal sign of the language.
func number(lang string, v float64) string {
	text := strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
	if lang == "fr" || lang == "es" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}

// speech is the site's texts in one language.
type speech struct {
	con  *console
	lang string
	told *reasons // of the page that is being made; nil where none explains them
}

func (con *console) in(lang string) speech { return speech{con: con, lang: lang} }

// say is a text with its placeholders filled.
func (s speech) say(key string, args survey.Args) string { return s.con.site.Text(s.lang, key, args) }

// num is a number as this language writes it.
func (s speech) num(v float64) string { return number(s.lang, v) }

// date writes "2026-11-02" as "2 November 2026". What is no date stays.
func (s speech) date(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return s.say("console.date", survey.Args{"day": t.Day(), "month": s.month(t.Month()), "year": t.Year()})
}

// day writes the date of a moment in the organisation's time zone.
func (s speech) day(t time.Time) string { return s.date(t.In(s.con.zone).Format(time.DateOnly)) }

func (s speech) month(m time.Month) string {
	return s.say("console.month."+twoDigits(int(m)), nil)
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// wave writes a wave's id, "2026-11-2", as "November 2026 (2)".
func (s speech) wave(id survey.WaveID) string {
	return s.waveBy(id, "console.wave_name", "console.month.")
}

// waveShort is the name under a chart: "Nov" over "2026".
func (s speech) waveShort(id survey.WaveID) string {
	return s.waveBy(id, "console.wave_short", "console.month_short.")
}

// waveNames are both names of a wave. A page of figures writes each of them a
// hundred times, and puts it together once.
func (s speech) waveNames(id survey.WaveID) (name, short string) {
	if s.told == nil {
		return s.wave(id), s.waveShort(id)
	}
	names, ok := s.told.waves[id]
	if !ok {
		names = [2]string{s.wave(id), s.waveShort(id)}
		s.told.waves[id] = names
	}
	return names[0], names[1]
}

func (s speech) waveBy(id survey.WaveID, key, months string) string {
	parts := strings.SplitN(string(id), "-", 3)
	if len(parts) < 2 || !s.con.site.Has(months+parts[1]) {
		return string(id)
	}
	name := s.say(key, survey.Args{"month": s.say(months+parts[1], nil), "year": parts[0]})
	if len(parts) == 3 {
		name += " (" + parts[2] + ")"
	}
	return name
}

// list joins names: "a, b and c".
func (s speech) list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return s.say("console.list", survey.Args{"first": strings.Join(names[:last], ", "), "last": names[last]})
}

// unit is a unit's name; staff directly under a unit get the word for it.
func (s speech) unit(u survey.Unit) string {
	if u.Direct {
		return s.say("unit.direct", survey.Args{"unit": u.Name})
	}
	return u.Name
}

// unitID is the name of a unit in a tree.
func (s speech) unitID(tree survey.Tree, id survey.UnitID) string {
	u, ok := tree.Unit(id)
	if !ok {
		return string(id)
	}
	return s.unit(u)
}

// between says in response words where a mean lies: "between “rarely” and
// “sometimes”". words are the labels by value. It is empty for a mean that
// the words do not cover.
func (s speech) between(words map[int]string, mean float64) string {
	low, high := lower(words[int(math.Floor(mean))]), lower(words[int(math.Ceil(mean))])
	switch {
	case low == "" || high == "":
		return ""
	case low == high:
		return s.say("console.at_word", survey.Args{"word": low})
	}
	return s.say("console.between_words", survey.Args{"low": low, "high": high})
}

// lower writes a label in the middle of a sentence.
func lower(label string) string {
	first, size := utf8.DecodeRuneInString(label)
	if size == 0 {
		return ""
	}
	return string(unicode.ToLower(first)) + label[size:]
}
