package handlers

import (
	"sync"
	"time"
)

// The brake on guessing: freeAttempts failures are free, then every further
// one doubles the wait, from throttleFirst up to throttleMost. A quiet hour
// forgets them.
const (
	freeAttempts   = 5
	throttleFirst  = time.Minute
	throttleMost   = 15 * time.Minute
	throttleForget = time.Hour
	// throttleAccounts bounds the memory. Names beyond it share one entry.
	throttleAccounts = 4096
)

// throttle slows the guessing of passwords, per account and in memory only:
// no address is looked at. It treats e-mail addresses that nobody has like
// any other, so that it tells nothing about who may sign in.
type throttle struct {
	mu       sync.Mutex
	attempts map[string]attempts
}

type attempts struct {
	count int
	last  time.Time
	until time.Time
}

func newThrottle() *throttle { return &throttle{attempts: make(map[string]attempts)} }

// take counts one attempt for an account before the password is looked at,
// so that guesses made side by side are counted too. It returns how long to
// wait when this attempt may not be made; that one is then not counted.
func (t *throttle) take(account string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	account = t.entry(account, now)
	a := t.attempts[account]
	if now.Sub(a.last) > throttleForget {
		a = attempts{}
	}
	if wait := a.until.Sub(now); wait > 0 {
		return wait
	}
	a.count++
	a.last = now
	if over := a.count - freeAttempts; over >= 0 {
		wait := throttleMost
		if over < 4 {
			wait = min(throttleMost, throttleFirst<<over)
		}
		a.until = now.Add(wait)
	}
	t.attempts[account] = a
	return 0
}

// clear forgets an account's attempts after a right password.
func (t *throttle) clear(account string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.attempts, t.entry(account, now))
}

// entry is the name under which an account is counted: its own, or the shared
// one when the table is full even after the forgotten ones were dropped.
func (t *throttle) entry(account string, now time.Time) string {
	if _, known := t.attempts[account]; known || len(t.attempts) < throttleAccounts {
		return account
	}
	for name, a := range t.attempts {
		if now.Sub(a.last) > throttleForget {
			delete(t.attempts, name)
		}
	}
	if len(t.attempts) < throttleAccounts {
		return account
	}
	return ""
}
