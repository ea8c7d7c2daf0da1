package static

import (
	"slices"
	"strings"
)

// Spoken is which languages an organisation offers, and the one for whoever
// asks for none of them.
type Spoken struct {
	Languages []string // codes, in the order in which they are listed
	Default   string   // one of them
}

// Spoken keeps those languages of chosen that every text exists in, English
// first; all of them when none is left. The default is fallback if that is
// offered, else the first.
func (s *Site) Spoken(chosen []string, fallback string) Spoken {
	var o Spoken
	for _, code := range s.langs {
		if slices.Contains(chosen, code) {
			o.Languages = append(o.Languages, code)
		}
	}
	if len(o.Languages) == 0 {
		o.Languages = s.Languages()
	}
	if o.Default = fallback; !slices.Contains(o.Languages, fallback) {
		o.Default = o.Languages[0]
	}
	return o
}

// Pick is the first language that is offered among wishes, each a code or an
// Accept-Language header, the strongest first; else the default.
func (o Spoken) Pick(wishes ...string) string {
	for _, wish := range wishes {
		for _, part := range strings.Split(wish, ",") {
			code, _, _ := strings.Cut(strings.TrimSpace(part), ";")
			code, _, _ = strings.Cut(strings.ToLower(code), "-")
			if slices.Contains(o.Languages, code) {
				return code
			}
		}
	}
	return o.Default
}
