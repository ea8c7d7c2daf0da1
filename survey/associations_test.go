package survey_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"attune/survey"
)

func comparedPack(t *testing.T, replace ...string) *survey.Pack {
	t.Helper()
	pack, faults, err := survey.ReadPack([]byte(strings.NewReplacer(replace...).Replace(readFile(t, "testdata/worked.yaml"))))
	if err != nil || len(faults) > 0 {
		t.Fatalf("%v%s", err, listFaults(faults))
	}
	return pack
}

// A reversed item counts from the other end for at_least and as it was
// answered for equals: the form shows options, scales count scores.
func TestAPredictorReadsOptionsOrScores(t *testing.T) {
	p := comparedPack(t, "items: [heard, asked], at_least: 2", "items: [ignored], at_least: 2")
	ignored, _ := p.Item("ignored") // 0 to 3, reversed: 0 counts 3, 1 counts 2
	for value, want := range map[int][2]bool{0: {true, true}, 1: {true, false}, 2: {false, false}, 3: {false, false}} {
		often, _ := p.Associations.Predictor("often_heard")
		never, _ := p.Associations.Predictor("never_ignored")
		if got := [2]bool{often.Yes(ignored, value), never.Yes(ignored, value)}; got != want {
			t.Errorf("answer %d reads %v, want %v", value, got, want)
		}
	}
	if n, outcomes := p.Associations.Comparisons(), p.Associations.Outcomes(); n != 4 || !slices.Equal(outcomes, []string{"load"}) {
		t.Errorf("%d comparisons of %v, want two pairs and two slopes of load", n, outcomes)
	}
}

// A wave that asks both packs must find the outcomes in the other one, before
// anybody is asked; a wave that asks one of them needs nothing.
func TestPacksThatAreComparedMustFitTogether(t *testing.T) {
	worked := comparedPack(t)
	other := func(scale string) *survey.Pack {
		return &survey.Pack{ID: "other", Version: "1.0", Scales: []survey.Scale{{ID: scale}}}
	}
	for _, packs := range [][]*survey.Pack{{worked, other("load")}, {other("load"), worked}, {worked}} {
		if _, err := survey.NewSheet(packs); err != nil {
			t.Errorf("%d packs that fit together: %v", len(packs), err)
		}
	}
	_, err := survey.NewSheet([]*survey.Pack{worked, other("burden")})
	var fault *survey.Error
	if !errors.As(err, &fault) || fault.Key != "error.wave.association" || fault.Args["scale"] != "load" {
		t.Errorf("an outcome that the other pack lacks: %v", err)
	}
}

// Every built-in pack can be asked with the pack that it is compared with.
func TestBuiltInAssociationsFitTheirOtherPack(t *testing.T) {
	library := builtIn(t)
	for _, p := range library.All() {
		if p.Associations == nil {
			continue
		}
		with, err := library.Latest(p.Associations.With)
		if err != nil {
			t.Errorf("%s: %v", p.ID, err)
			continue
		}
		if _, err := survey.NewSheet([]*survey.Pack{with, p}); err != nil {
			t.Errorf("%s: %v", p.ID, err)
		}
	}
}
