package survey_test

import (
	"bytes"
	"testing"

	"attune/survey"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func sheetOf(t testing.TB, packs ...*survey.Pack) survey.Sheet {
	t.Helper()
	sheet, err := survey.NewSheet(packs)
	if err != nil {
		t.Fatal(err)
	}
	return sheet
}

func builtIn(t testing.TB) *survey.Library {
	t.Helper()
	library, err := survey.NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	return library
}

func pulse(t testing.TB) *survey.Pack {
	t.Helper()
	pack, err := builtIn(t).Latest("pulse")
	if err != nil {
		t.Fatal(err)
	}
	return pack
}

func TestASheetHoldsOneByteAnItemInPackOrder(t *testing.T) {
	sheet := sheetOf(t, workedPack(t))
	// Place of the option plus one: calm 4 is the fourth of 1…5, heard 3 the
	// first of 3, 2, 1, 0, chosen 0 the fourth; everything else is left out.
	got, err := sheet.Encode(survey.Answers{"calm": 4, "heard": 3, "chosen": 0})
	if err != nil {
		t.Fatal(err)
	}
	if want := []byte{4, 0, 0, 1, 0, 0, 4, 0, 0}; !bytes.Equal(got, want) {
		t.Errorf("encoded %v, want %v", got, want)
	}
	if got := sheet.Bytes(); got != 9 { // nine items
		t.Errorf("sheet has %d bytes, want 9", got)
	}
}

func TestDecodeGivesBackWhatWasEncoded(t *testing.T) {
	sheet := sheetOf(t, pulse(t), workedPack(t))
	rapid.Check(t, func(rt *rapid.T) {
		answers := drawAnswers(rt, sheet.Items())
		raw, err := sheet.Encode(answers)
		if err != nil {
			rt.Fatal(err)
		}
		if len(raw) != sheet.Bytes() {
			rt.Fatalf("%d bytes, want %d whatever was answered", len(raw), sheet.Bytes())
		}
		back, err := sheet.Decode(raw)
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(answers, back); diff != "" {
			rt.Fatal(diff)
		}
	})
}

func TestASheetRefusesWhatItsItemsDoNotOffer(t *testing.T) {
	sheet := sheetOf(t, workedPack(t))
	for name, c := range map[string]struct {
		answers survey.Answers
		key     string
	}{
		"value above the options": {survey.Answers{"calm": 6}, "error.answer.value"},
		"value below the options": {survey.Answers{"calm": 0}, "error.answer.value"},
		"unknown item":            {survey.Answers{"calm": 1, "mood": 1}, "error.answer.item"},
	} {
		if raw, err := sheet.Encode(c.answers); !survey.IsKey(err, c.key) || raw != nil {
			t.Errorf("%s: encoded %v with error %v, want %s", name, raw, err, c.key)
		}
	}
	for name, c := range map[string]struct {
		raw []byte
		key string
	}{
		"place beyond the options": {[]byte{6, 0, 0, 0, 0, 0, 0, 0, 0}, "error.answer.value"},
		"place of another item":    {[]byte{0, 0, 0, 5, 0, 0, 0, 0, 0}, "error.answer.value"}, // heard has four options
		"one byte short":           {make([]byte, 8), "error.answer.length"},
		"one byte long":            {make([]byte, 10), "error.answer.length"},
		"nothing":                  {nil, "error.answer.length"},
	} {
		if answers, err := sheet.Decode(c.raw); !survey.IsKey(err, c.key) || answers != nil {
			t.Errorf("%s: decoded %v with error %v, want %s", name, answers, err, c.key)
		}
	}
}

func TestTwoPacksOfAWaveMustNotShareAnItem(t *testing.T) {
	pack := workedPack(t)
	if _, err := survey.NewSheet([]*survey.Pack{pack, pack}); !survey.IsKey(err, "error.wave.item_twice") {
		t.Errorf("got %v, want error.wave.item_twice", err)
	}
}

// Slot is 64·⌈(33 + answer bytes)/64⌉ (PRIVACY, section 4).
func TestASlotIsFilledUpToSixtyFourBytes(t *testing.T) {
	for _, c := range []struct{ answers, want int }{
		{0, 64},   // 33 → one block
		{15, 64},  // the pulse: 33 + 15 = 48 → one block
		{31, 64},  // 33 + 31 = 64, exactly one block
		{32, 128}, // 65 → two blocks
		{95, 128}, // 33 + 95 = 128, exactly two blocks
		{96, 192},
	} {
		if got := survey.Slot(c.answers); got != c.want {
			t.Errorf("Slot(%d) = %d, want %d", c.answers, got, c.want)
		}
	}
	if got := survey.Slot(sheetOf(t, pulse(t)).Bytes()); got != 64 {
		t.Errorf("slot of the pulse = %d, want 64", got)
	}
}

// Whatever bytes lie in a box: Decode never panics, and what it accepts is
// exactly what Encode would have written.
func FuzzDecode(f *testing.F) {
	sheet := sheetOf(f, workedPack(f))
	for _, seed := range [][]byte{nil, make([]byte, 9), {1, 2, 3, 4, 1, 2, 3, 4, 5}, {5, 5, 5, 4, 4, 4, 4, 5, 5}, {6, 0, 0, 0, 0, 0, 0, 0, 0}, {255, 255, 255, 255, 255, 255, 255, 255, 255}, make([]byte, 31)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		answers, err := sheet.Decode(raw)
		if err != nil {
			return
		}
		again, err := sheet.Encode(answers)
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("decoded %v to %v, encoded back to %v, %v", raw, answers, again, err)
		}
	})
}
