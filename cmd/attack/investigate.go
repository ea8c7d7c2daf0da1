package main

import (
	"crypto/sha256"
	"sort"
	"strings"
)

// together is the view of somebody who has everything that all roles can read.
const together = "all together"

// read turns a page into what it says; ok is false for one that has no
// figures and no rules.
func read(p page) (s source, ok bool) {
	var err error
	switch {
	case strings.HasSuffix(p.path, "/attune-contacts.csv"), strings.HasSuffix(p.path, "/attune-actions.csv"): // whom to call, and who did what: no figures
		return s, false
	case p.kind == "text/csv":
		s, err = exportCSV(p)
	case p.kind == "application/json" && strings.Contains(p.path, "/export/"):
		s, err = exportJSON(p)
	case p.kind == "application/json" && (strings.HasSuffix(p.path, "/log.json") || strings.HasSuffix(p.path, "-audit.json")):
		s, err = publicLog(p)
	case p.kind == "application/zip" && strings.Contains(p.path, "/export/"):
		s, err = exportSPSS(p)
	case p.kind == "application/xml" && strings.Contains(p.path, "/export/"):
		return s, false // a code book; exportSPSS and the others read what it describes
	case strings.Contains(p.path, "/export/"):
		s, err = exportXLSX(p)
	case p.kind == "text/html" && !strings.Contains(p.path, "/demo/mail"):
		s, err = html(p)
	default:
		return s, false
	}
	if err != nil {
		s.unread = err.Error()
	}
	return s, true
}

// investigate works on what was read: each role by itself, and all together.
func investigate(l *loot, r *report) {
	parsed := make(map[string]source) // by path and content: several roles read the same
	order := make(map[string]bool)
	var all []source
	r.Unread = l.unread
	for _, h := range l.hauls {
		var own []source
		for _, p := range h.pages {
			sum := sha256.Sum256(p.body)
			key := p.path + "\x00" + string(sum[:])
			s, known := parsed[key]
			if !known {
				var ok bool
				if s, ok = read(p); !ok {
					continue
				}
				parsed[key] = s
			}
			own = append(own, s)
			if !order[key] {
				order[key] = true
				all = append(all, s)
			}
		}
		r.attack(h.role, len(h.pages), exportsFirst(own))
	}
	pages := 0
	for _, h := range l.hauls {
		pages += len(h.pages)
	}
	r.attack(together, pages, exportsFirst(all))
}

// exportsFirst puts sources that name things by their ids before those that
// name them in words.
func exportsFirst(sources []source) []source {
	sorted := append([]source(nil), sources...)
	export := func(s source) bool { return strings.Contains(s.from, "/export/") }
	sort.SliceStable(sorted, func(i, j int) bool { return export(sorted[i]) && !export(sorted[j]) })
	return sorted
}

// attack works on one view.
func (r *report) attack(role string, pages int, sources []source) {
	v := newView(role, sources)
	stats := viewStats{Role: role, Pages: pages, Figures: v.figures, Cells: v.cells, Blind: v.blind}
	found := func(f finding) { r.add(role, f) }
	for _, text := range v.unlike {
		found(finding{Kind: kindUnlike, What: text, How: "two outputs of one release"})
	}
	v.numbersOfHidden(found)
	v.open(found)
	for _, at := range v.order() {
		cells := v.columns[at]
		stats.Columns++
		f, _ := newFamily(cells)
		stats.Constraints += len(f.sets)
		stats.Atoms += f.groups()
		v.groups(at, cells, found)
		v.moments(at, cells, found)
		if at.statistic != mean {
			continue
		}
		means := v.values(at, cells, found)
		v.counts(at.wave, at.measure, means, found)
		spread := column{at.wave, at.measure, sd}
		v.spread(spread, v.columns[spread], means, found)
	}
	v.newcomers(found)
	stats.Risks, stats.Blind = v.risks, v.blind
	r.Views = append(r.Views, stats)
}

// order lists the columns by wave, measure and statistic.
func (v *view) order() []column {
	all := make([]column, 0, len(v.columns))
	for at := range v.columns {
		all = append(all, at)
	}
	sort.Slice(all, func(i, j int) bool {
		a, b := all[i], all[j]
		if a.wave != b.wave {
			return a.wave < b.wave
		}
		if a.measure != b.measure {
			return a.measure < b.measure
		}
		return a.statistic < b.statistic
	})
	return all
}
