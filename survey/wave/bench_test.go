package wave

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"attune/survey"
	"attune/survey/ticket"
)

// The benchmarks of this file measure what a respondent costs the server below
// HTTP, and set it against the bare cryptography in the same run: "ratio" is
// how many times the processor time of one issue, or one redeem, a durable
// draw, or cast, takes in all. 128 respondents at once, the group commit as in
// a real installation.

// crowd is an organisation of 64 teams of 16 with an open wave.
func crowd(b *testing.B) (*house, survey.Wave) {
	b.Helper()
	teams := make([]team, 64)
	for i := range teams {
		teams[i] = team{"Unit " + string(rune('A'+i/8)) + " / Team " + string(rune('a'+i%8)), 16}
	}
	h := newHouse(b, teams, flush(200*time.Millisecond))
	w := h.announce(electronic(day))
	h.opens(w)
	return h, w
}

// alone is the processor time of work in the mean of many.
func alone(b *testing.B, work func() error) time.Duration {
	b.Helper()
	const times = 500
	must(b, work()) // warm
	before := processor(b)
	for range times {
		must(b, work())
	}
	return (processor(b) - before) / times
}

// together runs work by 128 respondents at once and reports its cost.
func together(b *testing.B, bare time.Duration, work func(n int) error) {
	b.Helper()
	var next atomic.Int64
	b.SetParallelism(128 / runtime.GOMAXPROCS(0))
	before := processor(b)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := work(int(next.Add(1))); err != nil {
				b.Error(err)
			}
		}
	})
	b.StopTimer()
	each := (processor(b) - before) / time.Duration(b.N)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "people/s")
	b.ReportMetric(float64(each.Microseconds()), "cpu-µs/op")
	b.ReportMetric(float64(bare.Microseconds()), "bare-µs/op")
	b.ReportMetric(float64(each)/float64(bare), "ratio")
}

func BenchmarkDraw(b *testing.B) {
	h, w := crowd(b)
	type ready struct {
		token   string
		blinded []byte
	}
	var all []ready
	for _, p := range h.phones() {
		all = append(all, ready{p.token, h.asking(p, w.ID).blind})
	}
	info, issuer := ticket.Info(h.Waves.ready[w.ID].manifest, "group"), h.Waves.ready[w.ID].issuer
	bare := alone(b, func() error { _, _, err := issuer.Issue(info, all[0].blinded); return err })
	together(b, bare, func(n int) error {
		r := all[n%len(all)] // the same element again is stamped and noted again
		_, err := h.Draw(context.Background(), r.token, w.ID, r.blinded)
		return err
	})
}

func BenchmarkCastTicket(b *testing.B) {
	h, w := crowd(b)
	var (
		all  []survey.TicketBallot
		mu   sync.Mutex
		wait sync.WaitGroup
	)
	for _, p := range h.phones() { // all in one commit
		wait.Go(func() {
			held, err := h.draw(p, w.ID)
			if err != nil {
				b.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			held.Sheet = h.padded(h.answers(12345))
			all = append(all, held)
		})
	}
	wait.Wait()
	ready := h.Waves.ready[w.ID]
	bare := alone(b, func() error {
		return ready.issuer.Redeem(ticket.Info(ready.manifest, all[0].Group), all[0].Input, all[0].Output)
	})
	together(b, bare, func(n int) error {
		_, err := h.CastTicket(context.Background(), all[n%len(all)])
		return err
	})
}

// processor is the processor time that this process has used.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
