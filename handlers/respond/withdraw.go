package respond

import "net/http"

// withdrawPage asks for the code of the ballot to take back; withdrawnPage
// says that it is out.
type withdrawPage struct {
	frame
	Code    string
	Problem *problem
}

type withdrawnPage struct{ frame }

func (s *server) showWithdraw(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, "withdraw", withdrawPage{frame: s.frame(r, "", "phone.title")})
}

// takeWithdraw is POST /p/withdraw: the code, and nothing else.
func (s *server) takeWithdraw(w http.ResponseWriter, r *http.Request) {
	f, fault := readForm(w, r)
	if fault == nil && (len(f.answers) > 0 || f.step != "") {
		fault = &formFault{http.StatusBadRequest, "phone.error.form", nil}
	}
	if fault != nil {
		s.refuseForm(w, r, fault)
		return
	}
	err := s.waves.WithdrawPaper(r.Context(), f.code)
	switch {
	case err == nil && wantsJSON(r):
		writeJSON(w, r, http.StatusOK, struct {
			Withdrawn bool `json:"withdrawn"`
		}{true})
	case err == nil:
		s.render(w, r, http.StatusOK, "withdrawn", withdrawnPage{s.frame(r, "", "phone.title")})
	default:
		p := s.explain(s.lang(r), err, nil)
		if wantsJSON(r) {
			writeProblem(w, r, p)
			return
		}
		page := withdrawPage{frame: s.troubled(s.lang(r), s.frame(r, "", "phone.title"), &p), Code: f.code, Problem: &p}
		s.render(w, r, p.Status, "withdraw", page)
	}
}
