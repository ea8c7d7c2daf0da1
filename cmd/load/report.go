package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
	"time"
)

// report is the last line. Times are in milliseconds, of processor or of
// waiting, memory in MiB.
type report struct {
	PerSecond float64 `json:"respondents_per_s"`
	CastP50   float64 `json:"cast_p50_ms"` // from sending the ballot to "received"
	CastP99   float64 `json:"cast_p99_ms"`
	ServerCPU float64 `json:"server_cpu_ms_per_respondent"`
	Crypto    float64 `json:"crypto_ms_per_respondent"` // one issue and one redeem
	Ratio     float64 `json:"ratio"`                    // of the two before; 0 when the process is not known
	ServerRSS float64 `json:"server_rss_mb"`
	Errors    int     `json:"errors"`
}

// measure plays all respondents and reports.
func measure(ctx context.Context, o options, progress io.Writer) (report, error) {
	s, err := serverFor(ctx, o, progress)
	if err != nil {
		return report{}, err
	}
	defer s.end()
	wave, err := s.openRound(ctx)
	if err != nil {
		return report{}, err
	}
	if o.returning {
		s.files = nil
	}
	say(progress, "%d people answer wave %s at %s, %d at once", len(s.tokens), wave.id, s.url, o.concurrency)
	stop := make(chan struct{})
	costs := make(chan cost, 1)
	go func() { costs <- watchCrypto(stop) }()
	before, err := s.used()
	if err != nil {
		return report{}, err
	}
	began := time.Now()
	seen := s.answerAll(ctx, wave, o.concurrency, progress)
	took := time.Since(began)
	after, err := s.used()
	close(stop)
	crypto := <-costs
	if err != nil {
		return report{}, err
	}
	if crypto.err != nil {
		return report{}, crypto.err
	}
	r := report{
		PerSecond: rounded(float64(len(seen.casts)) / took.Seconds()),
		CastP50:   milliseconds(quantile(seen.casts, 0.5)), CastP99: milliseconds(quantile(seen.casts, 0.99)),
		Crypto: milliseconds(crypto.each), Errors: seen.errors,
	}
	if s.pid != 0 && len(seen.casts) > 0 {
		each := (after.processor - before.processor) / time.Duration(len(seen.casts))
		r.ServerCPU, r.ServerRSS = milliseconds(each), rounded(float64(after.memory)/(1<<20))
		r.Ratio = rounded(float64(each) / float64(crypto.each))
	}
	return r, nil
}

// seen is what the respondents met.
type seen struct {
	casts  []time.Duration
	errors int
}

// answerAll lets everybody answer once, so many at a time.
func (s *server) answerAll(ctx context.Context, wave round, atOnce int, progress io.Writer) seen {
	var (
		mu   sync.Mutex
		all  seen
		wait sync.WaitGroup
		next = make(chan string)
	)
	for range atOnce {
		wait.Go(func() {
			for token := range next {
				waited, err := wave.answer(ctx, s.url, token, s.files)
				mu.Lock()
				if err != nil {
					all.errors++
					if all.errors <= 5 {
						say(progress, "somebody could not answer: %v", err)
					}
				} else {
					all.casts = append(all.casts, waited)
				}
				if done := len(all.casts) + all.errors; done%500 == 0 {
					say(progress, "%d of %d", done, len(s.tokens))
				}
				mu.Unlock()
			}
		})
	}
	for i, token := range s.tokens {
		select {
		case next <- token:
			continue
		case <-ctx.Done():
			mu.Lock()
			all.errors += len(s.tokens) - i
			mu.Unlock()
		}
		break
	}
	close(next)
	wait.Wait()
	return all
}

// quantile is the smallest value that a share q of all do not exceed.
func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)]
}

func milliseconds(d time.Duration) float64 { return rounded(float64(d) / float64(time.Millisecond)) }

// rounded keeps three decimals: more would be noise.
func rounded(x float64) float64 { return math.Round(x*1000) / 1000 }

func say(to io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(to, format+"\n", args...) }
