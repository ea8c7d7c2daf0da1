package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attune/survey"
)

// boxSize spans several pages of SQLite (4,096 bytes each), as real boxes do.
const boxSize = 20_000

// filled is a box whose content is text over and over.
func filled(id, group, text string) SealedBox {
	return SealedBox{ID: id, Group: group, Sealed: bytes.Repeat([]byte(text), boxSize/len(text)+1)[:boxSize]}
}

// readBoxes gives what lies in the open boxes of these groups.
func readBoxes(t *testing.T, s *Store, wave survey.WaveID, groups ...string) []SealedBox {
	t.Helper()
	var got []SealedBox
	must(t, s.UpdateBoxes(t.Context(), wave, groups, func(boxes []SealedBox) ([]SealedBox, error) {
		got = boxes
		return nil, nil
	}))
	return got
}

func TestBoxesOnlyGoForward(t *testing.T) {
	s := newStore(t)
	_, err := s.BallotState(t.Context(), "w")
	wantCode(t, err, survey.NotFound, "error.store.boxes_missing")
	wantCode(t, s.OpenBoxes(t.Context(), "w"), survey.NotFound, "error.store.boxes_missing")
	wantCode(t, s.CloseBoxes(t.Context(), "w"), survey.NotFound, "error.store.boxes_missing")
	must(t, s.DestroyBoxes(t.Context(), "w")) // nothing to destroy
	boxes := []SealedBox{filled("b", "g", "x")}
	nothing := func([]SealedBox) error { return nil }
	for _, step := range []struct {
		name string
		do   func() error
		want BallotState
		err  error
	}{
		{"create", func() error { return s.CreateBoxes(t.Context(), "w", boxes) }, BoxesSealed, nil},
		{"create again", func() error { return s.CreateBoxes(t.Context(), "w", boxes) }, BoxesSealed, nil},
		{"release sealed", func() error { return s.WithClosedBoxes(t.Context(), "w", nothing) }, BoxesSealed, ErrBoxesNotClosed},
		{"open", func() error { return s.OpenBoxes(t.Context(), "w") }, BoxesOpen, nil},
		{"open again", func() error { return s.OpenBoxes(t.Context(), "w") }, BoxesOpen, nil},
		{"create opened", func() error { return s.CreateBoxes(t.Context(), "w", boxes) }, BoxesOpen, ErrBoxesStarted},
		{"release open", func() error { return s.WithClosedBoxes(t.Context(), "w", nothing) }, BoxesOpen, ErrBoxesNotClosed},
		{"close", func() error { return s.CloseBoxes(t.Context(), "w") }, BoxesClosed, nil},
		{"close again", func() error { return s.CloseBoxes(t.Context(), "w") }, BoxesClosed, nil},
		{"open closed", func() error { return s.OpenBoxes(t.Context(), "w") }, BoxesClosed, ErrBoxesStarted},
		{"release", func() error { return s.WithClosedBoxes(t.Context(), "w", nothing) }, BoxesDestroyed, nil},
		{"release again", func() error { return s.WithClosedBoxes(t.Context(), "w", nothing) }, BoxesDestroyed, ErrBoxesNotClosed},
		{"close destroyed", func() error { return s.CloseBoxes(t.Context(), "w") }, BoxesDestroyed, nil},
		{"open destroyed", func() error { return s.OpenBoxes(t.Context(), "w") }, BoxesDestroyed, ErrBoxesStarted},
		{"create destroyed", func() error { return s.CreateBoxes(t.Context(), "w", boxes) }, BoxesDestroyed, ErrBoxesStarted},
		{"destroy again", func() error { return s.DestroyBoxes(t.Context(), "w") }, BoxesDestroyed, nil},
	} {
		if err := step.do(); !errors.Is(err, step.err) {
			t.Fatalf("%s: %v, want %v", step.name, err, step.err)
		}
		if got, err := s.BallotState(t.Context(), "w"); err != nil || got != step.want {
			t.Fatalf("after %s: %s, %v, want %s", step.name, got, err, step.want)
		}
	}
	checkForeignKeys(t, s)
}

func TestAnUnfinishedAnnouncementIsReplaced(t *testing.T) {
	s := newStore(t)
	must(t, s.CreateBoxes(t.Context(), "w", []SealedBox{filled("old", "g", "first attempt "), filled("b", "g", "first attempt ")}))
	want := []SealedBox{filled("b", "g", "second")}
	must(t, s.CreateBoxes(t.Context(), "w", want))
	must(t, s.OpenBoxes(t.Context(), "w"))
	if diff := cmp.Diff(want, readBoxes(t, s, "w", "g")); diff != "" {
		t.Fatal("the boxes are not those of the second attempt")
	}
	if file := fileWith(t, s.cfg.Dir, []byte("first attempt")); file != "" {
		t.Fatalf("the first attempt is still readable in %s", file)
	}
}

func TestAnUpdateGetsTheBoxesOfItsGroupsByID(t *testing.T) {
	s := newStore(t)
	var all []SealedBox
	for g := range 700 { // more groups than one statement names
		all = append(all, SealedBox{ID: fmt.Sprintf("b%03d", g), Group: fmt.Sprintf("g%03d", g), Sealed: []byte{1}})
	}
	all = append(all, SealedBox{ID: "a", Group: "g001", Sealed: []byte{1}})
	must(t, s.CreateBoxes(t.Context(), "w", all))
	must(t, s.CreateBoxes(t.Context(), "other", all))
	must(t, s.OpenBoxes(t.Context(), "w"))
	var ids []string
	for _, b := range readBoxes(t, s, "w", "g002", "g001", "nowhere") {
		ids = append(ids, b.ID)
	}
	if diff := cmp.Diff([]string{"a", "b001", "b002"}, ids); diff != "" {
		t.Fatal(diff)
	}
	groups := make([]string, 700)
	for g := range groups {
		groups[g] = fmt.Sprintf("g%03d", g)
	}
	if n := len(readBoxes(t, s, "w", groups...)); n != 701 {
		t.Fatalf("%d boxes", n)
	}
	if n := len(readBoxes(t, s, "w")); n != 0 {
		t.Fatalf("%d boxes of no group", n)
	}
}

func TestBallotsGetInOnlyWhileTheBoxesAreOpen(t *testing.T) {
	s := newStore(t)
	cast := func() error {
		return s.UpdateBoxes(t.Context(), "w", []string{"g"}, func(boxes []SealedBox) ([]SealedBox, error) {
			boxes[0].Sealed[0]++
			return boxes, nil
		})
	}
	refused := func(when string) {
		t.Helper()
		if err := cast(); !errors.Is(err, ErrBoxesNotOpen) {
			t.Fatalf("%s: %v", when, err)
		}
	}
	refused("before the announcement")
	must(t, s.CreateBoxes(t.Context(), "w", []SealedBox{{ID: "b", Group: "g", Sealed: []byte{0}}}))
	refused("before the opening")
	must(t, s.OpenBoxes(t.Context(), "w"))
	must(t, cast())
	must(t, cast())
	must(t, s.CloseBoxes(t.Context(), "w"))
	refused("after the closing")
	var content byte
	must(t, s.WithClosedBoxes(t.Context(), "w", func(boxes []SealedBox) error {
		content = boxes[0].Sealed[0]
		return nil
	}))
	refused("after the release")
	if content != 2 {
		t.Fatalf("%d casts arrived, want 2", content)
	}
}

func TestAFailedUpdateWritesNothing(t *testing.T) {
	s := newStore(t)
	want := []SealedBox{filled("b1", "g", "before"), filled("b2", "g", "before")}
	must(t, s.CreateBoxes(t.Context(), "w", append(want, filled("c", "h", "before"))))
	must(t, s.OpenBoxes(t.Context(), "w"))
	cause := errors.New("box is full")
	changed := filled("b1", "g", "planted-after")
	for name, fn := range map[string]func([]SealedBox) ([]SealedBox, error){
		"error":            func([]SealedBox) ([]SealedBox, error) { return []SealedBox{changed}, cause },
		"panic":            func([]SealedBox) ([]SealedBox, error) { panic("crash") },
		"box of elsewhere": func([]SealedBox) ([]SealedBox, error) { return []SealedBox{changed, filled("c", "h", "after")}, nil },
		"box that is new":  func([]SealedBox) ([]SealedBox, error) { return []SealedBox{changed, filled("d", "g", "after")}, nil },
		"box of other size": func([]SealedBox) ([]SealedBox, error) {
			return []SealedBox{changed, {ID: "b2", Sealed: []byte("x")}}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := func() (err error) {
				defer func() {
					if crash := recover(); crash != nil {
						err = fmt.Errorf("%v", crash)
					}
				}()
				return s.UpdateBoxes(t.Context(), "w", []string{"g"}, fn)
			}()
			if err == nil || (name == "error" && !errors.Is(err, cause)) {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, readBoxes(t, s, "w", "g")); diff != "" {
				t.Error("the boxes were changed")
			}
			if file := fileWith(t, s.cfg.Dir, []byte("planted-after")); file != "" {
				t.Errorf("what was not committed lies in %s", file)
			}
		})
	}
}

func TestAFailedReleaseLeavesTheBoxesClosed(t *testing.T) {
	s := newStore(t)
	want := []SealedBox{filled("b", "g", "ballots")}
	must(t, s.CreateBoxes(t.Context(), "w", want))
	must(t, s.CloseBoxes(t.Context(), "w"))
	cause := errors.New("audit failed")
	if err := s.WithClosedBoxes(t.Context(), "w", func([]SealedBox) error { return cause }); !errors.Is(err, cause) {
		t.Fatal(err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = s.WithClosedBoxes(t.Context(), "w", func([]SealedBox) error { panic("crash") })
	}()
	var got []SealedBox
	must(t, s.WithClosedBoxes(t.Context(), "w", func(boxes []SealedBox) error {
		got = boxes
		return nil
	}))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal("the boxes were changed")
	}
}

// What PRIVACY.md promises about the disk: no earlier content of a box can be
// read after the next flush, and no content at all once the boxes are gone.
func TestNoByteOfAnOldBoxRemainsInAnyFile(t *testing.T) {
	s := newStore(t)
	gone := func(text string) {
		t.Helper()
		if file := fileWith(t, s.cfg.Dir, []byte(text)); file != "" {
			t.Fatalf("%q is still readable in %s", text, file)
		}
	}
	var boxes []SealedBox
	for i := range 20 {
		boxes = append(boxes, filled(fmt.Sprint("b", i), "g", "planted-flush-0;"))
	}
	must(t, s.CreateBoxes(t.Context(), "w", boxes))
	must(t, s.OpenBoxes(t.Context(), "w"))
	for flush := 1; flush <= 5; flush++ {
		must(t, s.UpdateBoxes(t.Context(), "w", []string{"g"}, func(boxes []SealedBox) ([]SealedBox, error) {
			for i := range boxes {
				boxes[i] = filled(boxes[i].ID, "g", fmt.Sprintf("planted-flush-%d;", flush))
			}
			return boxes, nil
		}))
		gone(fmt.Sprintf("planted-flush-%d;", flush-1))
	}
	if fileWith(t, s.cfg.Dir, []byte("planted-flush-5;")) == "" {
		t.Fatal("this test cannot see what is stored")
	}
	must(t, s.CloseBoxes(t.Context(), "w"))
	must(t, s.WithClosedBoxes(t.Context(), "w", func([]SealedBox) error { return nil }))
	gone("planted-flush")
	must(t, s.VacuumBallots(t.Context()))
	gone("planted-flush")
	var pages int
	must(t, s.ballots.write.Raw("PRAGMA freelist_count").Scan(&pages).Error)
	if pages != 0 {
		t.Errorf("%d free pages after VACUUM", pages)
	}

	must(t, s.CreateBoxes(t.Context(), "v", boxes))
	must(t, s.DestroyBoxes(t.Context(), "v"))
	gone("planted-flush")
}

func TestTwoProcessesLoseNoBallot(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	a, _ := open(t, dir)
	b, _ := open(t, dir)
	must(t, a.CreateBoxes(t.Context(), "w", []SealedBox{{ID: "b", Group: "g", Sealed: make([]byte, 8)}}))
	must(t, a.OpenBoxes(t.Context(), "w"))
	const casts = 25
	var wait sync.WaitGroup
	for _, s := range []*Store{a, b, a, b} {
		wait.Go(func() {
			for range casts {
				err := s.UpdateBoxes(t.Context(), "w", []string{"g"}, func(boxes []SealedBox) ([]SealedBox, error) {
					n := binary.BigEndian.Uint64(boxes[0].Sealed)
					binary.BigEndian.PutUint64(boxes[0].Sealed, n+1)
					return boxes, nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if got := binary.BigEndian.Uint64(readBoxes(t, b, "w", "g")[0].Sealed); got != 4*casts {
		t.Fatalf("%d of %d ballots are in the box", got, 4*casts)
	}
}

func TestOneOfTwoProcessesMakesTheRelease(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	a, _ := open(t, dir)
	b, _ := open(t, dir)
	must(t, a.CreateBoxes(t.Context(), "w", []SealedBox{{ID: "b", Group: "g", Sealed: []byte{1}}}))
	must(t, a.CloseBoxes(t.Context(), "w"))
	var (
		wait            sync.WaitGroup
		lock            sync.Mutex
		released, later int
	)
	for _, s := range []*Store{a, b} {
		wait.Go(func() {
			err := s.WithClosedBoxes(t.Context(), "w", func([]SealedBox) error {
				lock.Lock()
				defer lock.Unlock()
				released++
				return nil
			})
			lock.Lock()
			defer lock.Unlock()
			if errors.Is(err, ErrBoxesNotClosed) {
				later++
			}
		})
	}
	wait.Wait()
	if released != 1 || later != 1 {
		t.Fatalf("%d released, %d came too late", released, later)
	}
}
