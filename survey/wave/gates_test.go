package wave

import (
	"strings"
	"testing"
	"time"

	"attune/survey"
)

// wantNothingStored checks that a refusal has left no trace.
func (h *house) wantNothingStored(waves, entries int) {
	h.t.Helper()
	for _, c := range []struct {
		file, table string
		want        int
	}{
		{"people.db", "waves", waves},
		{"releases.db", "log_entries", entries},
		{"ballots.db", "box_states", entries}, // one a manifest here
		{"people.db", "rosters", entries},
	} {
		if n := h.rows(c.file, "SELECT count(*) FROM "+c.table); n != c.want {
			h.t.Errorf("%s has %d rows, want %d", c.table, n, c.want)
		}
	}
}

func TestAPlanThatBreaksARuleIsRefusedAndNotStored(t *testing.T) {
	h := newHouse(t, twoTeams())
	leaders := ""
	for _, p := range h.Waves.cfg.Library.All() {
		if p.Audience == survey.Leaders {
			leaders = p.ID
		}
	}
	cases := map[string]struct {
		key    string
		change func(*Request)
	}{
		"no pack":               {"error.wave.no_pack", func(r *Request) { r.Packs = nil }},
		"unknown pack":          {"error.library.pack", func(r *Request) { r.Packs = []string{"nothing"} }},
		"one pack twice":        {"error.wave.item_twice", func(r *Request) { r.Packs = []string{"pulse", "pulse"} }},
		"unknown unit":          {"error.unit.missing", func(r *Request) { r.Unit = "nowhere" }},
		"unknown paper unit":    {"error.unit.missing", func(r *Request) { r.Paper = []survey.UnitID{"nowhere"} }},
		"k below the floor":     {"error.wave.k_floor", func(r *Request) { r.K = survey.MinK - 1 }},
		"negative k":            {"error.wave.k_floor", func(r *Request) { r.K = -1 }},
		"closes as it opens":    {"error.wave.closes_before_opens", func(r *Request) { r.Closes = r.Opens }},
		"closes before":         {"error.wave.closes_before_opens", func(r *Request) { r.Closes = r.Opens.Add(-time.Hour) }},
		"open too long":         {"error.wave.too_long", func(r *Request) { r.Closes = r.Opens.Add(maxWave + time.Second) }},
		"no owner":              {"error.wave.owner", func(r *Request) { r.Owner = "  " }},
		"owner too long":        {"error.wave.owner", func(r *Request) { r.Owner = strings.Repeat("é", maxOwner+1) }},
		"no contact":            {"error.wave.contact", func(r *Request) { r.Contact = "" }},
		"contact too long":      {"error.wave.contact", func(r *Request) { r.Contact = strings.Repeat("é", maxContact+1) }},
		"no results date":       {"error.wave.results_on", func(r *Request) { r.ResultsOn = "" }},
		"results on no day":     {"error.wave.results_on", func(r *Request) { r.ResultsOn = "2026-02-30" }},
		"results before close":  {"error.wave.results_before_close", func(r *Request) { r.ResultsOn = "2026-11-09" }}, // closes on 10 November
		"programme as no name":  {"error.wave.programme", func(r *Request) { r.Programme = "Über uns" }},
		"programme too long":    {"error.wave.programme", func(r *Request) { r.Programme = strings.Repeat("a", 41) }},
		"programme with a path": {"error.wave.programme", func(r *Request) { r.Programme = "../x" }},
	}
	if leaders != "" {
		cases["leaders' pack"] = struct {
			key    string
			change func(*Request)
		}{"error.wave.leader_pack", func(r *Request) { r.Packs = []string{leaders} }}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := request(day)
			c.change(&r)
			_, err := h.Plan(t.Context(), r)
			wantKey(t, err, c.key)
		})
	}
	h.wantNothingStored(0, 0)

	r := request(day) // at the limits
	r.Owner, r.Contact, r.ResultsOn = strings.Repeat("é", maxOwner), strings.Repeat("é", maxContact), "2026-11-10"
	r.Closes = r.Opens.Add(7 * day)
	h.plan(r)
	h.wantNothingStored(1, 0)
}

func TestWavesOfOneMonthAreNumbered(t *testing.T) {
	h := newHouse(t, twoTeams())
	for _, want := range []survey.WaveID{"2026-11", "2026-11-2", "2026-11-3"} {
		if w := h.plan(request(day)); w.ID != want {
			t.Fatalf("wave %s, want %s", w.ID, want)
		}
	}
}

func TestAnAnnouncementThatBreaksARuleIsRefusedAndNothingIsStored(t *testing.T) {
	withFirst := func(t *testing.T) *house { // a first wave, k = 6, opening a day after start
		h := newHouse(t, []team{{"North", 7}, {"South / Day", 6}, {"South / Night", 6}})
		r := request(day)
		r.K = 6
		w := h.plan(r)
		_, err := h.Announce(t.Context(), w.ID)
		must(t, err)
		return h
	}
	for name, c := range map[string]struct {
		key    string
		change func(*house, *Request)
	}{
		"20 days, 23 hours and 59 minutes after": {"error.wave.too_soon", func(_ *house, r *Request) {
			*r = request(22*day - time.Minute)
			r.K = 6
		}},
		"20 days before": {"error.wave.too_soon", func(_ *house, r *Request) {
			r.Opens = start.Add(-19 * day)
		}},
		"in another programme":    {"error.wave.too_soon", func(_ *house, r *Request) { r.Programme = "other" }},
		"a part of the same":      {"error.wave.too_soon", func(h *house, r *Request) { r.Unit = h.units["South"] }},
		"k falls":                 {"error.wave.k_fell", func(_ *house, r *Request) { *r = request(40 * day) }}, // k = 5
		"the close has passed":    {"error.wave.close_passed", func(_ *house, r *Request) { r.Opens, r.Closes = start.Add(-8*day), start }},
		"nobody in the unit":      {"error.wave.too_few_people", func(h *house, r *Request) { *r = request(40 * day); r.K = 7; r.Unit = h.units["South / Day"] }},
		"fewer people than its k": {"error.wave.too_few_people", func(_ *house, r *Request) { *r = request(40 * day); r.K = 20 }}, // 19 people
	} {
		t.Run(name, func(t *testing.T) {
			h := withFirst(t)
			r := request(day)
			r.K = 6
			c.change(h, &r)
			w := h.plan(r)
			_, err := h.Announce(t.Context(), w.ID)
			wantKey(t, err, c.key)
			h.wantState(w.ID, survey.Planned)
			h.wantNothingStored(2, 1)
			h.wantGone(w.ID) // no keys, no boxes
		})
	}
	t.Run("exactly 21 days after, k rises", func(t *testing.T) {
		h := withFirst(t)
		r := request(22 * day)
		r.K = 7
		_, err := h.Announce(t.Context(), h.plan(r).ID)
		must(t, err)
	})
	t.Run("announced twice", func(t *testing.T) {
		h := withFirst(t)
		_, err := h.Announce(t.Context(), "2026-11")
		wantKey(t, err, "error.wave.announced_before")
		h.wantNothingStored(1, 1)
	})
	t.Run("a void wave does not count", func(t *testing.T) {
		h := withFirst(t)
		must(t, h.Void(t.Context(), "2026-11", "wrong dates"))
		_, err := h.Announce(t.Context(), h.plan(request(day)).ID) // k = 5, the same day
		must(t, err)
		_, err = h.Announce(t.Context(), "2026-11")
		wantKey(t, err, "error.wave.announced_before")
	})
	t.Run("other people", func(t *testing.T) {
		h := newHouse(t, []team{{"North", 7}, {"South", 6}})
		for _, unit := range []string{"North", "South"} {
			r := request(day)
			r.Unit = h.units[unit]
			_, err := h.Announce(t.Context(), h.plan(r).ID)
			must(t, err)
		}
	})
	t.Run("the unit was dissolved after the plan", func(t *testing.T) {
		h := newHouse(t, twoTeams())
		r := request(day)
		r.Unit = h.units["South"]
		w := h.plan(r)
		h.staff([]team{{"North", 7}})
		_, err := h.Announce(t.Context(), w.ID)
		wantKey(t, err, "error.wave.too_few_people")
		h.wantNothingStored(1, 0)
	})
}

func TestThePromiseStandsAlthoughTheOrganisationChanges(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.announced()
	h.staff([]team{{"West", 9}})
	h.clock.set(w.Opens)
	h.tick()
	codes := h.codes(w.ID)
	if len(codes["North"]) != 7 || len(codes["South"]) != 6 || len(codes) != 2 {
		t.Fatalf("codes %v", codes)
	}
	receipt, err := h.CastPaper(t.Context(), codes["South"][0], h.answers(1))
	must(t, err)
	if receipt.Headcount != 6 {
		t.Fatalf("receipt %+v", receipt)
	}
	h.clock.set(w.Closes)
	h.tick()
	if got := h.releaser.calls()[0]; len(got.Groups) != 2 || got.Headcount[h.units["North"]] != 7 {
		t.Fatalf("released for %+v", got.Groups)
	}
}
