package handlers

import (
	"fmt"
	"strings"

	"attune/survey"
)

// recallKey is everything, beside the edition of the packs, that the states of
// a viewer's units depend on: stored releases and events. The states are kept
// because judging every scale and sign of every unit takes far longer than all
// the rest of a first page.
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
