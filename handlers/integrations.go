package handlers

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"attune/handlers/api"
	"attune/survey"
	"attune/survey/store"

	"github.com/labstack/echo/v4"
)

const integrationsPath = "/console/integrations"

// tokens is all that pages may do with what lets programs of others read
// figures.
type tokens interface {
	Tokens(ctx context.Context) ([]store.Token, error)
	AddToken(ctx context.Context, t store.Token) (string, error)
	RemoveToken(ctx context.Context, id string) (store.Token, error)
}

// integrationsPage lists the tokens. HR can make one; administrators, who see
// no figures, can only revoke them.
type integrationsPage struct {
	frame
	Tokens     []tokenLine
	SortTokens []head
	Make       bool // the viewer may make one
	Units      []choice
	Days       []choice
	Name       string // what was typed
	Most       int    // characters of a name
	Error      string
	Made       string // the new token, shown this once
	Back       *undo  // takes it back
	For        string // the integration that it is for
	Gone       string // the name of a token that was just revoked
	Hooks      hookPart
}

type tokenLine struct {
	ID, Name, Sees       string
	Created, Used, Until string
	Day                  string // of Created, for the order
	Expired              bool
}

func (con *console) integrationsPage(c echo.Context, v viewer) error {
	p, err := con.integrations(c, v)
	if err != nil {
		return err
	}
	con.render(c.Response(), con.lang(c.Request()), http.StatusOK, "integrations", p)
	return nil
}

// integrations gathers the page as it is without a message.
func (con *console) integrations(c echo.Context, v viewer) (integrationsPage, error) {
	r := c.Request()
	lang := con.lang(r)
	s := con.in(lang)
	p := integrationsPage{frame: con.frame(lang, "integration.title", &v, integrationsPath), Make: v.has(hr), Most: api.MaxTokenName}
	tree, err := con.tree(r.Context())
	if err != nil {
		return p, err
	}
	all, err := con.tokens.Tokens(r.Context())
	if err != nil {
		return p, err
	}
	for _, t := range all {
		p.Tokens = append(p.Tokens, s.tokenLine(tree, t))
	}
	p.SortTokens = inOrder(s, c, p.frame, "tokens", p.Tokens,
		byName("name", "feel.by.name", func(t tokenLine) string { return t.Name }),
		byDate("made", "feel.by.made", func(t tokenLine) string { return t.Day })).of("name", "made")
	if v.has(admin) && con.hooks != nil {
		if p.Hooks, err = s.hookPart(r.Context()); err != nil {
			return p, err
		}
		p.Hooks.sorted(s, c, p.frame)
	}
	p.Units = []choice{{"", s.say("integration.token.whole", nil), r.PostFormValue("unit") == ""}}
	for _, u := range tree.Units() {
		if u.Parent != "" {
			p.Units = append(p.Units, choice{string(u.ID), s.place(tree, u), r.PostFormValue("unit") == string(u.ID)})
		}
	}
	for _, days := range []int{30, 90, api.DefaultDays, api.MaxTokenDays} {
		p.Days = append(p.Days, choice{strconv.Itoa(days), s.say("integration.token.days", survey.Args{"days": days}), days == api.DefaultDays})
	}
	return p, nil
}

// tree is the organisation as it stands now.
func (con *console) tree(ctx context.Context) (survey.Tree, error) {
	units, err := con.support.Units(ctx)
	if err != nil {
		return survey.Tree{}, err
	}
	return survey.NewTree(units)
}

// place is where a unit lies; staff directly under a unit get the word for it.
func (s speech) place(tree survey.Tree, u survey.Unit) string {
	if u.Direct {
		return s.say("unit.direct", survey.Args{"unit": s.path(tree, u.Parent)})
	}
	return s.path(tree, u.ID)
}

func (s speech) tokenLine(tree survey.Tree, t store.Token) tokenLine {
	l := tokenLine{
		ID: t.ID, Name: t.Name, Created: s.date(t.Created), Day: t.Created, Until: s.date(t.Expires), Expired: t.Expires < s.con.today(),
		Sees: s.say("integration.token.whole", nil), Used: s.say("integration.token.never", nil),
	}
	if u, ok := tree.Unit(t.Unit); ok {
		l.Sees = s.place(tree, u)
	} else if t.Unit != "" {
		l.Sees = s.say("integration.token.unit_gone", nil)
	}
	if t.Used != "" {
		l.Used = s.date(t.Used)
	}
	return l
}

// addToken answers with the page and the new token in it: it is stored nowhere
// and shown this once.
func (con *console) addToken(c echo.Context, v viewer) error {
	r := c.Request()
	days, err := strconv.Atoi(r.PostFormValue("days"))
	if err != nil {
		days = 0 // refused below, with the reason
	}
	plain, t, err := api.NewToken(con.rand, r.PostFormValue("name"), survey.UnitID(r.PostFormValue("unit")), con.now().In(con.zone), days)
	if err == nil {
		var tree survey.Tree
		if tree, err = con.tree(r.Context()); err != nil {
			return err
		}
		where := survey.Args{"unit": tree.Path(t.Unit)} // empty: everything
		t.ID, err = con.tokens.AddToken(noting(c, v, survey.DidTokenAdded, t.Name, where), t)
	}
	known, isKnown := asSurveyError(err)
	if err != nil && !isKnown {
		return err
	}
	p, err := con.integrations(c, v)
	if err != nil {
		return err
	}
	lang, status := con.lang(r), http.StatusOK
	if known != nil {
		status, p.Error, p.Name = statusOf(known.Code), con.site.Text(lang, known.Key, known.Args), r.PostFormValue("name")
		for i := range p.Days {
			p.Days[i].Chosen = p.Days[i].Value == r.PostFormValue("days")
		}
	} else {
		p.Made, p.For, p.Back = plain, t.Name, con.in(lang).undo(integrationsPath+"/tokens/revoke", "token", t.ID, "sure", "1")
	}
	con.render(c.Response(), lang, status, "integrations", p)
	return nil
}

// revokeToken answers with the page, which says that it is done.
func (con *console) revokeToken(c echo.Context, v viewer) error {
	r := c.Request()
	all, err := con.tokens.Tokens(r.Context())
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(t store.Token) bool { return t.ID == r.PostFormValue("token") })
	if at < 0 {
		return survey.Fail(survey.NotFound, "error.token.gone", nil)
	}
	if err := isSure(r); err != nil {
		return err
	}
	gone, err := con.tokens.RemoveToken(noting(c, v, survey.DidTokenRevoked, all[at].Name, nil), all[at].ID)
	if err != nil {
		return err
	}
	p, err := con.integrations(c, v)
	if err != nil {
		return err
	}
	p.Gone = gone.Name
	con.render(c.Response(), con.lang(r), http.StatusOK, "integrations", p)
	return nil
}
