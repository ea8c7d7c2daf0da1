package wave

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"attune/survey"
	"attune/survey/store"
)

// This test plays the administrator: everybody draws, then everybody answers
// in an order of its own, and after every single step somebody copies every
// file but those of the key folder, and all that the program wrote elsewhere.
// The matcher is given more than an administrator has: who drew in which step,
// everybody's personal link, and at the end each group's answer sheets in the
// order in which they came out of the box.
//
// Everything random in it has a fixed seed: it passes or fails, always.

// stepCopy is one draw or ballot: the files before and after it.
type stepCopy struct {
	person        int // within the group; the matcher is not told unless a link says so
	before, after snapshot
}

// evidence is what there is about one group in one wave.
type evidence struct {
	group   string
	people  []thing
	draws   []stepCopy
	casts   []stepCopy
	tickets []survey.TicketBallot // of people; never given to the matcher
	ballots [][]byte              // as they came out of the box
	ballot  []int                 // of people
}

// watched is a house whose every step is copied.
type watched struct {
	*house
	said  *bytes.Buffer // all that the store and the terminal were told
	chaos *rand.Rand
}

// watch builds teams of 8 to 12 people.
func watch(t *testing.T, seed byte) *watched {
	t.Helper()
	w := &watched{said: new(bytes.Buffer), chaos: rand.New(rand.NewChaCha8([32]byte{seed}))}
	dir := t.TempDir()
	h := process(t, dir, start, func(c *Config) {
		// The store that process opened has no log: this one writes into said.
		must(t, c.Store.Close())
		db, err := store.Open(context.Background(), store.Config{Dir: filepath.Join(dir, "data"), Now: c.Now, Log: w.said})
		must(t, err)
		c.Store, c.Rand = db, rand.NewChaCha8([32]byte{seed, 1})
	})
	h.db = h.Waves.cfg.Store
	h.releaser.opaque = true
	_, err := h.db.EnsureOrganisation(t.Context(), "Org")
	must(t, err)
	h.staff([]team{{"Team A", 8}, {"Team B", 9}, {"Team C", 10}, {"Team D", 11}, {"Team E", 12}})
	w.house = h
	return w
}

// copies reads every file of the data folder.
func (w *watched) copies() snapshot {
	w.t.Helper()
	files, err := os.ReadDir(filepath.Join(w.dir, "data"))
	must(w.t, err)
	s := snapshot{"log": bytes.Clone(w.said.Bytes())}
	for _, f := range files {
		raw, err := os.ReadFile(filepath.Join(w.dir, "data", f.Name()))
		must(w.t, err)
		s[f.Name()] = raw
	}
	return s
}

// wave leads one wave through its life and gives the evidence of each group.
func (w *watched) wave(n int) []*evidence {
	w.t.Helper()
	wave := w.announce(electronic(day + 22*day*time.Duration(n))) // the same people at least 21 days apart
	people, err := w.db.People(context.Background())
	must(w.t, err)
	phones := w.phones()
	type somebody struct {
		of    *evidence
		index int
		phone phone
	}
	var (
		all     []somebody
		byGroup = make(map[survey.UnitID]*evidence)
		groups  []*evidence
	)
	for row, p := range people {
		ev := byGroup[p.Unit]
		if ev == nil {
			ev = &evidence{group: string(p.Unit)}
			byGroup[p.Unit] = ev
			groups = append(groups, ev)
		}
		all = append(all, somebody{ev, len(ev.people), phones[p.Email]})
		ev.people = append(ev.people, thing{
			clues: map[string][]byte{"row": number(row), "id": []byte(p.ID), "name": []byte(p.Name), "email": []byte(p.Email), "link": []byte(phones[p.Email].token)},
			bytes: [][]byte{[]byte(p.ID), []byte(p.Name), []byte(p.Email), []byte(phones[p.Email].token)},
		})
	}
	for _, ev := range groups {
		ev.tickets = make([]survey.TicketBallot, len(ev.people))
		ev.ballot = make([]int, len(ev.people))
	}
	before := w.copies()
	step := func(to *[]stepCopy, person int) {
		after := w.copies()
		*to = append(*to, stepCopy{person, before, after})
		before = after
	}
	for _, i := range w.chaos.Perm(len(all)) {
		who := all[i]
		who.of.tickets[who.index] = w.ticket(who.phone, wave.ID)
		step(&who.of.draws, who.index)
	}
	w.opens(wave)
	before = w.copies()
	for _, i := range w.chaos.Perm(len(all)) {
		who := all[i]
		held := &who.of.tickets[who.index]
		held.Sheet = w.padded(w.answers(w.chaos.IntN(1 << 34))) // below 5¹⁵: hardly two alike
		_, err := w.CastTicket(context.Background(), *held)
		must(w.t, err)
		step(&who.of.casts, who.index)
	}
	w.clock.set(wave.Closes)
	w.tick()
	calls := w.releaser.calls()
	opened := calls[len(calls)-1].Ballots
	for _, ev := range groups {
		ev.ballots = opened[ev.group]
		for person, held := range ev.tickets {
			ev.ballot[person] = slices.IndexFunc(ev.ballots, func(sheet []byte) bool { return bytes.HasPrefix(held.Sheet, sheet) })
			if ev.ballot[person] < 0 {
				w.t.Fatalf("the ballot of person %d of group %s did not come out", person, ev.group)
			}
		}
	}
	return groups
}

// links gives the matcher everything that it may try to link.
func (ev *evidence) links(t tally) {
	things := func(steps []stepCopy) []thing {
		all := make([]thing, len(steps))
		for i, s := range steps {
			all[i] = stepThing(i, s.before, s.after)
		}
		return all
	}
	// known are steps of which it is known whose they are.
	known := func(steps []stepCopy, all []thing) []thing {
		with := make([]thing, len(all))
		for i, s := range steps {
			with[i] = thing{clues: make(map[string][]byte), bytes: slices.Concat(all[i].bytes, ev.people[s.person].bytes)}
			for _, from := range []thing{all[i], ev.people[s.person]} {
				for name, value := range from.clues {
					with[i].clues[name] = value
				}
			}
		}
		return with
	}
	truth := func(steps []stepCopy, of func(person int) int) []int {
		all := make([]int, len(steps))
		for i, s := range steps {
			all[i] = of(s.person)
		}
		return all
	}
	draws, casts := things(ev.draws), things(ev.casts)
	ballots := make([]thing, len(ev.ballots))
	for i, sheet := range ev.ballots {
		sum := 0
		for _, b := range sheet {
			sum += int(b)
		}
		ballots[i] = thing{clues: map[string][]byte{"place": number(i), "answers": sheet, "sum": number(sum)}, bytes: [][]byte{sheet}}
	}
	self := func(person int) int { return person }
	ballot := func(person int) int { return ev.ballot[person] }
	t.add("who drew", draws, ev.people, truth(ev.draws, self))
	t.add("who answered", casts, ev.people, truth(ev.casts, self))
	t.add("draw to ballot's step", known(ev.draws, draws), casts, truth(ev.draws, func(person int) int {
		return slices.IndexFunc(ev.casts, func(s stepCopy) bool { return s.person == person })
	}))
	t.add("step to answers", known(ev.casts, casts), ballots, truth(ev.casts, ballot))
	t.add("draw to answers", known(ev.draws, draws), ballots, truth(ev.draws, ballot))
}

// never is how unlikely chance must be before the test calls it a leak.
const never = 1e-6

func TestWhoCopiesEveryFileAfterEveryStepLinksNobodyToABallot(t *testing.T) {
	const waves, groups = 40, 5 // 200 repetitions
	w := watch(t, 1)
	found := make(tally)
	repetitions := 0
	for n := range waves {
		for _, ev := range w.wave(n) {
			ev.links(found)
			repetitions++
		}
	}
	if repetitions != waves*groups {
		t.Fatalf("%d repetitions", repetitions)
	}
	how, p := found.best()
	t.Logf("%d ways of guessing, the best is %q: %v, p ≤ %.2g for the best of all", len(found), how, found[how], p)
	if p < never {
		t.Errorf("a leak: %q is right %v; chance does so with p ≤ %.2g", how, found[how], p)
	}
	if w.said.Len() > 0 {
		t.Errorf("the program said %q", w.said)
	}
}

// leaks are the mistakes that the design is there to prevent, made on the
// copies: each lets the matcher link everybody, or the matcher is blind.
func TestTheSameMatcherFindsPlantedLeaks(t *testing.T) {
	for _, leak := range []struct {
		name, link string
		plant      func(w *watched, ev *evidence)
	}{
		{"boxes that are neither sealed nor shuffled", "step to answers", plainBoxes},
		{"slots that keep the order of arrival", "step to answers", func(_ *watched, ev *evidence) {
			ev.reorder(func(person int) int {
				return slices.IndexFunc(ev.casts, func(s stepCopy) bool { return s.person == person })
			})
		}},
		{"slots in the order of the roster", "draw to answers", func(_ *watched, ev *evidence) {
			ev.reorder(func(person int) int { return person })
		}},
		{"issuance rows in the clear", "who drew", func(_ *watched, ev *evidence) {
			plant(ev.draws, "people.db", func(person int, file []byte) []byte {
				file[len(file)-1000+person*recordBytes] = drawn
				return file
			})
		}},
		{"issuance rows that carry the order", "who drew", func(_ *watched, ev *evidence) {
			plant(ev.draws, "people.db", func(person int, file []byte) []byte {
				return append(file, ev.people[person].clues["id"]...)
			})
		}},
		{"a log line with token and nullifier", "draw to ballot's step", func(_ *watched, ev *evidence) {
			plant(ev.draws, "log", func(person int, file []byte) []byte {
				return fmt.Appendf(file, "drew %s %x\n", ev.people[person].clues["link"], ev.tickets[person].Input)
			})
			plant(ev.casts, "log", func(person int, file []byte) []byte {
				return fmt.Appendf(file, "cast %x\n", ev.tickets[person].Input)
			})
		}},
		{"ballots whose length tells the person", "who answered", func(_ *watched, ev *evidence) {
			plant(ev.casts, "ballots.db", func(person int, file []byte) []byte {
				return append(file, make([]byte, 100+person)...)
			})
		}},
		{"a free page with the old row", "draw to ballot's step", func(_ *watched, ev *evidence) {
			plant(ev.draws, "people.db", func(person int, file []byte) []byte {
				return append(append(file, make([]byte, 64)...), ev.tickets[person].Output...)
			})
			plant(ev.casts, "ballots.db-journal", func(person int, _ []byte) []byte {
				return append(make([]byte, 512), ev.tickets[person].Output...)
			})
		}},
	} {
		t.Run(leak.name, func(t *testing.T) {
			w := watch(t, 2)
			found := make(tally)
			for _, ev := range w.wave(0) {
				leak.plant(w, ev)
				ev.links(found)
			}
			how, p := found.of(leak.link).best()
			t.Logf("%q: %v, p ≤ %.2g", how, found[how], p)
			if p >= never || found[how].hits < found[how].chances {
				t.Errorf("not found: the best is %q, %v, p ≤ %.2g", how, found[how], p)
			}
		})
	}
}

// plant changes a file in the copies of some steps: what one step leaves
// behind is there before the next.
func plant(steps []stepCopy, file string, write func(person int, file []byte) []byte) {
	for i := range steps {
		before, after := clone(steps[i].before), clone(steps[i].after)
		for j := range i { // what the steps before left
			before[file] = write(steps[j].person, before[file])
			after[file] = write(steps[j].person, after[file])
		}
		after[file] = write(steps[i].person, after[file])
		steps[i].before, steps[i].after = before, after
	}
}

func clone(s snapshot) snapshot {
	all := make(snapshot, len(s))
	for name, raw := range s {
		all[name] = bytes.Clone(raw)
	}
	return all
}

// reorder makes the ballots come out in another order.
func (ev *evidence) reorder(place func(person int) int) {
	ballots := make([][]byte, len(ev.ballots))
	for person, from := range ev.ballot {
		ballots[place(person)] = ev.ballots[from]
	}
	ev.ballots = ballots
	for person := range ev.ballot {
		ev.ballot[person] = place(person)
	}
}

// plainBoxes puts slots in the clear, in the order of arrival, where the
// sealed box lies in the copies.
func plainBoxes(_ *watched, ev *evidence) {
	where := changes(ev.casts[0].before["ballots.db"], ev.casts[0].after["ballots.db"])
	at := where[len(where)-1][0]
	for i := range ev.casts {
		before, after := clone(ev.casts[i].before), clone(ev.casts[i].after)
		slots := []byte(nil)
		for _, s := range ev.casts[:i+1] {
			held := ev.tickets[s.person]
			copy(before["ballots.db"][at:], slots)
			slots = append(append(append(slots, held.Input...), 1), held.Sheet...)
		}
		copy(after["ballots.db"][at:], slots)
		ev.casts[i].before, ev.casts[i].after = before, after
	}
}
