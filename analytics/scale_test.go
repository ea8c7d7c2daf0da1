package analytics

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"attune/survey"
)

// wide is a wave without ballots of about as many units: departments of up to
// 20 services with 10 teams of 4 to 30 people each.
func wide(units int) survey.ClosedWave {
	random := rand.New(rand.NewPCG(uint64(units), 1)) //nolint:gosec // not negative
	w := survey.ClosedWave{
		Manifest: survey.Manifest{Wave: "2026-11", Programme: "pulse", K: 5, KC: survey.KC(5)},
		Units:    []survey.Unit{{ID: "org", Name: "org"}}, Headcount: make(map[survey.UnitID]int), Zone: "UTC",
	}
	found := func(under survey.UnitID) survey.UnitID {
		id := survey.UnitID(fmt.Sprintf("u%07d", len(w.Units)))
		w.Units = append(w.Units, survey.Unit{ID: id, Parent: under, Name: string(id)})
		return id
	}
	for len(w.Units) < units {
		department := found("org")
		for range 20 {
			service := found(department)
			for range 10 {
				team := found(service)
				people := 4 + random.IntN(27)
				for _, unit := range []survey.UnitID{team, service, department, "org"} {
					w.Headcount[unit] += people
				}
				w.Groups = append(w.Groups, survey.Group{ID: string(team), Parent: service, Units: []survey.UnitID{team}, Headcount: people})
			}
		}
	}
	return w
}

func answered(w survey.ClosedWave) []int {
	random := rand.New(rand.NewPCG(9, 9))
	count := make([]int, len(w.Groups))
	for i, g := range w.Groups {
		for range g.Headcount {
			if random.Float64() < 0.7 {
				count[i]++
			}
		}
	}
	return count
}

// BenchmarkPlan shows that the cost grows with the units: ns/unit stays.
func BenchmarkPlan(b *testing.B) {
	for _, units := range []int{1_000, 10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(units), func(b *testing.B) {
			w := wide(units)
			f, err := newField(w)
			if err != nil {
				b.Fatal(err)
			}
			count := answered(w)
			for b.Loop() {
				planFor(f, count, limit{k: 5, kc: 6, minLevel: minLevelTeam}, weights{}, nil)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(w.Units)), "ns/unit")
		})
	}
}

// Issue: 100,000 units are planned in under a second.
func TestAHundredThousandUnitsArePlannedInASecond(t *testing.T) {
	w := wide(100_000)
	f, err := newField(w)
	if err != nil {
		t.Fatal(err)
	}
	count := answered(w)
	best := time.Hour
	for range 3 { // the machine may be busy with something else
		start := time.Now() //nolint:forbidigo // measures the test itself
		planFor(f, count, limit{k: 5, kc: 6, minLevel: minLevelTeam}, weights{}, nil)
		best = min(best, time.Since(start)) //nolint:forbidigo // measures the test itself
	}
	t.Logf("%d units: %v", len(w.Units), best)
	if best > time.Second && anyOrganisations == 10_000 { // not under the race detector
		t.Errorf("%d units take %v", len(w.Units), best)
	}
}

// BenchmarkRelease releases waves of the monthly pack, and of two packs that
// are compared. It reports the seconds, and the most memory that was in use,
// ballots included.
func BenchmarkRelease(b *testing.B) {
	for _, size := range []struct {
		units, people int
		packs         []*survey.Pack
	}{{1_000, 1_500_000, []*survey.Pack{pulseOf(b)}}, {10_000, 1_500_000, []*survey.Pack{pulseOf(b)}}, {1_000, 1_500_000, comparedPacks(b)}} {
		b.Run(fmt.Sprintf("%d units %d people %d packs", size.units, size.people, len(size.packs)), func(b *testing.B) {
			w := wide(size.units)
			w.Packs = size.packs
			items, answers := 0, 6
			for _, p := range size.packs {
				w.Manifest.Packs = append(w.Manifest.Packs, p.Ref())
				for _, item := range p.Items {
					items, answers = items+1, min(answers, len(item.Options())+1)
				}
			}
			random := rand.New(rand.NewPCG(5, 5))
			ballots := 0
			each := size.people / len(w.Groups)
			w.Headcount, w.Ballots = make(map[survey.UnitID]int), make(map[string][][]byte)
			tree, err := survey.NewTree(w.Units)
			if err != nil {
				b.Fatal(err)
			}
			for i := range w.Groups {
				g := &w.Groups[i]
				g.Headcount = each
				w.Headcount[g.Units[0]] = each
				for _, up := range tree.Ancestors(g.Units[0]) {
					w.Headcount[up] += each
				}
				bytes := make([]byte, items*each)
				for at := range bytes {
					bytes[at] = byte(random.IntN(answers)) //nolint:gosec // 0 to 5
				}
				for j := range each {
					w.Ballots[g.ID] = append(w.Ballots[g.ID], bytes[items*j:items*(j+1)])
				}
				ballots += each
			}
			b.ReportMetric(float64(ballots), "ballots")
			for b.Loop() {
				done, peak := make(chan struct{}), make(chan uint64)
				go watch(done, peak)
				doc, err := NewReleaser().Release(context.Background(), w)
				if err != nil || doc.Void != "" {
					b.Fatal(doc.Void, err)
				}
				close(done)
				b.ReportMetric(float64(<-peak)/(1<<20), "peak-MB")
				b.ReportMetric(float64(len(doc.JSON))/(1<<20), "document-MB")
			}
		})
	}
}

// watch reports the most memory that the program holds until done.
func watch(done <-chan struct{}, peak chan<- uint64) {
	most := uint64(0)
	for {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.Sys-m.HeapReleased)
		select {
		case <-done:
			peak <- most
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func pulseOf(t testing.TB) *survey.Pack {
	t.Helper()
	library, err := survey.NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	p, err := library.Latest("pulse")
	if err != nil {
		t.Fatal(err)
	}
	return p
}
