package wave

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"runtime"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"attune/survey"
	"attune/survey/ballot"
)

func TestABallotIsOnTheDiskWhenItIsReceived(t *testing.T) {
	for _, every := range []time.Duration{0, 50 * time.Millisecond} {
		t.Run(every.String(), func(t *testing.T) {
			h := newHouse(t, twoTeams(), flush(every))
			w := h.opened()
			var want []string
			for i, code := range h.codes(w.ID)["North"][:3] {
				want = append(want, h.castPaper(code, h.answers(i)))
				copied := copyFolder(t, h.dir) // the power fails now
				again := process(t, copied, w.Closes)
				again.tick()
				sort.Strings(want)
				again.wantReleased(w.ID, want)
			}
			must(t, h.WithdrawPaper(t.Context(), h.codes(w.ID)["North"][0]))
			again := process(t, copyFolder(t, h.dir), w.Closes)
			again.tick()
			again.wantReleased(w.ID, want[1:]) // answers(0) sort first
		})
	}
}

func TestHundredsOfBallotsAtOnceAllComeOut(t *testing.T) {
	for _, every := range []time.Duration{0, 20 * time.Millisecond} {
		t.Run(every.String(), func(t *testing.T) {
			h := newHouse(t, []team{{"North", 200}, {"South", 150}}, flush(every))
			w := h.opened()
			h.wantReleased(w.ID, h.castAll(w))
		})
	}
}

// castAll casts with every code of a wave at once, and releases it.
func (h *house) castAll(w survey.Wave) []string {
	h.t.Helper()
	var (
		mu   sync.Mutex
		want []string
		wait sync.WaitGroup
		n    int
	)
	for path, codes := range h.codes(w.ID) {
		for _, code := range codes {
			n++
			answers := h.answers(n)
			expected := string(h.units[path]) + ":" + h.encoded(answers)
			wait.Go(func() {
				if _, err := h.CastPaper(context.Background(), code, answers); err != nil {
					h.t.Error(err)
					return
				}
				mu.Lock()
				want = append(want, expected)
				mu.Unlock()
			})
		}
	}
	wait.Wait()
	h.clock.set(w.Closes)
	h.tick()
	sort.Strings(want)
	return want
}

func TestAGroupOfSixHundredHasSeveralBoxesAndRoomForEverybody(t *testing.T) {
	h := newHouse(t, []team{{"Hospital", 600}, {"North", 5}}, flush(20*time.Millisecond))
	w := h.opened()
	boxes, _ := ballot.Layout(600)
	if n := h.rows("ballots.db", "SELECT count(*) FROM boxes WHERE group_id = ?", string(h.units["Hospital"])); n != boxes || n < 2 {
		t.Fatalf("%d boxes, want %d", n, boxes)
	}
	want := h.castAll(w)
	if len(want) != 605 {
		t.Fatalf("%d ballots", len(want))
	}
	h.wantReleased(w.ID, want)
}

func TestAllBoxesOfAGroupAreWrittenAtEveryFlush(t *testing.T) {
	h := newHouse(t, []team{{"Hospital", 600}, {"North", 5}})
	w := h.opened()
	before := h.sealed(w.ID)
	h.castPaper(h.codes(w.ID)["Hospital"][0], h.answers(1))
	after := h.sealed(w.ID)
	for id, sealed := range after {
		if len(sealed) != len(before[id]) {
			t.Errorf("box %s had %d bytes and has %d", id, len(before[id]), len(sealed))
		}
		if touched := sealed != before[id]; touched != strings.HasPrefix(id, string(h.units["Hospital"])) {
			t.Errorf("box %s: rewritten %t", id, touched)
		}
	}
}

// sealed reads the boxes of a wave as they lie on the disk.
func (h *house) sealed(id survey.WaveID) map[string]string {
	h.t.Helper()
	rows, err := h.raw("ballots.db").Query("SELECT id, sealed FROM boxes WHERE wave = ?", string(id))
	must(h.t, err)
	defer func() { _ = rows.Close() }()
	boxes := make(map[string]string)
	for rows.Next() {
		var box, sealed string
		must(h.t, rows.Scan(&box, &sealed))
		boxes[box] = sealed
	}
	must(h.t, rows.Err())
	return boxes
}

// stuff fills a group's boxes behind the program's back, up to so many ballots
// in all: there are exactly as many paper codes as people, so that codes alone
// cannot overfill a group.
func (h *house) stuff(w survey.Wave, group string, people, until int) {
	h.t.Helper()
	key, err := h.readKeys(w.ID)
	must(h.t, err)
	slot := survey.Slot(h.sheet().Bytes())
	boxes, _ := ballot.Layout(people)
	open := make([]*ballot.Box, boxes)
	for id, sealed := range h.sealed(w.ID) {
		for i := range boxes {
			if id == boxID(group, i) {
				open[i], err = ballot.Unseal(key.Box, string(w.ID), id, slot, []byte(sealed))
				must(h.t, err)
			}
		}
	}
	for i := 0; ballot.Count(open) < until; i++ {
		nullifier := sha256.Sum256([]byte{byte(i), byte(i >> 8)})
		_, err := open[ballot.Place(nullifier, boxes)].Cast(nullifier, make([]byte, h.sheet().Bytes()))
		must(h.t, err)
	}
	for i, box := range open {
		sealed, err := ballot.Seal(rand.Reader, key.Box, string(w.ID), boxID(group, i), box)
		must(h.t, err)
		h.exec("ballots.db", "UPDATE boxes SET sealed = ? WHERE wave = ? AND id = ?", sealed, string(w.ID), boxID(group, i))
	}
}

func TestAFullGroupRefusesNewBallotsOnly(t *testing.T) {
	h := newHouse(t, []team{{"Hospital", 600}, {"North", 5}})
	w := h.opened()
	for path, people := range map[string]int{"North": 5, "Hospital": 600} { // one box without, several with slack
		codes := h.codes(w.ID)[path]
		h.castPaper(codes[0], h.answers(1))
		h.stuff(w, string(h.units[path]), people, people)
		_, err := h.CastPaper(t.Context(), codes[1], h.answers(2))
		wantKey(t, err, "paper.full")
		must(t, h.WithdrawPaper(t.Context(), codes[1])) // was never in
		receipt, err := h.CastPaper(t.Context(), codes[0], h.answers(3))
		must(t, err)
		if !receipt.Replaced {
			t.Fatal("want the ballot replaced")
		}
		must(t, h.WithdrawPaper(t.Context(), codes[0]))
		h.castPaper(codes[1], h.answers(2)) // now there is room
		_, err = h.CastPaper(t.Context(), codes[0], h.answers(1))
		wantKey(t, err, "paper.full")
	}
}

func TestABallotThatWaitsAcrossTheCloseIsRefused(t *testing.T) {
	h := newHouse(t, twoTeams(), flush(MaxFlush))
	w := h.opened()
	code := h.codes(w.ID)["North"][0]
	result := make(chan error, 1)
	go func() { _, err := h.CastPaper(t.Context(), code, h.answers(1)); result <- err }()
	time.Sleep(50 * time.Millisecond) // it waits for its tick
	h.clock.set(w.Closes)
	err := <-result
	wantKey(t, err, "paper.closed")
	h.tick()
	h.wantReleased(w.ID, []string{})
}

func TestARespondentWhoGoesAwayDoesNotKeepTheOthersWaiting(t *testing.T) {
	h := newHouse(t, twoTeams(), flush(MaxFlush))
	w := h.opened()
	codes := h.codes(w.ID)["North"]
	h.castPaper(codes[0], h.answers(0)) // just after a tick
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { _, err := h.CastPaper(ctx, codes[1], h.answers(1)); result <- err }()
	time.Sleep(50 * time.Millisecond)
	cancel()
	select {
	case err := <-result:
		if err == nil {
			t.Fatal("received before the tick")
		}
	case <-time.After(MaxFlush / 2):
		t.Fatal("still waiting after it was cancelled")
	}
	h.castPaper(codes[2], h.answers(2))
	if receipt, err := h.CastPaper(t.Context(), codes[1], h.answers(1)); err != nil || !receipt.Replaced {
		t.Fatalf("%+v %v: want that sending again is safe", receipt, err)
	}
}

func TestClosingCommitsWhatWaitsAndLeavesNobodyHanging(t *testing.T) {
	h := newHouse(t, []team{{"North", 100}}, flush(20*time.Millisecond))
	w := h.opened()
	before := runtime.NumGoroutine()
	codes := h.codes(w.ID)["North"]
	var (
		mu       sync.Mutex
		received []string
		wait     sync.WaitGroup
	)
	for i, code := range codes {
		expected := string(h.units["North"]) + ":" + h.encoded(h.answers(i))
		wait.Go(func() {
			time.Sleep(time.Duration(i) * 300 * time.Microsecond) // some before Close, some in it, some after
			_, err := h.CastPaper(context.Background(), code, h.answers(i))
			if err != nil {
				if !survey.IsKey(err, "paper.not_stored") {
					t.Error(err)
				}
				return
			}
			mu.Lock()
			received = append(received, expected)
			mu.Unlock()
		})
	}
	time.Sleep(15 * time.Millisecond)
	h.Waves.Close()
	h.Waves.Close() // again is no error
	finished := make(chan struct{})
	go func() { wait.Wait(); close(finished) }()
	select {
	case <-finished:
	case <-time.After(10 * time.Second):
		t.Fatal("a respondent is still waiting after Close")
	}
	if len(received) == 0 || len(received) == len(codes) {
		t.Logf("%d of %d were received: this run did not meet the close", len(received), len(codes))
	}
	for range 100 { // what has ended may take a moment to be gone
		if runtime.NumGoroutine() <= before {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines before, %d after", before, n)
	}
	_, err := h.CastPaper(t.Context(), codes[0], h.answers(1))
	wantKey(t, err, "paper.not_stored")

	again := process(t, copyFolder(t, h.dir), w.Closes)
	again.tick()
	sort.Strings(received)
	again.wantReleased(w.ID, received)
}

func TestTheGroupCommitHasBounds(t *testing.T) {
	for _, every := range []time.Duration{-1, MaxFlush + 1} {
		if _, err := New(Config{Keys: t.TempDir(), Flush: every}); err == nil {
			t.Errorf("%s was taken", every)
		}
	}
}

// BenchmarkCast measures ballots per second with 128 respondents at once in an
// organisation of 64 teams of 16, committed as they come.
func BenchmarkCast(b *testing.B) {
	teams := make([]team, 64)
	for i := range teams {
		teams[i] = team{"Unit " + string(rune('A'+i/8)) + " / Team " + string(rune('a'+i%8)), 16}
	}
	h := newHouse(b, teams)
	w := h.opened()
	var codes []string
	for _, some := range h.codes(w.ID) {
		codes = append(codes, some...)
	}
	answers := h.answers(12345)
	b.SetBytes(int64(survey.Slot(h.sheet().Bytes())))
	b.SetParallelism(128 / runtime.GOMAXPROCS(0))
	b.ReportAllocs()
	var next sync.Mutex
	i := 0
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			next.Lock()
			code := codes[i%len(codes)]
			i++
			next.Unlock()
			if _, err := h.CastPaper(context.Background(), code, answers); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ballots/s")
}
