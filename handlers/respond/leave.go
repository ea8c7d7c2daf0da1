package respond

import (
	"net/http"
	"slices"
)

// leavePage is what "Leave" shows: help, and none of the survey.
type leavePage struct {
	frame
	Help help
}

// showLeave shows the contacts of every open wave, and those for everybody. It
// must work when nothing else does, so without a contact it still shows the
// rest. Nothing in it depends on who asks.
func (s *server) showLeave(w http.ResponseWriter, r *http.Request) {
	page := leavePage{frame: s.frame(r, "", "phone.leave.title")}
	var own []string
	if open, err := s.waves.OpenWaves(r.Context()); err == nil {
		for _, wave := range open {
			if !slices.Contains(own, wave.Contact) {
				own = append(own, wave.Contact)
			}
		}
	}
	everywhere, err := s.waves.Help(r.Context())
	if err != nil {
		everywhere = nil
	}
	page.Help = s.helpWith(s.lang(r), own, false, everywhere)
	s.render(w, r, http.StatusOK, "leave", page)
}
