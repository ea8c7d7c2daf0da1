package handlers

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"

	"attune/static"
	"attune/survey"
	"attune/survey/interchange"

	"github.com/labstack/echo/v4"
)

const packsPath = "/console/packs"

// maxPackUpload bounds an uploaded file with the form around it, in bytes: a
// workbook is the largest that is read.
const maxPackUpload = 3 << 20

// Shelf keeps an organisation's own packs beside the built-in ones.
type Shelf interface {
	// Keep checks a pack file and keeps it: for good once something asks it.
	Keep(data []byte) (*survey.Pack, []survey.Fault, error)
	// Discard takes one out that nothing asks.
	Discard(id, version string) error
}

// packsPage lists every pack, with a form for an organisation's own.
type packsPage struct {
	frame
	Packs  []packLine
	Sort   []head
	Error  string
	Faults []string // of an uploaded file, in its order
	Notes  []string // what was left out of it
	Draft  string   // the pack file made of somebody else's, to be mended
	Gone   string   // the pack that was just taken out
}

type packLine struct {
	ID, Version, Title, Path string
	Leaders, Own             bool
	Items, Minutes           int
	Languages                []string // in their own names
}

// packPage shows one pack as a phone will, and where its wording comes from.
type packPage struct {
	frame
	Pack      packLine
	Credit    string
	Licence   string
	Citation  []string
	Languages []packLanguage
	Phone     string // the path of the preview
	Lang      string // of the preview
	Asked     bool   // something asks it, so that it stays
	Notes     []string
	Added     bool  // just now
	Back      *undo // takes it back
}

// packLanguage is the provenance of one translation.
type packLanguage struct {
	Code, Name        string
	Drafted, Reviewed string
	Chosen            bool
}

func packPath(p *survey.Pack) string {
	return packsPath + "/" + url.PathEscape(p.ID) + "/" + url.PathEscape(p.Version)
}

func (con *console) packsPage(c echo.Context, v viewer) error {
	con.renderPacks(c, v, http.StatusOK, packsPage{})
	return nil
}

func (con *console) renderPacks(c echo.Context, v viewer, status int, p packsPage) {
	lang := con.lang(c.Request())
	p.frame = con.frame(lang, "packs.title", &v, packsPath)
	for _, pack := range con.library.All() {
		p.Packs = append(p.Packs, con.packLine(lang, pack))
	}
	p.Sort = inOrder(con.in(lang), c, p.frame, "packs", p.Packs, byName("title", "feel.by.name", func(l packLine) string { return l.Title })).of("title")
	con.render(c.Response(), lang, status, "packs", p)
}

func (con *console) packLine(lang string, p *survey.Pack) packLine {
	l := packLine{
		ID: p.ID, Version: p.Version, Title: p.Title.In(lang), Path: packPath(p), Leaders: p.Audience == survey.Leaders,
		Own: con.library.Own(p.ID, p.Version), Items: len(p.Items), Minutes: p.Minutes,
	}
	for _, code := range p.Languages {
		l.Languages = append(l.Languages, con.languageName(code))
	}
	return l
}

// languageName is a language in its own name, or its code where we have none.
func (con *console) languageName(code string) string {
	for _, known := range con.site.Languages() {
		if known == code {
			return con.site.Text(code, "console.language.own", nil)
		}
	}
	return code
}

// onePack finds the pack version that a path names.
func (con *console) onePack(c echo.Context) (*survey.Pack, error) {
	for _, p := range con.library.All() {
		if p.ID == c.Param("pack") && p.Version == c.Param("version") {
			return p, nil
		}
	}
	return nil, survey.Fail(survey.NotFound, "error.packs.gone", nil)
}

// pack shows one pack, with the phone's page in a frame.
func (con *console) pack(c echo.Context, v viewer) error {
	return con.renderPack(c, v, nil)
}

func (con *console) renderPack(c echo.Context, v viewer, notes []string) error {
	p, err := con.onePack(c)
	if err != nil {
		return err
	}
	lang := con.lang(c.Request())
	shown := p.Languages[0]
	for _, code := range p.Languages {
		if code == lang {
			shown = code
		}
	}
	if asked := c.QueryParam("lang"); asked != "" {
		shown = asked
	}
	page := packPage{
		frame: con.frame(lang, "packs.title", &v, packPath(p)), Pack: con.packLine(lang, p), Credit: p.Credit, Licence: p.Licence,
		Citation: p.Citation, Phone: packPath(p) + "/phone?lang=" + url.QueryEscape(shown), Lang: shown, Notes: notes,
	}
	page.Title = page.Pack.Title
	for _, code := range p.Languages {
		from := p.Provenance[code]
		page.Languages = append(page.Languages, packLanguage{code, con.languageName(code), from.Drafted, from.Reviewed, code == shown})
	}
	if page.Asked, err = con.isAsked(c, p); err != nil {
		return err
	}
	if page.Added = c.QueryParam("done") == "added" && page.Pack.Own && !page.Asked; page.Added {
		page.Back = con.in(lang).undo(packPath(p)+"/remove", "sure", "1")
	}
	c.Response().Header().Set("Content-Security-Policy", strings.Replace(contentPolicy, "default-src 'none';", "default-src 'none'; frame-src 'self';", 1))
	con.render(c.Response(), lang, http.StatusOK, "pack", page)
	return nil
}

// isAsked says whether a wave or a programme asks a pack version.
func (con *console) isAsked(c echo.Context, p *survey.Pack) (bool, error) {
	waves, err := con.waves.Waves(c.Request().Context())
	if err != nil {
		return false, err
	}
	for _, w := range waves {
		for _, ref := range w.Packs {
			if ref.ID == p.ID && ref.Version == p.Version {
				return true, nil
			}
		}
	}
	programmes, err := con.dates.Programmes(c.Request().Context())
	if err != nil {
		return false, err
	}
	for _, programme := range programmes {
		for _, id := range append(append([]string(nil), programme.Packs...), programme.Modules...) {
			if id == p.ID {
				return true, nil
			}
		}
	}
	return false, nil
}

// packPhone is the page that a phone would get. It may stand in a frame of
// ours, and runs nothing, so that nothing can be sent from it.
func (con *console) packPhone(c echo.Context, _ viewer) error {
	p, err := con.onePack(c)
	if err != nil {
		return err
	}
	phone, err := NewPreview(con.site, con.spoken().Default, p, con.now)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(c.Request().Context(), http.MethodGet, "/p?lang="+url.QueryEscape(c.QueryParam("lang")), nil)
	if err != nil {
		return err
	}
	caught := caught{header: make(http.Header)}
	phone.ServeHTTP(&caught, r)
	h := c.Response().Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'")
	c.Response().WriteHeader(http.StatusOK)
	_, _ = c.Response().Write(moduleTag.ReplaceAll(caught.body.Bytes(), nil)) // a reader that went away is not our fault to report
	return nil
}

// moduleTag is what starts the phone's script.
var moduleTag = regexp.MustCompile(`<script type="module"[^>]*></script>`)

// caught keeps an answer instead of sending it.
type caught struct {
	header http.Header
	body   bytes.Buffer
}

func (c *caught) Header() http.Header         { return c.header }
func (c *caught) Write(b []byte) (int, error) { return c.body.Write(b) }
func (c *caught) WriteHeader(int)             {}

// addPack takes an uploaded file: a pack, a FHIR Questionnaire or an XLSForm
// workbook. Whatever is wrong with it is said, and nothing is kept.
func (con *console) addPack(c echo.Context, v viewer) error {
	raw, name, err := uploaded(c.Response(), c.Request(), packUpload())
	p := packsPage{}
	var kept *survey.Pack
	if err == nil {
		kept, err = con.keepPack(raw, name, con.lang(c.Request()), &p)
	}
	if known, ok := asSurveyError(err); ok {
		p.Error = con.site.Text(con.lang(c.Request()), known.Key, known.Args)
		con.renderPacks(c, v, statusOf(known.Code), p)
		return nil
	}
	if err != nil {
		return err
	}
	if kept == nil {
		con.renderPacks(c, v, http.StatusUnprocessableEntity, p)
		return nil
	}
	if err := con.noted(c, v, survey.DidPackAdded, kept.ID, survey.Args{"version": kept.Version}); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, packPath(kept)+"?done=added")
}

// upload names the texts of what can be wrong with a file that is sent.
type upload struct{ big, missing string }

func packUpload() upload { return upload{"error.packs.big", "error.packs.no_file"} }

// uploaded reads the file of the form, which is as large as maxPackUpload at
// most. Nothing of it is read before somebody who may send it has signed in.
func uploaded(w http.ResponseWriter, r *http.Request, told upload) (raw []byte, name string, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxPackUpload)
	if err := r.ParseMultipartForm(maxPackUpload); err != nil {
		if errors.As(err, new(*http.MaxBytesError)) {
			return nil, "", survey.Fail(survey.Invalid, told.big, survey.Args{"mib": maxPackUpload >> 20})
		}
		return nil, "", survey.Fail(survey.Invalid, "error.console.form", nil)
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }() // all of it is in memory
	file, head, err := r.FormFile("file")
	if err != nil {
		return nil, "", survey.Fail(survey.Invalid, told.missing, nil)
	}
	defer func() { _ = file.Close() }() // only read
	raw, err = io.ReadAll(io.LimitReader(file, maxPackUpload))
	if err != nil || len(raw) == 0 {
		return nil, "", survey.Fail(survey.Invalid, told.missing, nil)
	}
	return raw, filepath.Base(head.Filename), nil
}

// keepPack makes a pack file of what was uploaded and keeps it. It gives nil
// after faults, which stand on the page then.
func (con *console) keepPack(raw []byte, name, lang string, p *packsPage) (*survey.Pack, error) {
	said := func(e *survey.Error) string { return con.site.Text(lang, e.Key, e.Args) }
	imported, faults, err := interchange.Read(raw, ImportDefaults(con.site, con.spoken().Default, "", name))
	if err != nil {
		return nil, err
	}
	for _, n := range imported.Notes {
		p.Notes = append(p.Notes, said(n))
	}
	var kept *survey.Pack
	foreign := len(imported.YAML) > 0
	if len(faults) == 0 {
		if foreign {
			raw = imported.YAML
		}
		if con.shelf == nil {
			return nil, errors.New("console: Config.Shelf is missing")
		}
		if kept, faults, err = con.shelf.Keep(raw); err != nil {
			return nil, err
		}
		if len(faults) > 0 && foreign {
			p.Draft = string(raw)
		}
	}
	for _, f := range faults {
		text := said(f.Error)
		if _, sheet := f.Error.Args["sheet"]; !sheet {
			text = con.site.Text(lang, "packs.fault", survey.Args{"line": f.Line, "column": f.Column, "fault": text})
		}
		p.Faults = append(p.Faults, text)
	}
	return kept, nil
}

// ImportDefaults are the texts that a foreign file lacks, in every language.
func ImportDefaults(site *static.Site, language, organisation, file string) interchange.Defaults {
	texts := func(key string) survey.Text {
		t := make(survey.Text)
		for _, lang := range site.Languages() {
			t[lang] = site.Text(lang, key, nil)
		}
		return t
	}
	own := func(key string) string {
		return site.Text(site.Language(language, "en"), key, survey.Args{"file": file})
	}
	return interchange.Defaults{
		Disclaimer: texts("import.disclaimer"), Recall: texts("import.recall"), Licence: own("import.licence"),
		Credit: cmp.Or(organisation, own("import.licence")), Drafted: own("import.drafted"), Rationale: own("import.rationale"),
	}
}

// removePack takes a pack out that nothing asks.
func (con *console) removePack(c echo.Context, v viewer) error {
	p, err := con.onePack(c)
	if err != nil {
		return err
	}
	asked, err := con.isAsked(c, p)
	if err != nil {
		return err
	}
	if asked || con.shelf == nil {
		return survey.Fail(survey.Conflict, "error.packs.asked", survey.Args{"pack": p.ID, "version": p.Version})
	}
	if err := isSure(c.Request()); err != nil {
		return err
	}
	if err := con.shelf.Discard(p.ID, p.Version); err != nil {
		return err
	}
	if err := con.noted(c, v, survey.DidPackRemoved, p.ID, survey.Args{"version": p.Version}); err != nil {
		return err
	}
	con.renderPacks(c, v, http.StatusOK, packsPage{Gone: p.Title.In(con.lang(c.Request())) + " " + p.Version})
	return nil
}
