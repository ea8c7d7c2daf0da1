package survey

import (
	"slices"
	"time"
)

// Branding is how an organisation looks and which languages it speaks. Its
// name is that of its own unit, at the root of the tree.
type Branding struct {
	Accent    string    // "#rrggbb"; empty: Attune's own colour
	Logo      Logo      // the zero value: none
	Languages []string  // codes that were chosen, sorted; empty: every language there is
	Language  string    // of whoever asks for none; empty: what the installation was set up with
	Leaving   []Leaving // languages that were switched off and are still promised
}

// Leaving is a language that goes once the waves have ended that were announced
// while it was there.
type Leaving struct {
	Language string    `json:"language"`
	Until    time.Time `json:"until"` // UTC; from then on it is not offered
}

// Offered lists the codes of the languages that are offered at a time; empty:
// every language there is.
func (b Branding) Offered(now time.Time) []string {
	if len(b.Languages) == 0 {
		return nil
	}
	offered := slices.Clone(b.Languages)
	for _, l := range b.Leaving {
		if now.Before(l.Until) && !slices.Contains(offered, l.Language) {
			offered = append(offered, l.Language)
		}
	}
	slices.Sort(offered)
	return offered
}

// Speak chooses languages: chosen, at least one of known, and the default among
// them. A language that is switched off stays until the last of those waves
// that were announced in it has ended and the day of its results is over:
// people were told of them in it. A time that has passed is forgotten.
func (b Branding) Speak(known, chosen []string, standard string, waves []Wave, zone *time.Location, now time.Time) (Branding, error) {
	var next []string
	for _, code := range known {
		if slices.Contains(chosen, code) {
			next = append(next, code)
		}
	}
	switch {
	case len(next) == 0:
		return b, Fail(Invalid, "error.branding.no_language", nil)
	case !slices.Contains(next, standard):
		return b, Fail(Invalid, "error.branding.default", nil)
	}
	before := b.Offered(now)
	if len(before) == 0 {
		before = known
	}
	until := promisedUntil(waves, zone)
	had := b.Leaving
	b.Leaving = nil
	for _, code := range before {
		if slices.Contains(next, code) {
			continue
		}
		end := until
		for _, l := range had { // it was on its way out already
			if l.Language == code {
				end = l.Until
			}
		}
		if now.Before(end) {
			b.Leaving = append(b.Leaving, Leaving{Language: code, Until: end})
		}
	}
	slices.Sort(next)
	b.Languages, b.Language = next, standard
	return b, nil
}

// promisedUntil is when the last of the waves that were announced is over: its
// close, or the end of the day of its results if that is later. It is zero when
// there is none.
func promisedUntil(waves []Wave, zone *time.Location) time.Time {
	var until time.Time
	for _, w := range waves {
		if w.State == Planned || w.State == Void {
			continue
		}
		end := w.Closes
		if day, err := time.ParseInLocation(time.DateOnly, w.ResultsOn, zone); err == nil && day.AddDate(0, 0, 1).After(end) {
			end = day.AddDate(0, 0, 1)
		}
		if end.After(until) {
			until = end
		}
	}
	return until.UTC()
}

// Mark changes whenever anything of a branding does.
func (b Branding) Mark() (string, error) {
	raw, err := Canonical(struct {
		Accent    string    `json:"accent"`
		Logo      string    `json:"logo"`
		Languages []string  `json:"languages"`
		Language  string    `json:"language"`
		Leaving   []Leaving `json:"leaving"`
	}{b.Accent, b.Logo.SHA256, append([]string{}, b.Languages...), b.Language, append([]Leaving{}, b.Leaving...)})
	if err != nil {
		return "", err
	}
	return SHA256Hex(raw), nil
}
