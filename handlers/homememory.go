package handlers

import (
	"fmt"
	"strings"
	"sync"

	"attune/survey"
)

// memory keeps what the first pages said of units, since judging every scale
// and sign of every unit takes far longer than all the rest of a page. What is
// kept is made of stored releases and of events alone, and both are in its
// key: a release never changes, and another event is another key.
type memory struct {
	mu     sync.Mutex
	states map[string][]unitState
}

// memoryRoom bounds how many first pages are kept; then it begins anew.
const memoryRoom = 64

// recall gives what is kept under a key, or makes it. Two readers at once may
// both make it, and get the same.
func (m *memory) recall(key string, fresh func() []unitState) []unitState {
	m.mu.Lock()
	kept, ok := m.states[key]
	m.mu.Unlock()
	if ok {
		return kept
	}
	made := fresh()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.states == nil || len(m.states) >= memoryRoom {
		m.states = make(map[string][]unitState)
	}
	m.states[key] = made
	return made
}

// recallKey is everything that the states of a viewer's units depend on.
func (s speech) recallKey(v viewer, line []sight, events []survey.Event) string {
	var key strings.Builder
	fmt.Fprintf(&key, "%s %t %q", s.lang, v.everything(), v.Unit)
	for _, at := range line {
		fmt.Fprintf(&key, " %s %t", at.release.SHA256(), at.mine)
	}
	for _, e := range events {
		fmt.Fprintf(&key, " %q %s %s %t", e.Unit, e.Day, e.Kind, e.Anew)
	}
	return survey.SHA256Hex([]byte(key.String()))
}
