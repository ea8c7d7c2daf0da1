package wave

import (
	"slices"
	"sort"
	"testing"
	"time"

	"attune/survey"
)

// released plans and announces a wave and leads it to its release.
func (h *house) released(r Request) survey.ClosedWave {
	h.t.Helper()
	w := h.plan(r)
	_, err := h.Announce(h.t.Context(), w.ID)
	must(h.t, err)
	h.clock.set(w.Closes)
	h.tick()
	calls := h.releaser.calls()
	return calls[len(calls)-1]
}

func TestChangesCountWhoJoinedAndLeftButNotWhoMovedInside(t *testing.T) {
	h := newHouse(t, []team{{"North / A", 6}, {"North / B", 6}, {"South", 6}})
	first := h.released(request(day))
	if n, known := first.Changed([]survey.UnitID{h.units["South"]}); known || n != 0 {
		t.Fatalf("%d %t at the first wave", n, known)
	}
	h.staff([]team{
		{"North / A", 3},             // 0, 1 and 2 stay, 5 has left
		{"North / A#3=North / B", 1}, // 3 moved inside North
		{"North / A#4=South", 1},     // 4 moved to South
		{"North / B", 6},
		{"late=North / B", 1},
		{"South", 6},
		{"new=South", 2},
	})
	second := h.released(request(30 * day))
	for _, c := range []struct {
		teams []string
		want  int
	}{
		{[]string{"North / A"}, 3},                       // 3, 4 and 5 have left it
		{[]string{"North / B"}, 2},                       // 3 and "late" have joined
		{[]string{"North / A", "North / B"}, 3},          // 4 and 5 left, "late" joined
		{[]string{"South"}, 3},                           // two are new, 4 came
		{[]string{"North / A", "South"}, 4},              // 3 and 5 left, two are new
		{[]string{"North / A", "North / B", "South"}, 4}, // 5 left, "late" and two are new
		{nil, 0},
	} {
		var teams []survey.UnitID
		for _, path := range c.teams {
			teams = append(teams, h.units[path])
		}
		if n, known := second.Changed(teams); !known || n != c.want {
			t.Errorf("%v: %d changed, known %t, want %d", c.teams, n, known, c.want)
		}
	}
}

func TestTheRosterThatAReleaseComparesWithIsKeptUntilThen(t *testing.T) {
	h := newHouse(t, twoTeams())
	h.released(request(day)) // the baseline of the long wave
	long, short := request(30*day), request(35*day)
	long.Closes, long.ResultsOn = long.Opens.Add(60*day), "2027-03-01"
	short.Unit, long.Unit = h.units["South"], h.units["North"] // other people, one programme
	_, err := h.Announce(t.Context(), h.plan(long).ID)
	must(t, err)
	h.released(short)
	next := request(60 * day) // announced while the long wave is open, after the short one was released
	next.Unit = h.units["South"]
	_, err = h.Announce(t.Context(), h.plan(next).ID)
	must(t, err)
	h.clock.set(long.Closes)
	h.tick()
	for _, w := range h.releaser.calls() {
		everybody := []survey.UnitID{h.units["North"], h.units["South"]}
		n, known := w.Changed(everybody[:1]) // North: nobody joins or leaves, but a wave of South alone has none of it
		if w.Manifest.Wave == "2026-12" && (n != 0 || !known) {
			t.Errorf("wave %s: %d changed, known %t; want 0 against the wave before", w.Manifest.Wave, n, known)
		}
	}
}

func TestALostRosterMakesFiguresCoarserNotFiner(t *testing.T) {
	h := newHouse(t, twoTeams())
	h.released(request(day))
	w := h.plan(request(30 * day))
	_, err := h.Announce(t.Context(), w.ID)
	must(t, err)
	h.exec("people.db", "DELETE FROM roster_people WHERE wave = '2026-11'")
	h.exec("people.db", "DELETE FROM rosters WHERE wave = '2026-11'")
	h.clock.set(w.Closes)
	h.tick()
	calls := h.releaser.calls()
	if n, known := calls[1].Changed([]survey.UnitID{h.units["North"]}); !known || n != 1 {
		t.Fatalf("%d %t, want 1 of unknown people counted as changed", n, known)
	}
}

func TestOnlyRostersThatAWaveStillNeedsAreKept(t *testing.T) {
	h := newHouse(t, twoTeams())
	for i := range 3 {
		h.released(request(day + time.Duration(i)*30*day))
	}
	_, err := h.Announce(t.Context(), h.plan(request(91*day)).ID)
	must(t, err)
	kept := []string{}
	rows, err := h.raw("people.db").Query("SELECT wave FROM rosters")
	must(t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		must(t, rows.Scan(&id))
		kept = append(kept, id)
	}
	must(t, rows.Err())
	sort.Strings(kept)
	if want := []string{"2027-01", "2027-02"}; !slices.Equal(kept, want) { // the third and the fourth: 61 and 91 days after 2 November
		t.Fatalf("rosters of %v are kept, want %v", kept, want)
	}
}
