package analytics

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"attune/survey"
)

// release runs the real pipeline and reads the document back.
func release(t tester, w survey.ClosedWave) (*Release, []byte) {
	t.Helper()
	doc, err := NewReleaser().Release(context.Background(), w)
	if err != nil {
		t.Fatalf("release: %v", err)
	}
	if doc.Void != "" {
		t.Fatalf("void: %s", doc.Void)
	}
	r, err := decode(doc.JSON)
	if err != nil {
		t.Fatalf("decode: %v", err)
	}
	return r, doc.JSON
}

func TestReleaseKeepsItsPromisesForAnyOrganisation(t *testing.T) {
	p := pulse(t)
	rapid.Check(t, func(t *rapid.T) {
		teams := organisations().Filter(func(o []team) bool { return peopleIn(o) >= 5 }).Draw(t, "teams")
		w := withPack(waveOf(t, teams, scopes(teams).Draw(t, "scope"), rapid.Bool().Draw(t, "merge"), 5), p)
		given := fill(t, w, p, teams, rapid.Uint64().Draw(t, "seed"))
		ballots := 0
		for _, b := range w.Ballots {
			ballots += len(b)
		}
		if ballots < 6 { // k are not enough where they are in several units, kc are
			doc, err := NewReleaser().Release(context.Background(), w)
			if err != nil || (doc.Void != VoidTooFew && ballots < 5) || (doc.Void == "") == (doc.JSON == nil) {
				t.Fatalf("%d ballots: %+v, %v", ballots, doc, err)
			}
			return
		}
		r, _ := release(t, w)
		check(t, r, w, p, given)
	})
}

func TestReleaseIsTheSameInAnyOrderOfBallots(t *testing.T) {
	p := pulse(t)
	rapid.Check(t, func(t *rapid.T) {
		teams := organisations().Filter(func(o []team) bool { return peopleIn(o) >= 5 }).Draw(t, "teams")
		w := withPack(waveOf(t, teams, "org", true, 5), p)
		fill(t, w, p, teams, rapid.Uint64().Draw(t, "seed"))
		first, err := NewReleaser().Release(context.Background(), w)
		if err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 2))
		for _, ballots := range w.Ballots {
			random.Shuffle(len(ballots), func(i, j int) { ballots[i], ballots[j] = ballots[j], ballots[i] })
		}
		random.Shuffle(len(w.Groups), func(i, j int) { w.Groups[i], w.Groups[j] = w.Groups[j], w.Groups[i] })
		again, err := NewReleaser().Release(context.Background(), w)
		if err != nil || !bytes.Equal(first.JSON, again.JSON) {
			t.Fatalf("two orders, two releases (%v):\n%s\n%s", err, first.JSON, again.JSON)
		}
	})
}

// mixed has a shown team, a merged group, a block of hidden teams, a team in
// which nobody answered, an empty one and a direct team.
var mixed = []team{
	{"a/t1", 12, 11},
	{"a/t2", 9, 3},
	{"a/t3", 8, 6},
	{"a/x-d", 6, 5},
	{"b/t1", 3, 3},
	{"b/t2", 4, 3},
	{"b/t3", 10, 8},
	{"c/t1", 7, 0},
	{"c/t2", 9, 9},
	{"c/t3", 0, 0},
}

func mixedWave(t tester) (survey.ClosedWave, *survey.Pack, map[survey.UnitID][]survey.Answers) {
	p := pulse(t)
	w := withPack(waveOf(t, mixed, "org", true, 5), p)
	return w, p, fill(t, w, p, mixed, 7)
}

func TestHiddenCellsHaveNoNumberInTheDocument(t *testing.T) {
	w, _, _ := mixedWave(t)
	_, raw := release(t, w)
	var doc struct {
		Cells []map[string]any `json:"cells"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	statuses := make(map[string]int)
	for _, c := range doc.Cells {
		status, _ := c["status"].(string)
		statuses[status]++
		for _, number := range []string{"value", "low", "high", "n"} {
			_, has := c[number]
			wanted := status == "shown" && (c["statistic"] == StatisticMean || c["statistic"] == StatisticAlpha || number == "value" || number == "n")
			if has != wanted {
				t.Errorf("%v: field %s present: %v", c, number, has)
			}
		}
	}
	if len(statuses) != 4 {
		t.Errorf("the example is meant to have every status: %v", statuses)
	}
}

func TestReleaseDocumentIsCanonicalAndSaysNothingFiner(t *testing.T) {
	w, p, _ := mixedWave(t)
	r, raw := release(t, w)
	canonical, err := survey.Canonical(json.RawMessage(raw))
	if err != nil || !bytes.Equal(canonical, raw) {
		t.Errorf("not canonical (%v):\n%s\n%s", err, raw, canonical)
	}
	// 2026-11-02 23:30 UTC is the 3rd in Berlin.
	if r.Opens() != "2026-11-03" || r.Closes() != "2026-11-16" {
		t.Errorf("dates %s %s", r.Opens(), r.Closes())
	}
	if r.Wave() != "2026-11" || r.Programme() != "pulse" || r.K() != 5 || r.KC() != 6 || r.MethodVersion() != "3" ||
		r.ManifestSHA256() != w.ManifestSHA256 || r.SHA256() != survey.SHA256Hex(raw) {
		t.Errorf("head: %+v", r.doc)
	}
	if refs := r.Packs(); len(refs) != 1 || refs[0] != p.Ref() {
		t.Errorf("packs %v", refs)
	}
	for _, never := range []string{"sum", "moment", "variance", "23:30", "17:00", "Z\""} {
		if bytes.Contains(raw, []byte(never)) {
			t.Errorf("the document contains %q", never)
		}
	}
	if last := strings.Count(string(raw), "\"status\""); last != len(r.Cells()) {
		t.Errorf("%d cells written, %d read", last, len(r.Cells()))
	}
}

func TestReleaseShowsUnitsBlocksAndReasons(t *testing.T) {
	w, _, _ := mixedWave(t)
	r, _ := release(t, w)
	// By hand, n of ballots: a/t2 (3) hides with the smallest sibling, the
	// direct team (5): 8 of 15. b/t1 and b/t2 share a box: 6 of 7. c/t1 sent
	// nothing. c/t3 has nobody.
	hiddenA := survey.BlockID([]survey.UnitID{"a/t2", "a/x-d"})
	mergedB := survey.BlockID([]survey.UnitID{"b/t1", "b/t2"})
	want := map[string]Cell{
		"org":   {Status: StatusShown, N: 48, Invited: 68, Level: survey.LevelOrganisation},
		"a":     {Status: StatusShown, N: 25, Invited: 35, Level: "level-1", Parent: "org", Name: "A"},
		"a/t1":  {Status: StatusShown, N: 11, Invited: 12, Level: survey.LevelTeam, Parent: "a", Name: "T1"},
		"a/t2":  {Status: StatusCombined, Block: hiddenA, Invited: 9, Level: survey.LevelTeam, Parent: "a", Name: "T2"},
		"a/x-d": {Status: StatusCombined, Block: hiddenA, Invited: 6, Level: survey.LevelTeam, Parent: "a", Name: "X-D"},
		hiddenA: {Status: StatusShown, N: 8, Invited: 15, Level: survey.LevelBlock, Parent: "a"},
		"b/t1":  {Status: StatusCombined, Block: mergedB, Invited: 3, Level: survey.LevelTeam, Parent: "b", Name: "T1"},
		mergedB: {Status: StatusShown, N: 6, Invited: 7, Level: survey.LevelBlock, Parent: "b"},
		"c/t1":  {Status: StatusSuppressed, Reason: ReasonProtected, Invited: 7, Level: survey.LevelTeam, Parent: "c", Name: "T1"},
		"c/t3":  {Status: StatusEmpty, Reason: ReasonNotInvited, Level: survey.LevelTeam, Parent: "c", Name: "T3"},
	}
	for id, w := range want {
		c, ok := r.Cell(id, MeasureResponse, StatisticCoverage)
		if id == "org" {
			w.Name = "Organisation"
		}
		w.Unit, w.Measure, w.Statistic = id, MeasureResponse, StatisticCoverage
		if w.Status == StatusShown {
			w.Value = math.Round(100*float64(w.N)/float64(w.Invited)) / 100
		}
		if !ok || c != w {
			t.Errorf("%s:\n got %+v\nwant %+v", id, c, w)
		}
	}
	var rows []string
	for _, c := range r.Cells() {
		if c.Measure == MeasureResponse {
			rows = append(rows, c.Unit)
		}
	}
	order := []string{"org", "a", "a/t1", "a/t2", "a/t3", "a/x-d", hiddenA, "b", "b/t1", "b/t2", "b/t3", mergedB, "c", "c/t1", "c/t2", "c/t3"}
	if !reflect.DeepEqual(rows, order) {
		t.Errorf("rows %v, want %v", rows, order)
	}
	if u, ok := r.Unit("a/x-d"); !ok || !u.Direct || u.Invited != 6 || u.Parent != "a" {
		t.Errorf("direct team %+v", u)
	}
	if b, ok := r.Block(mergedB); !ok || b.Parent != "b" || len(b.Units) != 2 || b.Invited != 7 {
		t.Errorf("merged group %+v", b)
	}
	text := func(key string, args map[string]any) string {
		if key == "unit.direct" {
			return args["unit"].(string) + " itself"
		}
		return args["parent"].(string) + ": " + args["teams"].(string)
	}
	if name := r.Name(hiddenA, text); name != "A: T2, X-D itself" {
		t.Errorf("block name %q", name)
	}
	if r.Name("nowhere", text) != "" {
		t.Error("an unknown id has a name")
	}
}

// Everybody gives the top answer: 5 − 4/n on the grid, and the mark.
func TestUnanimityIsShownClamped(t *testing.T) {
	p := pulse(t)
	teams := []team{{"a", 5, 5}, {"b", 8, 8}}
	w := withPack(waveOf(t, teams, "org", true, 5), p)
	a := make(survey.Answers)
	for _, item := range p.Items {
		a[item.ID] = item.Max()
	}
	for i, g := range w.Groups {
		for range teams[i].people {
			w.Ballots[g.ID] = append(w.Ballots[g.ID], encode(t, p, a))
		}
	}
	r, _ := release(t, w)
	for _, measure := range []string{"burnout", "cs", "team_frozen"} {
		// a: at most 4.2, step ½: 4. b: at most 4.5. org: 21 + 36 = 57 of 13 is
		// 4.385, quarters: 4.5.
		for unit, want := range map[string]float64{"a": 4, "b": 4.5, "org": 4.5} {
			c, _ := r.Cell(unit, measure, StatisticMean)
			if c.Value != want || (unit != "org" && c.Reason != ReasonClampedHigh) {
				t.Errorf("%s of %s: %+v, want %v", measure, unit, c, want)
			}
		}
	}
}

// Neighbouring data: another ballot in a combined block moves the means of
// the block and of what contains it, and no other mean and no n. (Intervals
// share the pooled standard deviation, and what is finer than a mean has a
// plan that depends on block totals; the next test is about those.)
func TestOneChangedBallotMovesOnlyTheMeansOfItsBlockAndWhatContainsIt(t *testing.T) {
	w, p, given := mixedWave(t)
	before, _ := release(t, w)
	may := map[string]bool{"a": true, "org": true}
	for _, b := range before.Blocks() { // measures with other skips have other blocks
		may[b.ID] = slices.Contains(b.Units, "a/t2")
	}
	moved := false
	for i := range given["a/t2"] {
		for _, value := range []int{1, 5} {
			other, _, _ := mixedWave(t)
			changed := make(survey.Answers)
			for id := range given["a/t2"][i] {
				changed[id] = value
			}
			other.Ballots["a/t2"][i] = encode(t, p, changed)
			after, _ := release(t, other)
			for _, c := range before.Cells() {
				if c.Statistic != StatisticMean && c.Statistic != StatisticCoverage {
					continue
				}
				now, _ := after.Cell(c.Unit, c.Measure, c.Statistic)
				now.Low, now.High = c.Low, c.High
				if c != now && !may[c.Unit] {
					t.Errorf("%s of %s moved", c.Measure, c.Unit)
				}
				moved = moved || c != now
			}
		}
	}
	if !moved {
		t.Error("no figure moved at all: the test sees nothing")
	}
}

// A release is a function of block totals: two people of one block who give
// each other's answers, each from their own team, change not a single byte.
func TestWhoOfABlockGaveWhichAnswerChangesNothing(t *testing.T) {
	p := pulse(t)
	teams := []team{{"a/t1", 12, 11}, {"a/t2", 9, 3}, {"a/t3", 8, 4}, {"b/t1", 20, 18}, {"b/t2", 11, 8}}
	build := func() (survey.ClosedWave, map[survey.UnitID][]survey.Answers) {
		w := withPack(waveOf(t, teams, "org", false, 5), p)
		return w, fill(t, w, p, teams, 11)
	}
	w, given := build()
	before, first := release(t, w)
	block := survey.BlockID([]survey.UnitID{"a/t2", "a/t3"})
	if c, ok := before.Cell(block, MeasureResponse, StatisticCoverage); !ok || c.N != 7 {
		t.Fatalf("the example is meant to combine a/t2 and a/t3: %+v", before.Blocks())
	}
	for i := range given["a/t2"] {
		for j := range given["a/t3"] {
			other, _ := build()
			other.Ballots["a/t2"][i], other.Ballots["a/t3"][j] = other.Ballots["a/t3"][j], other.Ballots["a/t2"][i]
			if _, again := release(t, other); !bytes.Equal(first, again) {
				t.Errorf("ballots %d and %d exchanged: another release", i, j)
			}
		}
	}
}

func TestStepsAreCoarserWhereFewPeopleChanged(t *testing.T) {
	p := pulse(t)
	teams := []team{{"a", 12, 12}, {"b", 30, 30}}
	for _, test := range []struct {
		people      int
		known       bool
		stepA, step float64
	}{{0, true, 0.25, 0.1}, {1, true, 0.5, 0.25}, {4, true, 0.5, 0.25}, {5, true, 0.25, 0.1}, {3, false, 0.25, 0.1}} {
		w := withPack(waveOf(t, teams, "org", true, 5), p)
		fill(t, w, p, teams, 3)
		asked := make(map[string]bool)
		w.Changed = func(teams []survey.UnitID) (int, bool) {
			asked[survey.BlockID(teams)] = true
			return test.people, test.known
		}
		r, _ := release(t, w)
		for unit, step := range map[string]float64{"a": test.stepA, "b": test.step} {
			for _, m := range []string{"burnout", "sts", "cs", "team_avoidant"} {
				c, _ := r.Cell(unit, m, StatisticMean)
				if steps := (c.Value - 1) / step; math.Abs(steps-math.Round(steps)) > 1e-9 {
					t.Errorf("%d changed: %s of %s shows %v, not in steps of %v", test.people, m, unit, c.Value, step)
				}
			}
		}
		if len(asked) != 3 {
			t.Errorf("asked about %d sets of teams, want org, a and b", len(asked))
		}
	}
}

func TestReleaseFailsLoudly(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(w *survey.ClosedWave)
		key   string
	}{
		{"a ballot of another sheet", func(w *survey.ClosedWave) { w.Ballots["a/t1"][3] = []byte{1, 2} }, "error.release.sheet"},
		{"a byte that is no option", func(w *survey.ClosedWave) { w.Ballots["a/t1"][3][0] = 99 }, "error.release.sheet"},
		{"more ballots than people", func(w *survey.ClosedWave) {
			w.Ballots["a/t1"] = append(w.Ballots["a/t1"], w.Ballots["a/t1"][:2]...)
		}, "error.release.too_many"},
		{"ballots of an unknown group", func(w *survey.ClosedWave) { w.Ballots["elsewhere"] = w.Ballots["a/t1"] }, "error.release.group"},
		{"k below the floor", func(w *survey.ClosedWave) { w.Manifest.K = 4 }, "error.release.limits"},
		{"kc below the rule", func(w *survey.ClosedWave) { w.Manifest.KC = 5 }, "error.release.limits"},
		{"an unknown zone", func(w *survey.ClosedWave) { w.Zone = "Nowhere/At all" }, ""},
		{"a tree without root", func(w *survey.ClosedWave) { w.Units = w.Units[1:] }, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w, _, _ := mixedWave(t)
			test.spoil(&w)
			doc, err := NewReleaser().Release(context.Background(), w)
			if err == nil || (test.key != "" && !survey.IsKey(err, test.key)) {
				t.Errorf("error %v, want %s", err, test.key)
			}
			if doc.JSON != nil || doc.Void != "" {
				t.Errorf("a document all the same: %+v", doc)
			}
		})
	}
	w, _, _ := mixedWave(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := NewReleaser().Release(ctx, w); err == nil {
		t.Error("a cancelled release went on")
	}
}

// The wall around single scores: PRIVACY, section 6, and DESIGN, "Walls".
func TestTallyHasOneExit(t *testing.T) {
	tally := reflect.TypeFor[Tally]()
	for i := range tally.NumField() {
		if tally.Field(i).IsExported() {
			t.Errorf("field %s is exported", tally.Field(i).Name)
		}
	}
	pointer := reflect.TypeFor[*Tally]()
	if pointer.NumMethod() != 1 || pointer.Method(0).Name != "Release" {
		t.Errorf("%d exported methods, want Release only", pointer.NumMethod())
	}
}
