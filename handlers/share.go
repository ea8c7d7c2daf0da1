package handlers

import (
	"context"
	"net/http"
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
	lang := con.lang(c.Request())
	in := con.site.Language(c.QueryParam("in"), lang)
	told, err := con.in(in).unitPage(c, v)
	if err != nil {
		return err
	}
	p := sharePage{frame: con.frame(lang, "teamtext.title", &v, told.Path+"/share?in="+in), Unit: told.Unit, Path: told.Path}
	p.Title = p.Unit + " – " + p.Title
	if p.Text, err = con.in(in).shareText(c.Request().Context(), told); err != nil {
		return err
	}
	p.Lines = strings.Count(p.Text, "\n") + strings.Count(p.Text, "- ") + 2
	p.Mail = "mailto:?" + strings.ReplaceAll(url.Values{"subject": {con.site.Text(in, "teamtext.subject", survey.Args{"unit": told.Unit, "wave": told.Latest.Name})}, "body": {p.Text}}.Encode(), "+", "%20")
	p.Note = notePath(told.planned, told.Wave)
	for _, code := range con.site.Languages() {
		p.Languages = append(p.Languages, choice{code, con.site.Text(code, "console.language.own", nil), code == in})
	}
	con.render(c.Response(), lang, http.StatusOK, "share", p)
	return nil
}

// shareText is what a manager could say to the team: what was heard, what is
// not known, what happens next, who sees to it until when, and thanks.
func (s speech) shareText(ctx context.Context, p teamPage) (string, error) {
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
	actions, err := s.con.plans.Actions(ctx, []survey.UnitID{p.planned})
	if err != nil {
		return "", err
	}
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
	return text.String(), nil
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
