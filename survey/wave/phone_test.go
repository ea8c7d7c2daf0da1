package wave

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/oprf"
	"github.com/cloudflare/circl/zk/dleq"

	"attune/survey"
	"attune/survey/ticket"
)

// phone plays the browser of one person: circl's client on a secret of its
// own. Input and blind come from the secret, so that asking again asks for
// the same.
type phone struct {
	token  string
	secret []byte
}

// phones gives every active person a phone, by e-mail.
func (h *house) phones() map[string]phone {
	h.t.Helper()
	tokens, err := h.Links(context.Background())
	must(h.t, err)
	people, err := h.db.People(context.Background())
	must(h.t, err)
	all := make(map[string]phone)
	for _, p := range people {
		if token, ok := tokens[p.ID]; ok {
			secret := sha256.Sum256([]byte("secret of " + p.Email))
			all[p.Email] = phone{token, secret[:]}
		}
	}
	return all
}

// asking is what a phone sends to draw, and what it keeps.
type asking struct {
	client oprf.PartialObliviousClient
	finish *oprf.FinalizeData
	info   []byte
	ticket survey.TicketBallot // without its output
	blind  []byte              // the blinded element
}

var errBadOffer = errors.New("the offer does not keep what its manifest promises")

// ask makes the request from an offer, after checking it as a phone does.
func (p phone) ask(offer survey.Offer) (asking, error) {
	var (
		manifest survey.Manifest
		leaf     survey.Leaf
		r        asking
	)
	if err := errors.Join(json.Unmarshal(offer.Manifest, &manifest), json.Unmarshal(offer.Leaf, &leaf)); err != nil {
		return r, err
	}
	if !survey.VerifyMerklePath(leaf, offer.Index, offer.Count, offer.Path, manifest.GroupsRoot) {
		return r, errBadOffer
	}
	raw, err := hex.DecodeString(manifest.TicketPublicKey)
	if err != nil {
		return r, err
	}
	public := new(oprf.PublicKey)
	if err := public.UnmarshalBinary(oprf.SuiteRistretto255, raw); err != nil {
		return r, err
	}
	r.client = oprf.NewPartialObliviousClient(oprf.SuiteRistretto255, public)
	r.info = ticket.Info(sha256.Sum256(offer.Manifest), leaf.Group)
	input, err := hkdf.Key(sha256.New, p.secret, r.info, "ticket-input", ticket.InputSize)
	if err != nil {
		return r, err
	}
	seed, err := hkdf.Key(sha256.New, p.secret, r.info, "ticket-blind", 32)
	if err != nil {
		return r, err
	}
	blind := group.Ristretto255.HashToScalar(seed, []byte("test"))
	r.ticket = survey.TicketBallot{Wave: offer.Wave, Group: leaf.Group, Input: input}
	var evaluation *oprf.EvaluationRequest
	if r.finish, evaluation, err = r.client.DeterministicBlind([][]byte{input}, []oprf.Blind{blind}); err != nil {
		return r, err
	}
	r.blind, err = evaluation.Elements[0].MarshalBinaryCompress()
	return r, err
}

// finalize checks the proof and makes the ticket.
func (r asking) finalize(drawn survey.Drawn) (survey.TicketBallot, error) {
	element, proof := group.Ristretto255.NewElement(), new(dleq.Proof)
	if err := errors.Join(element.UnmarshalBinary(drawn.Evaluated), proof.UnmarshalBinary(group.Ristretto255, drawn.Proof)); err != nil {
		return survey.TicketBallot{}, err
	}
	outputs, err := r.client.Finalize(r.finish, &oprf.Evaluation{Elements: []oprf.Evaluated{element}, Proof: proof}, r.info)
	if err != nil {
		return survey.TicketBallot{}, err
	}
	held := r.ticket
	held.Output = outputs[0]
	return held, nil
}

// draw is a whole draw.
func (h *house) draw(p phone, id survey.WaveID) (survey.TicketBallot, error) {
	offer, err := h.Offer(context.Background(), p.token, id)
	if err != nil {
		return survey.TicketBallot{}, err
	}
	r, err := p.ask(offer)
	if err != nil {
		return survey.TicketBallot{}, err
	}
	drawn, err := h.Draw(context.Background(), p.token, id, r.blind)
	if err != nil {
		return survey.TicketBallot{}, err
	}
	return r.finalize(drawn)
}

// ticket is a draw that must succeed.
func (h *house) ticket(p phone, id survey.WaveID) survey.TicketBallot {
	h.t.Helper()
	held, err := h.draw(p, id)
	must(h.t, err)
	return held
}

// padded is the encoded sheet as it travels.
func (h *house) padded(a survey.Answers) []byte {
	h.t.Helper()
	raw, err := h.sheet().Encode(a)
	must(h.t, err)
	return append(raw, make([]byte, survey.Slot(len(raw))-ballotOverhead-len(raw))...)
}

// castTicket puts in a ballot and gives what has to come out of its box.
func (h *house) castTicket(held survey.TicketBallot, a survey.Answers) string {
	h.t.Helper()
	held.Sheet = h.padded(a)
	_, err := h.CastTicket(context.Background(), held)
	must(h.t, err)
	return held.Group + ":" + h.encoded(a)
}

// electronic is request without paper.
func electronic(offset time.Duration) Request {
	r := request(offset)
	r.AllPaper = false
	return r
}

// announce plans and announces.
func (h *house) announce(r Request) survey.Wave {
	h.t.Helper()
	w := h.plan(r)
	_, err := h.Announce(context.Background(), w.ID)
	must(h.t, err)
	return h.wave(w.ID)
}

// opens leads the clock to a wave's opening.
func (h *house) opens(w survey.Wave) {
	h.t.Helper()
	h.clock.set(w.Opens)
	h.tick()
	h.wantState(w.ID, survey.Open)
}

// lost is the same person with a new phone: another secret.
func (p phone) lost(n int) phone {
	secret := sha256.Sum256(binary.BigEndian.AppendUint64(p.secret, uint64(n)))
	return phone{p.token, secret[:]}
}
