// Package notify is the clock that leads waves through their dates. Mail and
// other messages come here too.
package notify

import (
	"context"
	"time"

	"attune/survey/wave"
)

// Clock moves waves on to where they should be by now.
type Clock struct {
	Waves *wave.Waves
	Every time.Duration
	Fault func(error) // told of every failed tick; the next tick tries again
}

// Run ticks at once and then at every interval, until ctx ends.
func (c Clock) Run(ctx context.Context) {
	ticker := time.NewTicker(c.Every)
	defer ticker.Stop()
	for {
		if err := c.Waves.Tick(ctx); err != nil && ctx.Err() == nil {
			c.Fault(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
