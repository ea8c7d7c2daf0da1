package wave

import (
	"context"
	"crypto/rand"
	"errors"
	"runtime"
	"strings"
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
// the goroutine that made it asks whether it is: the database does before each
// transaction and statement, so that the function runs between all steps.
type stepping struct {
	context.Context
	owner string
	at    func()
}

func newStepping(ctx context.Context, at func()) stepping {
	return stepping{Context: ctx, owner: goroutine(), at: at}
}

// Done leaves other goroutines alone: they ask at any moment, also while the
// owner is writing, and what a kill leaves behind is what is between two
// writings.
func (s stepping) Done() <-chan struct{} {
	if goroutine() == s.owner {
		s.at()
	}
	return s.Context.Done()
}

// goroutine names the one that runs: "goroutine 12".
func goroutine() string {
	raw := make([]byte, 64)
	name, _, _ := strings.Cut(string(raw[:runtime.Stack(raw, false)]), " [")
	return name
}
