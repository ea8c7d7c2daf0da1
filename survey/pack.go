package survey

// Text is one text in several languages, by language code.
type Text map[string]string

// In gives the text in a language, in English when that is missing.
func (t Text) In(lang string) string {
	if s, ok := t[lang]; ok {
		return s
	}
	return t["en"]
}

// Audience of a pack.
type Audience string

// Staff packs are anonymous, leader packs are answered by name; the two are
// never mixed.
const (
	Staff   Audience = "staff"
	Leaders Audience = "leaders"
)

// Direction says which way a scale improves.
type Direction string

// The directions of a scale.
const (
	HigherBetter Direction = "better"
	HigherWorse  Direction = "worse"
	Neutral      Direction = "neutral"
)

// Option is one answer of a response set.
type Option struct {
	Value int  `yaml:"value" json:"value"`
	Label Text `yaml:"label" json:"label"`
	// Score is what the answer counts as, where that is not its value: two
	// answers to a knowledge question may both count as 0.
	Score *int `yaml:"score,omitempty" json:"score,omitempty"`
	// Unscored marks an answer that says nothing about the item ("I don't
	// know"): it is kept on the ballot and counts as left out.
	Unscored bool `yaml:"unscored,omitempty" json:"unscored,omitempty"`
}

// Counts is what the answer counts as; ok is false where it counts as left
// out.
func (o Option) Counts() (score int, ok bool) {
	switch {
	case o.Unscored:
		return 0, false
	case o.Score != nil:
		return *o.Score, true
	default:
		return o.Value, true
	}
}

// Item is one question.
type Item struct {
	ID        string `yaml:"id" json:"id"`
	Text      Text   `yaml:"text,omitempty" json:"text,omitempty"` // none in a key whose texts an organisation adds
	Topic     string `yaml:"topic" json:"topic"`
	Response  string `yaml:"response,omitempty" json:"response,omitempty"` // name of a response set; empty: the pack's default
	Reverse   bool   `yaml:"reverse,omitempty" json:"reverse,omitempty"`
	Sensitive bool   `yaml:"sensitive,omitempty" json:"sensitive,omitempty"`
	Sign      string `yaml:"sign,omitempty" json:"sign,omitempty"`     // the sign of survival mode that it observes
	View      string `yaml:"view,omitempty" json:"view,omitempty"`     // "self" or "team" for items about a sign
	Recall    Text   `yaml:"recall,omitempty" json:"recall,omitempty"` // what stands before the item, where the pack's recall window does not fit it
	Rationale string `yaml:"rationale" json:"rationale"`               // what it asks, which source, why this wording
	// PlanningSD is the named within-team standard deviation, in response
	// categories, of an item that is published by itself; 0 when it is not.
	PlanningSD float64 `yaml:"planning_sd,omitempty" json:"planning_sd,omitempty"`

	options []Option // resolved when the pack is read
}

// Options lists the item's answers in the order they are shown.
func (i Item) Options() []Option { return i.options }

// Min and Max are the lowest and the highest score of the item's options.
func (i Item) Min() int { return extreme(i.options, func(a, b int) bool { return a < b }) }

// Max is the highest score of the item's options.
func (i Item) Max() int { return extreme(i.options, func(a, b int) bool { return a > b }) }

func extreme(options []Option, before func(a, b int) bool) int {
	score, found := 0, false
	for _, o := range options {
		if counts, ok := o.Counts(); ok && (!found || before(counts, score)) {
			score, found = counts, true
		}
	}
	return score
}

func (i Item) optionIndex(value int) int {
	for n, o := range i.options {
		if o.Value == value {
			return n
		}
	}
	return -1
}

// Scale is a scored set of items.
type Scale struct {
	ID          string    `yaml:"id" json:"id"`
	Title       Text      `yaml:"title" json:"title"`
	Items       []string  `yaml:"items" json:"items"`
	MinAnswered int       `yaml:"min_answered" json:"min_answered"`
	Method      string    `yaml:"method" json:"method"` // "mean", or "sum" for mean × number of items
	Direction   Direction `yaml:"direction" json:"direction"`
	// Limits are the lowest and the highest possible score. The reader checks
	// them against the options, so that a file cannot promise another range.
	Limits []float64 `yaml:"range" json:"range"`
	// PlanningSD is the named within-team standard deviation, in response
	// categories, that intervals use until one may be published.
	PlanningSD float64 `yaml:"planning_sd" json:"planning_sd"`
	// Error is the measurement error told to a respondent, in the scale's
	// own unit: half the width within which a new answer would be no news.
	Error float64 `yaml:"error" json:"error"`
	// Plain explains the scale to a respondent; Low, Middle and High are the
	// words for a result in the lower, middle and upper third of its range,
	// filled in from the pack's Thirds where the scale has none of its own.
	Plain  Text `yaml:"plain" json:"plain"`
	Low    Text `yaml:"low,omitempty" json:"low,omitempty"`
	Middle Text `yaml:"middle,omitempty" json:"middle,omitempty"`
	High   Text `yaml:"high,omitempty" json:"high,omitempty"`
}

// Thirds are words for a result in the lower, middle and upper third of a
// range that the scales of a pack may share.
type Thirds struct {
	Low    Text `yaml:"low" json:"low"`
	Middle Text `yaml:"middle" json:"middle"`
	High   Text `yaml:"high" json:"high"`
}

// Replacement says that a pack is asked in place of another, and which pack
// then asks what the other would have asked beyond it.
type Replacement struct {
	Pack string `yaml:"pack" json:"pack"`
	With string `yaml:"with" json:"with"`
}

// Origin names the pack version whose items a pack repeats word for word, so
// that their trend lines go on.
type Origin struct {
	Pack    string `yaml:"pack" json:"pack"`
	Version string `yaml:"version" json:"version"`
}

// Private is a question that the phone asks and keeps: it has no place on the
// ballot, and no form field that could be sent.
type Private struct {
	ID      string   `yaml:"id" json:"id"`
	Text    Text     `yaml:"text" json:"text"`
	Hint    Text     `yaml:"hint,omitempty" json:"hint,omitempty"`
	Options []Option `yaml:"options,omitempty" json:"options,omitempty"` // none: a note in the person's own words
	Scale   string   `yaml:"scale,omitempty" json:"scale,omitempty"`     // the scale that a note is about
}

// TextsByOrganisation marks a pack that holds an instrument's key without its
// texts: an organisation adds its own permitted copy.
const TextsByOrganisation = "by the organisation"

// Norm is a named norm set of a scale, from the literature.
type Norm struct {
	Name     string  `yaml:"name" json:"name"`
	Scale    string  `yaml:"scale" json:"scale"`
	N        int     `yaml:"n" json:"n"`
	Mean     float64 `yaml:"mean" json:"mean"`
	SD       float64 `yaml:"sd" json:"sd"`
	Citation string  `yaml:"citation" json:"citation"`
}

// Band is a named scheme of cut points of a scale, from the literature. Cut
// points are made for one person's score; a team's mean is never held against
// them.
type Band struct {
	Scheme         string    `yaml:"scheme" json:"scheme"`
	Scale          string    `yaml:"scale" json:"scale"`
	Cuts           []float64 `yaml:"cuts" json:"cuts"` // the lowest score of each band but the first, ascending
	Citation       string    `yaml:"citation" json:"citation"`
	IndividualOnly bool      `yaml:"individual_only" json:"individual_only"`
}

// Rule says from which level up an item or scale may be published, and from
// which n on. "never mixed with" is named data for later benchmarks.
type Rule struct {
	Measure   string   `yaml:"measure" json:"measure"`     // item or scale id
	MinLevel  string   `yaml:"min_level" json:"min_level"` // team, department, organisation
	MinN      int      `yaml:"min_n,omitempty" json:"min_n,omitempty"`
	NeverWith []string `yaml:"never_with,omitempty" json:"never_with,omitempty"`
}

// Sign is one of the six signs of survival mode as a pack observes it.
type Sign struct {
	ID    string `yaml:"id" json:"id"`
	Title Text   `yaml:"title" json:"title"`
}

// Provenance of a translation.
type Provenance struct {
	Drafted  string `yaml:"drafted" json:"drafted"`
	Reviewed string `yaml:"reviewed,omitempty" json:"reviewed,omitempty"`
}

// Pack is a versioned file of items, scales, scoring, licence and
// translations. A pack version never changes once it was used.
type Pack struct {
	ID              string                `yaml:"id" json:"id"`
	Version         string                `yaml:"version" json:"version"`
	Title           Text                  `yaml:"title" json:"title"`
	Languages       []string              `yaml:"languages" json:"languages"`
	Provenance      map[string]Provenance `yaml:"provenance" json:"provenance"` // by language
	Licence         string                `yaml:"licence" json:"licence"`
	Credit          string                `yaml:"credit" json:"credit"`
	Citation        []string              `yaml:"citation" json:"citation"`
	Disclaimer      Text                  `yaml:"disclaimer" json:"disclaimer"`
	Audience        Audience              `yaml:"audience" json:"audience"`
	Confidentiality string                `yaml:"confidentiality" json:"confidentiality"` // anonymous or named
	RecallWindow    Text                  `yaml:"recall_window" json:"recall_window"`
	Minutes         int                   `yaml:"minutes" json:"minutes"`
	Responses       map[string][]Option   `yaml:"responses" json:"responses"` // by name
	DefaultResponse string                `yaml:"default_response" json:"default_response"`
	Items           []Item                `yaml:"items" json:"items"`
	Scales          []Scale               `yaml:"scales" json:"scales"`
	Signs           []Sign                `yaml:"signs,omitempty" json:"signs,omitempty"`
	Norms           []Norm                `yaml:"norms,omitempty" json:"norms,omitempty"`
	Bands           []Band                `yaml:"bands,omitempty" json:"bands,omitempty"`
	Reporting       []Rule                `yaml:"reporting,omitempty" json:"reporting,omitempty"`
	Associations    *Associations         `yaml:"associations,omitempty" json:"associations,omitempty"`
	Link            string                `yaml:"link,omitempty" json:"link,omitempty"`               // where the instrument comes from
	CreditLine      Text                  `yaml:"credit_line,omitempty" json:"credit_line,omitempty"` // shown wherever the items are
	Notice          Text                  `yaml:"notice,omitempty" json:"notice,omitempty"`           // shown before the first question
	Texts           string                `yaml:"texts,omitempty" json:"texts,omitempty"`             // empty, or TextsByOrganisation
	ApartDays       int                   `yaml:"apart_days,omitempty" json:"apart_days,omitempty"`   // least days between two openings; 0: MinGapDays
	Replaces        *Replacement          `yaml:"replaces,omitempty" json:"replaces,omitempty"`
	Repeats         *Origin               `yaml:"repeats,omitempty" json:"repeats,omitempty"`
	Thirds          *Thirds               `yaml:"thirds,omitempty" json:"thirds,omitempty"`
	Private         []Private             `yaml:"private,omitempty" json:"private,omitempty"`

	SHA256 string `yaml:"-" json:"-"` // of the file, hex
}

// Ref names this version of the pack.
func (p *Pack) Ref() PackRef { return PackRef{ID: p.ID, Version: p.Version, SHA256: p.SHA256} }

// Apart is how many days lie at least between two openings of the pack for
// the same people.
func (p *Pack) Apart() int { return max(MinGapDays, p.ApartDays) }

// Asked says whether every item has a text, so that people can be asked.
func (p *Pack) Asked() bool {
	for _, item := range p.Items {
		if len(item.Text) == 0 {
			return false
		}
	}
	return true
}

// Item finds an item.
func (p *Pack) Item(id string) (Item, bool) {
	for _, item := range p.Items {
		if item.ID == id {
			return item, true
		}
	}
	return Item{}, false
}

// Scale finds a scale.
func (p *Pack) Scale(id string) (Scale, bool) {
	for _, s := range p.Scales {
		if s.ID == id {
			return s, true
		}
	}
	return Scale{}, false
}
