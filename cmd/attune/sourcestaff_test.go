package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"attune/survey"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Row 1: a wave of signs and effects, leaders' reflection by name, and the
// results shared back to staff.
func (w *sourceWalk) briefing(t *testing.T) {
	w.begins(t)
	wave := w.ask(round{packs: "signs,effects"})
	w.answer(wave, func(_ sourceTeam, person int, _ string, _ survey.Item, i int) int { return 1 + (person+i)%5 })
	w.release(wave)

	// Whoever is the p-th of a team answers 1 + p%5 to the first and the sixth
	// item of effects, which is thoughts of leaving. Of the 14 of Duty 3 answer
	// each of 1 to 4 and 2 answer 5: 40/14 = 2.86, in steps of a quarter 2.75. Of
	// the 12 of Ward 3 each answer 1 and 2, and 2 each 3 to 5: 33. So North has
	// (40 + 33)/26 = 2.81, in steps of a tenth 2.8, and 12 low, 5 middle and 9
	// high answers. Day's 13 make 35 and Night's 12 make 33, Clinic's 8 make 21 and
	// Home's 11 make 31: 193/70 = 2.76, and 2.8.
	w.unit("North", "")
	w.follow(fmt.Sprintf(`#asked a[href^="/console/teams/%s/answers"]`, w.units["North"]))
	w.want("#effects_leaving table.spread tbody td", "12", "5", "9")
	w.want("#effects_leaving .figures tbody tr:last-child td:first-of-type", "2.8")
	w.says("#self_reactive", "What can be changed first: When urgency takes over")
	w.follow(`#effects_leaving a[href^="/console/guides/effects_leaving"]`)
	w.says("main", "Speak with everybody about what keeps them here")
	w.unit("Duty", "/answers") // a team, although it has more than ten people
	w.want("#effects_leaving tbody td")
	w.says("main", "Shown for larger units only")
	w.want("#effects_friction .figures tbody tr:last-child td:first-of-type", "2.75")
	w.unit("East", "/answers") // a department of eight
	w.says("#effects_leaving", "Clinic (8) and Home (11)", "19 of 19")

	w.reflection()

	// Everybody in Duty gets the same address.
	key, err := w.in.waves.ResultsKey(t.Context(), wave.ID, w.units["Duty"])
	if err != nil {
		t.Fatal(err)
	}
	staff, cancel := chromedp.NewContext(w.root, chromedp.WithNewBrowserContext())
	defer cancel()
	asPhone(staff, t)
	do(staff, t, chromedp.Navigate(w.url+"/r/"+key))
	for measure, want := range map[string][]string{
		"effects_friction": {"2.75", "2.8", "2.8"}, // Duty, North, everybody
		"effects_leaving":  {"–Shown for larger units only", "2.8", "2.8"},
		"self_reactive":    {"3.25", "3", "3"},
	} {
		if got := texts(staff, t, "tr[data-measure="+measure+"] td"); !slices.Equal(got, want) {
			t.Errorf("staff of Duty read %q for %s; want %q", got, measure, want)
		}
	}
	if said := strings.Join(texts(staff, t, "main"), ""); !strings.Contains(said, "Robin Lead is responsible for what follows") {
		t.Errorf("the page of results says\n%s", said)
	}
}

// reflection answers trauma-informed for the organisation, by name.
func (w *sourceWalk) reflection() {
	t := w.t
	t.Helper()
	w.audit("trauma-informed", "Test Harbour")
	path := value[string](w.desk, t, "location.pathname")
	w.entry(path, "principles", "openness", leaderSays{state: "partly", note: "Minutes go to everybody", owner: "Robin Lead", due: "2027-03-01"})
	w.entry(path, "questions", "doing_well", leaderSays{note: "We meet after every hard week."})
	w.open(path)
	w.says("main", "alex", "Minutes go to everybody", "Robin Lead", "1 March 2027", "We meet after every hard week.")
	w.finish()
	w.want(`form[action$="/finish"]`)
}

// audit starts a leader pack for a part of the organisation, and opens it.
func (w *sourceWalk) audit(pack, unit string) {
	w.t.Helper()
	w.open("/console/leaders")
	value[bool](w.desk, w.t, fmt.Sprintf("document.querySelector('#unit-%s').value = %q, true", pack, w.units[unit]))
	w.follow("#" + pack + " form button")
}

// leaderSays is what a leader enters; empty fields stay empty.
type leaderSays struct{ state, number, note, owner, due string }

// entry saves one entry of an audit.
func (w *sourceWalk) entry(audit, block, id string, says leaderSays) {
	t := w.t
	t.Helper()
	w.open(audit + "/blocks/" + block)
	if says.state != "" {
		do(w.desk, t, chromedp.Click(chromedp.CSS(fmt.Sprintf("#%s input[value=%s]", id, says.state))))
	}
	for field, text := range map[string]string{"number": says.number, "note": says.note, "owner": says.owner, "due": says.due} {
		if text != "" {
			do(w.desk, t, chromedp.SendKeys(chromedp.CSS(fmt.Sprintf("#%s-%s", field, id)), text))
		}
	}
	w.follow("#" + id + " form.fields button")
	waitFor(w.desk, t, fmt.Sprintf("document.querySelector('#%s [role=status]')", id))
}

// competenceAreas are the scales of competencies: the eight areas of the impact
// map.
func competenceAreas() []string {
	return []string{
		"area_foundations", "area_law", "area_systems", "area_service", "area_others", "area_communication", "area_thinking", "area_reflection",
	}
}

// Row 3: somebody reflects on their competencies on a phone, with a practice
// level and evidence that never leave it, and the team sees where it learns.
func (w *sourceWalk) competencies(t *testing.T) {
	w.begins(t)
	wave := w.ask(round{packs: "competencies"})
	w.privately()
	// The first of Duty is the one with the browser, who chose 2 everywhere. Of
	// the 14 of Duty seven answer 1 and seven 2 to all of communication, a mean
	// of 1.5, and 2 to the rest.
	w.answer(wave, func(team sourceTeam, person int, _ string, item survey.Item, i int) int {
		switch {
		case team.path != "North / Duty":
			return 1 + (person+i)%3
		case person == 0:
			return -1
		case item.Topic == "communication" && person%2 == 1:
			return 1
		}
		return 2
	})
	w.release(wave)
	w.unit("Duty", "")
	for _, area := range competenceAreas() {
		want := "2"
		if area == "area_communication" {
			want = "1.5"
		}
		w.want("#"+area+" .figures tbody tr:last-child td:nth-of-type(1)", want)
		w.want("#"+area+" .figures tbody tr:last-child td:nth-of-type(3)", "14")
	}
}

// privately answers on a phone and writes what is for oneself alone, and holds
// everything that the phone sends against that.
func (w *sourceWalk) privately() {
	t := w.t
	t.Helper()
	phone := newPocket(w.root, t)
	phone.open(w.url + "/a#" + w.tokens["North / Duty"][0])
	phone.tap("Collect my ticket and answer")
	phone.fill(1)
	phone.says("Received. Thank you.")
	evidence := "Morrow family: held the silence " + strings.Repeat("and watched the baby together with the father ", 12)
	do(phone.ctx, t,
		chromedp.SetValue(chromedp.CSS(".own"), "Level 2: I use it in my practice"),
		chromedp.SendKeys(chromedp.CSS("textarea.own"), evidence))
	phone.tap("Keep this result on this phone") // with the notes, and nowhere else
	phone.says("Kept on this phone.")
	inMedia(phone.ctx, t, "print")
	if cut := value[int](phone.ctx, t, `[...document.querySelectorAll(".own")].filter((e) => !e.checkVisibility() || e.scrollHeight > e.clientHeight + 1).length`); cut > 0 {
		t.Errorf("%d private fields are cut off or missing in print", cut)
	}
	grid := texts(phone.ctx, t, ".mine li")
	if len(grid) != 45 || !strings.HasSuffix(grid[0], "Working towards it") {
		t.Errorf("the grid to print has %d lines: %.200q", len(grid), grid)
	}
	inMedia(phone.ctx, t, "screen")
	phone.open(w.url + "/a") // the ballot goes once more
	phone.tap("Change my answers")
	phone.fill(1)
	phone.says("They replaced your earlier ones.")
	phone.clean()
	all := phone.requests()
	where, _ := posted(t, all)
	if len(where) != 4 { // offer, draw, cast, cast
		t.Errorf("the phone posted to %v", where)
	}
	for _, never := range []string{"Morrow", "Level", "practice_level", "evidence"} {
		if found := with(never, all); len(found) > 0 {
			t.Errorf("%q went out with %v", never, found)
		}
	}
}

// inMedia makes a tab look as on a "screen", or as on paper, in "print".
func inMedia(ctx context.Context, t *testing.T, media string) {
	t.Helper()
	do(ctx, t, func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media})
		return chromedp.Void{}, err
	})
}

// Row 5: from the cells of the eight areas to what specialists answer for and
// what their work is for.
func (w *sourceWalk) impactMap(t *testing.T) {
	w.begins(t)
	for _, unit := range []string{"Duty", "North", "Test Harbour"} {
		w.unit(unit, "")
		for _, area := range competenceAreas() {
			if shown := w.texts("#" + area + " .figures tbody tr:last-child td:nth-of-type(1)"); len(shown) != 1 || shown[0] == "" {
				t.Errorf("%s shows %q of %s", unit, shown, area)
			}
		}
	}
	for _, guide := range []string{"what_specialists_carry", "what_the_work_is_for"} {
		w.unit("Duty", "")
		w.follow(`#guided a[href^="/console/guides/scale_competencies"]`)
		w.follow(fmt.Sprintf(`a[href^="/console/guides/%s"]`, guide))
		w.says("main", "The impact map", "Impact Map")
	}
}
