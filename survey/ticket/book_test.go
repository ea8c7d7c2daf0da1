package ticket

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func testBook() *PaperBook {
	return NewPaperBook(paperKey(), "2026-11", "N0V", []PaperGroup{{"b:1", 12}, {"team", 7}, {"nobody", 0}})
}

func TestExactlyHeadcountCodesExist(t *testing.T) {
	book := testBook()
	if len(book.groups) != 12+7 {
		t.Errorf("the book has %d codes, want 12 + 7 distinct ones", len(book.groups))
	}
	for _, g := range []PaperGroup{{"b:1", 12}, {"team", 7}} {
		for i := range g.Headcount + 3 {
			c := NewPaperCode(paperKey(), "N0V", g.ID, i)
			group, nullifier, ok := book.Find(c)
			if want := i < g.Headcount; ok != want {
				t.Errorf("code %d of %s: found %v, want %v", i, g.ID, ok, want)
			}
			if ok && (group != g.ID || nullifier != c.Nullifier("2026-11")) {
				t.Errorf("code %d of %s belongs to %s", i, g.ID, group)
			}
		}
	}
}

func TestACodeOfAnotherWaveIsNotInTheBook(t *testing.T) {
	book := testBook()
	for name, c := range map[string]PaperCode{
		"another tag": NewPaperCode(paperKey(), "DEC", "team", 0),
		"another key": NewPaperCode(bytes.Repeat([]byte{1}, 32), "N0V", "team", 0),
		"no code":     {},
	} {
		if group, nullifier, ok := book.Find(c); ok || group != "" || nullifier != [32]byte{} {
			t.Errorf("%s was found in %q", name, group)
		}
	}
}

func TestTagsAreThreeCharactersThatNobodyHas(t *testing.T) {
	raw := bytes.NewReader([]byte{0xff, 0xff, 0xff, 0xff, 0x00, 0x00})
	used := map[string]bool{}
	taken := func(tag string) bool { return used[tag] }
	// The top bit is dropped: 15 ones are ZZZ; after ZZZ comes 000.
	for _, want := range []string{"ZZZ", "000", "001"} {
		tag, err := NewTag(raw, taken)
		if err != nil || tag != want {
			t.Fatalf("NewTag = %q, %v; want %q", tag, err, want)
		}
		used[tag] = true
	}
	if _, err := NewTag(iotest.ErrReader(io.ErrUnexpectedEOF), taken); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("NewTag without randomness: %v", err)
	}
}

func TestNewTagFindsTheLastFreeTagAndThenSaysSo(t *testing.T) {
	random := func() io.Reader { return strings.NewReader("ab") }
	tag, err := NewTag(random(), func(tag string) bool { return tag != "K7Q" })
	if err != nil || tag != "K7Q" {
		t.Errorf("NewTag = %q, %v; want the only free one", tag, err)
	}
	if tag, err := NewTag(random(), func(string) bool { return true }); err == nil {
		t.Errorf("NewTag = %q although all are taken", tag)
	}
}

func BenchmarkNewPaperBookOf1000(b *testing.B) {
	for b.Loop() {
		NewPaperBook(paperKey(), "2026-11", "N0V", []PaperGroup{{"b:1", 1000}})
	}
}
