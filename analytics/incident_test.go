package analytics

import (
	"fmt"
	"testing"
	"time"

	"attune/survey"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// afterIncident releases a round of the incident pack for a department with two
// teams, of which small has answers from n people and large from 30. Everybody
// gives the middle answer of three, or 3 of five.
func afterIncident(t *testing.T, n int) *Release {
	t.Helper()
	library, err := survey.NewLibrary()
	must(t, err)
	pack, err := library.Latest(survey.IncidentPack)
	must(t, err)
	units := []survey.Unit{{ID: "org", Name: "Org"}, {ID: "dept", Parent: "org", Name: "Dept"}, {ID: "small", Parent: "dept", Name: "Small"}, {ID: "large", Parent: "dept", Name: "Large"}, {ID: "else", Parent: "org", Name: "Elsewhere"}}
	var people []survey.Person
	for unit, count := range map[survey.UnitID]int{"small": 12, "large": 34, "else": 20} {
		for i := range count {
			people = append(people, survey.Person{ID: survey.PersonID(fmt.Sprint(unit, i)), Unit: unit, Active: true})
		}
	}
	org, err := survey.Resolve(units, people)
	must(t, err)
	groups, err := survey.FormGroups(org, "dept", 5, func(survey.UnitID) bool { return false })
	must(t, err)
	sheet, err := survey.NewSheet([]*survey.Pack{pack})
	must(t, err)
	answers := make(survey.Answers)
	for _, item := range pack.Items {
		answers[item.ID] = 2
		if len(item.Options()) == 5 {
			answers[item.ID] = 3
		}
	}
	ballot, err := sheet.Encode(answers)
	must(t, err)
	opens := time.Date(2026, 11, 5, 9, 0, 0, 0, time.UTC)
	closed := survey.ClosedWave{
		Manifest: survey.Manifest{
			V: 1, Wave: "2026-11", Programme: "incident-1", Opens: opens, Closes: opens.AddDate(0, 0, 2),
			K: 5, KC: survey.KC(5), Packs: []survey.PackRef{pack.Ref()}, People: 46,
		},
		ManifestSHA256: survey.SHA256Hex([]byte("m")), Units: org.Tree.Units(), Headcount: org.Headcount, Groups: groups,
		Packs: []*survey.Pack{pack}, Ballots: make(map[string][][]byte), Zone: "UTC",
		Changed: func([]survey.UnitID) (int, bool) { return 0, false },
	}
	for team, count := range map[string]int{"small": n, "large": 30} {
		for range count {
			closed.Ballots[team] = append(closed.Ballots[team], ballot)
		}
	}
	doc, err := NewReleaser().Release(t.Context(), closed)
	must(t, err)
	if doc.Void != "" {
		t.Fatalf("void: %s", doc.Void)
	}
	r, err := read(doc.JSON)
	must(t, err)
	return r
}

// The pack's rule is ten answers a need. From nine on downwards the unit above
// alone is shown, which then has all answers: 30 + n.
func TestNeedsOfATeamAreShownFromTenAnswersOnAndElseWithTheUnitAboveOnly(t *testing.T) {
	for n, shown := range map[int]bool{9: false, 10: true, 11: true} {
		r := afterIncident(t, n)
		for _, need := range []string{"need_information", "need_practical", "need_rest", "need_talk", "need_team", "need_load", "need_met", "support_felt"} {
			cell, ok := r.Cell("small", need, StatisticMean)
			if !ok || (cell.Status == StatusShown) != shown || (shown && cell.N != n) {
				t.Errorf("%d answers, %s: %+v", n, need, cell)
			}
			if large, _ := r.Cell("large", need, StatisticMean); (large.Status == StatusShown) != shown {
				t.Errorf("%d answers, %s: beside a hidden team its only sibling would give it away: %+v", n, need, large)
			}
			above, _ := r.Cell("dept", need, StatisticMean)
			if above.Status != StatusShown || above.N != 30+n {
				t.Errorf("%d answers, %s of the unit above: %+v", n, need, above)
			}
			if beside, ok := r.Cell("else", need, StatisticMean); ok && beside.Status == StatusShown {
				t.Errorf("%s of people who were not asked: %+v", need, beside)
			}
		}
	}
}
