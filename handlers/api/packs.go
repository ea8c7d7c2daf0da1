package api

import (
	"net/http"
	"slices"

	"attune/survey"
)

// packBody is one version of a pack that a released wave asked.
type packBody struct {
	ID      string   `json:"pack_id"`
	Version string   `json:"pack_version"`
	SHA256  string   `json:"sha256"`
	Title   string   `json:"title"`
	Licence string   `json:"licence"`
	Credit  string   `json:"credit"`
	Waves   []string `json:"waves"`
}

// codeBook says what the measures of a pack are.
type codeBook struct {
	packBody
	Citation []string      `json:"citation"`
	Scales   []scaleBody   `json:"scales"`
	Items    []itemBody    `json:"items"`
	Signs    []signBody    `json:"signs"`
	Levels   []measureRule `json:"reporting"`
}

type scaleBody struct {
	Measure     string   `json:"measure"`
	Title       string   `json:"title"`
	Items       []string `json:"items"`
	Method      string   `json:"method"`
	MinAnswered int      `json:"min_answered"`
	Direction   string   `json:"direction"`
	Low         float64  `json:"low"`
	High        float64  `json:"high"`
}

type itemBody struct {
	Measure string       `json:"measure"`
	Text    *string      `json:"text"` // null: the organisation's own copy, which its licence keeps here
	Sign    string       `json:"sign"`
	View    string       `json:"view"`
	Reverse bool         `json:"reverse"`
	Options []optionBody `json:"options"`
}

type optionBody struct {
	Value int     `json:"value"`
	Score *int    `json:"score"` // null: counts as left out
	Label *string `json:"label"`
}

type signBody struct {
	ID    string `json:"sign"`
	Title string `json:"title"`
}

type measureRule struct {
	Measure  string `json:"measure"`
	MinLevel string `json:"min_level"`
	MinN     int    `json:"min_n"`
}

// asked lists the packs of the waves that have something of the caller's part,
// by id and version. A pack of another installation has no code book here and
// is left out.
func (a *API) asked(r *http.Request, c caller) ([]*survey.Pack, map[survey.PackRef][]string, error) {
	mine, err := a.seen(r.Context(), c.part)
	if err != nil {
		return nil, nil, err
	}
	waves := make(map[survey.PackRef][]string)
	for _, release := range mine {
		for _, ref := range release.Packs() {
			waves[ref] = append(waves[ref], string(release.Wave()))
		}
	}
	packs := slices.DeleteFunc(a.cfg.Library.All(), func(p *survey.Pack) bool { return waves[p.Ref()] == nil })
	return packs, waves, nil
}

func (a *API) packs(r *http.Request, c caller) (result, error) {
	packs, waves, err := a.asked(r, c)
	if err != nil {
		return result{}, err
	}
	all := make([]packBody, len(packs))
	for i, p := range packs {
		all[i] = packOf(p, waves[p.Ref()], c.lang)
	}
	return listed(r, all)
}

func packOf(p *survey.Pack, waves []string, lang string) packBody {
	return packBody{
		ID: p.ID, Version: p.Version, SHA256: p.SHA256, Title: p.Title.In(lang), Licence: p.Licence, Credit: p.Credit, Waves: waves,
	}
}

func (a *API) pack(r *http.Request, c caller) (result, error) {
	packs, waves, err := a.asked(r, c)
	if err != nil {
		return result{}, err
	}
	for _, p := range packs {
		if p.ID == r.PathValue("pack") && p.Version == r.PathValue("version") {
			return result{body: bookOf(p, waves[p.Ref()], c.lang)}, nil
		}
	}
	return result{}, survey.Fail(survey.NotFound, "error.api.pack", nil)
}

func bookOf(p *survey.Pack, waves []string, lang string) codeBook {
	b := codeBook{
		packBody: packOf(p, waves, lang), Citation: append([]string{}, p.Citation...),
		Scales: []scaleBody{}, Items: []itemBody{}, Signs: []signBody{}, Levels: []measureRule{},
	}
	for _, s := range p.Scales {
		low, high := s.Range(p)
		b.Scales = append(b.Scales, scaleBody{
			Measure: s.ID, Title: s.Title.In(lang), Items: append([]string{}, s.Items...), Method: s.Method,
			MinAnswered: s.MinAnswered, Direction: string(s.Direction), Low: low, High: high,
		})
	}
	// Texts that an organisation may use under a permit of its own are not
	// given on to other programs.
	word := func(t survey.Text) *string {
		if p.Texts == survey.TextsByOrganisation {
			return nil
		}
		text := t.In(lang)
		return &text
	}
	for _, item := range p.Items {
		i := itemBody{Measure: item.ID, Text: word(item.Text), Sign: item.Sign, View: item.View, Reverse: item.Reverse, Options: []optionBody{}}
		for _, o := range item.Options() {
			option := optionBody{Value: o.Value, Label: word(o.Label)}
			if score, ok := o.Counts(); ok {
				option.Score = &score
			}
			i.Options = append(i.Options, option)
		}
		b.Items = append(b.Items, i)
	}
	for _, s := range p.Signs {
		b.Signs = append(b.Signs, signBody{s.ID, s.Title.In(lang)})
	}
	for _, rule := range p.Reporting {
		b.Levels = append(b.Levels, measureRule{rule.Measure, rule.MinLevel, rule.MinN})
	}
	return b
}
