package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strconv"

	"attune/survey"
)

// demoOrganisation is the name of the made-up organisation.
const demoOrganisation = "Harbour Children's Services (made up)"

// demoSeed makes every demo tell the same story.
const demoSeed = 20240229

// arc is the story that a team's fourteen waves tell.
type arc int

const (
	quiet    arc = iota
	sliding      // into survival mode from wave 6, an action in wave 10, recovery after it
	slowly       // burnout worsens wave by wave
	incident     // one hard wave, number 9, then back
)

type demoTeam struct {
	path string
	size int
	arc  arc
}

// demoTeams are 24 teams of 4 to 18 people in three departments.
func demoTeams() []demoTeam {
	return []demoTeam{
		{"Children and Families / Duty and Assessment", 16, sliding},
		{"Children and Families / Family Support North", 12, quiet},
		{"Children and Families / Family Support South", 9, quiet},
		{"Children and Families / Looked After Children", 14, quiet},
		{"Children and Families / Adoption", 5, quiet},
		{"Children and Families / Fostering", 7, quiet},
		{"Children and Families / Court Work", 10, quiet},
		{"Children and Families / Family Time", 4, quiet},
		{"Infant Mental Health / Home Visiting East", 18, quiet},
		{"Infant Mental Health / Home Visiting West", 8, quiet},
		{"Infant Mental Health / Parent and Infant Therapy", 11, quiet},
		{"Infant Mental Health / Perinatal", 6, quiet},
		{"Infant Mental Health / Early Intervention", 13, quiet},
		{"Infant Mental Health / Consultation", 9, quiet},
		{"Infant Mental Health / Training", 4, quiet},
		{"Infant Mental Health / Group Programmes", 5, quiet},
		{"Hospital and Crisis / Night Crisis", 15, slowly},
		{"Hospital and Crisis / Day Crisis", 10, quiet},
		{"Hospital and Crisis / Children's Ward Liaison", 12, incident},
		{"Hospital and Crisis / Helpline Coordination", 4, quiet},
		{"Hospital and Crisis / Emergency Liaison", 7, quiet},
		{"Hospital and Crisis / Bereavement", 8, quiet},
		{"Hospital and Crisis / Outreach", 9, quiet},
		{"Hospital and Crisis / Social Work", 6, quiet},
	}
}

// demoPeople is the staff list, in the form that people import reads.
func demoPeople(teams []demoTeam) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{{"email", "name", "unit", "language"}}
	n := 0
	for _, team := range teams {
		for range team.size {
			n++
			person := fmt.Sprintf("Person %03d", n)
			rows = append(rows, []string{fmt.Sprintf("person%03d@example.org", n), person, team.path, "en"})
		}
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, fmt.Errorf("write the demo's staff list: %w", err)
	}
	return out.Bytes(), nil
}

// Levels on the response scale from 1 to 5, before people differ.
const (
	quietBurnout      = 2.3
	quietSTS          = 2.1
	quietSatisfaction = 3.8
	quietSign         = 2.0
)

// level is where a team stands in a wave (0 is the first of fourteen) on a
// scale or sign, before people differ.
func (t demoTeam) level(wave int, measure string) float64 {
	base := map[string]float64{"burnout": quietBurnout, "sts": quietSTS, "cs": quietSatisfaction}[measure]
	if base == 0 {
		base = quietSign
	}
	// Teams differ a little, always in the same way.
	base += 0.3 * (float64(hash(t.path, measure)%1000)/1000 - 0.5)
	strain := t.strain(wave)
	switch measure {
	case "cs":
		return base - 0.9*strain
	case "burnout":
		if t.arc == slowly {
			strain = math.Min(float64(wave)/10, 1.3)
		}
		return base + 1.2*strain
	case "sts":
		if t.arc == incident {
			strain *= 1.3
		}
		return base + 1.2*strain
	}
	if t.arc == slowly {
		strain *= 0.4
	}
	return base + 1.6*strain
}

// strain is 0 for a team that carries its work and 1 for one in survival mode.
func (t demoTeam) strain(wave int) float64 {
	switch t.arc {
	case sliding:
		up := []float64{0, 0, 0, 0, 0.1, 0.35, 0.7, 0.9, 1, 1, 0.3, 0.15, 0.1, 0}
		return up[min(wave, len(up)-1)]
	case slowly:
		return math.Min(float64(wave)/13, 1)
	case incident:
		if wave == 8 {
			return 1
		}
		if wave == 9 {
			return 0.3
		}
	case quiet:
	}
	return 0
}

// demoResponse is the share of people who answer a wave.
const demoResponse = 0.8

// answers plays one person in one wave; false when they do not answer. Half
// of what makes people differ stays with the person.
func (t demoTeam) answers(person, wave int, packs []*survey.Pack) (survey.Answers, bool) {
	stable := rand.New(rand.NewPCG(demoSeed, hash(t.path, strconv.Itoa(person))))                    //nolint:gosec // a story, not a secret
	now := rand.New(rand.NewPCG(demoSeed+1, hash(t.path, strconv.Itoa(person), strconv.Itoa(wave)))) //nolint:gosec // a story, not a secret
	shared := rand.New(rand.NewPCG(demoSeed+2, hash(t.path, strconv.Itoa(wave))))                    //nolint:gosec // a story, not a secret
	temper, mood, week := 0.5*stable.NormFloat64(), 0.4*now.NormFloat64(), 0.12*shared.NormFloat64()
	if now.Float64() > demoResponse {
		return nil, false
	}
	a := make(survey.Answers)
	for _, pack := range packs {
		for _, item := range pack.Items {
			noise := now.NormFloat64()
			if now.Float64() < 0.02 {
				continue // skipped
			}
			if pack.ID != demoPack {
				a[item.ID] = t.moduleAnswer(pack, item, person, wave, temper+mood+week, now)
				continue
			}
			measure, sign := demoMeasure(pack, item)
			value := t.level(wave, measure) + sign*(temper+mood+week) + 0.6*noise
			if item.Reverse {
				value = float64(item.Min()+item.Max()) - value
			}
			a[item.ID] = onScale(item, value)
		}
	}
	return a, true
}

// demoMeasure is the scale or sign that an item belongs to, and whether a bad
// day raises or lowers it.
func demoMeasure(pack *survey.Pack, item survey.Item) (measure string, sign float64) {
	for _, scale := range pack.Scales {
		for _, id := range scale.Items {
			if id == item.ID {
				if scale.Direction == survey.HigherBetter {
					return scale.ID, -1
				}
				return scale.ID, 1
			}
		}
	}
	return item.ID, 1
}

func hash(parts ...string) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = h.Write([]byte(p)) // never fails
		_, _ = h.Write([]byte{0})
	}
	return h.Sum64()
}
