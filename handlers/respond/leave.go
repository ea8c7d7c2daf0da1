package respond

import "net/http"

// leavePage is what "Leave" shows: help, and none of the survey.
type leavePage struct {
	frame
	Contacts []string
}

// showLeave shows the contacts of every open wave. It must work when nothing
// else does, so without a contact it still shows the rest.
func (s *server) showLeave(w http.ResponseWriter, r *http.Request) {
	page := leavePage{frame: s.frame(r, "", "phone.leave.title")}
	if open, err := s.waves.OpenWaves(r.Context()); err == nil {
		seen := make(map[string]bool)
		for _, wave := range open {
			if wave.Contact != "" && !seen[wave.Contact] {
				seen[wave.Contact] = true
				page.Contacts = append(page.Contacts, wave.Contact)
			}
		}
	}
	s.render(w, r, http.StatusOK, "leave", page)
}
