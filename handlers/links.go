package handlers

import (
	"fmt"
	"io"
	"strings"

	"github.com/go-pdf/fpdf"
)

// LinkSheet is a set of personal links to print, for people who get no mail.
type LinkSheet struct {
	Organisation string
	Links        []PrintedLink // sorted by unit: each unit begins a new page
}

// PrintedLink is the personal link of one person.
type PrintedLink struct {
	Name string
	Unit string // its path
	URL  string // with the token behind #
}

// PrintLinks writes the links as a PDF to cut apart, of the same size as paper
// tickets. A part names its person, since a link is for nobody else.
func PrintLinks(w io.Writer, sheet LinkSheet, text func(key string, args map[string]any) string) error {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetTitle(sheet.Organisation, true)
	p := linkPrinter{
		slipPrinter: slipPrinter{pdf: pdf, latin: pdf.UnicodeTranslatorFromDescriptor(""), text: text},
		sheet:       sheet,
	}
	for start := 0; start < len(sheet.Links); {
		end := start
		for end < len(sheet.Links) && sheet.Links[end].Unit == sheet.Links[start].Unit {
			end++
		}
		if err := p.unit(sheet.Links[start:end]); err != nil {
			return err
		}
		start = end
	}
	if err := pdf.Output(w); err != nil {
		return fmt.Errorf("print links: %w", err)
	}
	return nil
}

// linkPrinter draws links with the pen and on the grid of paper tickets.
type linkPrinter struct {
	slipPrinter
	sheet LinkSheet
}

func (p linkPrinter) unit(links []PrintedLink) error {
	const perPage = slipColumns * slipRows
	pages := (len(links) + perPage - 1) / perPage
	for i, link := range links {
		if i%perPage == 0 {
			p.page(link.Unit, i/perPage+1, pages)
		}
		place := i % perPage
		x := sheetMargin + float64(place%slipColumns)*slipWidth
		y := sheetMargin + sheetHead + float64(place/slipColumns)*slipHeight
		if err := p.link(link, x, y); err != nil {
			return err
		}
	}
	return nil
}

func (p linkPrinter) page(unit string, page, pages int) {
	p.pdf.AddPage()
	p.pdf.SetTextColor(0, 0, 0)
	p.font("B", 9)
	p.pdf.SetXY(sheetMargin, sheetMargin-3)
	p.cell(210-2*sheetMargin, 5, p.text("link.page", map[string]any{"unit": shorten(unit), "page": page, "pages": pages}))
	p.font("", 8)
	p.pdf.SetXY(sheetMargin, sheetMargin+2)
	p.pdf.MultiCell(210-2*sheetMargin, 4, p.latin(p.text("link.cut", nil)), "", "L", false)
}

func (p linkPrinter) link(link PrintedLink, x, y float64) error {
	p.pdf.SetDrawColor(120, 120, 120)
	p.pdf.SetLineWidth(0.2)
	p.pdf.SetDashPattern([]float64{2, 1.5}, 0)
	p.pdf.Rect(x, y, slipWidth, slipHeight, "D")
	p.pdf.SetDashPattern(nil, 0)

	left, width := x+slipPad, slipWidth-2*slipPad
	beside := width - slipQR - 2
	p.font("B", 9)
	p.pdf.SetXY(left, y+slipPad-1)
	p.pdf.MultiCell(beside, 4, p.latin(p.text("link.title", map[string]any{"organisation": shorten(p.sheet.Organisation)})), "", "L", false)
	p.font("B", 8)
	p.block(left, beside, 3.4, p.text("link.for", map[string]any{"name": shorten(link.Name), "unit": shorten(link.Unit)}))
	p.font("", 7)
	p.block(left, beside, 3, p.text("link.sentence", nil))
	if err := p.qr(link.URL, x+slipWidth-slipPad-slipQR, y+slipPad-1); err != nil {
		return err
	}
	p.pdf.SetXY(left, y+slipHeight-15)
	p.block(left, width, 3, p.text("link.keep", nil))
	p.block(left, width, 3, p.text("link.where", nil))
	p.pdf.SetFont("Courier", "B", 6.5)
	p.block(left, width, 3, strings.TrimPrefix(link.URL, "https://"))
	return nil
}
