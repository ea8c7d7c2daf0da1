package wave

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/cloudflare/circl/group"

	"attune/survey"
	"attune/survey/ticket"
)

func TestATicketIsDrawnFromTheAnnouncementOnAndCastFromTheOpeningOn(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.announce(electronic(day))
	phones := h.phones()
	early := h.ticket(phones["north.0@example.org"], w.ID)
	early.Sheet = h.padded(h.answers(1))
	_, err := h.CastTicket(t.Context(), early)
	wantKey(t, err, "ticket.not_open")
	wantArg(t, err, "opens", "2026-11-03 09:00 UTC") // a day after start
	wantKey(t, h.WithdrawTicket(t.Context(), early), "ticket.not_open")

	h.opens(w)
	late := h.ticket(phones["north.1@example.org"], w.ID)
	h.wantOut(w, h.castTicket(early, h.answers(1)), h.castTicket(late, h.answers(2)))
}

func TestTheSamePhoneGetsTheSameTicketAgainAndAnotherPhoneNone(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.announce(electronic(day))
	p := h.phones()["north.0@example.org"]
	held := h.ticket(p, w.ID)
	asked := h.asking(p, w.ID)
	first, err := h.Draw(t.Context(), p.token, w.ID, asked.blind)
	must(t, err)
	for _, again := range []*house{h, process(t, copyFolder(t, h.dir), start)} { // in this process and after a restart
		second, err := again.Draw(t.Context(), p.token, w.ID, asked.blind)
		must(t, err)
		if !bytes.Equal(first.Evaluated, second.Evaluated) {
			t.Fatal("the same element was stamped in another way")
		}
		same, err := asked.finalize(second)
		must(t, err)
		if !bytes.Equal(same.Output, held.Output) {
			t.Fatal("drawing again gave another ticket")
		}
		for n := range 2 {
			_, err = again.draw(p.lost(n), w.ID)
			wantKey(t, err, "ticket.drawn")
			if !survey.IsCode(err, survey.Conflict) {
				t.Fatalf("%v is no conflict", err)
			}
		}
	}
	h.opens(w)
	h.wantOut(w, h.castTicket(held, h.answers(1)))
}

func TestWhoGetsNoTicketIsToldWhy(t *testing.T) {
	h := newHouse(t, []team{{"North", 7}, {"South", 6}, {"Ward", 5}})
	r := electronic(day)
	r.Paper = []survey.UnitID{h.units["Ward"]}
	w := h.announce(r)
	next := h.plan(electronic(30 * day))
	h.staff([]team{{"North", 7}, {"South", 6}, {"Ward", 5}, {"new=North", 1}})
	phones := h.phones()
	north := phones["north.0@example.org"].token
	links, err := h.PersonLinks(t.Context())
	must(t, err)
	people, err := h.db.People(t.Context())
	must(t, err)
	for name, try := range map[string]struct {
		token string
		wave  survey.WaveID
		code  survey.Code
		key   string
	}{
		"an unknown link":       {"AAAAAAAAAAAAAAAAAAAAAA", w.ID, survey.NotFound, "ticket.link"},
		"no link":               {"", w.ID, survey.NotFound, "ticket.link"},
		"part of a link":        {north[:21], w.ID, survey.NotFound, "ticket.link"},
		"a link and more":       {north + "A", w.ID, survey.NotFound, "ticket.link"},
		"a person's id":         {string(people[0].ID), w.ID, survey.NotFound, "ticket.link"},
		"a link to stop mail":   {links[people[0].ID].Stop, w.ID, survey.NotFound, "ticket.link"},
		"a newcomer":            {phones["new.0@example.org"].token, w.ID, survey.Conflict, "ticket.not_asked"},
		"a team on paper":       {phones["ward.0@example.org"].token, w.ID, survey.Conflict, "ticket.paper"},
		"a wave that is no one": {north, "2031-01", survey.NotFound, "ticket.wave"},
		"a planned wave":        {north, next.ID, survey.NotFound, "ticket.wave"},
	} {
		_, err := h.Offer(t.Context(), try.token, try.wave)
		wantKey(t, err, try.key)
		_, err = h.Draw(t.Context(), try.token, try.wave, element(t))
		wantKey(t, err, try.key)
		if !survey.IsCode(err, try.code) {
			t.Errorf("%s: %v has another code than %v", name, err, try.code)
		}
	}
	if h.nobodyDrew(w) != 13 { // 7 + 6
		t.Error("a refused draw was noted")
	}

	h.opens(w)
	h.clock.set(w.Closes) // before the clock has closed it
	for range 2 {
		_, err = h.draw(phones["north.0@example.org"], w.ID)
		wantKey(t, err, "ticket.closed")
		wantArg(t, err, "closes", "2026-11-10 09:00 UTC") // a week after the opening
		h.tick()                                          // and after
	}
	h.announceID(next.ID)
	must(t, h.Void(t.Context(), next.ID, "wrong dates"))
	_, err = h.draw(phones["north.0@example.org"], next.ID)
	wantKey(t, err, "ticket.void")
}

func TestAMalformedElementIsRefusedAndNotNoted(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.announce(electronic(day))
	p := h.phones()["north.0@example.org"]
	good := element(t)
	negative := bytes.Clone(good) // RFC 9496: the encoding of a point is an even number
	negative[0] |= 1
	for name, blinded := range map[string][]byte{
		"nothing": nil, "a byte short": good[:31], "a byte long": append(bytes.Clone(good), 0),
		"the identity": make([]byte, 32), "no field element": bytes.Repeat([]byte{0xff}, 32), "a negative one": negative,
		"a megabyte": make([]byte, 1<<20),
	} {
		before := fingerprint(t, h.dir)
		_, err := h.Draw(t.Context(), p.token, w.ID, blinded)
		if !survey.IsKey(err, "ticket.malformed") || !survey.IsCode(err, survey.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
		if fingerprint(t, h.dir) != before {
			t.Errorf("%s changed a file", name)
		}
	}
	h.ticket(p, w.ID) // nobody took it
}

func TestAnOfferChangesNoFileHoweverOftenItIsAskedFor(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.announce(electronic(day))
	phones := h.phones()
	before := fingerprint(t, h.dir)
	for range 3 {
		for _, p := range phones {
			h.asking(p, w.ID)
		}
	}
	if fingerprint(t, h.dir) != before {
		t.Error("looking at an offer left a trace")
	}
}

func TestAStampThatTagsAPersonIsRefusedByThePhone(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.announce(electronic(day))
	p := h.phones()["north.0@example.org"]
	asked := h.asking(p, w.ID)
	tagging, err := ticket.GenerateIssuerKey(rand.Reader)
	must(t, err)
	h.Waves.ready[w.ID].issuer = tagging
	drawn, err := h.Draw(t.Context(), p.token, w.ID, asked.blind)
	must(t, err)
	if _, err := asked.finalize(drawn); err == nil {
		t.Fatal("a stamp of another key than the manifest's was taken")
	}
}

func TestAnOfferOfAnotherManifestOrGroupFailsOnThePhone(t *testing.T) {
	h := newHouse(t, []team{{"North", 7}, {"South", 6}, {"West", 5}})
	w := h.announce(electronic(day))
	p := h.phones()["north.0@example.org"]
	offer, err := h.Offer(t.Context(), p.token, w.ID)
	must(t, err)
	var leaf survey.Leaf
	must(t, json.Unmarshal(offer.Leaf, &leaf))
	leaf.Headcount = 1 // a group of one's own would mark a person
	lonely := offer
	lonely.Leaf, err = survey.Canonical(leaf)
	must(t, err)
	swapped := offer
	swapped.Path = append([]string{}, offer.Path...)
	swapped.Path[0] = survey.SHA256Hex([]byte("another leaf"))
	for _, forged := range []survey.Offer{lonely, swapped} {
		if _, err := p.ask(forged); !errors.Is(err, errBadOffer) {
			t.Errorf("the phone said %v", err)
		}
	}
}

func TestOnePersonNeverGetsTwoTicketsHoweverManyPhonesAskAtOnce(t *testing.T) {
	a := newHouse(t, []team{{"North", 12}, {"South", 9}}, flush(5*time.Millisecond))
	w := a.announce(electronic(day))
	b := process(t, a.dir, start)
	phones := a.phones()
	var (
		mu    sync.Mutex
		held  = make(map[string][]survey.TicketBallot)
		gate  = make(chan struct{})
		ready sync.WaitGroup
	)
	for email, p := range phones {
		for n := range 4 {
			h := []*house{a, b}[n%2]
			ready.Go(func() {
				<-gate
				mine, err := h.draw(p.lost(n), w.ID)
				for range 50 { // a phone asks again for what was not given
					if !survey.IsKey(err, "ticket.fault") {
						break
					}
					mine, err = h.draw(p.lost(n), w.ID)
				}
				switch {
				case err == nil:
					mu.Lock()
					held[email] = append(held[email], mine)
					mu.Unlock()
				case !survey.IsKey(err, "ticket.drawn"):
					t.Error(err)
				}
			})
		}
	}
	close(gate)
	ready.Wait()
	for email := range phones {
		if len(held[email]) != 1 {
			t.Errorf("%s holds %d tickets", email, len(held[email]))
		}
	}
	a.opens(w)
	var want []string
	for _, some := range held {
		want = append(want, a.castTicket(some[0], a.answers(len(want))))
	}
	a.wantOut(w, want...)
}

func TestALostReplyHealsAfterACrash(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.announce(electronic(day))
	p := h.phones()["north.0@example.org"]
	asked := h.asking(p, w.ID)
	var before string
	h.Waves.cfg.Rand = hooked(func() { // the nonce is drawn inside the transaction
		if before == "" {
			before = copyFolder(t, h.dir)
		}
	})
	_, err := h.Draw(t.Context(), p.token, w.ID, asked.blind)
	must(t, err) // and this reply is lost
	for dir, noted := range map[string]bool{before: false, copyFolder(t, h.dir): true} {
		again := process(t, dir, start)
		again.units = h.units
		if noted {
			_, err := again.draw(p.lost(1), w.ID)
			wantKey(t, err, "ticket.drawn")
		}
		held := again.ticket(p, w.ID)
		_, err := again.draw(p.lost(1), w.ID)
		wantKey(t, err, "ticket.drawn")
		again.opens(w)
		again.wantOut(w, again.castTicket(held, h.answers(3)))
	}
}

func TestADrawThatWaitsAcrossTheEndIsRefused(t *testing.T) {
	for key, end := range map[string]func(a, b *house, w survey.Wave){
		"ticket.closed": func(_, b *house, w survey.Wave) { b.clock.set(w.Closes) },
		"ticket.void":   func(a, _ *house, w survey.Wave) { must(t, a.Void(t.Context(), w.ID, "wrong dates")) },
	} {
		t.Run(key, func(t *testing.T) {
			a := newHouse(t, twoTeams())
			w := a.announce(electronic(day))
			b := process(t, a.dir, start, flush(MaxFlush))
			p := a.phones()["north.0@example.org"]
			asked := b.asking(p, w.ID)
			result := make(chan error, 1)
			go func() { _, err := b.Draw(context.Background(), p.token, w.ID, asked.blind); result <- err }()
			time.Sleep(50 * time.Millisecond) // it waits for its tick
			end(a, b, w)
			wantKey(t, <-result, key)
		})
	}
}

func TestADrawAfterTheProgramHasStoppedIsRefused(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.announce(electronic(day))
	p := h.phones()["north.0@example.org"]
	h.Waves.Close()
	_, err := h.draw(p, w.ID)
	wantKey(t, err, "ticket.fault")
}

func TestDamagedIssuanceKeepsNoOtherGroupFromDrawingAndGivesNobodyATicket(t *testing.T) {
	for name, damage := range map[string]string{
		"a missing row": "DELETE FROM issuance WHERE group_id = ?",
		"another's row": "UPDATE issuance SET sealed = (SELECT sealed FROM issuance WHERE group_id <> ?1 LIMIT 1) WHERE group_id = ?1",
		"cut":           "UPDATE issuance SET sealed = x'00' WHERE group_id = ?",
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, []team{{"North", 6}, {"South", 6}}, flush(MaxFlush)) // one batch for both groups
			w := h.announce(electronic(day))
			phones := h.phones()
			h.exec("people.db", damage, string(h.units["North"]))
			var wait sync.WaitGroup
			for email, want := range map[string]string{"north.0@example.org": "ticket.fault", "south.0@example.org": ""} {
				wait.Go(func() {
					_, err := h.draw(phones[email], w.ID)
					if want == "" && err != nil || want != "" && !survey.IsKey(err, want) {
						t.Errorf("%s: %v", email, err)
					}
				})
			}
			wait.Wait()
		})
	}
}

// asking is a phone's request, made from an offer.
func (h *house) asking(p phone, id survey.WaveID) asking {
	h.t.Helper()
	offer, err := h.Offer(context.Background(), p.token, id)
	must(h.t, err)
	r, err := p.ask(offer)
	must(h.t, err)
	return r
}

// nobodyDrew counts the places of a wave's issuance state, and fails when one
// of them is taken.
func (h *house) nobodyDrew(w survey.Wave) int {
	h.t.Helper()
	places := 0
	for group, sealed := range h.issuance(w.ID) {
		key, err := h.readKeys(w.ID)
		must(h.t, err)
		records, err := openIssuance(w.ID, key, group, sealed)
		must(h.t, err)
		for ; len(records) > 0; records = records[recordBytes:] {
			places++
			if !bytes.Equal(records[:recordBytes], make([]byte, recordBytes)) {
				h.t.Errorf("somebody of group %s drew", group)
			}
		}
	}
	return places
}

// issuance reads the issuance state of a wave as it lies on the disk.
func (h *house) issuance(id survey.WaveID) map[string][]byte {
	h.t.Helper()
	rows, err := h.raw("people.db").Query("SELECT group_id, sealed FROM issuance WHERE wave = ?", string(id))
	must(h.t, err)
	defer func() { _ = rows.Close() }()
	all := make(map[string][]byte)
	for rows.Next() {
		var group string
		var sealed []byte
		must(h.t, rows.Scan(&group, &sealed))
		all[group] = sealed
	}
	must(h.t, rows.Err())
	return all
}

// element is the encoding of a random point.
func element(t testing.TB) []byte {
	t.Helper()
	raw, err := group.Ristretto255.RandomElement(rand.Reader).MarshalBinaryCompress()
	must(t, err)
	return raw
}
