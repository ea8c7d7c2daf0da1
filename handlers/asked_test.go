package handlers

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"attune/analytics"
	"attune/survey"

	"github.com/PuerkitoBio/goquery"
)

// marchWave asked modules that no wave after it asks.
const marchWave = survey.WaveID("2026-03")

// withModules is the year of the made-up organisation with a wave before it,
// March, that asks modules beside pulse: of four people one says that no policy
// is known, three that one is; everybody works towards what belongs to law, which is
// no mean below that answer, and gives one of two neighbouring answers to
// everything else.
func withModules(t *testing.T) func(*Config) {
	t.Helper()
	released, err := releasedOnce()
	must(t, err)
	library, err := survey.NewLibrary()
	must(t, err)
	pulse, err := library.Latest("pulse")
	must(t, err)
	packs := []*survey.Pack{pulse}
	for _, id := range []string{"supports", "effects", "belonging", "competencies"} {
		pack, err := library.Latest(id)
		must(t, err)
		packs = append(packs, pack)
	}
	var people []survey.Person
	for unit, n := range headcounts() {
		for i := range n {
			people = append(people, survey.Person{ID: survey.PersonID(fmt.Sprint(unit, i)), Unit: unit, Active: true})
		}
	}
	org, err := survey.Resolve(orgUnits(), people)
	must(t, err)
	closed, err := closedWave(org, pulse, time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC), 0, rand.New(rand.NewPCG(3, 4)))
	must(t, err)
	sheet, err := survey.NewSheet(packs)
	must(t, err)
	closed.Packs, closed.Manifest.Packs = packs, nil
	for _, pack := range packs {
		closed.Manifest.Packs = append(closed.Manifest.Packs, pack.Ref())
	}
	for group, ballots := range closed.Ballots {
		for i := range ballots {
			given := make(survey.Answers)
			for _, pack := range packs {
				for j, item := range pack.Items {
					given[item.ID] = item.Options()[(i+j)%2].Value
				}
			}
			given["rs_policy"] = min(i%4, 1)
			for _, id := range []string{"skill_ethics", "skill_regulation", "skill_agency"} { // the area of law
				given[id] = 2
			}
			closed.Ballots[group][i], err = sheet.Encode(given)
			must(t, err)
		}
	}
	doc, err := analytics.NewReleaser().Release(t.Context(), closed)
	if err != nil || doc.Void != "" {
		t.Fatal(err, doc.Void)
	}
	stored := survey.StoredRelease{Wave: closed.Manifest.Wave, SHA256: survey.SHA256Hex(doc.JSON), JSON: doc.JSON}
	archive := analytics.NewArchive(&synthetic{stored: append([]survey.StoredRelease{stored}, released.stored...)})
	return func(cfg *Config) { cfg.Archive = archive }
}

func (h *house) marchRelease(t *testing.T, change func(*Config)) *analytics.Release {
	t.Helper()
	var cfg Config
	change(&cfg)
	r, err := cfg.Archive.Release(t.Context(), marchWave)
	must(t, err)
	return r
}

func TestWhatAWaveAskedKeepsItsPageAfterTheNext(t *testing.T) {
	h := newHouse(t, withModules(t))
	lead := h.as(managerMail)
	latest, _ := lead.page(spreadPath(dutyID))
	if latest.Find("#effects_friction").Length() != 0 || latest.Find("#team_frozen").Length() != 1 {
		t.Error("the latest wave's page has what it did not ask, or lacks what it did")
	}
	options := latest.Find("#wave option")
	if options.Length() != 9 || options.First().AttrOr("value", "") != "2026-11" || !options.First().Is("[selected]") ||
		spaced(options.Last().Text()) != "March 2026 – Pulse, Supports, Effects, Belonging, Competencies" {
		t.Errorf("the waves to choose from are %q", spaced(options.Text()))
	}
	march, _ := lead.page(spreadOf(dutyID, marchWave))
	if march.Find("#effects_friction").Length() != 1 || march.Find(`#wave option[selected]`).AttrOr("value", "") != string(marchWave) {
		t.Error("the wave that is chosen is not shown")
	}
	if note := spaced(march.Find("main > p.note").First().Text()); !strings.Contains(note, "It is not the latest one") {
		t.Errorf("an older wave is called %q", note)
	}
	team, _ := lead.page(teamPath(dutyID))
	module := team.Find(`#asked a[href="/console/teams/` + string(dutyID) + `/answers?wave=2026-03#pack-effects"]`).Parent()
	if got := spaced(module.Text()); got != "Effects last asked in March 2026" {
		t.Errorf("the unit's page leads to effects as %q", got)
	}
	if got := spaced(team.Find("#asked li").First().Text()); got != "Pulse last asked in November 2026" {
		t.Errorf("the first module is %q", got)
	}
	if got := spaced(team.Find("#area_law h2").Text()); !strings.Contains(got, "when last asked, in March 2026, ") || !strings.Contains(got, "on a scale from 1 to 3") {
		t.Errorf("a scale of an earlier wave is headed %q", got)
	}
}

func TestAWaveThatShowsNothingOfAUnitIsNoChoice(t *testing.T) {
	h := newHouse(t, withRound(t))
	lead := h.as(managerMail)
	doc, _ := lead.page(spreadPath(dutyID))
	doc.Find("#wave option").Each(func(_ int, o *goquery.Selection) {
		if strings.Contains(o.Text(), "incident") {
			t.Errorf("a round after an incident can be chosen: %s", o.Text())
		}
	})
	for _, wave := range []string{"2026-12", "2031-01", "../x"} { // the round after the incident, none, none
		status, body := lead.get(spreadOf(dutyID, survey.WaveID(wave)))
		if status != http.StatusNotFound || !strings.Contains(body, "Choose a wave from the list") {
			t.Errorf("wave %s: status %d", wave, status)
		}
	}
	if status, _ := lead.get(spreadOf(nightID, "2026-11")); status != http.StatusForbidden {
		t.Errorf("another part's answers: status %d", status)
	}
}

func TestEachQuestionIsHeadedByWhatWasFound(t *testing.T) {
	change := withModules(t)
	h := newHouse(t, change)
	r := h.marchRelease(t, change)
	doc, _ := h.as(hrMail).page(spreadOf(dayID, marchWave))
	policy, _ := r.Cell(string(dayID), "rs_policy", analytics.StatisticMean)
	if policy.Status != analytics.StatusShown || policy.Reason != analytics.ReasonNone {
		t.Fatalf("the fixture shows %+v", policy)
	}
	card := doc.Find("#rs_policy")
	want := fmt.Sprintf("about %v in 100 said “Yes”; %d of 24 answered", math.Round(100*policy.Value), policy.N)
	if got := spaced(card.Find("h3").Text()); !strings.HasSuffix(got, want) {
		t.Errorf("a question of yes and no is headed %q, want …%q", got, want)
	}
	if got := spaced(card.Find(".mean").Text()); !strings.Contains(got, "where 0 is “No” and 1 is “Yes”") || !strings.Contains(got, "“I don’t know” is not counted") {
		t.Errorf("its mean is explained as %q", got)
	}
	low, _ := r.Cell(string(dayID), "effects_friction:low", analytics.StatisticCount)
	want = fmt.Sprintf("%s of %d chose never or rarely", inWords(h.speech("en"), low), low.N)
	if got := spaced(doc.Find("#effects_friction h3").Text()); low.Status != analytics.StatusShown || !strings.HasSuffix(got, want) {
		t.Errorf("a question with counts is headed %q, want …%q", got, want)
	}
	if doc.Find("#belong_here").Length() != 0 || !strings.Contains(spaced(doc.Find(".unshown").Text()), "I felt that I belong here as I am”: Shown for larger units only") {
		t.Errorf("what is for the organisation only: %q", spaced(doc.Find(".unshown").Text()))
	}
	whole, _ := h.as(hrMail).page(spreadOf(orgID, marchWave))
	if whole.Find("#belong_here table.figures td").Length() == 0 {
		t.Error("the organisation's page lacks it too")
	}
	if got := whole.Find("#effects_leaving a[href^='/console/guides/']").Length(); got != 1 {
		t.Errorf("%d guides to a question", got)
	}
}

// Most of the people who differ do so by one answer: the headings claim a
// majority only where more than half of the people shown have it.
func TestAHeadingSaysMostOnlyOfMoreThanHalf(t *testing.T) {
	s := newHouse(t).speech("en")
	bands := func(low, middle, high float64) []spreadBand {
		var all []spreadBand
		for i, v := range []float64{low, middle, high} {
			all = append(all, spreadBand{Name: []string{"never or rarely", "sometimes", "often or very often"}[i], figure: figure{value: v, Value: s.num(v), n: 12, N: "12"}})
		}
		return all
	}
	for want, counts := range map[string][]spreadBand{
		"Frozen: 7 of 12 chose sometimes": bands(2, 7, 3),
		"Frozen: answers differ; of 12 people, 6 chose never or rarely and 3 chose often or very often": bands(6, 3, 3), // half is not most
	} {
		if got := s.mostChose(measure{title: "Frozen"}, counts); got != want {
			t.Errorf("the heading is %q, want %q", got, want)
		}
	}
}

func TestTrainingNeedsStandInTheOrderOfThePackWithTheirGuide(t *testing.T) {
	change := withModules(t)
	h := newHouse(t, change)
	r := h.marchRelease(t, change)
	doc, _ := h.as(hrMail).page(spreadOf(dutyID, marchWave))
	rows := doc.Find("#areas tbody tr")
	areas := []string{"foundations", "law", "systems", "service", "others", "communication", "thinking", "reflection"}
	if rows.Length() != len(areas) {
		t.Fatalf("%d areas, want %d", rows.Length(), len(areas))
	}
	below := 0
	for i, area := range areas {
		c, _ := r.Cell(string(dutyID), "area_"+area, analytics.StatisticMean)
		row := rows.Eq(i)
		if got := text(row.Find("td").Eq(0)) + ", " + text(row.Find("td").Eq(2)); got != fmt.Sprintf("%s, %d of %d", inWords(h.speech("en"), c), c.N, c.Invited) {
			t.Errorf("%s: %q, the release has %+v", area, got, c)
		}
		if row.Find(`td a[href="/console/guides/scale_competencies"]`).Length() != 1 || text(row.Find("td").Eq(1)) == "" {
			t.Errorf("%s has no words or no guide: %q", area, text(row))
		}
		if c.Value < 2 { // working towards it
			below++
		}
	}
	if below >= len(areas) {
		t.Fatal("the fixture has no area at the middle answer")
	}
	if got, want := text(doc.Find("#areas h3")), fmt.Sprintf("Training needs, March 2026: %d of 8 areas lie below “working towards it” on average", below); below == 0 || got != want {
		t.Errorf("the heading is %q, want %q", got, want)
	}
	if doc.Find("#areas p.note a").Length() != 2 {
		t.Error("the impact map's responsibilities and results are not linked")
	}
	// Intake has four people: its figures are those of the teams it is combined
	// with, or none, and never its own.
	small, _ := h.as(hrMail).page(spreadOf(intakeID, marchWave))
	if shown := small.Find("#areas td[data-measure]").Length(); shown > 0 && small.Find("#areas .who").Length() != 1 {
		t.Error("a team of four has figures that nobody is named for")
	}
}
