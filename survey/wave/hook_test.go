package wave

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
)

var errStuck = errors.New("the releaser is stuck")

// hooked is crypto/rand that calls a function before every reading: keys,
// boxes, salts, shuffles and the overwriting of keys all read from it.
type hooked func()

func (h hooked) Read(p []byte) (int, error) {
	h()
	return rand.Read(p)
}

// stepping is a context that is never cancelled and calls a function whenever
// somebody asks whether it is: the database does before each transaction and
// statement, so that the function runs between all steps.
type stepping struct {
	context.Context
	mu *sync.Mutex
	at func()
}

func newStepping(ctx context.Context, at func()) stepping {
	return stepping{Context: ctx, mu: new(sync.Mutex), at: at}
}

func (s stepping) Done() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at()
	return s.Context.Done()
}
