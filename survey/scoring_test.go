package survey_test

import (
	"os"
	"testing"

	"attune/survey"
	"pgregory.net/rapid"
)

// workedPack is testdata/worked.yaml: "strain" is the mean of calm (reversed),
// tired and late, answers 1 to 5, two needed; "voice" is the sum of heard,
// asked, ignored (reversed) and chosen, answers 0 to 3, three needed.
func workedPack(t testing.TB) *survey.Pack {
	t.Helper()
	data, err := os.ReadFile("testdata/worked.yaml")
	if err != nil {
		t.Fatal(err)
	}
	pack, faults, err := survey.ReadPack(data)
	if err != nil || len(faults) > 0 {
		t.Fatalf("testdata/worked.yaml: %v %v", faults, err)
	}
	return pack
}

func scaleOf(t testing.TB, p *survey.Pack, id string) survey.Scale {
	t.Helper()
	s, ok := p.Scale(id)
	if !ok {
		t.Fatalf("pack %s has no scale %s", p.ID, id)
	}
	return s
}

func TestAReversedItemIsMirroredWithinItsOptions(t *testing.T) {
	pack := workedPack(t)
	calm, _ := pack.Item("calm")       // 1 to 5, reversed
	tired, _ := pack.Item("tired")     // 1 to 5
	ignored, _ := pack.Item("ignored") // 0 to 3, reversed, options listed from 3 down
	for _, c := range []struct {
		item  survey.Item
		value int
		want  float64
	}{
		{calm, 1, 5}, // (1 + 5) − 1
		{calm, 2, 4}, // (1 + 5) − 2
		{calm, 3, 3}, // the middle stays
		{calm, 5, 1},
		{tired, 2, 2},   // not reversed
		{ignored, 0, 3}, // (0 + 3) − 0
		{ignored, 1, 2},
		{ignored, 3, 0},
	} {
		if got, ok := survey.ItemScore(c.item, c.value); got != c.want || !ok {
			t.Errorf("ItemScore(%s, %d) = %g %t, want %g", c.item.ID, c.value, got, ok, c.want)
		}
	}
}

func TestAScoreIsTheMeanOfTheAnsweredItemsAfterReversing(t *testing.T) {
	pack := workedPack(t)
	for _, c := range []struct {
		name  string
		scale string
		sheet survey.Answers
		want  float64
		ok    bool
	}{
		// calm 2 → 4; (4 + 4 + 1) / 3
		{"all answered", "strain", survey.Answers{"calm": 2, "tired": 4, "late": 1}, 3, true},
		// calm 1 → 5; (5 + 4) / 2
		{"one left out of three", "strain", survey.Answers{"calm": 1, "tired": 4}, 4.5, true},
		// (5 + 2) / 2: the reversed item itself left out
		{"reversed item left out", "strain", survey.Answers{"tired": 5, "late": 2}, 3.5, true},
		{"one answered, two needed", "strain", survey.Answers{"late": 5}, 0, false},
		{"nothing answered", "strain", survey.Answers{}, 0, false},
		{"answers to other scales only", "strain", survey.Answers{"heard": 3, "asked": 3, "chosen": 3}, 0, false},
		{"no sheet at all", "strain", nil, 0, false},
		// ignored 1 → 2; (3 + 2 + 2 + 1) / 4 = 2, times 4 items
		{"sum, all answered", "voice", survey.Answers{"heard": 3, "asked": 2, "ignored": 1, "chosen": 1}, 8, true},
		// ignored 3 → 0; (3 + 2 + 0) / 3 = 5/3, times 4 items = 20/3
		{"sum, one left out", "voice", survey.Answers{"heard": 3, "asked": 2, "ignored": 3}, 5.0 / 3 * 4, true},
		// ignored 3 → 0; 0 is a score here, and not the mark of a missing one
		{"sum, lowest", "voice", survey.Answers{"heard": 0, "asked": 0, "ignored": 3, "chosen": 0}, 0, true},
		{"sum, two answered, three needed", "voice", survey.Answers{"heard": 3, "asked": 3}, 0, false},
	} {
		got, ok := scaleOf(t, pack, c.scale).Score(pack, c.sheet)
		if got != c.want || ok != c.ok {
			t.Errorf("%s: score %g %t, want %g %t", c.name, got, ok, c.want, c.ok)
		}
	}
}

func TestTheRangeIsInTheReportingUnit(t *testing.T) {
	pack := workedPack(t)
	for _, c := range []struct {
		scale     string
		low, high float64
	}{
		{"strain", 1, 5}, // mean of items from 1 to 5
		{"voice", 0, 12}, // 4 items × 0 and 4 items × 3
	} {
		low, high := scaleOf(t, pack, c.scale).Range(pack)
		if low != c.low || high != c.high {
			t.Errorf("range of %s is %g to %g, want %g to %g", c.scale, low, high, c.low, c.high)
		}
	}
}

// A score never leaves its range, and turning every answer round turns the
// score round: it becomes low + high − score.
func TestAScoreStaysInItsRangeAndMirrors(t *testing.T) {
	pack := workedPack(t)
	rapid.Check(t, func(rt *rapid.T) {
		scale := rapid.SampledFrom(pack.Scales).Draw(rt, "scale")
		sheet := drawAnswers(rt, pack.Items)
		mirrored := make(survey.Answers)
		for id, value := range sheet {
			item, _ := pack.Item(id)
			mirrored[id] = item.Min() + item.Max() - value
		}
		score, ok := scale.Score(pack, sheet)
		back, okBack := scale.Score(pack, mirrored)
		if ok != okBack {
			rt.Fatalf("scored %t, mirrored %t", ok, okBack)
		}
		low, high := scale.Range(pack)
		const rounding = 1e-9
		if ok && (score < low-rounding || score > high+rounding) {
			rt.Fatalf("score %g outside %g to %g", score, low, high)
		}
		if ok && (score+back < low+high-rounding || score+back > low+high+rounding) {
			rt.Fatalf("score %g and mirrored %g do not add up to %g", score, back, low+high)
		}
	})
}

// drawAnswers leaves each item out with some probability and otherwise picks
// one of its options.
func drawAnswers(rt *rapid.T, items []survey.Item) survey.Answers {
	sheet := make(survey.Answers)
	for _, item := range items {
		if rapid.Bool().Draw(rt, "answered "+item.ID) {
			sheet[item.ID] = rapid.SampledFrom(item.Options()).Draw(rt, item.ID).Value
		}
	}
	return sheet
}
