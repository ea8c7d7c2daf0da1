package handlers

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

func TestWhatIsKeptIsMadeOnceForEverybodyWhoAsksAtTheSameTime(t *testing.T) {
	k := newKeep(100, func(string) int { return 1 })
	var times atomic.Int32
	begun, onward := make(chan struct{}), make(chan struct{})
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if got, err := k.recall("a", func() (string, error) {
				times.Add(1)
				close(begun)
				<-onward
				return "made", nil
			}); got != "made" || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	<-begun
	close(onward)
	wait.Wait()
	if n := times.Load(); n != 1 {
		t.Errorf("made %d times", n)
	}
}

// A reader who met a fault or a panic must not have it kept for the others.
func TestWhatCouldNotBeMadeIsTriedAgain(t *testing.T) {
	k := newKeep(100, func(string) int { return 1 })
	if _, err := k.recall("a", func() (string, error) { return "", errors.New("no") }); err == nil {
		t.Error("the fault is hidden")
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic is hidden")
			}
		}()
		_, _ = k.recall("a", func() (string, error) { panic("no") })
	}()
	if got, err := k.recall("a", func() (string, error) { return "made", nil }); got != "made" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// Whatever is asked for in whatever order: what is given is what was made for
// that key, and all together never weighs more than the room and one thing.
func TestAKeepGivesWhatBelongsToAKeyAndStaysWithinItsRoom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const largest = 9
		k := newKeep(rapid.IntRange(0, 40).Draw(t, "room"), func(s string) int { return len(s) })
		for _, n := range rapid.SliceOf(rapid.IntRange(0, 20)).Draw(t, "asked") {
			want := strings.Repeat(string(rune('a'+n)), 1+n%largest)
			if got, err := k.recall(fmt.Sprint(n), func() (string, error) { return want, nil }); got != want || err != nil {
				t.Fatalf("%d gives %q, %v", n, got, err)
			}
			all := 0
			for _, m := range k.young {
				all += m.size
			}
			if all != k.weight {
				t.Fatalf("the young weigh %d, counted %d", all, k.weight)
			}
			for _, m := range k.old {
				all += m.size
			}
			if all > k.room+largest {
				t.Fatalf("%d are kept, there is room for %d", all, k.room)
			}
		}
	})
}

// What was asked for a moment ago outlives what nobody asked for.
func TestWhatNobodyAsksForGoesFirst(t *testing.T) {
	k := newKeep(8, func(string) int { return 1 })
	times := 0
	for i := range 100 {
		_, _ = k.recall("often", func() (string, error) { times++; return "", nil })
		_, _ = k.recall(fmt.Sprint(i), func() (string, error) { return "", nil })
	}
	if times != 1 {
		t.Errorf("what everybody asks for was made %d times", times)
	}
}
