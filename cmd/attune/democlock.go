package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// clockFile marks a folder as a demo's and holds how far its clock was moved.
// A real installation has none, and attune serve refuses a folder that does.
const clockFile = "demo-clock.json"

// rereadClock bounds how long a running demo misses that its clock was moved.
const rereadClock = 100 * time.Millisecond

// clock is real time, moved on by what stands in the demo's clock file.
type clock struct {
	path string // empty: real time

	mu     sync.Mutex
	read   time.Time
	offset time.Duration
}

type clockState struct {
	OffsetSeconds int64 `json:"offset_seconds"`
}

// clockOf gives the clock of a data folder: a demo's, or real time.
func clockOf(dir string) (*clock, error) {
	path := filepath.Join(dir, clockFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return &clock{}, nil
	} else if err != nil {
		return nil, fmt.Errorf("demo clock: %w", err)
	}
	return &clock{path: path}, nil
}

// Now is safe for concurrent use. A clock file that cannot be read for a
// moment, because it is being replaced, leaves the offset as it was.
func (c *clock) Now() time.Time {
	now := time.Now()
	if c.path == "" {
		return now
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.read) >= rereadClock {
		var s clockState
		if raw, err := os.ReadFile(c.path); err == nil && json.Unmarshal(raw, &s) == nil {
			c.offset, c.read = time.Duration(s.OffsetSeconds)*time.Second, now
		}
	}
	return now.Add(c.offset)
}

// moveTo sets the clock so that it shows at least t; it never goes back.
func (c *clock) moveTo(t time.Time) error {
	if now := c.Now(); t.Before(now) {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	offset := time.Until(t).Truncate(time.Second) + time.Second
	if err := writeJSON(c.path, clockState{OffsetSeconds: int64(offset / time.Second)}); err != nil {
		return fmt.Errorf("demo clock: %w", err)
	}
	c.offset, c.read = offset, time.Now()
	return nil
}

// writeJSON replaces a file as a whole.
func writeJSON(path string, v any) error {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", append(raw, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// setClock is the clock of a demo that is being made: it stands where it is set.
type setClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *setClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *setClock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}
