package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/oprf"
	"github.com/cloudflare/circl/zk/dleq"

	"attune/survey"
	"attune/survey/ticket"
)

// wirePhone is somebody's phone as the server sees it: only requests. It keeps
// everything that it made or got, so that a test can look for it.
type wirePhone struct {
	t     *testing.T
	post  func(path, body string) (status int, answer string)
	token string
	wave  survey.WaveID
	fault func(format string, args ...any) // told of answers that are not those expected; nil: the test fails

	manifest                   survey.Manifest
	group                      string
	info                       []byte
	client                     oprf.PartialObliviousClient
	finish                     *oprf.FinalizeData
	input, blinded, stamp, out []byte
	proof                      []byte
}

// ask posts JSON and wants an answer with a status, which it reads into a
// value where one is given.
func (p *wirePhone) ask(path string, body any, status int, into any) string {
	p.t.Helper()
	fault := p.fault
	if fault == nil {
		fault = p.t.Errorf
	}
	got, answer := p.post(path, toJSON(p.t, body))
	if got != status {
		fault("POST %s: %d %s; want %d", path, got, answer, status)
		return answer
	}
	if into != nil {
		if err := json.Unmarshal([]byte(answer), into); err != nil {
			p.t.Errorf("POST %s: %v in %s", path, err, answer)
		}
	}
	return answer
}

type tokenAndWave struct {
	Token string        `json:"token"`
	Wave  survey.WaveID `json:"wave"`
}

type tokenWaveBlinded struct {
	tokenAndWave
	Blinded []byte `json:"blinded"`
}

// offer fetches and checks what the phone is to be stamped for.
func (p *wirePhone) offer() {
	t := p.t
	t.Helper()
	var offer survey.Offer
	p.ask("/draw/offer", tokenAndWave{p.token, p.wave}, http.StatusOK, &offer)
	var leaf survey.Leaf
	if err := errors.Join(json.Unmarshal(offer.Manifest, &p.manifest), json.Unmarshal(offer.Leaf, &leaf)); err != nil {
		t.Fatalf("offer: %v", err)
	}
	if !survey.VerifyMerklePath(leaf, offer.Index, offer.Count, offer.Path, p.manifest.GroupsRoot) {
		t.Fatal("the offered group is not in the manifest")
	}
	raw, err := hex.DecodeString(p.manifest.TicketPublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := new(oprf.PublicKey)
	if err := public.UnmarshalBinary(oprf.SuiteRistretto255, raw); err != nil {
		t.Fatal(err)
	}
	p.group, p.info = leaf.Group, ticket.Info(sha256.Sum256(offer.Manifest), leaf.Group)
	p.client = oprf.NewPartialObliviousClient(oprf.SuiteRistretto255, public)
}

// blind makes a new ticket's input, and what the server stamps without seeing
// it.
func (p *wirePhone) blind() {
	t := p.t
	t.Helper()
	p.input = make([]byte, ticket.InputSize)
	_, _ = rand.Read(p.input) // crypto/rand never fails
	finish, request, err := p.client.Blind([][]byte{p.input})
	if err != nil {
		t.Fatal(err)
	}
	p.finish = finish
	if p.blinded, err = request.Elements[0].MarshalBinaryCompress(); err != nil {
		t.Fatal(err)
	}
}

// draw draws the ticket of the link.
func (p *wirePhone) draw() {
	t := p.t
	t.Helper()
	p.offer()
	p.blind()
	var drawn survey.Drawn
	p.ask("/draw", p.drawRequest(), http.StatusOK, &drawn)
	p.stamp, p.proof = drawn.Evaluated, drawn.Proof
	element, proof := group.Ristretto255.NewElement(), new(dleq.Proof)
	if err := errors.Join(element.UnmarshalBinary(p.stamp), proof.UnmarshalBinary(group.Ristretto255, p.proof)); err != nil {
		t.Fatalf("stamp: %v", err)
	}
	outputs, err := p.client.Finalize(p.finish, &oprf.Evaluation{Elements: []oprf.Evaluated{element}, Proof: proof}, p.info)
	if err != nil {
		t.Fatalf("stamp: %v", err)
	}
	p.out = outputs[0]
}

func (p *wirePhone) drawRequest() tokenWaveBlinded {
	return tokenWaveBlinded{tokenAndWave{p.token, p.wave}, p.blinded}
}

// ballot is the ticket with answers in the order of the pulse pack, padded as
// every ballot of the wave is.
func (p *wirePhone) ballot(values []int) survey.TicketBallot {
	p.t.Helper()
	filled, err := pulseSheet(values)
	if err != nil {
		p.t.Fatal(err)
	}
	const overhead = 33 // see survey.Slot
	sheet := make([]byte, p.manifest.Slot-overhead)
	copy(sheet, filled)
	return survey.TicketBallot{Wave: p.wave, Group: p.group, Input: p.input, Output: p.out, Sheet: sheet}
}

func (p *wirePhone) cast(values []int) string {
	p.t.Helper()
	return p.ask("/cast", p.ballot(values), http.StatusOK, nil)
}

func (p *wirePhone) withdraw() {
	p.t.Helper()
	b := p.ballot(nil)
	b.Sheet = nil
	p.ask("/cast/withdraw", b, http.StatusOK, nil)
}

// pulseSheet encodes answers to the pulse pack, in the order of walkItems.
func pulseSheet(values []int) ([]byte, error) {
	library, err := survey.NewLibrary()
	if err != nil {
		return nil, err
	}
	pack, err := library.Latest("pulse")
	if err != nil {
		return nil, err
	}
	sheet, err := survey.NewSheet([]*survey.Pack{pack})
	if err != nil {
		return nil, err
	}
	answers := make(survey.Answers)
	for i, value := range values {
		answers[walkItems[i]] = value
	}
	encoded, err := sheet.Encode(answers)
	if err != nil {
		return nil, fmt.Errorf("sheet: %w", err)
	}
	return encoded, nil
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
