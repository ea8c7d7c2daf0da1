package handlers

import (
	"bytes"
	"fmt"
	"regexp"
	"testing"

	"attune/static"
)

func TestPersonalLinksArePrintedTenToAPageAndEachUnitOnItsOwn(t *testing.T) {
	site, err := static.New()
	must(t, err)
	for _, lang := range site.Languages() {
		sheet := LinkSheet{Organisation: "Riverside Services"}
		for i := range 13 { // 11 and 2: two pages and one
			unit := "Children / Duty team"
			if i > 10 {
				unit = "Hospital"
			}
			sheet.Links = append(sheet.Links, PrintedLink{Name: fmt.Sprintf("Zoë Łukasz %d", i), Unit: unit, URL: "https://survey.example.org/a#abcdefghijklmnopqrstuv"})
		}
		var pdf bytes.Buffer
		must(t, PrintLinks(&pdf, sheet, func(key string, args map[string]any) string {
			if !site.Has(key) {
				t.Errorf("%s has no text", key)
			}
			return site.Text(lang, key, args)
		}))
		if pages := len(regexp.MustCompile(`/Type /Page\b[^s]`).FindAll(pdf.Bytes(), -1)); pages != 3 {
			t.Errorf("%s: %d pages", lang, pages)
		}
	}
}
