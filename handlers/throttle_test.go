package handlers

import (
	"fmt"
	"testing"
	"time"
)

func TestGuessingIsSlowedFromTheSixthAttemptOn(t *testing.T) {
	th, now := newThrottle(), time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for i := range freeAttempts {
		if wait := th.take("a", now); wait != 0 {
			t.Fatalf("attempt %d has to wait %s", i+1, wait)
		}
	}
	// The waits double from one minute up to fifteen and stay there.
	for _, want := range []time.Duration{1, 2, 4, 8, 15, 15} {
		if got := th.take("a", now); got != want*time.Minute {
			t.Fatalf("wait %s, want %s", got, want*time.Minute)
		}
		now = now.Add(want * time.Minute)
		if got := th.take("a", now); got != 0 {
			t.Fatalf("after waiting %s still %s", want*time.Minute, got)
		}
	}
}

func TestOneAccountDoesNotSlowAnother(t *testing.T) {
	th, now := newThrottle(), time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for range 20 {
		th.take("a", now)
	}
	if wait := th.take("b", now); wait != 0 {
		t.Errorf("b waits %s for what was tried on a", wait)
	}
}

func TestARightPasswordOrAQuietHourForgetsAttempts(t *testing.T) {
	th, now := newThrottle(), time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for range freeAttempts {
		th.take("a", now)
	}
	th.clear("a", now)
	if wait := th.take("a", now); wait != 0 {
		t.Errorf("after a right password wait %s", wait)
	}
	for range freeAttempts {
		th.take("b", now)
	}
	now = now.Add(throttleForget + time.Second)
	for i := range freeAttempts {
		if wait := th.take("b", now); wait != 0 {
			t.Errorf("attempt %d after a quiet hour waits %s", i+1, wait)
		}
	}
}

func TestTheTableOfAttemptsStaysBounded(t *testing.T) {
	th, now := newThrottle(), time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for i := range throttleAccounts + 1000 {
		th.take(fmt.Sprint(i), now)
	}
	if len(th.attempts) > throttleAccounts+1 {
		t.Errorf("%d accounts are counted, at most %d and a shared one wanted", len(th.attempts), throttleAccounts)
	}
}
