package wave

import (
	"bytes"
	"context"
	"encoding/hex"
	"sort"
	"strings"
	"testing"
	"time"

	"attune/survey"
	"attune/survey/ballot"
	"attune/survey/ticket"
)

func TestABallotIsEditedWithdrawnAndCastAgainWithOneTicket(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.announce(electronic(day))
	h.opens(w)
	phones := h.phones()
	edited, taken, again := h.ticket(phones["north.0@example.org"], w.ID), h.ticket(phones["north.1@example.org"], w.ID), h.ticket(phones["south.0@example.org"], w.ID)
	must(t, h.WithdrawTicket(t.Context(), taken)) // was never in
	for _, held := range []survey.TicketBallot{edited, taken, again} {
		h.castTicket(held, h.answers(1))
	}
	edited.Sheet = h.padded(h.answers(2))
	receipt, err := h.CastTicket(t.Context(), edited)
	must(t, err)
	if !receipt.Replaced || receipt.Headcount != 7 || len(receipt.Teams) != 1 || receipt.Teams[0] != "North" || receipt.Wave != w.ID {
		t.Fatalf("receipt %+v", receipt)
	}
	must(t, h.WithdrawTicket(t.Context(), taken))
	must(t, h.WithdrawTicket(t.Context(), taken))
	must(t, h.WithdrawTicket(t.Context(), again))
	again.Sheet = h.padded(h.answers(3))
	if receipt, err = h.CastTicket(t.Context(), again); err != nil || receipt.Replaced {
		t.Fatalf("%+v %v", receipt, err)
	}
	h.wantOut(w, edited.Group+":"+h.encoded(h.answers(2)), again.Group+":"+h.encoded(h.answers(3)))
}

func TestATicketIsGoodForItsOwnGroupAndWaveOnly(t *testing.T) {
	h := newHouse(t, []team{{"North", 7}, {"South", 6}, {"Ward", 5}})
	r := electronic(day)
	r.Paper = []survey.UnitID{h.units["Ward"]}
	first := h.announce(r)
	phones := h.phones()
	old := h.ticket(phones["north.0@example.org"], first.ID)
	h.opens(first)
	h.castTicket(old, h.answers(1))
	h.clock.set(first.Closes)
	h.tick()
	r = electronic(30 * day)
	r.Paper = []survey.UnitID{h.units["Ward"]}
	w := h.announce(r)
	h.opens(w)
	held := h.ticket(phones["north.0@example.org"], w.ID)
	sheet := h.padded(h.answers(2))
	with := func(change func(*survey.TicketBallot)) survey.TicketBallot {
		b := held
		b.Sheet, b.Input, b.Output = sheet, bytes.Clone(held.Input), bytes.Clone(held.Output)
		change(&b)
		return b
	}
	for name, try := range map[string]struct {
		ballot survey.TicketBallot
		key    string
	}{
		"another group":        {with(func(b *survey.TicketBallot) { b.Group = string(h.units["South"]) }), "ticket.invalid"},
		"a group on paper":     {with(func(b *survey.TicketBallot) { b.Group = string(h.units["Ward"]) }), "ticket.invalid"},
		"no group":             {with(func(b *survey.TicketBallot) { b.Group = "" }), "ticket.invalid"},
		"the last wave's":      {with(func(b *survey.TicketBallot) { b.Input, b.Output = old.Input, old.Output }), "ticket.invalid"},
		"in the last wave":     {with(func(b *survey.TicketBallot) { b.Wave = first.ID }), "ticket.closed"},
		"the old one there":    {with(func(b *survey.TicketBallot) { *b = old; b.Sheet = sheet }), "ticket.closed"},
		"in no wave":           {with(func(b *survey.TicketBallot) { b.Wave = "2031-01" }), "ticket.wave"},
		"another input":        {with(func(b *survey.TicketBallot) { b.Input[0] ^= 1 }), "ticket.invalid"},
		"another output":       {with(func(b *survey.TicketBallot) { b.Output[63] ^= 1 }), "ticket.invalid"},
		"a short input":        {with(func(b *survey.TicketBallot) { b.Input = b.Input[:31] }), "ticket.invalid"},
		"no ticket":            {with(func(b *survey.TicketBallot) { b.Input, b.Output = nil, nil }), "ticket.invalid"},
		"a megabyte of ticket": {with(func(b *survey.TicketBallot) { b.Output = make([]byte, 1<<20) }), "ticket.invalid"},
	} {
		before := fingerprint(t, h.dir)
		_, err := h.CastTicket(t.Context(), try.ballot)
		if !survey.IsKey(err, try.key) {
			t.Errorf("%s was answered %v, want %s", name, err, try.key)
		}
		if err := h.WithdrawTicket(t.Context(), try.ballot); !survey.IsKey(err, try.key) {
			t.Errorf("%s, withdrawn, was answered %v, want %s", name, err, try.key)
		}
		if fingerprint(t, h.dir) != before {
			t.Errorf("%s changed a file", name)
		}
	}
	h.wantOut(w, h.castTicket(held, h.answers(4)))
	_, err := h.CastTicket(t.Context(), with(func(*survey.TicketBallot) {}))
	wantKey(t, err, "ticket.closed")
}

func TestASheetOfAnotherSizeOrWithSomethingInItsPaddingIsRefused(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.announce(electronic(day))
	h.opens(w)
	held := h.ticket(h.phones()["north.0@example.org"], w.ID)
	good := h.padded(h.answers(1))
	dirty, unknown := bytes.Clone(good), bytes.Clone(good)
	dirty[len(dirty)-1] = 1
	unknown[0] = 200 // no item has so many options
	for name, sheet := range map[string][]byte{
		"nothing": {}, "unpadded": good[:h.sheet().Bytes()], "a byte short": good[:len(good)-1], "a byte long": append(bytes.Clone(good), 0),
		"a megabyte": make([]byte, 1<<20), "something in the padding": dirty, "an answer that nobody offers": unknown,
	} {
		before := fingerprint(t, h.dir)
		held.Sheet = sheet
		_, err := h.CastTicket(t.Context(), held)
		if !survey.IsCode(err, survey.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
		if fingerprint(t, h.dir) != before {
			t.Errorf("%s changed a file", name)
		}
	}
	h.wantOut(w, h.castTicket(held, h.answers(1)))
}

func TestTheEndOfAWaveIsToldInTheWordsOfTickets(t *testing.T) {
	a := newHouse(t, []team{{"North", 5}, {"South", 6}})
	w := a.announce(electronic(day))
	b := process(t, a.dir, start, flush(MaxFlush))
	b.units = a.units
	a.opens(w)
	b.clock.set(w.Opens)
	phones := a.phones()
	held, other := a.ticket(phones["north.0@example.org"], w.ID), a.ticket(phones["north.1@example.org"], w.ID)
	a.stuff(w, held.Group, 5, 5)
	held.Sheet, other.Sheet = a.padded(a.answers(1)), a.padded(a.answers(1))
	_, err := a.CastTicket(t.Context(), held)
	wantKey(t, err, "ticket.full")

	waiting := func(end func()) error {
		result := make(chan error, 1)
		go func() { _, err := b.CastTicket(context.Background(), other); result <- err }()
		time.Sleep(50 * time.Millisecond) // it waits for its tick
		end()
		return <-result
	}
	wantKey(t, waiting(func() { b.clock.set(w.Closes) }), "ticket.closed")
	b.clock.set(w.Opens)
	wantKey(t, waiting(func() { must(t, a.Void(t.Context(), w.ID, "wrong dates")) }), "ticket.void")
	_, err = a.CastTicket(t.Context(), other)
	wantKey(t, err, "ticket.void")
	a.Waves.Close()

	c := newHouse(t, twoTeams())
	w = c.announce(electronic(day))
	c.opens(w)
	held = c.ticket(c.phones()["north.0@example.org"], w.ID)
	held.Sheet = c.padded(c.answers(1))
	c.Waves.Close()
	_, err = c.CastTicket(t.Context(), held)
	wantKey(t, err, "ticket.not_stored")
	wantKey(t, c.WithdrawTicket(t.Context(), held), "ticket.not_stored")
}

func TestTheManifestPromisesTheKeyThatStampsAndNoneWhenNobodyDraws(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.announce(electronic(day))
	manifest, _, _, err := h.db.ManifestOf(t.Context(), w.ID)
	must(t, err)
	key, err := h.readKeys(w.ID)
	must(t, err)
	issuer, err := ticket.ParseIssuerKey(key.Ticket)
	must(t, err)
	if manifest.TicketPublicKey != hex.EncodeToString(issuer.PublicKey()) {
		t.Errorf("promised %q, stamps with %x", manifest.TicketPublicKey, issuer.PublicKey())
	}
	paper := h.announce(request(60 * day))
	manifest, _, _, err = h.db.ManifestOf(t.Context(), paper.ID)
	must(t, err)
	if manifest.TicketPublicKey != "" || len(h.issuance(paper.ID)) != 0 {
		t.Errorf("on paper alone, and yet %q and %d rows", manifest.TicketPublicKey, len(h.issuance(paper.ID)))
	}
}

// The size of a group's row follows from its headcount, whatever happens: a
// nonce of 12 bytes, a flag and 32 bytes a person, a tag of 16.
func TestIssuanceRowsTellNothingByTheirSizeAndChangeAsAWhole(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.announce(electronic(day))
	size := map[string]int{string(h.units["North"]): 12 + 7*33 + 16, string(h.units["South"]): 12 + 6*33 + 16}
	phones := h.phones()
	before := h.issuance(w.ID)
	for email, p := range phones {
		h.ticket(p, w.ID)
		after := h.issuance(w.ID)
		for group, sealed := range after {
			same := 0
			for i := range sealed {
				if sealed[i] == before[group][i] {
					same++
				}
			}
			if len(sealed) != size[group] {
				t.Fatalf("the row has %d bytes, want %d", len(sealed), size[group])
			}
			// Of 259 random bytes one in 256 stays by chance; 20 do with 10⁻¹⁸.
			if touched := group == string(h.units[strings.ToUpper(email[:1])+email[1:5]]); touched != (same < 20) {
				t.Fatalf("after a draw of %s, %d of %d bytes of group %s are as before", email, same, len(sealed), group)
			}
		}
		before = after
	}
}

func TestNoFileHoldsIssuanceStateKeysOrNullifiersAfterTheRelease(t *testing.T) {
	h := newHouse(t, twoTeams())
	h.releaser.opaque = true
	w := h.announce(electronic(day))
	all := make(map[string][]byte)
	add := func(name string, raw []byte) {
		for form, mark := range marks(name, raw) {
			all[form] = mark
		}
	}
	key, err := h.readKeys(w.ID)
	must(t, err)
	add("box key", key.Box)
	add("issuance key", key.Issuance)
	add("ticket key", key.Ticket)
	rows := func(when string) {
		for group, sealed := range h.issuance(w.ID) {
			add("issuance of "+group+" "+when, sealed[40:72])
		}
		for box, sealed := range h.sealed(w.ID) {
			add("box "+box+" "+when, []byte(sealed[40:72]))
		}
	}
	rows("at the announcement")
	h.opens(w)
	n := 0
	for email, p := range h.phones() {
		n++
		held := h.ticket(p, w.ID)
		h.castTicket(held, h.answers(n))
		add("nullifier of "+email, held.Input)
		add("output of "+email, held.Output)
		rows("after the ballot of " + email)
	}
	// The search sees what is there: the last rows, and the keys.
	if found, _, err := search(h.dir, all); err != nil || len(found) < 5 { // 2 rows, 2 boxes, the key file
		t.Fatalf("the search is blind: %v %v", found, err)
	}
	h.clock.set(w.Closes)
	h.tick()
	h.wantState(w.ID, survey.Released)
	h.wantGone(w.ID)
	found, files, err := search(h.dir, all)
	if err != nil || len(found) > 0 || files < 3 {
		t.Fatalf("%d files, left are %v: %v", files, found, err)
	}
}

func TestTheRosterIsFrozenForTickets(t *testing.T) {
	h := newHouse(t, []team{{"North", 7}, {"South", 6}})
	w := h.announce(electronic(day))
	before := h.phones()
	leaver := h.ticket(before["north.6@example.org"], w.ID)
	// north.6 leaves, north.5 goes to the south, south.6 is new.
	h.staff([]team{{"North", 5}, {"North#5=South", 1}, {"South", 7}})
	h.clock.set(h.clock.now().Add(listFor))
	mover := h.ticket(before["north.5@example.org"], w.ID)
	if mover.Group != string(h.units["North"]) {
		t.Errorf("who moved answers with %s", mover.Group)
	}
	_, err := h.draw(before["north.6@example.org"], w.ID) // not even the same again: the link is gone
	wantKey(t, err, "ticket.link")
	_, err = h.draw(h.phones()["south.6@example.org"], w.ID)
	wantKey(t, err, "ticket.not_asked")
	h.opens(w)
	h.wantOut(w, h.castTicket(leaver, h.answers(1)), h.castTicket(mover, h.answers(2)))
}

func TestPeopleKeepTheirPlacesWhenSomebodyIsForgottenInBetween(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.announce(electronic(day))
	phones := h.phones()
	people, err := h.db.People(t.Context())
	must(t, err)
	sort.Slice(people, func(i, j int) bool { return people[i].ID < people[j].ID }) // the first place of all
	for email, p := range phones {
		if email != people[0].Email {
			h.ticket(p, w.ID)
		}
	}
	must(t, h.db.ForgetPerson(t.Context(), people[0].ID))
	again := process(t, copyFolder(t, h.dir), start)
	for email, p := range phones {
		if email == people[0].Email {
			_, err := again.draw(p, w.ID)
			wantKey(t, err, "ticket.link")
			continue
		}
		again.ticket(p, w.ID)
		_, err := again.draw(p.lost(1), w.ID)
		wantKey(t, err, "ticket.drawn")
	}
}

// wantOut closes a wave and checks that exactly these ballots come out.
func (h *house) wantOut(w survey.Wave, want ...string) {
	h.t.Helper()
	h.clock.set(w.Closes)
	h.tick()
	sort.Strings(want)
	h.wantReleased(w.ID, want)
}

// announceID announces a planned wave.
func (h *house) announceID(id survey.WaveID) {
	h.t.Helper()
	_, err := h.Announce(context.Background(), id)
	must(h.t, err)
}

func TestASlotHasRoomForTheNullifierAndTheMarkBesideTheSheet(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.announce(electronic(day))
	_, capacity := ballot.Layout(7)
	sealed := len(h.sealed(w.ID)[boxID(string(h.units["North"]), 0)])
	if slot := (sealed - 12 - 16) / capacity; slot-ballotOverhead != len(h.padded(h.answers(1))) { // nonce and tag
		t.Errorf("slots of %d bytes for padded sheets of %d", slot, len(h.padded(h.answers(1))))
	}
}
