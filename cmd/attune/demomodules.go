package main

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"attune/survey"
)

// demoModules are the packs that a wave asks beside pulse; 0 is the first
// wave. One module a wave, so that nobody answers for long; a training's goals
// and plans go with its own questions. The competencies are asked once a year.
func demoModules(wave int) []string {
	return map[int][]string{
		0:  {"competencies"},
		3:  {"principles"},
		4:  {"belonging"},
		6:  {"signs"},
		7:  {"supports"},
		8:  {"effects"},
		9:  {"training", "training-before"},
		10: {"training", "training-after"},
		11: {"supports"},
		12: {"competencies"},
		13: {"signs"},
	}[wave]
}

// demoTrained is the first wave after the training: the last one before it asks
// for goals, and this one for what people plan to use.
const demoTrained = 10

// part is how the answers to an item of a module come about: a level on the
// response scale, what a bad day does to it (sign) and how much of it, and how
// much people differ in it besides, always in the same way.
type part struct {
	level, sign, daily, lasting float64
}

// modulePart is the story of a module's item or scale. Staff who carry more
// burnout experience less support, supervision and workload most of all; a
// policy that is known changes nothing.
func (t demoTeam) modulePart(pack, measure string, wave int) part {
	strain := t.strain(wave)
	up := func(level, rise float64) part { return part{level + rise*strain, 1, 0.8, 0.4} }
	down := func(level, fall float64) part { return part{level - fall*strain, -1, 0.8, 0.4} }
	var p part
	switch pack {
	case "signs":
		p = down(3.8, 0.9)
		if strings.HasPrefix(measure, "self_") { // people see it in the team before they see it in themselves
			p = up(1.9, 1.3)
		}
	case "effects":
		p = up(1.9, 1.1)
		if measure == "effects_carry" {
			p = down(3.7, 0.6)
		}
	case "belonging":
		p = part{1.3 + 0.2*strain, 1, 0.3, 0.4}
		if measure == "belong_heard" || measure == "belong_humility" || measure == "belong_here" {
			p = part{3.9 - 0.4*strain, -1, 0.3, 0.4}
		}
	case "principles":
		p = part{3.6 - 0.5*strain, -1, 0.4, 0.4}
	case "supports":
		p = t.support(measure, wave)
	case "competencies":
		p = part{skillLevel(measure, wave), 0, 0, 0.3}
	case "training", "training-before", "training-after":
		p = trainingPart(measure, wave)
	}
	p.level += 0.3 * (float64(hash(t.path, measure)%1000)/1000 - 0.5) // as in level
	return p
}

// support is the level of a scale of supports. In the department whose leaders
// answered the policy audit, debriefing is in place and hardly felt.
func (t demoTeam) support(measure string, wave int) part {
	strain := t.strain(wave)
	p := part{level: 3.4 - 0.4*strain, sign: -1, daily: 0.35, lasting: 0.5}
	switch measure {
	case "sup_supervision":
		p = part{level: 3.5 - 0.8*strain, sign: -1, daily: 0.8, lasting: 0.4}
		if t.arc == sliding && wave >= demoActed {
			p.level += 0.4
		}
	case "sup_workload":
		p = part{level: 3.1 - 1.0*strain, sign: -1, daily: 0.7, lasting: 0.4}
	case "sup_recovery":
		p.level = 3.3 - 0.5*strain
		if strings.HasPrefix(t.path, demoAudited) {
			p.level = 2.8 - 0.5*strain
		}
	case "sup_flexibility":
		p.level = 3.9
	case "sup_training":
		p.level = 3.1
		if wave >= demoTrained {
			p.level = 3.6
		}
	}
	return p
}

// skillLevel is how far people have come with an area of competence, between
// "not yet" (1) and "achieved" (3). How others work with them is what most have
// reached, law and the field's own theories what most still work towards; in a
// year people learn a little.
func skillLevel(measure string, wave int) float64 {
	level := map[string]float64{"area_foundations": 1.8, "area_law": 1.6, "area_systems": 2.0, "area_others": 2.5, "area_communication": 2.4}[measure]
	if level == 0 {
		level = 2.2
	}
	if wave >= demoTrained {
		level += 0.2
	}
	return level
}

// trainingPart is the story of the training: much is hoped for, most of it is
// planned to be used, and people are surer afterwards than before.
func trainingPart(measure string, wave int) part {
	p := part{3.7, -1, 0.3, 0.4}
	switch {
	case measure == "training_confidence" && wave < demoTrained:
		p.level = 2.8
	case measure == "training_confidence":
		p.level = 3.5
	case measure == "after_room": // time for what was learned is scarce
		p.level = 2.9
	}
	return p
}

// knows is the chance that somebody judges a statement of the knowledge check
// as the training does, and notYet that they say they do not know yet.
func knows(wave int) (right, notYet float64) {
	if wave < demoTrained {
		return 0.5, 0.25
	}
	return 0.75, 0.1
}

// moduleAnswer plays one person's answer to an item of a module. day is how
// much harder than usual the day is for them, now what differs by wave.
func (t demoTeam) moduleAnswer(pack *survey.Pack, item survey.Item, person, wave int, day float64, now *rand.Rand) int {
	measure, _ := demoMeasure(pack, item)
	stable := rand.New(rand.NewPCG(demoSeed+3, hash(t.path, strconv.Itoa(person), measure))) //nolint:gosec // a story, not a secret
	lasting, noise, luck := stable.NormFloat64(), now.NormFloat64(), now.Float64()
	p := t.modulePart(pack.ID, measure, wave)
	switch item.Response {
	case "known": // a policy: yes, no, or not known
		return pick(luck, 0.45, 1, 0.30, 0, 2)
	case "yes_no": // an endorsement lasts
		return pick(stable.Float64(), 0.35, 1, 0.65, 0, 0)
	case "if_true", "if_false": // a statement: true (1), false (2), or not known yet (3)
		right, notYet := knows(wave)
		if item.Response == "if_true" {
			return pick(luck, right, 1, notYet, 3, 2)
		}
		return pick(luck, right, 2, notYet, 3, 1)
	}
	value := p.level + p.sign*p.daily*day + p.lasting*lasting + 0.6*noise
	return onScale(item, value)
}

// pick gives first with the chance p, second with the chance q, else third.
func pick(luck, p float64, first int, q float64, second, third int) int {
	switch {
	case luck < p:
		return first
	case luck < p+q:
		return second
	}
	return third
}

// onScale rounds to the nearest answer of an item.
func onScale(item survey.Item, value float64) int {
	return int(math.Round(math.Max(float64(item.Min()), math.Min(float64(item.Max()), value))))
}
