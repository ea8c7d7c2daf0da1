package handlers

import (
	"net/url"
	"strings"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// sharePage is a text for the team about the latest wave, ready to be edited.
// It is made of what the unit's page says and of the unit's plan; nothing is
// published or sent by it.
type sharePage struct {
	frame
	Unit, Path string
	Text       string
	Lines      int
	Mail       string // address of a mail with the text
	Note       string // the page on which something is published to staff
	Languages  []choice
}

func (con *console) sharePage(c echo.Context, v viewer) error {
	in := con.spoken().Pick(c.QueryParam("in"), con.lang(c.Request()))
	at, err := con.unitRead(c, v)
	if err != nil {
		return err
	}
	actions, err := con.plans.Actions(c.Request().Context(), []survey.UnitID{planUnit(at.latest().Tree(), at.unit)})
	if err != nil {
		return err
	}
	return con.keptPage(c, v, "share", at.basis(actions), func(s speech, v viewer) (any, error) {
		return s.sharePage(v, at, actions, con.in(in))
	})
}

// sharePage makes the page; the text on it is in a language of its own.
func (s speech) sharePage(v viewer, at unitRead, actions []survey.Action, text speech) (sharePage, error) {
	con, in := s.con, text.lang
	told, err := text.unitPage(v, at)
	if err != nil {
		return sharePage{}, err
	}
	p := sharePage{frame: con.frame(s.lang, "teamtext.title", &v, told.Path+"/share?in="+in), Unit: told.Unit, Path: told.Path}
	p.Title = p.Unit + " – " + p.Title
	p.Text = text.shareText(told, actions)
	p.Lines = strings.Count(p.Text, "\n") + strings.Count(p.Text, "- ") + 2
	p.Mail = "mailto:?" + strings.ReplaceAll(url.Values{"subject": {con.site.Text(in, "teamtext.subject", survey.Args{"unit": told.Unit, "wave": told.Latest.Name})}, "body": {p.Text}}.Encode(), "+", "%20")
	p.Note = notePath(told.planned, told.Wave)
	for _, code := range con.spoken().Languages {
		p.Languages = append(p.Languages, choice{code, con.site.Text(code, "console.language.own", nil), code == in})
	}
	return p, nil
}

// shareText is what a manager could say to the team: what was heard, what is
// not known, what happens next, who sees to it until when, and thanks.
func (s speech) shareText(p teamPage, actions []survey.Action) string {
	var heard, unknown, next []string
	for _, card := range p.Cards {
		heard = append(heard, card.Heading+".")
	}
	if p.Signs.Mode != "" {
		heard = append(heard, p.Signs.Mode+".")
	}
	if last := len(p.Answered) - 1; last >= 0 {
		if f := p.Answered[last]; f.Shown && f.Partial {
			unknown = append(unknown, s.say("teamtext.partial", nil))
		}
	}
	unknown = append(unknown, s.say("teamtext.unknown.why", nil), s.say("teamtext.unknown.who", nil))
	for _, a := range actions {
		if a.Status.Open() {
			next = append(next, s.say("teamtext.action", survey.Args{"text": strings.TrimRight(a.Text, "."), "owner": a.Owner, "due": s.date(a.Due)}))
		}
	}
	if len(next) == 0 {
		next = append(next, s.say("teamtext.action.blank", nil))
	}
	var text strings.Builder
	text.WriteString(s.say("teamtext.hello", survey.Args{"unit": p.Unit}) + "\n\n" + p.Finding[0] + " " + s.say("teamtext.thanks", nil) + "\n")
	for _, part := range []struct {
		key   string
		lines []string
	}{{"teamtext.heard", heard}, {"teamtext.unknown", unknown}, {"teamtext.next", next}} {
		text.WriteString("\n" + s.say(part.key, nil) + "\n")
		for _, line := range part.lines {
			text.WriteString("- " + line + "\n")
		}
	}
	text.WriteString("\n" + s.say("teamtext.ask", nil) + "\n")
	return text.String()
}

// toAsk are the questions of a guide to what was found.
type toAsk struct {
	Title     string
	Questions []string
}

// mostAsking and mostQuestions keep the print for a meeting on two pages.
const mostAsking, mostQuestions = 2, 3

// asking takes the questions to the team from the first guides to what was
// found.
func (s speech) asking(guided []guidedLink) []toAsk {
	var all []toAsk
	for _, l := range guided {
		id, _, _ := strings.Cut(strings.TrimPrefix(l.Path, "/console/guides/"), "?")
		guide, err := s.con.guides.Find(id)
		if err != nil || len(all) == mostAsking {
			continue
		}
		questions := s.texts(guide.Ask)
		all = append(all, toAsk{guide.Title.In(s.lang), questions[:min(len(questions), mostQuestions)]})
	}
	return all
}
