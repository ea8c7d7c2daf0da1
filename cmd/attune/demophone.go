package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/oprf"
	"github.com/cloudflare/circl/zk/dleq"

	"attune/survey"
	"attune/survey/ticket"
)

// answerByLink plays the phone of one of the demo's staff: it draws a ticket
// with a personal link, checks the stamp against the manifest, and casts. It
// goes the way of a real ballot, through the same calls.
func answerByLink(ctx context.Context, in *installation, token string, id survey.WaveID, sheet survey.Sheet, answers survey.Answers) error {
	offer, err := in.waves.Offer(ctx, token, id)
	if err != nil {
		return err
	}
	ballot, slot, err := drawTicket(ctx, in, token, offer)
	if err != nil {
		return err
	}
	filled, err := sheet.Encode(answers)
	if err != nil {
		return err
	}
	ballot.Sheet = append(filled, make([]byte, slot-33-len(filled))...) // padded: see survey.TicketBallot
	_, err = in.waves.CastTicket(ctx, ballot)
	return err
}

func drawTicket(ctx context.Context, in *installation, token string, offer survey.Offer) (survey.TicketBallot, int, error) {
	var manifest survey.Manifest
	var leaf survey.Leaf
	if err := json.Unmarshal(offer.Manifest, &manifest); err != nil {
		return survey.TicketBallot{}, 0, fmt.Errorf("manifest: %w", err)
	}
	if err := json.Unmarshal(offer.Leaf, &leaf); err != nil {
		return survey.TicketBallot{}, 0, fmt.Errorf("leaf: %w", err)
	}
	rawKey, err := hex.DecodeString(manifest.TicketPublicKey)
	if err != nil {
		return survey.TicketBallot{}, 0, fmt.Errorf("public key: %w", err)
	}
	var public oprf.PublicKey
	if err := public.UnmarshalBinary(oprf.SuiteRistretto255, rawKey); err != nil {
		return survey.TicketBallot{}, 0, fmt.Errorf("public key: %w", err)
	}
	input := make([]byte, ticket.InputSize)
	if _, err := rand.Read(input); err != nil {
		return survey.TicketBallot{}, 0, fmt.Errorf("ticket input: %w", err)
	}
	phone := oprf.NewPartialObliviousClient(oprf.SuiteRistretto255, &public)
	finish, request, err := phone.Blind([][]byte{input})
	if err != nil {
		return survey.TicketBallot{}, 0, fmt.Errorf("blind: %w", err)
	}
	blinded, err := request.Elements[0].MarshalBinaryCompress()
	if err != nil {
		return survey.TicketBallot{}, 0, fmt.Errorf("blind: %w", err)
	}
	drawn, err := in.waves.Draw(ctx, token, offer.Wave, blinded)
	if err != nil {
		return survey.TicketBallot{}, 0, err
	}
	stamp := group.Ristretto255.NewElement()
	if err := stamp.UnmarshalBinary(drawn.Evaluated); err != nil {
		return survey.TicketBallot{}, 0, fmt.Errorf("stamp: %w", err)
	}
	proof := new(dleq.Proof)
	if err := proof.UnmarshalBinary(group.Ristretto255, drawn.Proof); err != nil {
		return survey.TicketBallot{}, 0, fmt.Errorf("proof: %w", err)
	}
	info := ticket.Info(sha256.Sum256(offer.Manifest), leaf.Group)
	outputs, err := phone.Finalize(finish, &oprf.Evaluation{Elements: []oprf.Evaluated{stamp}, Proof: proof}, info)
	if err != nil {
		return survey.TicketBallot{}, 0, fmt.Errorf("finalize: %w", err)
	}
	return survey.TicketBallot{Wave: offer.Wave, Group: leaf.Group, Input: input, Output: outputs[0]}, manifest.Slot, nil
}
