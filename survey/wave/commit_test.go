package wave

import (
	"context"
	"testing"
	"time"
)

// refused checks that work is refused at once, not waited for.
func refused(t *testing.T, g *groupCommit[int, int]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	_, err := g.do(ctx, 1)
	wantKey(t, err, "paper.not_stored")
}

func TestWorkThatEntersTheQueueAfterTheLastLookIsRefused(t *testing.T) {
	// The moment between the look at stop and the queue cannot be met from
	// outside: here stop is not seen, and everything is over.
	g := &groupCommit[int, int]{queue: make(chan job[int, int], 1), stop: make(chan struct{}), over: make(chan struct{})}
	close(g.over)
	refused(t, g)
}

func TestAFullQueueRefusesInsteadOfWaiting(t *testing.T) {
	writing, finish := make(chan struct{}), make(chan struct{})
	g := newGroupCommit(0, func(jobs []job[int, int]) {
		writing <- struct{}{}
		<-finish
		for _, j := range jobs {
			j.answer(2*j.work, nil)
		}
	})
	first := make(chan error, 1)
	go func() { _, err := g.do(context.Background(), 1); first <- err }()
	<-writing // the first is being written
	rest := make(chan error, commitQueue)
	for range commitQueue {
		go func() { _, err := g.do(context.Background(), 1); rest <- err }()
	}
	for len(g.queue) < commitQueue {
		time.Sleep(time.Millisecond)
	}
	refused(t, g)
	close(finish)
	go func() {
		for range writing { // the others are written in one batch
		}
	}()
	must(t, <-first)
	for range commitQueue {
		must(t, <-rest)
	}
	g.close()
	close(writing)
	refused(t, g)
}

func TestABatchWaitsForItsTickAndNoLonger(t *testing.T) {
	const every = 100 * time.Millisecond
	sizes := make(chan int, 10)
	g := newGroupCommit(every, func(jobs []job[int, int]) {
		sizes <- len(jobs)
		for _, j := range jobs {
			j.answer(2*j.work, nil)
		}
	})
	defer g.close()
	if _, err := g.do(t.Context(), 1); err != nil { // ends with a tick
		t.Fatal(err)
	}
	<-sizes
	results := make(chan int, 20)
	for i := range 20 {
		go func() {
			time.Sleep(time.Duration(i) * time.Millisecond) // all within one tick
			n, err := g.do(t.Context(), i)
			if err != nil {
				t.Error(err)
			}
			results <- n - 2*i
		}()
	}
	for range 20 {
		if wrong := <-results; wrong != 0 {
			t.Fatal("somebody got another's answer")
		}
	}
	if n := <-sizes; n < 2 {
		t.Fatalf("a batch of %d: want those of one tick together", n)
	}
}
