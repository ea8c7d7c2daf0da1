package main

import (
	"cmp"
	"fmt"
	"slices"
)

// open looks for figures of waves that are not released: while people answer,
// nobody may see any.
func (v *view) open(found func(finding)) {
	for at, cells := range v.columns {
		entries, logged := v.facts.log[at.wave]
		state := v.facts.states[at.wave]
		if slices.Contains(entries, "release") || (!logged && (state == "" || state == "released")) {
			continue
		}
		for _, c := range cells {
			if !c.shown() {
				continue
			}
			found(finding{
				Kind: kindOpen, Wave: at.wave, Unit: c.name, Measure: at.measure, Statistic: at.statistic, N: max(c.n, 0),
				What: fmt.Sprintf("a figure of a wave that the public log does not call released (%s)", cmp.Or(state, "state unknown")), How: c.from[0],
			})
		}
	}
	for _, text := range v.facts.live {
		found(finding{Kind: kindOpen, What: "a number beside a wave that is not released", How: text})
	}
}
