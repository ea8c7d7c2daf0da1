package handlers

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"

	"attune/static"
	"attune/survey"

	"github.com/labstack/echo/v4"
)

const brandingPath = "/console/branding"

// brandingPage is the organisation's name, colour, logo and languages, a form
// each.
type brandingPage struct {
	frame
	Name      string            // as it is, or as it was typed
	Fixed     string            // what the server's settings name the organisation at its next start
	Faults    map[string]string // by what was tried: name, colour, logo, languages, undo
	Done      string
	Undo      string // the mark of what can be taken back
	Before    string // the name before the last change of it, to take that back
	Accent    accentView
	Languages []languageLine
	Going     []string // languages that were switched off and stay for a while
	LogoMiB   int
}

// accentView is a colour that is there, typed or tried out.
type accentView struct {
	Typed   string // as it was typed
	Picked  string // of the colour field, which always holds one
	Kept    string // what is kept; empty: Attune's own
	Nearest string // the shade to take instead of one that cannot be read
	Tried   bool   // the samples show what is not kept
	Light   string // in words: how well it can be read
	Dark    string
}

// languageLine is one language that the organisation may offer.
type languageLine struct {
	Code, Name      string
	Offered, Chosen bool // Chosen: whoever asks for none gets it
	Notes           []string
}

// ownColour stands in the colour field where no colour was chosen: Attune's.
const ownColour = "#0b5a64"

func (con *console) brandingPage(c echo.Context, v viewer) error {
	p := brandingPage{}
	if did := c.QueryParam("did"); slices.Contains([]string{"colour", "colour_own", "logo", "logo_gone", "languages", "undone"}, did) {
		p.Done = con.in(con.lang(c.Request())).say("branding.did."+did, nil)
	}
	if c.QueryParams().Has("accent") { // the button that only looks
		p.Accent.Typed, p.Accent.Tried = typedAccent(c.Request()), true
	}
	return con.renderBranding(c, v, http.StatusOK, p)
}

// typedAccent is the colour of the form: the field for text counts, unless only
// the field for colours was changed.
func typedAccent(r *http.Request) string {
	text, picked, was := strings.TrimSpace(r.FormValue("accent")), r.FormValue("picked"), r.FormValue("was")
	if picked != "" && picked != was && (text == was || text == "") {
		return picked
	}
	return text
}

func (con *console) renderBranding(c echo.Context, v viewer, status int, p brandingPage) error {
	lang := con.lang(c.Request())
	s := con.in(lang)
	b := con.brands.Branding()
	p.frame = con.frame(lang, "branding.title", &v, brandingPath)
	p.Scripts = append(p.Scripts, "branding.js")
	p.LogoMiB = survey.MaxLogoBytes >> 20
	if p.Faults == nil {
		p.Faults = make(map[string]string)
	}
	if p.Faults["name"] == "" {
		p.Name = p.Organisation
	}
	if con.named != "" && con.named != p.Organisation {
		p.Fixed = con.named
	}
	if p.Done != "" && p.Before == "" {
		var err error
		if p.Undo, err = b.Mark(); err != nil {
			return err
		}
	}
	s.showAccent(&p, b.Accent)
	if p.Languages == nil {
		if err := s.showLanguages(c, &p, b); err != nil {
			return err
		}
	}
	for _, l := range b.Leaving {
		if con.now().Before(l.Until) {
			p.Going = append(p.Going, s.say("branding.going", survey.Args{"language": con.languageName(l.Language), "until": s.moment(l.Until)}))
		}
	}
	con.render(c.Response(), lang, status, "branding", p)
	return nil
}

// showAccent fills in the colour that is kept or was typed, and says how well
// it can be read, or why not and what can.
func (s speech) showAccent(p *brandingPage, kept string) {
	a := &p.Accent
	a.Kept = kept
	if !a.Tried {
		a.Typed = kept
	}
	a.Picked = ownColour
	if a.Typed == "" && !a.Tried {
		return
	}
	accent, shown, fault := readAccent(a.Typed)
	if fault != nil {
		p.Faults["colour"] = s.accentFault(fault)
		if fault.Key == "error.branding.colour" {
			return
		}
		a.Nearest = shown
	}
	a.Picked = shown
	p.Sample = brandingPath + "/sample/" + strings.TrimPrefix(shown, "#")
	a.Light = s.say("branding.colour.light", survey.Args{"colour": accent.Light.Accent, "ratio": s.ratio(accent.Light.Ratio)})
	a.Dark = s.say("branding.colour.dark", survey.Args{"colour": accent.Dark.Accent, "ratio": s.ratio(accent.Dark.Ratio)})
}

// readAccent reads a colour. Of one that cannot be read everywhere it gives the
// nearest shade that can, and the refusal.
func readAccent(typed string) (accent static.Accent, colour string, fault *survey.Error) {
	c, ok := static.ParseColour(typed)
	if !ok {
		return accent, "", survey.Fail(survey.Invalid, "error.branding.colour", survey.Args{"colour": typed})
	}
	accent, err := static.NewAccent(c)
	if err == nil {
		return accent, c.String(), nil
	}
	faint, ok := err.(*static.Faint) //nolint:errorlint // NewAccent fails with nothing else, and wraps nothing
	if !ok {
		return accent, "", survey.Fail(survey.Invalid, "error.branding.colour", survey.Args{"colour": typed})
	}
	nearest := faint.Nearest
	accent, _ = static.NewAccent(nearest) // which can be read: a test holds that
	return accent, nearest.String(), survey.Fail(survey.Invalid, "error.branding.faint", survey.Args{
		"colour": c.String(), "ground": faint.On.String(), "nearest": nearest.String(),
		"ratio": faint.Ratio, "need": static.TextContrast, "edge": static.EdgeContrast,
	})
}

// accentFault is the refusal of a colour in words, its figures rounded down so
// that what fails never looks as if it were enough.
func (s speech) accentFault(fault *survey.Error) string {
	args := make(survey.Args, len(fault.Args))
	for name, value := range fault.Args {
		if v, ok := value.(float64); ok {
			value = s.ratio(v)
		}
		args[name] = value
	}
	return s.say(fault.Key, args)
}

// ratio is a contrast in the language's way, rounded down to a hundredth.
func (s speech) ratio(v float64) string { return s.num(math.Floor(v*100) / 100) }

// accentSample is the style sheet of the samples in one colour, for the page
// above. It depends on nothing else.
func (con *console) accentSample(c echo.Context, _ viewer) error {
	accent, _, fault := readAccent(c.Param("colour"))
	if fault != nil && fault.Key == "error.branding.colour" {
		return survey.Fail(survey.NotFound, "error.branding.colour", fault.Args)
	}
	c.Response().Header().Set("Cache-Control", "private, max-age=86400")
	return c.Blob(http.StatusOK, "text/css; charset=utf-8", accent.Sample())
}

// showLanguages lists every language with what is known against it.
func (s speech) showLanguages(c echo.Context, p *brandingPage, b survey.Branding) error {
	people, err := s.con.people.People(c.Request().Context())
	if err != nil {
		return err
	}
	wish := make(map[string]int)
	for _, person := range people {
		if person.Active {
			wish[person.Language]++
		}
	}
	spoken := s.con.spoken()
	for _, code := range s.con.site.Languages() {
		line := languageLine{
			Code: code, Name: s.con.languageName(code), Chosen: code == spoken.Default,
			Offered: len(b.Languages) == 0 || slices.Contains(b.Languages, code), Notes: s.packNotes(code),
		}
		if n := wish[code]; n > 0 {
			line.Notes = append(line.Notes, s.say("branding.language.people", survey.Args{"n": n}))
		}
		p.Languages = append(p.Languages, line)
	}
	return nil
}

// packNotes says which packs have no translation into a language, and of how
// many nobody has reviewed it yet. Only the newest version of each counts.
func (s speech) packNotes(code string) []string {
	newest := make(map[string]*survey.Pack)
	for _, p := range s.con.library.All() {
		latest, err := s.con.library.Latest(p.ID)
		if err == nil {
			newest[p.ID] = latest
		}
	}
	var missing []string
	unreviewed := 0
	for _, p := range newest {
		switch {
		case !slices.Contains(p.Languages, code):
			missing = append(missing, p.Title.In(s.lang))
		case p.Provenance[code].Reviewed == "":
			unreviewed++
		}
	}
	var notes []string
	if len(missing) > 0 {
		slices.Sort(missing)
		notes = append(notes, s.say("branding.language.missing", survey.Args{"packs": s.list(missing)}))
	}
	if unreviewed > 0 {
		notes = append(notes, s.say("branding.language.unreviewed", survey.Args{"n": unreviewed, "all": len(newest)}))
	}
	return notes
}

// done leads back to the page, which says what was done and offers to undo it.
func (con *console) branded(c echo.Context, did string) error {
	return c.Redirect(http.StatusSeeOther, fmt.Sprintf("%s?did=%s", brandingPath, did))
}
