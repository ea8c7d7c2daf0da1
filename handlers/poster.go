package handlers

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"attune/static"
	"attune/survey"

	"github.com/go-pdf/fpdf"
	"github.com/labstack/echo/v4"
	qrcode "github.com/skip2/go-qrcode"
)

// Poster is what hangs on the wall while a wave runs: its words, large, so
// that everybody can compare them with what their own phone shows.
type Poster struct {
	Organisation string
	Wave         string // as it is printed
	LogURL       string // of the wave's promise; empty: no address is printed
	Opens        string // dates as they are to be printed
	Closes       string
	ResultsOn    string
	Owner        string
	Contact      string
	K            int
	Words        []string // the ten words
	Logo         []byte   // the organisation's, a PNG; empty: none
}

// posterWords are the sentences of a poster, in the order in which they stand.
type posterWords struct {
	Heading, Lead, Compare, Differ, Dates, Follow, Promise string
}

func (p Poster) words(text func(key string, args map[string]any) string) posterWords {
	w := posterWords{
		Heading: text("poster.h1", map[string]any{"organisation": p.Organisation, "wave": p.Wave}),
		Lead:    text("poster.lead", nil),
		Compare: text("poster.compare", nil),
		Differ:  text("poster.differ", nil),
		Dates:   text("poster.dates", map[string]any{"opens": p.Opens, "closes": p.Closes}),
		Follow:  text("results.next.owner", map[string]any{"owner": p.Owner, "date": p.ResultsOn}),
		Promise: text("poster.promise", map[string]any{"k": p.K}),
	}
	if p.LogURL != "" {
		w.Compare += " " + text("poster.compare.log", map[string]any{"url": p.LogURL})
	}
	return w
}

// The poster is one page of A4, in millimetres.
const (
	posterMargin = 18.0
	posterWidth  = 210 - 2*posterMargin
	posterQR     = 32.0
	posterFoot   = 297 - posterMargin
)

// PrintPoster writes a poster as a PDF of one page.
// A logo is left out where there is no room for it.
func PrintPoster(w io.Writer, p Poster, text func(key string, args map[string]any) string) error {
	pdf, err := drawPoster(p, text)
	if err != nil && p.Logo != nil {
		p.Logo = nil
		pdf, err = drawPoster(p, text)
	}
	if err != nil {
		return err
	}
	if err := pdf.Output(w); err != nil {
		return fmt.Errorf("print the poster: %w", err)
	}
	return nil
}

func drawPoster(p Poster, text func(key string, args map[string]any) string) (*fpdf.Fpdf, error) {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(posterMargin, posterMargin, posterMargin)
	pdf.SetTitle(p.Organisation+" "+p.Wave, true)
	pdf.AddPage()
	latin := pdf.UnicodeTranslatorFromDescriptor("")
	line := func(style string, size, height, gap float64, s string) {
		pdf.SetFont("Helvetica", style, size)
		pdf.MultiCell(posterWidth, height, latin(s), "", "L", false)
		pdf.Ln(gap)
	}
	posterLogo(pdf, p.Logo)
	words := p.words(text)
	line("B", 24, 10, 3, words.Heading)
	line("", 15, 7, 5, words.Lead)
	posterGrid(pdf, p.Words)
	line("B", 14, 6.6, 2, words.Compare)
	line("", 13, 6.2, 4, words.Differ)
	line("", 12, 5.8, 2, words.Dates)
	line("", 12, 5.8, 2, words.Follow)
	line("", 12, 5.8, 4, words.Promise)
	line("B", 12, 5.8, 1, text("phone.result.support", nil))
	line("", 12, 5.8, 0, p.Contact)
	if pdf.GetY() > posterFoot {
		return nil, survey.Fail(survey.Invalid, "error.staff.poster", nil)
	}
	if p.LogURL == "" || pdf.GetY() > posterFoot-posterQR-2 {
		return pdf, nil
	}
	return pdf, posterCode(pdf, p.LogURL)
}

// posterLogo draws the organisation's logo above everything else.
func posterLogo(pdf *fpdf.Fpdf, logo []byte) {
	if len(logo) == 0 {
		return
	}
	const height, room = 14.0, 70.0
	kind := fpdf.ImageOptions{ImageType: "PNG"}
	info := pdf.RegisterImageOptionsReader("logo", kind, bytes.NewReader(logo))
	if info == nil {
		return // the fault is told when the file is written
	}
	wide := min(room, height*info.Width()/info.Height())
	high := wide * info.Height() / info.Width()
	pdf.ImageOptions("logo", posterMargin, pdf.GetY(), wide, high, false, kind, 0, "")
	pdf.SetY(pdf.GetY() + high + 4)
}

// posterGrid writes the words in two columns, each with its number, so that
// they are read in the same order everywhere.
func posterGrid(pdf *fpdf.Fpdf, words []string) {
	const row, pad = 15.0, 5.0
	top, rows := pdf.GetY(), (len(words)+1)/2
	pdf.SetLineWidth(0.8)
	pdf.Rect(posterMargin, top, posterWidth, float64(rows)*row+2*pad, "D")
	for i, word := range words {
		x := posterMargin + pad + float64(i%2)*posterWidth/2
		y := top + pad + float64(i/2)*row
		pdf.SetFont("Helvetica", "", 12)
		pdf.SetXY(x, y)
		pdf.CellFormat(10, row, fmt.Sprint(i+1), "", 0, "L", false, 0, "")
		pdf.SetFont("Courier", "B", 34)
		pdf.CellFormat(posterWidth/2-pad-10, row, word, "", 0, "L", false, 0, "")
	}
	pdf.SetXY(posterMargin, top+float64(rows)*row+2*pad+6)
}

// posterCode draws the code that opens the wave's promise in the foot.
func posterCode(pdf *fpdf.Fpdf, url string) error {
	code, err := qrcode.New(url, qrcode.Medium)
	if err != nil {
		return fmt.Errorf("QR code: %w", err)
	}
	code.DisableBorder = true
	rows := code.Bitmap()
	module := posterQR / float64(len(rows))
	left, top := posterMargin+posterWidth-posterQR, posterFoot-posterQR
	pdf.SetFillColor(0, 0, 0)
	for i, row := range rows {
		for j, dark := range row {
			if dark {
				pdf.Rect(left+float64(j)*module, top+float64(i)*module, module, module, "F")
			}
		}
	}
	return nil
}

// posterView is the poster as a page, for a browser that prints.
type posterView struct {
	staffFrame
	posterWords
	ID     survey.WaveID
	Poster Poster
}

func (con *console) posterPage(c echo.Context, _ viewer) error {
	lang := con.posterLang(c.Request())
	poster, err := con.poster(c, lang)
	if err != nil {
		return err
	}
	text := func(key string, args map[string]any) string { return con.site.Text(lang, key, args) }
	p := posterView{
		staffFrame: con.staffFrame(lang, "poster", "poster.title"), posterWords: poster.words(text),
		ID: survey.WaveID(c.Param("wave")), Poster: poster,
	}
	p.Organisation = poster.Organisation
	return con.renderStaff(c, lang, http.StatusOK, "poster", p)
}

func (con *console) posterPDF(c echo.Context, _ viewer) error {
	lang := con.posterLang(c.Request())
	poster, err := con.poster(c, lang)
	if err != nil {
		return err
	}
	var body bytes.Buffer
	text := func(key string, args map[string]any) string { return con.site.Text(lang, key, args) }
	if err := PrintPoster(&body, poster, text); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "attune-poster-"+c.Param("wave")+".pdf"))
	return c.Blob(http.StatusOK, "application/pdf", body.Bytes())
}

// posterLang is the language of a poster: the one asked for, else the viewer's.
func (con *console) posterLang(r *http.Request) string {
	return con.spoken().Pick(r.URL.Query().Get("lang"), con.lang(r))
}

func (con *console) poster(c echo.Context, lang string) (Poster, error) {
	id := survey.WaveID(c.Param("wave"))
	record, err := con.record(c)
	if err != nil {
		return Poster{}, err
	}
	if record.Manifest == nil {
		return Poster{}, survey.Fail(survey.NotFound, "error.staff.wave", nil)
	}
	face, err := con.waves.Face(c.Request().Context(), id)
	if err != nil {
		return Poster{}, err
	}
	p := NewPoster(con.site, lang, face, con.public)
	p.Logo = con.brands.Branding().Logo.PNG
	return p, nil
}

// NewPoster makes the poster of an announced wave in one language. publicURL
// is the address of the server; without one the poster names none.
func NewPoster(site *static.Site, lang string, face survey.OpenWave, publicURL string) Poster {
	s := speech{con: &console{site: site, zone: face.Zone}, lang: lang}
	p := Poster{
		Organisation: face.Organisation, Wave: s.wave(face.ID), Opens: s.moment(face.Opens), Closes: s.moment(face.Closes),
		ResultsOn: s.date(face.ResultsOn), Owner: face.Owner, Contact: face.Contact, K: face.Manifest.K, Words: face.Fingerprint,
	}
	if publicURL != "" {
		p.LogURL = publicURL + "/log/" + string(face.ID)
	}
	return p
}
