package analytics

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"attune/survey"
)

var updateDocs = flag.Bool("update-docs", false, "write the table of docs/disclosure.md anew")

// drawn is an organisation of the generator that PRIVACY, section 6, names:
// 1–6 departments × 1–6 teams × 4–30 people; in each team everybody answers
// with a probability between 0.5 and 0.95 that is the team's own.
func drawn(random *rand.Rand) (teams []team) {
	for d := range 1 + random.IntN(6) {
		for i := range 1 + random.IntN(6) {
			people := 4 + random.IntN(27)
			rate := 0.5 + 0.45*random.Float64()
			answered := 0
			for range people {
				if random.Float64() < rate {
					answered++
				}
			}
			teams = append(teams, team{fmt.Sprintf("d%d/t%d", d+1, i+1), people, answered})
		}
	}
	return teams
}

// thresholdOnly is the first naive rule: every unit with k answers is shown.
func thresholdOnly(f *field, n []int, k int) []bool {
	shown := make([]bool, len(f.nodes))
	for i := range f.nodes {
		shown[i] = n[i] >= k
	}
	return shown
}

// nextSmallestToo is the second: where one sibling only is hidden, the next
// smallest is hidden as well.
func nextSmallestToo(f *field, n []int, k int) []bool {
	shown := thresholdOnly(f, n, k)
	for _, node := range f.nodes {
		hidden, least := 0, noNode
		for _, child := range node.children {
			switch {
			case !shown[child.at] && n[child.at] > 0:
				hidden++
			case shown[child.at] && (least == noNode || n[child.at] < n[least]):
				least = child.at
			}
		}
		if hidden == 1 && least != noNode {
			shown[least] = false
		}
	}
	return shown
}

// isolates says whether what is left of a shown node without the shown nodes
// below it is somebody, but fewer than k.
func isolates(f *field, n []int, shown []bool, k int) bool {
	left := append([]int(nil), n...)
	for i := len(f.nodes) - 1; i >= 0; i-- { // children come after their parents
		below := 0
		for _, child := range f.nodes[i].children {
			if shown[child.at] {
				below += n[child.at]
			} else {
				below += n[child.at] - left[child.at]
			}
		}
		left[i] = n[i] - below
		if shown[i] && left[i] > 0 && left[i] < k {
			return true
		}
	}
	return false
}

func sumNodes(f *field, count []int) []int {
	n := make([]int, len(f.nodes))
	for i, node := range f.nodes {
		for _, g := range node.groups {
			n[i] += count[g]
		}
	}
	return n
}

// PRIVACY, section 6: the threshold alone isolates a group in roughly two
// thirds of organisations, hiding the next smallest sibling too in about 9 %,
// the planner in none, with 85–90 % of the teams with n ≥ k still shown.
func TestNaiveRulesIsolateGroupsAndThePlannerNone(t *testing.T) {
	random := rand.New(rand.NewPCG(2026, 6))
	const k = 5
	var threshold, sibling, planner, enough, shown int
	for range anyOrganisations {
		teams := drawn(random)
		w := waveOf(t, teams, "org", false, k)
		f, err := newField(w)
		if err != nil {
			t.Fatal(err)
		}
		count := counts(w, teams)
		n := sumNodes(f, count)
		p := planFor(f, count, limit{k: k, kc: survey.KC(k), minLevel: minLevelTeam}, weights{}, nil)
		for _, rule := range []struct {
			shown []bool
			found *int
		}{{thresholdOnly(f, n, k), &threshold}, {nextSmallestToo(f, n, k), &sibling}, {p.shown, &planner}} {
			if isolates(f, n, rule.shown, k) {
				*rule.found++
			}
		}
		for i, node := range f.nodes {
			if len(node.children) == 0 && n[i] >= k {
				enough++
				if p.shown[i] {
					shown++
				}
			}
		}
	}
	percent := func(a, of int) float64 { return 100 * float64(a) / float64(of) }
	t.Logf("share of %d organisations in which some group below %d is isolated: threshold only %.1f %%, next-smallest sibling too %.1f %%, planner %.1f %%; it still shows %.1f %% of the teams with at least %d answers",
		anyOrganisations, k, percent(threshold, anyOrganisations), percent(sibling, anyOrganisations), percent(planner, anyOrganisations), percent(shown, enough), k)
	if planner != 0 {
		t.Error("the planner isolates somebody")
	}
	if x := percent(threshold, anyOrganisations); x < 55 || x > 75 {
		t.Errorf("threshold only: %.1f %%", x)
	}
	if x := percent(sibling, anyOrganisations); x < 4 || x > 14 {
		t.Errorf("next-smallest sibling: %.1f %%", x)
	}
	if x := percent(shown, enough); x < 80 {
		t.Errorf("only %.1f %% of the teams with enough answers are shown", x)
	}
}

// utility is what people get to see on the generator's organisations.
type utility struct{ teams, own, respondents, theirs, enough, shown int }

func (u utility) row(k int, skip float64) string {
	percent := func(a, of int) string { return fmt.Sprintf("%.0f %%", 100*float64(a)/float64(of)) }
	return fmt.Sprintf("| %d | %.0f %% | %s | %s | %s |\n", k, 100*skip, percent(u.own, u.teams), percent(u.theirs, u.respondents), percent(u.shown, u.enough))
}

const (
	tableBegin = "<!-- table: go test ./analytics -run Utility -update-docs -->\n"
	tableEnd   = "<!-- end of table -->\n"
)

// The table of docs/disclosure.md: share of teams, and of respondents, whose
// finest block is their own team, for the mean of one question, on 2,000
// organisations of the generator.
func TestUtilityIsWhatTheDocsSay(t *testing.T) {
	var table strings.Builder
	table.WriteString("| k | questions skipped | teams shown by themselves | respondents whose team is shown by itself | of teams with at least k answers to the question |\n|---|---|---|---|---|\n")
	for _, k := range []int{5, 8} {
		for _, skip := range []float64{0, 0.05} {
			random := rand.New(rand.NewPCG(uint64(k), 7)) //nolint:gosec // not negative
			var u utility
			for range 2000 {
				teams := drawn(random)
				w := waveOf(t, teams, "org", false, k)
				f, err := newField(w)
				if err != nil {
					t.Fatal(err)
				}
				l := limit{k: k, kc: survey.KC(k), minLevel: minLevelTeam}
				count := counts(w, teams)
				base := planFor(f, count, l, weights{}, nil)
				valid := append([]int(nil), count...)
				for g, n := range count {
					for range n {
						if random.Float64() < skip {
							valid[g]--
						}
					}
				}
				u.add(f, valid, planFor(f, valid, l, weights{}, base.shown), k)
			}
			table.WriteString(u.row(k, skip))
		}
	}
	const name = "../docs/disclosure.md"
	page, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := bytes.Cut(page, []byte(tableBegin))
	written, after, ends := bytes.Cut(rest, []byte(tableEnd))
	if !found || !ends {
		t.Fatalf("%s has no place for the table", name)
	}
	if *updateDocs {
		page = slices.Concat(before, []byte(tableBegin+table.String()+tableEnd), after)
		if err := os.WriteFile(name, page, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(written) != table.String() {
		t.Errorf("%s says\n%s\nthe planner gives\n%s", name, written, table.String())
	}
}

func (u *utility) add(f *field, valid []int, p plan, k int) {
	n := sumNodes(f, valid)
	for i, node := range f.nodes {
		if len(node.children) > 0 {
			continue
		}
		u.teams++
		u.respondents += n[i]
		if n[i] >= k {
			u.enough++
		}
		if p.shown[i] {
			u.own++
			u.theirs += n[i]
			u.shown++
		}
	}
}
