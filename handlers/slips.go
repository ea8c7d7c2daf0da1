package handlers

import (
	"fmt"
	"io"
	"strings"

	"github.com/go-pdf/fpdf"
	qrcode "github.com/skip2/go-qrcode"
)

// SlipSheet is what stands on every paper ticket of a wave, and the tickets.
type SlipSheet struct {
	Organisation string
	Wave         string
	URL          string // of the answer page, "https://survey.example.org/p"
	Opens        string // dates as they are to be printed
	Closes       string
	Fingerprint  []string // the ten words
	Slips        []Slip   // sorted by group: each group begins a new page
}

// Slip is one paper ticket.
type Slip struct {
	Group string
	Teams []string
	Code  string // "ABCD EFGH JKMN PQRS TVWX"
}

// The sheet is A4, in millimetres: two columns of five slips under a line of
// instructions.
const (
	slipColumns = 2
	slipRows    = 5
	sheetMargin = 10.0
	sheetHead   = 12.0
	slipWidth   = (210 - 2*sheetMargin) / slipColumns
	slipHeight  = (297 - 2*sheetMargin - sheetHead) / slipRows
	slipPad     = 4.0
	slipQR      = 27.0
	longestLine = 70 // letters of a list of teams
)

// PrintSlips writes the tickets as a PDF to cut apart. The QR code carries the
// ticket in the fragment of the address, which no browser sends to a server.
func PrintSlips(w io.Writer, sheet SlipSheet, text func(key string, args map[string]any) string) error {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetTitle(sheet.Organisation+" "+sheet.Wave, true)
	printer := slipPrinter{pdf: pdf, latin: pdf.UnicodeTranslatorFromDescriptor(""), sheet: sheet, text: text}
	for start := 0; start < len(sheet.Slips); {
		end := start
		for end < len(sheet.Slips) && sheet.Slips[end].Group == sheet.Slips[start].Group {
			end++
		}
		if err := printer.group(sheet.Slips[start:end]); err != nil {
			return err
		}
		start = end
	}
	if err := pdf.Output(w); err != nil {
		return fmt.Errorf("print slips: %w", err)
	}
	return nil
}

type slipPrinter struct {
	pdf   *fpdf.Fpdf
	latin func(string) string // the standard fonts hold Western European letters
	sheet SlipSheet
	text  func(key string, args map[string]any) string
}

func (p slipPrinter) group(slips []Slip) error {
	const perPage = slipColumns * slipRows
	pages := (len(slips) + perPage - 1) / perPage
	for i, slip := range slips {
		if i%perPage == 0 {
			p.page(slip, i/perPage+1, pages)
		}
		place := i % perPage
		x := sheetMargin + float64(place%slipColumns)*slipWidth
		y := sheetMargin + sheetHead + float64(place/slipColumns)*slipHeight
		if err := p.slip(slip, x, y); err != nil {
			return err
		}
	}
	return nil
}

func (p slipPrinter) page(slip Slip, page, pages int) {
	p.pdf.AddPage()
	p.pdf.SetTextColor(0, 0, 0)
	p.font("B", 9)
	p.pdf.SetXY(sheetMargin, sheetMargin-3)
	p.cell(210-2*sheetMargin, 5, p.text("slip.page", map[string]any{
		"wave": p.sheet.Wave, "teams": shorten(strings.Join(slip.Teams, ", ")), "page": page, "pages": pages,
	}))
	p.font("", 8)
	p.pdf.SetXY(sheetMargin, sheetMargin+2)
	p.pdf.MultiCell(210-2*sheetMargin, 4, p.latin(p.text("slip.cut", nil)), "", "L", false)
}

func (p slipPrinter) slip(slip Slip, x, y float64) error {
	p.pdf.SetDrawColor(120, 120, 120)
	p.pdf.SetLineWidth(0.2)
	p.pdf.SetDashPattern([]float64{2, 1.5}, 0)
	p.pdf.Rect(x, y, slipWidth, slipHeight, "D")
	p.pdf.SetDashPattern(nil, 0)

	left, width := x+slipPad, slipWidth-2*slipPad
	beside := width - slipQR - 2
	p.font("B", 9.5)
	p.pdf.SetXY(left, y+slipPad-1)
	p.pdf.MultiCell(beside, 4.2, p.latin(p.text("slip.title", map[string]any{"organisation": p.sheet.Organisation})), "", "L", false)
	p.font("", 7.5)
	p.block(left, beside, 3.3, p.text("slip.group", map[string]any{"teams": shorten(strings.Join(slip.Teams, ", "))}))
	p.block(left, beside, 3.3, p.text("slip.sentence", nil))

	if err := p.qr(p.sheet.URL+"#"+strings.ReplaceAll(slip.Code, " ", ""), x+slipWidth-slipPad-slipQR, y+slipPad-1); err != nil {
		return err
	}
	p.font("", 7.5)
	p.pdf.SetXY(left, y+slipHeight-21.5)
	p.cell(width, 4, p.text("slip.where", map[string]any{"url": p.sheet.URL}))
	p.pdf.SetFont("Courier", "B", 14)
	p.pdf.SetXY(left, y+slipHeight-17.7)
	p.cell(width, 6, slip.Code)
	p.font("", 7)
	p.pdf.SetXY(left, y+slipHeight-11.9)
	p.cell(width, 3, p.text("slip.when", map[string]any{"opens": p.sheet.Opens, "closes": p.sheet.Closes}))
	p.font("", 6.5)
	p.pdf.SetXY(left, y+slipHeight-8.2)
	p.cell(width, 3, p.text("slip.fingerprint", nil))
	p.font("B", 7)
	p.pdf.SetXY(left, y+slipHeight-5.2)
	p.cell(width, 3, strings.Join(p.sheet.Fingerprint, " "))
	return nil
}

// qr draws the code as filled runs of modules, sharp at any size.
func (p slipPrinter) qr(content string, x, y float64) error {
	code, err := qrcode.New(content, qrcode.Medium)
	if err != nil {
		return fmt.Errorf("QR code: %w", err)
	}
	code.DisableBorder = true
	rows := code.Bitmap()
	module := slipQR / float64(len(rows))
	p.pdf.SetFillColor(0, 0, 0)
	for i, row := range rows {
		for j := 0; j < len(row); {
			if !row[j] {
				j++
				continue
			}
			run := j
			for run < len(row) && row[run] {
				run++
			}
			p.pdf.Rect(x+float64(j)*module, y+float64(i)*module, float64(run-j)*module, module, "F")
			j = run
		}
	}
	return nil
}

func (p slipPrinter) font(style string, size float64) { p.pdf.SetFont("Helvetica", style, size) }

func (p slipPrinter) cell(width, height float64, s string) {
	p.pdf.CellFormat(width, height, p.latin(s), "", 0, "L", false, 0, "")
}

func (p slipPrinter) block(left, width, line float64, s string) {
	p.pdf.SetX(left)
	p.pdf.SetY(p.pdf.GetY() + 0.8)
	p.pdf.SetX(left)
	p.pdf.MultiCell(width, line, p.latin(s), "", "L", false)
}

func shorten(s string) string {
	letters := []rune(s)
	if len(letters) <= longestLine {
		return s
	}
	return string(letters[:longestLine-1]) + "…"
}
