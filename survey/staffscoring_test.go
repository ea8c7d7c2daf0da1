package survey_test

import (
	"testing"

	"attune/survey"
)

// Scores of the staff packs, worked by hand. The vectors compare two programs;
// here each number is written out.
func TestScoresOfTheStaffPacksWorkedByHand(t *testing.T) {
	give := func(value int, ids ...string) survey.Answers {
		a := make(survey.Answers)
		for _, id := range ids {
			a[id] = value
		}
		return a
	}
	with := func(a survey.Answers, more survey.Answers) survey.Answers {
		for id, value := range more {
			a[id] = value
		}
		return a
	}
	share := func(sum, n float64) float64 { return sum / n }                                                   // as a program divides, and not the compiler
	burnout := []string{"care_morning", "care_workload", "care_autopilot", "care_tired_home", "care_shortage"} // straight
	rest := []string{"care_breaks", "care_calm", "care_say", "care_left", "care_energy"}                       // reversed
	for _, c := range []struct {
		pack, scale, name string
		answers           survey.Answers
		want              float64
		ok                bool
	}{
		// five straight 4 = 20, five reversed 2 → 6−2 = 4, five of them 20; 40/10·10
		{"care-30", "care_burnout", "all ten", with(give(4, burnout...), give(2, rest...)), 40, true},
		// always never: five straight 1 = 5, five reversed 1 → 5 = 25; 30
		{"care-30", "care_burnout", "never ten times is the middle", with(give(1, burnout...), give(1, rest...)), 30, true},
		// without care_breaks and care_calm: 5·4 + 3·(6−5) = 23; 23/8·10 = 28.75
		{"care-30", "care_burnout", "two left out", with(give(4, burnout...), give(5, rest[2:]...)), 28.75, true},
		{"care-30", "care_burnout", "seven answered, eight needed", with(give(4, burnout...), give(5, rest[3:]...)), 0, false},
		{"care-30", "care_burnout", "none answered", survey.Answers{}, 0, false},
		// 9 · 3 = 27; 27/9·10 = 30
		{"care-30", "care_satisfaction", "one left out", give(3, "care_trusted", "care_skill", "care_light", "care_fits", "care_helped", "care_learned", "care_growth", "care_told", "care_well"), 30, true},
		// the highest: 10 · 5
		{"care-30", "care_sts", "all ten at the top", give(5, "care_images", "care_night", "care_worry", "care_phone", "care_numb", "care_steered", "care_heart", "care_stay_mind", "care_carried", "care_trust_less"), 50, true},

		// last supervision two to four weeks ago is 4; (4 + 5 + 3 + 4) / 4 = 4
		{"supports", "sup_supervision", "four of six", survey.Answers{"rs_recent": 4, "rs_regular": 5, "rs_safe": 3, "rs_together": 4}, 4, true},
		{"supports", "sup_supervision", "three of six, four needed", survey.Answers{"rs_recent": 4, "rs_regular": 5, "rs_safe": 3}, 0, false},
		// none yet is 1 and the lowest; (1 + 1 + 1 + 1 + 1 + 1) / 6
		{"supports", "sup_supervision", "no supervision at all", give(1, "rs_recent", "rs_regular", "rs_apart", "rs_safe", "rs_child", "rs_together"), 1, true},
		// (2 + 5) / 2
		{"supports", "sup_workload", "two of three", survey.Answers{"work_fits": 2, "work_eased": 5}, 3.5, true},
		{"supports", "sup_workload", "one of three", survey.Answers{"work_fits": 2}, 0, false},
		// (1 + 2 + 4) / 3
		{"supports", "sup_recognition", "three of four, the last item among them", survey.Answers{"thanks_specific": 1, "thanks_pay": 2, "thanks_glad": 4}, 7.0 / 3, true},

		// "True" (1) is right in the first, third and fifth statement, "False" (2)
		// in the others; all right is 6/6·6
		{"training", "training_knowledge", "all right", survey.Answers{"know_build": 1, "know_weak": 2, "know_apart": 1, "know_policy": 2, "know_crisis": 1, "know_alone": 2}, 6, true},
		// right, wrong, don't know, right, wrong: (1 + 0 + 0 + 1 + 0)/5·6 = 2.4
		{"training", "training_knowledge", "one left out, don't know counts as 0", survey.Answers{"know_build": 1, "know_weak": 1, "know_apart": 3, "know_policy": 2, "know_crisis": 2}, share(2, 5) * 6, true},
		// six times "I don't know yet": 0/6·6, which is a score and not a missing one
		{"training", "training_knowledge", "nothing known yet", give(3, "know_build", "know_weak", "know_apart", "know_policy", "know_crisis", "know_alone"), 0, true},
		{"training", "training_knowledge", "four of six, five needed", give(1, "know_build", "know_apart", "know_crisis", "know_alone"), 0, false},
		// (1 + 2 + 3 + 4 + 5 + 5)/6 = 20/6
		{"training", "training_confidence", "six of nine", survey.Answers{"conf_strain": 1, "conf_development": 2, "conf_parents": 3, "conf_family": 4, "conf_harm": 5, "conf_safety": 5}, 20.0 / 6, true},

		// (3 + 1) / 2; the third left out
		{"competencies", "area_law", "two of three", survey.Answers{"skill_ethics": 3, "skill_agency": 1}, 2, true},
		{"competencies", "area_law", "one of three, two needed", survey.Answers{"skill_ethics": 3}, 0, false},
		// one of two is enough
		{"competencies", "area_systems", "one of two", survey.Answers{"skill_delivery": 2}, 2, true},
		// (3 + 3 + 2 + 2 + 1)/5 = 2.2
		{"competencies", "area_thinking", "all five", survey.Answers{"skill_analysing": 3, "skill_solving": 3, "skill_judging": 2, "skill_perspective": 2, "skill_organising": 1}, 11.0 / 5, true},
		{"competencies", "area_service", "the frame of mind is in no area", survey.Answers{"frame_of_mind": 3}, 0, false},

		// reversed 1 4 15 17 29: 6−5 = 1 each = 5; straight 8 10 19 21 26: 2 each = 10; 15
		{"proqol5", "proqol_bo", "all ten", with(give(5, "proqol_01", "proqol_04", "proqol_15", "proqol_17", "proqol_29"), give(2, "proqol_08", "proqol_10", "proqol_19", "proqol_21", "proqol_26")), 15, true},
		// the same sheet without the reversed items: 5 · 2
		{"proqol5", "proqol_bo_direct", "the direct five", with(give(5, "proqol_01", "proqol_04"), give(2, "proqol_08", "proqol_10", "proqol_19", "proqol_21", "proqol_26")), 10, true},
		// one direct item left out: (3+3+3+4)/4·5 = 16.25
		{"proqol5", "proqol_bo_direct", "four of five", survey.Answers{"proqol_08": 3, "proqol_10": 3, "proqol_19": 3, "proqol_21": 4}, 16.25, true},
		{"proqol5", "proqol_sts", "none answered", nil, 0, false},
	} {
		p := packOf(t, c.pack)
		got, ok := scaleOf(t, p, c.scale).Score(p, c.answers)
		if got != c.want || ok != c.ok {
			t.Errorf("%s, %s: score %g %t, want %g %t", c.scale, c.name, got, ok, c.want, c.ok)
		}
	}
}

// "I don't know" says something else than no: it counts as left out.
func TestAnAnswerThatIsUnscoredCountsAsLeftOut(t *testing.T) {
	p := packOf(t, "supports")
	item, _ := p.Item("rs_policy")
	for _, c := range []struct {
		value int
		want  float64
		ok    bool
	}{{1, 1, true}, {0, 0, true}, {2, 0, false}, {7, 0, false}} {
		if got, ok := survey.ItemScore(item, c.value); got != c.want || ok != c.ok {
			t.Errorf("answer %d counts %g %t, want %g %t", c.value, got, ok, c.want, c.ok)
		}
	}
	if item.Min() != 0 || item.Max() != 1 {
		t.Errorf("scores from %d to %d, want 0 to 1", item.Min(), item.Max())
	}
	sheet := sheetOf(t, p)
	raw, err := sheet.Encode(survey.Answers{"rs_policy": 2})
	if err != nil {
		t.Fatal(err)
	}
	if back, err := sheet.Decode(raw); err != nil || back["rs_policy"] != 2 {
		t.Errorf("the ballot keeps %v %v, want the answer as it was given", back, err)
	}
}
