package handlers

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"attune/survey"
)

// keepsResult is how long what a job has made is kept for whoever asked for it.
const keepsResult = 30 * time.Minute

// jobs is work that takes longer than a page may: one piece at a time for the
// whole installation. It goes on when the tab that began it is closed, ends
// with the server, and stands in memory only. Nothing in it is about a person
// but the e-mail address of the user who began it.
type jobs struct {
	life context.Context // the server's

	mu      sync.Mutex
	current *job // running, or ended with a result that is kept
}

// job is one piece of work. What changes while it runs is guarded by jobs.
type job struct {
	what   exportRequest
	by     string // the user's e-mail address
	over   chan struct{}
	cancel context.CancelFunc

	done, of int // lines
	ended    bool
	err      error
	file     madeFile
}

// madeFile is what a job has made.
type madeFile struct {
	Name, Media string
	Body        []byte
}

// jobState is how far a job is.
type jobState struct {
	What      exportRequest
	By        string
	Done, Of  int
	Running   bool
	Cancelled bool
	Err       error
	File      *madeFile // nil: none was made
}

func newJobs(life context.Context) *jobs {
	if life == nil {
		life = context.Background()
	}
	return &jobs{life: life}
}

// start begins a piece of work, unless one is running. do tells step how far
// it is and ends with step's error, which comes when it is cancelled.
func (j *jobs) start(what exportRequest, by string, do func(step func(done, of int) error) (madeFile, error)) (over <-chan struct{}, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.current != nil && !j.current.ended {
		return nil, survey.Fail(survey.Conflict, "error.job.busy", nil)
	}
	ctx, cancel := context.WithCancel(j.life)
	work := &job{what: what, by: by, over: make(chan struct{}), cancel: cancel}
	j.current = work
	go j.run(ctx, work, do)
	return work.over, nil
}

func (j *jobs) run(ctx context.Context, work *job, do func(step func(done, of int) error) (madeFile, error)) {
	var file madeFile
	var err error
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("panic: %v; %s", fault, callers())
		}
		work.cancel()
		j.mu.Lock()
		work.ended, work.err = true, err
		if err == nil {
			work.file = file
		}
		j.mu.Unlock()
		close(work.over)
		time.AfterFunc(keepsResult, func() { j.forget(work) })
	}()
	file, err = do(func(done, of int) error {
		j.mu.Lock()
		work.done, work.of = done, of
		j.mu.Unlock()
		return ctx.Err()
	})
	if err == nil {
		err = ctx.Err() // what was cancelled in its last moment is not there either
	}
}

// forget lets a job go that has ended, with what it made.
func (j *jobs) forget(work *job) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.current == work && work.ended {
		j.current = nil
	}
}

// stop cancels what is running; what is over stays.
func (j *jobs) stop() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.current != nil {
		j.current.cancel()
	}
}

// state is how far the job is that runs or ran last; ok is false for none.
func (j *jobs) state() (s jobState, ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.current == nil {
		return s, false
	}
	w := j.current
	s = jobState{What: w.what, By: w.by, Done: w.done, Of: w.of, Running: !w.ended, Cancelled: errors.Is(w.err, context.Canceled), Err: w.err}
	if w.ended && w.err == nil {
		file := w.file
		s.File = &file
	}
	return s, true
}
