package main

import (
	"encoding/json"
	"fmt"
)

// publicLog reads which waves were promised, released and made void.
func publicLog(p page) (source, error) {
	s := source{from: p.path, facts: newFacts()}
	var log struct {
		Entries []struct{ Kind, Wave string }
		Log     []struct{ Kind, Wave string } // in an auditor's file
	}
	if err := json.Unmarshal(p.body, &log); err != nil {
		return s, fmt.Errorf("%s: %w", p.path, err)
	}
	for _, e := range append(log.Entries, log.Log...) {
		s.facts.log[e.Wave] = append(s.facts.log[e.Wave], e.Kind)
	}
	return s, nil
}
