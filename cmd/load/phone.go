package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/oprf"
	"github.com/cloudflare/circl/zk/dleq"

	"attune/survey"
	"attune/survey/ticket"
)

// phone is the client of one ticket. A real phone derives input and blind from
// a secret that it keeps; this one is used once and takes random ones.
type phone struct {
	client  oprf.PartialObliviousClient
	info    []byte
	input   []byte
	blinded []byte
	finish  *oprf.FinalizeData
	group   string
}

// newPhone checks an offer as a phone does.
func newPhone(offer survey.Offer) (*phone, error) {
	var (
		manifest survey.Manifest
		leaf     survey.Leaf
	)
	if err := errors.Join(json.Unmarshal(offer.Manifest, &manifest), json.Unmarshal(offer.Leaf, &leaf)); err != nil {
		return nil, fmt.Errorf("offer: %w", err)
	}
	if !survey.VerifyMerklePath(leaf, offer.Index, offer.Count, offer.Path, manifest.GroupsRoot) {
		return nil, errors.New("offer: the group is not in the manifest")
	}
	raw, err := hex.DecodeString(manifest.TicketPublicKey)
	if err != nil {
		return nil, fmt.Errorf("offer: public key: %w", err)
	}
	public := new(oprf.PublicKey)
	if err := public.UnmarshalBinary(oprf.SuiteRistretto255, raw); err != nil {
		return nil, fmt.Errorf("offer: public key: %w", err)
	}
	p := &phone{
		client: oprf.NewPartialObliviousClient(oprf.SuiteRistretto255, public),
		info:   ticket.Info(sha256.Sum256(offer.Manifest), leaf.Group), group: leaf.Group,
	}
	return p, p.blind()
}

// filledIn is the answer sheet of a wave as it travels: the first answer to
// every question, padded to the slot less nullifier and mark.
func filledIn(manifest survey.Manifest) ([]byte, error) {
	library, err := survey.NewLibrary()
	if err != nil {
		return nil, err
	}
	packs := make([]*survey.Pack, len(manifest.Packs))
	for i, ref := range manifest.Packs {
		if packs[i], err = library.Find(ref); err != nil {
			return nil, err
		}
	}
	sheet, err := survey.NewSheet(packs)
	if err != nil {
		return nil, err
	}
	answers := make(survey.Answers)
	for _, item := range sheet.Items() {
		answers[item.ID] = item.Options()[0].Value
	}
	raw, err := sheet.Encode(answers)
	if err != nil {
		return nil, err
	}
	const overhead = 33 // see survey.Slot
	padded := make([]byte, manifest.Slot-overhead)
	copy(padded, raw)
	return padded, nil
}

// blind makes what goes to the server for a new random input.
func (p *phone) blind() error {
	p.input = make([]byte, ticket.InputSize)
	if _, err := rand.Read(p.input); err != nil {
		return err
	}
	finish, request, err := p.client.Blind([][]byte{p.input})
	if err != nil {
		return fmt.Errorf("blind: %w", err)
	}
	p.finish = finish
	p.blinded, err = request.Elements[0].MarshalBinaryCompress()
	return err
}

// finalize checks the proof and makes the ticket's output.
func (p *phone) finalize(evaluated, rawProof []byte) ([]byte, error) {
	element, proof := group.Ristretto255.NewElement(), new(dleq.Proof)
	if err := errors.Join(element.UnmarshalBinary(evaluated), proof.UnmarshalBinary(group.Ristretto255, rawProof)); err != nil {
		return nil, fmt.Errorf("stamp: %w", err)
	}
	outputs, err := p.client.Finalize(p.finish, &oprf.Evaluation{Elements: []oprf.Evaluated{element}, Proof: proof}, p.info)
	if err != nil {
		return nil, fmt.Errorf("stamp: %w", err)
	}
	return outputs[0], nil
}
