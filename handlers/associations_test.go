package handlers

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"attune/analytics"
	"attune/static"
	"attune/survey"

	"github.com/PuerkitoBio/goquery"
)

// comparing is pulse together with supports, which compares its answers with
// pulse's scales.
func comparing(t *testing.T) []*survey.Pack {
	t.Helper()
	library, err := survey.NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	var packs []*survey.Pack
	for _, id := range []string{"pulse", "supports"} {
		p, err := library.Latest(id)
		if err != nil {
			t.Fatal(err)
		}
		packs = append(packs, p)
	}
	return packs
}

// comparedRelease is a release of 6 teams of this many people each. Whoever
// knows a policy is less burnt out; endorsement changes nothing.
func comparedRelease(t *testing.T, people int) *analytics.Release {
	t.Helper()
	packs := comparing(t)
	sheet, err := survey.NewSheet(packs)
	if err != nil {
		t.Fatal(err)
	}
	opens := time.Date(2026, time.October, 5, 8, 0, 0, 0, time.UTC)
	w := survey.ClosedWave{
		Manifest: survey.Manifest{
			V: 1, Wave: "2026-10", Programme: "pulse", Opens: opens, Closes: opens.AddDate(0, 0, 10), K: 5, KC: survey.KC(5),
			Packs: []survey.PackRef{packs[0].Ref(), packs[1].Ref()},
		},
		ManifestSHA256: strings.Repeat("cd", 32), Units: []survey.Unit{{ID: "org", Name: "Riverside"}},
		Headcount: map[survey.UnitID]int{"org": 6 * people}, Packs: packs, Ballots: make(map[string][][]byte), Zone: "UTC",
	}
	chance := rand.New(rand.NewPCG(3, 9))
	for i := range 6 {
		id := survey.UnitID(fmt.Sprintf("team%d", i))
		w.Units = append(w.Units, survey.Unit{ID: id, Parent: "org", Name: string(id)})
		w.Headcount[id] = people
		w.Groups = append(w.Groups, survey.Group{ID: string(id), Parent: "org", Units: []survey.UnitID{id}, Headcount: people})
		for range people {
			a := make(survey.Answers)
			policy := chance.IntN(3) // no, yes, not known
			own := chance.IntN(3)
			for _, item := range packs[0].Items {
				a[item.ID] = 1 + own + chance.IntN(2)
				if policy != 1 && strings.HasPrefix(item.ID, "burnout_") {
					a[item.ID]++
				}
			}
			for _, item := range packs[1].Items {
				options := item.Options()
				a[item.ID] = options[chance.IntN(len(options))].Value
			}
			a["rs_policy"] = policy
			if policy == 1 && own > 0 { // ten people at least have the core
				for _, id := range []string{"rs_regular", "rs_safe", "rs_child", "rs_together"} {
					a[id] = 4 + chance.IntN(2)
				}
			}
			ballot, err := sheet.Encode(a)
			if err != nil {
				t.Fatal(err)
			}
			w.Ballots[string(id)] = append(w.Ballots[string(id)], ballot)
		}
	}
	doc, err := analytics.NewReleaser().Release(context.Background(), w)
	if err != nil || doc.Void != "" {
		t.Fatal(doc.Void, err)
	}
	archive := analytics.NewArchive(&synthetic{[]survey.StoredRelease{{Wave: "2026-10", SHA256: survey.SHA256Hex(doc.JSON), JSON: doc.JSON}}})
	r, err := archive.Release(context.Background(), "2026-10")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// associationsHTML is the page about these releases.
func associationsHTML(t *testing.T, lang string, releases ...*analytics.Release) (*goquery.Document, string) {
	t.Helper()
	site, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	con := &console{site: site, zone: time.UTC, brands: unbranded{}, now: func() time.Time { return time.Time{} }}
	if con.pages, err = site.Pages("console", nil); err != nil {
		t.Fatal(err)
	}
	packs := comparing(t)
	find := func(ref survey.PackRef) (*survey.Pack, error) {
		for _, p := range packs {
			if p.Ref() == ref {
				return p, nil
			}
		}
		return nil, fmt.Errorf("no pack %s", ref.ID)
	}
	v := viewer{}
	v.Roles = []string{hr}
	p := associationsPage{frame: con.frame(lang, "associations.title", &v, associationsPath)}
	p.Families = con.in(lang).associations(releases, find)
	if len(p.Families) == 0 {
		p.Need = con.in(lang).associationsNeed(packs)
	}
	w := httptest.NewRecorder()
	con.render(w, lang, 200, "associations", p)
	body := w.Body.String()
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	clean(t, associationsPath, doc, body)
	return doc, body
}

func TestTheAssociationsPageTellsCoefficientsInWords(t *testing.T) {
	r := comparedRelease(t, 20)
	for _, lang := range []string{"en", "fr", "es"} {
		doc, body := associationsHTML(t, lang, r)
		if tables := doc.Find("table.associations"); tables.Length() != 2 || tables.First().Find("tbody tr").Length() != 3 || tables.First().Find("tbody td b").Length() != 9 {
			t.Errorf("%s: %d tables; pairs are 3 predictors by 3 outcomes, slopes 4 by 3", lang, tables.Length())
		}
		doc.Find("caption").Each(func(_ int, s *goquery.Selection) {
			if !strings.Contains(s.Text(), "120") {
				t.Errorf("%s: the caption says not how many people: %s", lang, s.Text())
			}
		})
		if out := os.Getenv("ATTUNE_LOOK"); out != "" {
			if err := os.WriteFile(out+"/associations-"+lang+".html", []byte(body), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	doc, _ := associationsHTML(t, "en", r)
	burnout := doc.Find("table.associations").First().Find("tbody tr").First().Find("td").First().Text()
	if !strings.Contains(burnout, "−0.") || !strings.Contains(burnout, "lower") || !strings.Contains(burnout, "stands out among 21 comparisons") {
		t.Errorf("the policy beside burnout reads %q", burnout)
	}
	if text := doc.Text(); !strings.Contains(text, "Association, not cause.") || !strings.Contains(text, "Holds or works towards a professional endorsement") {
		t.Error("the caption or a predictor's title is missing")
	}
	for _, never := range []string{"mean", "caused by", "because of"} { // no group means, no cause
		if strings.Contains(doc.Find("table.associations").Text(), never) {
			t.Errorf("the tables say %q", never)
		}
	}
}

// 54 people are asked and answer: too few, and the page says what it takes.
func TestTheAssociationsPageSaysWhyNothingIsShown(t *testing.T) {
	doc, _ := associationsHTML(t, "en", comparedRelease(t, 9))
	if doc.Find("table.associations td b").Length() != 0 || doc.Find("table.associations td.hidden-figure").Length() != 21 {
		t.Error("a coefficient of 54 people")
	}
	if text := doc.Text(); !strings.Contains(text, "none of the 21 comparisons can be shown") || !strings.Contains(text, "too few people answered all of it") {
		t.Error("it does not say why")
	}
	doc, _ = associationsHTML(t, "en")
	if text := doc.Find("main").Text(); !strings.Contains(text, "nothing to compare yet") || !strings.Contains(text, "” together with “Pulse: the last two weeks”") || !strings.Contains(text, "At least 60 people") {
		t.Errorf("without a release: %s", text)
	}
	h := newHouse(t) // a year of pulse alone
	doc, _ = h.as(hrMail).page(associationsPath)
	if !strings.Contains(doc.Find("main").Text(), "nothing to compare yet") {
		t.Error("pulse alone is compared with something")
	}
}
