package handlers

import (
	"math"
	"strings"

	"attune/analytics"
	"attune/survey"
)

// compared says what the latest shown value of a unit may be held against: its
// own past, the organisation that it is part of, and norm sets that the pack
// names. They are never mixed, and there is no organisation without the unit.
func (s speech) compared(r *analytics.Release, unit survey.UnitID, m measure, trend analytics.Trend) string {
	var pack *survey.Pack
	for _, ref := range r.Packs() {
		if ref.ID == m.pack {
			pack, _ = s.con.library.Find(ref) // of another installation: without its norms
		}
	}
	var parts []string
	for _, b := range analytics.Benchmarks(r, pack, unit, m.id, trend) {
		args := survey.Args{"value": s.num(round1(b.Value)), "n": b.N}
		if b.Norm != nil {
			args["name"], args["citation"], args["t"] = b.Norm.Name, b.Norm.Citation, s.num(round1(b.T))
		}
		parts = append(parts, s.say("compared."+string(b.Kind), args))
	}
	if len(parts) == 0 {
		return ""
	}
	return s.say("compared.all", survey.Args{"parts": strings.Join(parts, "; ")})
}

// round1 rounds to tenths: what a figure is held against is no finer than it.
func round1(v float64) float64 { return math.Round(10*v) / 10 }
