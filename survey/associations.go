package survey

import (
	"slices"
	"strings"
)

// Associations are what a pack lets a release say about how two things go
// together in the whole organisation: scales of another pack that is asked on
// the same ballot (the outcomes), beside scales of this pack and yes-or-no
// readings of its items (the predictors). The list is fixed in the pack, so
// that nobody looks around for what happens to stand out; all its entries
// together are one family of comparisons (ANALYTICS, "Associations").
type Associations struct {
	With       string      `yaml:"with" json:"with"` // the id of the pack that has the outcomes
	Predictors []Predictor `yaml:"predictors,omitempty" json:"predictors,omitempty"`
	Pairs      []Pair      `yaml:"pairs" json:"pairs"`
	Slopes     []Slopes    `yaml:"slopes,omitempty" json:"slopes,omitempty"`
}

// Predictor is a yes-or-no reading of items. Equals asks whether the answer
// to each item is the option of this value, AtLeast whether each item, after
// reversing, counts this much or more; one of the two is given. Whoever left
// an item out has no reading.
type Predictor struct {
	ID      string   `yaml:"id" json:"id"`
	Title   Text     `yaml:"title" json:"title"` // what "yes" means
	Items   []string `yaml:"items" json:"items"`
	Equals  *int     `yaml:"equals,omitempty" json:"equals,omitempty"`
	AtLeast *int     `yaml:"at_least,omitempty" json:"at_least,omitempty"`
}

// Yes reads one answer: value is an option of the item.
func (p Predictor) Yes(item Item, value int) bool {
	if p.Equals != nil {
		return value == *p.Equals
	}
	score, ok := ItemScore(item, value)
	return p.AtLeast != nil && ok && score >= float64(*p.AtLeast)
}

// Pair is one correlation: an outcome and a predictor, or a scale of the pack
// itself in the predictor's place.
type Pair struct {
	Outcome   string `yaml:"outcome" json:"outcome"`
	Predictor string `yaml:"predictor" json:"predictor"`
}

// Slopes are the standardised slopes of an outcome on several predictors, each
// adjusted for the others.
type Slopes struct {
	Outcome    string   `yaml:"outcome" json:"outcome"`
	Predictors []string `yaml:"predictors" json:"predictors"`
}

// Outcomes lists the scales of the other pack that are looked at, each once,
// in the order in which they first stand.
func (a *Associations) Outcomes() []string {
	var ids []string
	add := func(id string) {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, p := range a.Pairs {
		add(p.Outcome)
	}
	for _, s := range a.Slopes {
		add(s.Outcome)
	}
	return ids
}

// Comparisons is the size of the family.
func (a *Associations) Comparisons() int {
	n := len(a.Pairs)
	for _, s := range a.Slopes {
		n += len(s.Predictors)
	}
	return n
}

// Predictor finds a yes-or-no reading.
func (a *Associations) Predictor(id string) (Predictor, bool) {
	for _, p := range a.Predictors {
		if p.ID == id {
			return p, true
		}
	}
	return Predictor{}, false
}

// checkAssociations holds every association of packs that are asked together
// against the pack it is about. A pack whose other half is not asked has none.
func checkAssociations(packs []*Pack) error {
	for _, p := range packs {
		if p.Associations == nil {
			continue
		}
		for _, with := range packs {
			if with.ID != p.Associations.With {
				continue
			}
			for _, outcome := range p.Associations.Outcomes() {
				if _, ok := with.Scale(outcome); !ok {
					return Fail(Invalid, "error.wave.association", Args{
						"pack": p.ID, "version": p.Version, "with": with.ID, "other": with.Version, "scale": outcome,
					})
				}
			}
		}
	}
	return nil
}

// checkAssociations checks what one file can know. That the outcomes are
// scales of the other pack shows when both are asked together (NewSheet).
func (f *packFile) checkAssociations(p *Pack) {
	a := p.Associations
	if a == nil {
		return
	}
	if a.With == p.ID {
		f.rule(way("associations", "with"), "error.pack.association_self", Args{"pack": p.ID})
	}
	var known []string
	for _, s := range p.Scales {
		known = append(known, s.ID)
	}
	for i, predictor := range a.Predictors {
		f.checkPredictor(p, i)
		known = append(known, predictor.ID)
	}
	used := make(map[string]bool)
	use := func(at []string, id string) {
		used[id] = true
		if !slices.Contains(known, id) {
			f.rule(at, "error.pack.predictor", Args{"path": f.shown(at), "predictor": excerpt(id), "known": strings.Join(known, ", ")})
		}
	}
	seen := make(map[Pair]bool)
	for i, pair := range a.Pairs {
		at := way("associations", "pairs", i, "predictor")
		use(at, pair.Predictor)
		if seen[pair] {
			f.rule(at, "error.pack.pair_twice", Args{"outcome": pair.Outcome, "predictor": pair.Predictor})
		}
		seen[pair] = true
	}
	models := make(map[string]bool)
	for i, s := range a.Slopes {
		if models[s.Outcome] {
			f.rule(way("associations", "slopes", i, "outcome"), "error.pack.slopes_twice", Args{"outcome": s.Outcome})
		}
		models[s.Outcome] = true
		for j, id := range s.Predictors {
			at := way("associations", "slopes", i, "predictors", j)
			use(at, id)
			if slices.Index(s.Predictors, id) < j {
				f.rule(at, "error.pack.pair_twice", Args{"outcome": s.Outcome, "predictor": id})
			}
		}
	}
	for i, predictor := range a.Predictors {
		if !used[predictor.ID] {
			f.rule(way("associations", "predictors", i, "id"), "error.pack.predictor_unused", Args{"predictor": predictor.ID})
		}
	}
}

// checkPredictor wants a yes-or-no reading to have a name of its own, and both
// readings to be possible for each of its items.
func (f *packFile) checkPredictor(p *Pack, i int) {
	predictor := p.Associations.Predictors[i]
	at := func(parts ...any) []string { return way(append([]any{"associations", "predictors", i}, parts...)...) }
	taken := func(line int) {
		f.rule(at("id"), "error.pack.id_twice", Args{"id": predictor.ID, "line": line})
	}
	for j, item := range p.Items {
		if item.ID == predictor.ID {
			taken(f.node(way("items", j, "id")).Line)
		}
	}
	for j, s := range p.Scales {
		if s.ID == predictor.ID {
			taken(f.node(way("scales", j, "id")).Line)
		}
	}
	for j, other := range p.Associations.Predictors[:i] {
		if other.ID == predictor.ID {
			taken(f.node(way("associations", "predictors", j, "id")).Line)
		}
	}
	if reserved(predictor.ID) {
		f.rule(at("id"), "error.pack.id_reserved", Args{"id": predictor.ID})
	}
	if (predictor.Equals == nil) == (predictor.AtLeast == nil) && !f.spoilt[strings.Join(at("equals"), "/")] && !f.spoilt[strings.Join(at("at_least"), "/")] {
		f.rule(at(), "error.pack.predictor_reading", Args{"predictor": predictor.ID})
	}
	for j, id := range predictor.Items {
		item, ok := p.Item(id)
		item.options = p.optionsOf(item)
		switch {
		case !ok:
			f.rule(at("items", j), "error.pack.predictor_item", Args{"predictor": predictor.ID, "item": excerpt(id)})
		case slices.Index(predictor.Items, id) < j:
			f.rule(at("items", j), "error.pack.predictor_item_twice", Args{"predictor": predictor.ID, "item": id})
		case len(item.options) == 0: // which was refused already
		case predictor.Equals != nil && item.optionIndex(*predictor.Equals) < 0:
			f.rule(at("equals"), "error.pack.predictor_value", Args{"predictor": predictor.ID, "item": id, "value": *predictor.Equals})
		case predictor.AtLeast != nil && (*predictor.AtLeast <= item.Min() || *predictor.AtLeast > item.Max()):
			f.rule(at("at_least"), "error.pack.predictor_least", Args{
				"predictor": predictor.ID, "item": id, "value": *predictor.AtLeast, "low": item.Min() + 1, "high": item.Max(),
			})
		}
	}
}
