package main

import (
	"slices"
	"strings"
	"testing"
)

// weakness is a fault that is planted in a build of the program, and nowhere
// else: exact texts of the sources, each replaced by another.
type weakness struct {
	name     string
	replaces []replace
	// expect says whether a finding is what was planted, where it was planted.
	expect func(finding) bool
	// at describes that for whoever reads a failure.
	at string
}

type replace struct{ file, old, new string }

// hardStory changes what the made-up staff of the demonstration answer, so that
// there is something to find: everybody in one department gives the lowest
// answer to one question, and of three small teams of another, two of which
// share a ballot box, four people at most answer; after two waves three people
// join a team. It tells fewer waves, to save time.
func hardStory() []replace {
	const skips = "\t\t\tif now.Float64() < 0.02 {\n\t\t\t\tcontinue // skipped\n\t\t\t}\n"
	return []replace{
		{"cmd/attune/demobuild.go", "\tdemoWaves    = 14 ", "\tdemoWaves    = 4 "},
		{
			"cmd/attune/demobuild.go", "\tfor i := range demoWaves + 1 {\n",
			"\tfor i := range demoWaves + 1 {\n\t\tif i == 2 {\n\t\t\tteams = append([]demoTeam(nil), teams...)\n\t\t\tteams[len(teams)-1].size += 3\n" +
				"\t\t\tif err := importDemo(ctx, in, teams); err != nil {\n\t\t\t\treturn err\n\t\t\t}\n\t\t}\n",
		},
		{
			"cmd/attune/demostory.go", skips,
			skips + "\t\t\tif item.ID == \"team_frozen\" && t.path[:8] == \"Hospital\" {\n\t\t\t\ta[item.ID] = item.Min()\n\t\t\t\tcontinue\n\t\t\t}\n",
		},
		{
			"cmd/attune/demostory.go", "\tif now.Float64() > demoResponse {\n",
			"\tleast := map[string]int{\"Perinatal\": 2, \"Group Programmes\": 2, \"Training\": 0}\n" +
				"\tif n, few := least[t.path[min(len(t.path), len(\"Infant Mental Health / \")):]]; few && person >= n {\n\t\treturn nil, false\n\t}\n\tif now.Float64() > demoResponse {\n",
		},
	}
}

// openGate lets everything through that the audit would stop.
func openGate() replace {
	return replace{"analytics/draft.go", "if found.fault != nil || !t.sameGroups(r) {", "if false {"}
}

// smallRests shows no block for what is left of a unit where it is too few, and
// the unit all the same.
func smallRests() replace {
	return replace{"analytics/plan.go", "\tcase left == 0:\n\t\tfor _, h := range hidden {", "\tcase left < d.limit.k:\n\t\tfor _, h := range hidden {"}
}

// wholeSums makes each figure of what its own people answered.
func wholeSums() replace {
	return replace{"analytics/values.go", "\t\tif sets[i].finest() {\n\t\t\tsums[i] = clamp(", "\t\tif true {\n\t\t\tsums[i] = clamp("}
}

// choose replaces the planner's choice of shown units.
func choose(code string) replace {
	return replace{
		"analytics/optimum.go",
		"\tif o.under[f.root.at] != hide {\n\t\to.walk(f.root, 0)\n\t}\n",
		"\tfor _, n := range f.nodes {\n\t\to.shown[n.at] = o.showable(n)\n\t}\n" + code,
	}
}

func weaknesses() []weakness {
	return []weakness{
		{
			name: "threshold only", at: "fewer than five people of a department follow",
			replaces: []replace{openGate(), smallRests(), wholeSums(), choose("")},
			expect: func(f finding) bool {
				return f.Kind == kindGroup && f.Statistic == mean && f.N < 5 && strings.Contains(f.How, " − ") && among(f.Unit, smallTeams())
			},
		},
		{
			name: "next-smallest sibling only", at: "small teams of a department follow together",
			replaces: []replace{openGate(), smallRests(), wholeSums(), choose(nextSmallest)},
			expect: func(f finding) bool {
				return f.Kind == kindGroup && f.Statistic == mean && f.N < 5 && strings.Contains(f.Unit, "Perinatal") && among(f.Unit, smallTeams())
			},
		},
		{
			name: "results while open", at: "figures of the wave that is open",
			replaces: []replace{
				{"cmd/attune/installation.go", "analytics.NewArchive(db)", "analytics.NewArchive(waves)"},
				{"survey/wave/release.go", "// commitRelease opens the boxes", early + "// commitRelease opens the boxes"},
			},
			expect: func(f finding) bool {
				return f.Kind == kindOpen && f.Measure == "burnout" && f.Unit == "Duty and Assessment" && strings.Contains(f.What, "(open)")
			},
		},
		{
			name: "unclamped extremes", at: "everybody in Outreach gave the lowest answer",
			replaces: []replace{
				openGate(),
				{"analytics/values.go", "\treturn min(max(sum, low), high)\n", "\treturn sum + 0*(low+high)\n"},
				{"analytics/values.go", "\tcase sum <= low || at < first:\n", "\tcase false && (sum <= low || at < first):\n"},
				{"analytics/values.go", "\tcase sum >= high || at > last:\n", "\tcase false && (sum >= high || at > last):\n"},
			},
			expect: func(f finding) bool {
				return f.Kind == kindAnswer && f.Measure == "team_frozen" && f.Unit == "Outreach" && strings.Contains(f.What, "4 or 5")
			},
		},
		{
			name: "unclamped parents", at: "everybody in Hospital and Crisis gave the lowest answer",
			replaces: []replace{
				openGate(),
				{"analytics/values.go", "\t\tfor _, part := range sets[i].parts {\n\t\t\tsums[i] += sums[part]\n\t\t}\n", "\t\tsums[i] = sumOf(sets[i])\n"},
				{
					"analytics/values.go", "\t\tfigures[i].value, figures[i].reason = label(sums[i], s.n, b, stepMilli(s.n, changed(s)))\n",
					"\t\tfigures[i].value, figures[i].reason = label(sums[i], s.n, b, stepMilli(s.n, changed(s)))\n" +
						"\t\tif step := stepMilli(s.n, changed(s)); !s.finest() {\n\t\t\tunit := 2 * int64(s.n) * b.den * step\n" +
						"\t\t\tat := floorDiv(2000*(sums[i]-int64(s.n)*b.bottom()*b.den)+unit/2, unit)\n" +
						"\t\t\tfigures[i].value, figures[i].reason = (b.bottom()*1000+at*step)*b.category, ReasonNone\n\t\t}\n",
				},
			},
			expect: func(f finding) bool {
				return f.Kind == kindAnswer && f.Measure == "team_frozen" && f.Unit == "Hospital and Crisis" && strings.Contains(f.How, "no sum of clamped parts")
			},
		},
		{
			name: "exact interval centres", at: "the interval of a small team lies around its exact mean",
			replaces: []replace{
				openGate(),
				{
					"analytics/draft.go", "\t\tf.low, f.high = teamInterval(f.value, step,",
					"\t\tcentre := f.value\n\t\tif s.finest() && f.reason == ReasonNone {\n" +
						"\t\t\tcentre = 1000 * of(s).sum * m.bounds.category / (int64(s.n) * m.bounds.den)\n\t\t}\n\t\tf.low, f.high = teamInterval(centre, step,",
				},
			},
			expect: func(f finding) bool { return f.Kind == kindCentre && f.Unit == "Consultation" && f.Measure == "sts" },
		},
		{
			name: "band counts planned with the means", at: "counts of fewer than ten people exclude an answer",
			replaces: []replace{
				openGate(),
				{"analytics/counts.go", "\tl.k, l.kc = max(l.k, fineMin), max(l.kc, fineMin)\n", "\tif l.k > 0 {\n\t\treturn mean\n\t}\n"},
			},
			expect: func(f finding) bool {
				return f.Kind == kindAnswer && f.N < 10 && strings.Contains(f.How, "in the bands") && strings.HasPrefix(f.Measure, "team_")
			},
		},
		{
			name: "an export that skips the gate", at: "the export tells what Perinatal answered, which is hidden",
			replaces: []replace{
				{"analytics/builder.go", "\tb.cells(d, units, blocks)\n", "\tb.cells(d, units, blocks)\n" + tellHidden},
				{"analytics/document.go", "\tif c.Status != StatusShown {\n\t\tif c.Value != nil ||", "\tif c.Status != StatusShown {\n\t\treturn checkReason(c)\n\t}\n\tif c.Status != StatusShown {\n\t\tif c.Value != nil ||"},
				{"analytics/document.go", "\tif c.Status == StatusShown {\n\t\tcell.Value, cell.N = *c.Value, *c.N\n", "\tif c.Value != nil {\n\t\tcell.Value, cell.N = *c.Value, *c.N\n"},
				{"analytics/export.go", "\tif c.Status == StatusShown {\n\t\tline.Value, line.N", "\tif c.N > 0 {\n\t\tline.Value, line.N"},
			},
			expect: func(f finding) bool {
				return f.Kind == kindHidden && f.Unit == "Perinatal" && f.Measure == "burnout" && strings.Contains(f.How, "/export/")
			},
		},
	}
}

// nextSmallest hides one sibling where one is hidden, and looks no further.
const nextSmallest = `	for _, n := range f.nodes {
		hidden, least := 0, -1
		for _, c := range n.children {
			switch {
			case !o.shown[c.at] && o.n[c.at] > 0:
				hidden++
			case o.shown[c.at] && (least < 0 || o.n[c.at] < o.n[least]):
				least = c.at
			}
		}
		if hidden == 1 && least >= 0 {
			o.shown[least] = false
		}
	}
`

// early reads the boxes of open waves and makes figures of them.
const early = `func (w *Waves) ReleaseIDs(ctx context.Context) ([]survey.WaveID, error) {
	ids, err := w.cfg.Store.ReleaseIDs(ctx)
	if err != nil {
		return nil, err
	}
	open, err := w.OpenWaves(ctx)
	for _, o := range open {
		ids = append(ids, o.ID)
	}
	return ids, err
}

func (w *Waves) ReleaseDocument(ctx context.Context, id survey.WaveID) (survey.StoredRelease, error) {
	wave, err := w.cfg.Store.Wave(ctx, id)
	if err != nil || wave.State != survey.Open {
		return w.cfg.Store.ReleaseDocument(ctx, id)
	}
	promise, err := w.promised(ctx, wave)
	if err != nil {
		return survey.StoredRelease{}, err
	}
	var groups []string
	for _, g := range promise.groups {
		groups = append(groups, g.ID)
	}
	var sealed []store.SealedBox
	err = w.cfg.Store.UpdateBoxes(ctx, id, groups, func(boxes []store.SealedBox) ([]store.SealedBox, error) {
		sealed = boxes
		return nil, nil
	})
	if err != nil {
		return survey.StoredRelease{}, err
	}
	key, err := w.readKeys(id)
	if err != nil {
		return survey.StoredRelease{}, err
	}
	closed, err := w.openBoxes(ctx, wave, key, sealed)
	if err != nil {
		return survey.StoredRelease{}, err
	}
	document, err := w.made(ctx, closed)
	return survey.StoredRelease{Wave: id, SHA256: survey.SHA256Hex(document.JSON), JSON: document.JSON}, err
}

`

// tellHidden puts the exact mean of hidden units into their cells.
const tellHidden = `	for i := range d.Cells {
		c := &d.Cells[i]
		if c.Status == StatusShown || c.Statistic != StatisticMean {
			continue
		}
		for _, node := range b.field.nodes {
			for at, m := range t.measures {
				if node.id != c.Unit || m.id != c.Measure {
					continue
				}
				if s := t.of(at)(set{groups: node.groups}); s.n > 0 {
					n := s.n
					c.N, c.Value = &n, milli(10*int64(math.Round(100*float64(s.sum)/float64(int64(s.n)*m.bounds.den))))
				}
			}
		}
	}
`

// smallTeams are the teams of the demonstration with fewer than eight people.
func smallTeams() []string {
	return []string{
		"Adoption", "Fostering", "Family Time", "Perinatal", "Training", "Group Programmes",
		"Helpline Coordination", "Emergency Liaison", "Social Work",
	}
}

// among says whether a list of names has nothing but these.
func among(list string, names []string) bool {
	for _, name := range strings.Split(list, ", ") {
		if !slices.Contains(names, name) {
			return false
		}
	}
	return true
}

// A build with a planted weakness is found out, by what was planted and where;
// the build as it is shipped is not.
func TestTheAttackFindsWhatIsPlantedAndNothingElse(t *testing.T) {
	w := newWorkshop(t)
	t.Run("the program as it is", func(t *testing.T) {
		demo := w.demo(t, w.build(t, "", nil))
		demo.advance(t, "release") // with letters that lead to results pages
		demo.advance(t, "open")    // and a wave that is open
		code, r := demo.attack(t)
		if code != exitNothing || len(r.Findings) > 0 {
			t.Errorf("exit %d, %d findings: %s", code, len(r.Findings), some(r.Findings))
		}
		w.looked(t, r)
	})
	t.Run("the program as it is, with a hard story", func(t *testing.T) {
		demo := w.demo(t, w.build(t, "", hardStory()))
		code, r := demo.attack(t)
		if code != exitNothing {
			t.Errorf("exit %d: %s", code, some(r.Findings))
		}
		if risks := r.Views[len(r.Views)-1].Risks; !slices.ContainsFunc(risks, func(s string) bool { return strings.Contains(s, "3 people came or went") }) {
			t.Errorf("the three who joined are not weighed: %v", risks)
		}
	})
	for _, weak := range weaknesses() {
		t.Run(weak.name, func(t *testing.T) {
			demo := w.demo(t, w.build(t, weak.name, append(hardStory(), weak.replaces...)))
			code, r := demo.attack(t)
			if code != exitFound {
				t.Fatalf("exit %d, want %d", code, exitFound)
			}
			hits := 0
			for _, f := range r.Findings {
				if weak.expect(f) {
					if hits == 0 {
						t.Logf("of %d findings: %s", len(r.Findings), some([]finding{f}))
					}
					hits++
				}
			}
			if hits == 0 {
				t.Errorf("%s is not among %d findings: %s", weak.at, len(r.Findings), some(r.Findings))
			}
		})
	}
}

// some writes down the first few findings.
func some(all []finding) string {
	var lines []string
	for i, f := range all {
		if i == 8 {
			break
		}
		lines = append(lines, strings.Join([]string{"", f.Kind, f.Wave, f.Unit, f.Measure, f.Statistic, f.What, f.How, "seen by " + strings.Join(f.By, ", ")}, " | "))
	}
	return strings.Join(lines, "\n")
}
