package api

import (
	"context"
	"net/http"

	"attune/analytics"
	"attune/survey"
)

// tokenBody says what a token is and may see.
type tokenBody struct {
	Name    string  `json:"name"`
	UnitID  *string `json:"unit_id"` // null: the whole organisation
	Expires string  `json:"expires_on"`
}

func (a *API) token(_ *http.Request, c caller) (result, error) {
	body := tokenBody{Name: c.Name, Expires: c.Expires}
	if c.Unit != "" {
		unit := string(c.Unit)
		body.UnitID = &unit
	}
	return result{body: body}, nil
}

// list is the body of every list.
type list struct {
	Data any `json:"data"`
}

// waveBody is a released wave.
type waveBody struct {
	WaveID         string    `json:"wave_id"`
	Programme      string    `json:"programme"`
	OpensOn        string    `json:"opens_on"`
	ClosesOn       string    `json:"closes_on"`
	K              int       `json:"k"`
	KC             int       `json:"kc"`
	MethodVersion  string    `json:"method_version"`
	Packs          []packRef `json:"packs"`
	ManifestSHA256 string    `json:"manifest_sha256"`
	ReleaseSHA256  string    `json:"release_sha256"`
	Fingerprint    []string  `json:"fingerprint"` // the words on the posters
}

type packRef struct {
	ID      string `json:"pack_id"`
	Version string `json:"pack_version"`
	SHA256  string `json:"sha256"`
}

func bodyOf(r *analytics.Release) waveBody {
	b := waveBody{
		WaveID: string(r.Wave()), Programme: r.Programme(), OpensOn: r.Opens(), ClosesOn: r.Closes(), K: r.K(), KC: r.KC(),
		MethodVersion: r.MethodVersion(), ManifestSHA256: r.ManifestSHA256(), ReleaseSHA256: r.SHA256(),
		Packs: []packRef{}, Fingerprint: []string{},
	}
	for _, ref := range r.Packs() {
		b.Packs = append(b.Packs, packRef{ref.ID, ref.Version, ref.SHA256})
	}
	if words, err := survey.Fingerprint(r.ManifestSHA256()); err == nil {
		b.Fingerprint = words
	}
	return b
}

// seen lists the releases that have something of a part, by opening date.
func (a *API) seen(ctx context.Context, p analytics.Part) ([]*analytics.Release, error) {
	all, err := a.cfg.Archive.Releases(ctx)
	if err != nil {
		return nil, err
	}
	var mine []*analytics.Release
	for _, r := range all {
		if _, ok := p.Root(r.Tree()); ok {
			mine = append(mine, r)
		}
	}
	return mine, nil
}

// release finds a wave that has something of the caller's part. One of others
// is not told apart from one that does not exist.
func (a *API) release(r *http.Request, c caller) (*analytics.Release, error) {
	mine, err := a.seen(r.Context(), c.part)
	if err != nil {
		return nil, err
	}
	for _, release := range mine {
		if string(release.Wave()) == r.PathValue("wave") {
			return release, nil
		}
	}
	return nil, survey.Fail(survey.NotFound, "error.api.wave", nil)
}

func (a *API) waves(r *http.Request, c caller) (result, error) {
	mine, err := a.seen(r.Context(), c.part)
	if err != nil {
		return result{}, err
	}
	all := make([]waveBody, len(mine))
	for i, release := range mine {
		all[i] = bodyOf(release)
	}
	return listed(r, all)
}

func listed[T any](r *http.Request, all []T) (result, error) {
	part, next, err := page(r, all)
	return result{body: list{part}, next: next}, err
}

func (a *API) wave(r *http.Request, c caller) (result, error) {
	release, err := a.release(r, c)
	if err != nil {
		return result{}, err
	}
	return result{body: bodyOf(release)}, nil
}

// unitBody is a unit, or a block of units that are shown as one, as it stood
// when the wave was announced.
type unitBody struct {
	UnitID   string       `json:"unit_id"`
	UnitName string       `json:"unit_name"`
	Level    string       `json:"unit_level"`
	ParentID string       `json:"parent_id"`
	Invited  int          `json:"invited"`
	Own      bool         `json:"own"`   // false: above the token's part, to compare with
	Teams    []memberBody `json:"teams"` // of a block
}

type memberBody struct {
	UnitName string `json:"unit_name"`
	Invited  int    `json:"invited"`
}

func (a *API) units(r *http.Request, c caller) (result, error) {
	release, err := a.release(r, c)
	if err != nil {
		return result{}, err
	}
	return listed(r, unitsOf(release, c.part, a.text(c.lang)))
}

// unitsOf lists what a part has rows of, in the order of rows.
func unitsOf(r *analytics.Release, p analytics.Part, text analytics.Text) []unitBody {
	had := make(map[string]bool)
	all := []unitBody{}
	tree := r.Tree()
	for _, c := range r.Cells() {
		if had[c.Unit] || !p.Tells(r, c) {
			continue
		}
		had[c.Unit] = true
		u := unitBody{UnitID: c.Unit, UnitName: r.Name(c.Unit, text), Level: c.Level, ParentID: c.Parent, Teams: []memberBody{}}
		if b, ok := r.Block(c.Unit); ok {
			u.Invited, u.Own = b.Invited, true
			for _, id := range b.Units {
				team, _ := r.Unit(id)
				u.Teams = append(u.Teams, memberBody{r.Name(string(id), text), team.Invited})
			}
		} else if unit, ok := r.Unit(survey.UnitID(c.Unit)); ok {
			u.Invited, u.Own = unit.Invited, p.Holds(tree, unit.ID)
		}
		all = append(all, u)
	}
	return all
}

// rows are the lines of an export that the caller may be told.
func (a *API) rows(r *http.Request, c caller) (result, error) {
	release, err := a.release(r, c)
	if err != nil {
		return result{}, err
	}
	query := r.URL.Query()
	wants := func(name, value string) bool { return !query.Has(name) || query.Get(name) == value }
	all := analytics.Rows(release, c.part, func(cell analytics.Cell) bool {
		return wants("unit", cell.Unit) && wants("measure", cell.Measure) &&
			wants("statistic", cell.Statistic) && wants("status", string(cell.Status))
	}, a.text(c.lang))
	return listed(r, all)
}

// Verdicts say what the trends and signs of a unit show in its latest wave, in
// the keys of analytics. Every field is a function of released figures.
type Verdicts struct {
	UnitID string         `json:"unit_id"`
	WaveID string         `json:"wave_id"` // the latest with the unit
	Mode   *string        `json:"mode"`    // null: the signs were never asked
	Trends []TrendVerdict `json:"trends"`
	Signs  []SignVerdict  `json:"signs"`
}

// TrendVerdict is what the means of one scale show.
type TrendVerdict struct {
	Measure   string   `json:"measure"`
	PackID    string   `json:"pack_id"`
	Verdict   string   `json:"verdict"`
	Rule      string   `json:"rule"`      // empty: none holds
	Published int      `json:"published"` // waves with a figure since the line began anew
	Trial     bool     `json:"trial"`     // the usual range still changes with each wave
	UsualLow  *float64 `json:"usual_low"` // in tenths, rounded outward, as on the page; null: not known
	UsualHigh *float64 `json:"usual_high"`
}

// SignVerdict is the state of one sign.
type SignVerdict struct {
	Measure string `json:"measure"` // the item about the team
	State   string `json:"state"`
}

func (a *API) verdicts(r *http.Request, c caller) (result, error) {
	found, err := a.cfg.Verdicts(r.Context(), c.Token, survey.UnitID(r.PathValue("unit")))
	switch {
	case survey.IsCode(err, survey.NotFound), survey.IsCode(err, survey.Forbidden):
		return result{}, survey.Fail(survey.NotFound, "error.api.unit", nil)
	case err != nil:
		return result{}, err
	}
	return result{body: found}, nil
}
