package wave

import (
	"context"
	"sync"
	"time"
)

// commitQueue pieces of work may wait for the next commit, and as many go into
// one; what comes beyond that is refused with a message, and the phone keeps it.
const commitQueue = 4096

// groupCommit writes what comes, ballots or draws, in groups, at a fixed tick
// that does not depend on when they came.
type groupCommit[T, R any] struct {
	queue chan job[T, R]
	stop  chan struct{} // closed by close
	over  chan struct{} // closed when nothing will be written any more
	once  sync.Once
}

type job[T, R any] struct {
	work T
	done chan<- result[R]
}

type result[R any] struct {
	value R
	err   error
}

// answer tells the one who waits. It never blocks.
func (j job[T, R]) answer(value R, err error) { j.done <- result[R]{value, err} }

func answerAll[T, R any](jobs []job[T, R], err error) {
	var nothing R
	for _, j := range jobs {
		j.answer(nothing, err)
	}
}

// newGroupCommit starts writing. write answers every job that it is given.
func newGroupCommit[T, R any](every time.Duration, write func([]job[T, R])) *groupCommit[T, R] {
	g := &groupCommit[T, R]{
		queue: make(chan job[T, R], commitQueue), stop: make(chan struct{}), over: make(chan struct{}),
	}
	go g.run(every, write)
	return g
}

// close writes what is waiting and ends. Closing again does nothing.
func (g *groupCommit[T, R]) close() {
	g.once.Do(func() { close(g.stop) })
	<-g.over
}

// do queues work for the next commit and waits until it is on disk. When ctx
// ends first it may still be written; doing it again is safe.
func (g *groupCommit[T, R]) do(ctx context.Context, work T) (R, error) {
	var nothing R
	done := make(chan result[R], 1)
	select {
	case <-g.stop:
		return nothing, notStored(nil)
	default:
	}
	select {
	case g.queue <- job[T, R]{work, done}:
	default:
		return nothing, notStored(nil)
	}
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		return nothing, ctx.Err()
	case <-g.over: // nobody will look into the queue again
	}
	select {
	case r := <-done: // answered by the last commit
		return r.value, r.err
	default:
		return nothing, notStored(nil)
	}
}

func (g *groupCommit[T, R]) run(every time.Duration, write func([]job[T, R])) {
	defer close(g.over)
	var tick <-chan time.Time
	if every > 0 {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		select {
		case j := <-g.queue:
			write(g.collect(j, tick))
		case <-g.stop:
			for batch := g.waiting(nil); len(batch) > 0; batch = g.waiting(nil) {
				write(batch)
			}
			return
		}
	}
}

// collect gathers what comes until the next tick, at most commitQueue jobs:
// more wait in the queue, and when that is full too they are refused.
func (g *groupCommit[T, R]) collect(first job[T, R], tick <-chan time.Time) []job[T, R] {
	batch := []job[T, R]{first}
	if tick == nil {
		return g.waiting(batch)
	}
	select {
	case <-tick: // one that passed while nobody was waiting
	default:
	}
	for {
		queue := g.queue
		if len(batch) >= commitQueue {
			queue = nil
		}
		select {
		case j := <-queue:
			batch = append(batch, j)
		case <-tick:
			return g.waiting(batch)
		case <-g.stop:
			return g.waiting(batch)
		}
	}
}

func (g *groupCommit[T, R]) waiting(batch []job[T, R]) []job[T, R] {
	for len(batch) < commitQueue {
		select {
		case j := <-g.queue:
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}
