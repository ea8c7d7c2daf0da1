package survey

// checkLeaderPack checks what the schema cannot say about a leader pack. As in
// checkRules, a rule is silent about what is missing or was refused already.
func (f *packFile) checkLeaderPack(p *LeaderPack) {
	f.checkLanguages(&Pack{Languages: p.Languages, Provenance: p.Provenance})
	text := f.texts(p.Languages)
	text(p.Title, "title")
	text(p.Intro, "intro")
	text(p.Disclaimer, "disclaimer")
	for id, reason := range p.Reasons {
		text(reason, "reasons", id)
	}
	f.checkStates(p, text)
	seen := make(map[string]int)
	used := make(map[string]bool)
	for i, b := range p.Blocks {
		text(b.Title, "blocks", i, "title")
		f.once(seen, b.ID, way("blocks", i, "id"))
	}
	entries := make(map[string]int)
	for i, b := range p.Blocks {
		for j, e := range b.Entries {
			at := func(parts ...any) []string { return way(append([]any{"blocks", i, "entries", j}, parts...)...) }
			f.once(entries, e.ID, at("id"))
			text(e.Text, "blocks", i, "entries", j, "text")
			if e.Number != nil {
				f.checkNumber(e, at)
				text(e.Number.Label, "blocks", i, "entries", j, "number", "label")
				text(e.Number.Unit, "blocks", i, "entries", j, "number", "unit")
			}
			f.checkFelt(p, e, at)
			used[e.Reason] = true
		}
	}
	for id := range p.Reasons {
		if !used[id] {
			f.rule(way("reasons", id), "error.leader.reason_unused", Args{"reason": excerpt(id)})
		}
	}
}

// texts gives a check that a text stands in every declared language and in no
// other.
func (f *packFile) texts(languages []string) func(t Text, parts ...any) {
	p := &Pack{Languages: languages}
	return func(t Text, parts ...any) {
		f.checkByLanguage(p, way(parts...), func(lang string) bool { _, ok := t[lang]; return ok })
	}
}

// once wants an id to stand once.
func (f *packFile) once(seen map[string]int, id string, at []string) {
	if line, twice := seen[id]; twice {
		f.rule(at, "error.pack.id_twice", Args{"id": id, "line": line})
		return
	}
	if f.has(at) {
		seen[id] = f.node(at).Line
	}
}

// checkStates wants states that differ, begin with nothing and end with
// something in place, so that a standing can be read from the order too.
func (f *packFile) checkStates(p *LeaderPack, text func(t Text, parts ...any)) {
	order := map[Standing]int{Absent: 1, Coming: 2, InPlace: 3}
	seen := make(map[string]int)
	before := 0
	for i, s := range p.States {
		f.once(seen, s.ID, way("states", i, "id"))
		text(s.Label, "states", i, "label")
		text(s.Plain, "states", i, "plain")
		now := order[s.Standing]
		if now != 0 && now < before {
			f.rule(way("states", i, "standing"), "error.leader.standing_order", Args{"state": excerpt(s.ID)})
		}
		before = max(before, now)
	}
	if last := len(p.States) - 1; last >= 0 && (p.States[0].Standing != Absent || p.States[last].Standing != InPlace) {
		f.rule(way("states"), "error.leader.standing_ends", nil)
	}
}

// checkNumber wants a mark within what can be meant, on an entry with a state.
func (f *packFile) checkNumber(e LeaderEntry, at func(parts ...any) []string) {
	n := e.Number
	if f.has(at("number", "mark")) && f.has(at("number", "low")) && f.has(at("number", "high")) &&
		(n.Low >= n.High || n.Mark < n.Low || n.Mark > n.High) {
		f.rule(at("number", "mark"), "error.leader.mark", Args{"entry": excerpt(e.ID), "mark": n.Mark, "low": n.Low, "high": n.High})
	}
	if e.InWords() {
		f.rule(at("number"), "error.leader.number_in_words", Args{"entry": excerpt(e.ID)})
	}
}

// checkFelt wants every entry to be felt in a scale, or to say why in none.
func (f *packFile) checkFelt(p *LeaderPack, e LeaderEntry, at func(parts ...any) []string) {
	switch {
	case e.Supports == FeltNowhere && e.Reason == "":
		f.rule(at("supports"), "error.leader.reason_missing", Args{"entry": excerpt(e.ID)})
	case e.Supports != FeltNowhere && e.Reason != "":
		f.rule(at("reason"), "error.leader.reason_beside", Args{"entry": excerpt(e.ID), "scale": excerpt(e.Supports)})
	case e.Reason != "":
		if _, ok := p.Reasons[e.Reason]; !ok {
			f.rule(at("reason"), "error.leader.reason", Args{"entry": excerpt(e.ID), "reason": excerpt(e.Reason)})
		}
	}
}
