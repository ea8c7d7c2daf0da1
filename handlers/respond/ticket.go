package respond

import (
	"errors"
	"net/http"

	"attune/survey"
)

// ticketStatus maps an error to a status. Unlike a form's, these answers are
// read by a script, so a refusal that no change of the request mends says so.
func ticketStatus(code survey.Code) int {
	switch code {
	case survey.Conflict:
		return http.StatusConflict
	case survey.NotFound:
		return http.StatusNotFound
	case survey.Forbidden:
		return http.StatusForbidden
	}
	return statusOf(code)
}

// offered is an offer with the leaf's exact text beside it: a script that
// reads the leaf as JSON could not hash it.
type offered struct {
	survey.Offer
	LeafText string `json:"leaf_text"`
}

// offer is POST /draw/offer. It changes nothing; it is a POST so that the
// token stands in no address.
func (s *server) offer(w http.ResponseWriter, r *http.Request) {
	asked, fault := readJSON[offerRequest](w, r, maxDraw)
	if fault != nil {
		s.failTicket(w, r, fault)
		return
	}
	offer, err := s.waves.Offer(r.Context(), asked.Token, asked.Wave)
	if err != nil {
		s.refuseTicket(w, r, err)
		return
	}
	writeJSON(w, r, http.StatusOK, offered{offer, string(offer.Leaf)})
}

// draw is POST /draw.
func (s *server) draw(w http.ResponseWriter, r *http.Request) {
	asked, fault := readJSON[drawRequest](w, r, maxDraw)
	if fault != nil {
		s.failTicket(w, r, fault)
		return
	}
	drawn, err := s.waves.Draw(r.Context(), asked.Token, asked.Wave, asked.Blinded)
	if err != nil {
		s.refuseTicket(w, r, err)
		return
	}
	writeJSON(w, r, http.StatusOK, drawn)
}

// takeBallot is POST /cast. "Received" is answered after the commit only.
func (s *server) takeBallot(w http.ResponseWriter, r *http.Request) {
	ballot, fault := readJSON[survey.TicketBallot](w, r, maxBallot)
	if fault != nil {
		s.failTicket(w, r, fault)
		return
	}
	receipt, err := s.waves.CastTicket(r.Context(), ballot)
	if err != nil {
		s.refuseTicket(w, r, err)
		return
	}
	s.writeReceipt(w, r, receipt)
}

// takeBallotBack is POST /cast/withdraw.
func (s *server) takeBallotBack(w http.ResponseWriter, r *http.Request) {
	ballot, fault := readJSON[survey.TicketBallot](w, r, maxBallot)
	if fault != nil {
		s.failTicket(w, r, fault)
		return
	}
	if err := s.waves.WithdrawTicket(r.Context(), ballot); err != nil {
		s.refuseTicket(w, r, err)
		return
	}
	writeJSON(w, r, http.StatusOK, struct {
		Withdrawn bool `json:"withdrawn"`
	}{true})
}

// refuseTicket says in words and by status why a ticket or a ballot was not
// taken. A cause without words is a fault of ours and is not shown.
func (s *server) refuseTicket(w http.ResponseWriter, r *http.Request, err error) {
	lang := s.lang(r)
	var e *survey.Error
	if !errors.As(err, &e) || !s.site.Has(e.Key) {
		writeProblem(w, r, problem{Status: http.StatusInternalServerError, Key: "ticket.unsure", Message: s.text(lang, "ticket.unsure", nil)})
		return
	}
	p := problem{Status: ticketStatus(e.Code), Key: e.Key, Message: s.text(lang, e.Key, e.Args)}
	writeProblem(w, r, p)
}

func (s *server) failTicket(w http.ResponseWriter, r *http.Request, f *formFault) {
	writeProblem(w, r, problem{Status: f.status, Key: f.key, Message: s.text(s.lang(r), f.key, f.args)})
}
