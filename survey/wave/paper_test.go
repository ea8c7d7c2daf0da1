package wave

import (
	"strings"
	"testing"
	"time"

	"attune/survey"
	"attune/survey/ticket"
)

// wrongSecret is a well-formed code of the wave's tag that was never printed.
func wrongSecret(w survey.Wave, i int) string {
	return ticket.NewPaperCode([]byte("not the wave's paper key"), w.Tag, "g", i).String()
}

func TestEveryCodeGetsTheMessageThatFitsIt(t *testing.T) {
	h := newHouse(t, twoTeams())
	ctx := t.Context()
	planned := h.plan(request(40 * day))
	w := h.announced()
	code := h.codes(w.ID)["North"][0]
	all := func(code, key string, date ...string) {
		t.Helper()
		_, err := h.CastPaper(ctx, code, h.answers(1))
		wantKey(t, err, key)
		_, again := h.PaperWave(ctx, code)
		wantKey(t, again, key)
		wantKey(t, h.WithdrawPaper(ctx, code), key)
		if len(date) == 2 {
			wantArg(t, err, date[0], date[1])
		}
	}
	mistyped := []byte(strings.ReplaceAll(code, " ", ""))
	mistyped[7], mistyped[8] = mistyped[8], mistyped[7]
	if mistyped[7] == mistyped[8] {
		mistyped[8] ^= 1
	}
	for _, typed := range []string{"", "hello", string(mistyped), code + "0", strings.Repeat("Z", 100000)} {
		all(typed, "paper.mistyped")
	}
	other := "000"
	if w.Tag == other || planned.Tag == other {
		other = "001"
	}
	all(ticket.NewPaperCode([]byte("k"), other, "g", 0).String(), "paper.wrong")
	all(wrongSecret(planned, 0), "paper.wrong") // nothing was promised yet
	h.clock.set(start.Add(time.Minute))         // the bucket is full again
	all(code, "paper.not_open", "opens", "2026-11-03 09:00 UTC")

	h.clock.set(w.Opens)
	h.tick()
	all(wrongSecret(w, 0), "paper.wrong")
	if face, err := h.PaperWave(ctx, strings.ToLower(code)); err != nil || face.ID != w.ID {
		t.Fatalf("%v %v", face.ID, err)
	}
	for _, c := range []struct {
		answers survey.Answers
		key     string
	}{
		{survey.Answers{"no_such_item": 1}, "error.answer.item"},
		{survey.Answers{"cs_connection": 9}, "error.answer.value"},
	} {
		_, err := h.CastPaper(ctx, code, c.answers)
		wantKey(t, err, c.key)
	}
	h.castPaper(code, h.answers(1))

	h.clock.set(w.Closes) // before anybody ticks
	all(code, "paper.closed", "closes", "2026-11-10 09:00 UTC")
	h.tick()
	h.wantState(w.ID, survey.Released)
	h.wantGone(w.ID)
	all(code, "paper.closed", "closes", "2026-11-10 09:00 UTC")
}

func TestACodeOfAWaveThatIsVoidSaysSo(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.opened()
	code := h.codes(w.ID)["North"][0]
	must(t, h.Void(t.Context(), w.ID, "wrong dates"))
	_, err := h.CastPaper(t.Context(), code, h.answers(1))
	wantKey(t, err, "paper.void") // not "closed" on a day that is still to come
}

func TestGuessingEmptiesABucketThatRightCodesNeverMeet(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.opened()
	code := h.codes(w.ID)["North"][0]
	for i := range bucketSize {
		_, err := h.PaperWave(t.Context(), wrongSecret(w, i))
		wantKey(t, err, "paper.wrong")
	}
	for i := range 100 {
		_, err := h.PaperWave(t.Context(), wrongSecret(w, i))
		wantKey(t, err, "paper.busy")
	}
	h.castPaper(code, h.answers(1))
	h.clock.set(h.clock.now().Add(time.Second)) // one token a second
	_, err := h.PaperWave(t.Context(), wrongSecret(w, 1))
	wantKey(t, err, "paper.wrong")
	_, err = h.PaperWave(t.Context(), wrongSecret(w, 1))
	wantKey(t, err, "paper.busy")
	h.clock.set(h.clock.now().Add(-time.Hour)) // a clock that goes back gives nothing away
	_, err = h.PaperWave(t.Context(), wrongSecret(w, 1))
	wantKey(t, err, "paper.busy")
}

func TestARespondentNeverReadsWhatIsWrittenForTheAdministrator(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.opened()
	code := h.codes(w.ID)["North"][0]
	second := process(t, h.dir, w.Opens) // has nothing in memory
	h.hideKeys(w.ID)
	_, err := second.CastPaper(t.Context(), code, h.answers(1))
	wantKey(t, err, "paper.not_stored")
	_, err = second.Slips(t.Context(), w.ID, "")
	wantKey(t, err, "error.wave.no_keys")
	wantKey(t, second.Tick(t.Context()), "error.wave.no_keys") // said long before the close
	second.wantState(w.ID, survey.Open)
}
