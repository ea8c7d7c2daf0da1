package ticket

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/oprf"
)

// Electronic tickets are RFC 9497's POPRF with ristretto255 and SHA-512. The
// phone blinds an input of its own, the server stamps it together with a
// public info, the phone unblinds the stamp and later shows input and output.
// The server can check that it made the stamp for this info, and cannot tell
// which of its stamps it was.

// Sizes in bytes of what goes over the wire.
const (
	InputSize  = 32 // what the phone derives from its secret
	PointSize  = 32 // a blinded or evaluated element, or the public key
	ProofSize  = 64 // challenge and response, each a scalar
	OutputSize = 64 // SHA-512
)

// maxInfo bounds the public info, which holds a group's id from outside. The
// RFC allows 65,535 bytes.
const maxInfo = 1024

// infoDomain keeps our infos apart from those of every other use of the suite.
const infoDomain = "attune/v1\x00"

// keyDomain is RFC 9497's key info of DeriveKeyPair.
const keyDomain = "attune/v1 issuer key"

// ErrMalformed means that what came to be stamped is no blinded element: of
// the wrong length, not the one encoding of a point of the group, or the
// identity.
var ErrMalformed = errors.New("blinded element is malformed")

// ErrNotRedeemed means that input and output are no ticket for this info: made
// with another key, for another group or wave, or never stamped.
var ErrNotRedeemed = errors.New("ticket is not valid here")

// IssuerKey is the secret key with which the tickets of one wave are stamped
// and checked. It is safe for concurrent use.
type IssuerKey struct {
	server  oprf.PartialObliviousServer
	private []byte
	public  []byte
}

// GenerateIssuerKey makes a new key from 32 bytes of rand, by RFC 9497's
// DeriveKeyPair. It fails when rand does.
func GenerateIssuerKey(rand io.Reader) (*IssuerKey, error) {
	var seed [32]byte
	if _, err := io.ReadFull(rand, seed[:]); err != nil {
		return nil, fmt.Errorf("issuer key: %w", err)
	}
	return deriveIssuerKey(seed[:], []byte(keyDomain))
}

func deriveIssuerKey(seed, info []byte) (*IssuerKey, error) {
	key, err := oprf.DeriveKey(oprf.SuiteRistretto255, oprf.PartialObliviousMode, seed, info)
	if err != nil {
		return nil, fmt.Errorf("issuer key: %w", err)
	}
	return newIssuerKey(key)
}

// ParseIssuerKey reads what Bytes wrote. It fails on anything that is not the
// one encoding of a scalar other than 0.
func ParseIssuerKey(data []byte) (*IssuerKey, error) {
	key := new(oprf.PrivateKey)
	if err := key.UnmarshalBinary(oprf.SuiteRistretto255, data); err != nil {
		return nil, fmt.Errorf("issuer key: %w", err)
	}
	return newIssuerKey(key)
}

func newIssuerKey(key *oprf.PrivateKey) (*IssuerKey, error) {
	private, err := key.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("issuer key: %w", err)
	}
	public, err := key.Public().MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("issuer key: %w", err)
	}
	return &IssuerKey{
		server:  oprf.NewPartialObliviousServer(oprf.SuiteRistretto255, key),
		private: private,
		public:  public,
	}, nil
}

// Bytes is the secret key, 32 bytes, for the key folder and nowhere else.
func (k *IssuerKey) Bytes() []byte { return bytes.Clone(k.private) }

// PublicKey is the key that the manifest promises, PointSize bytes. A phone
// accepts only stamps that were provably made with it.
func (k *IssuerKey) PublicKey() []byte { return bytes.Clone(k.public) }

// Info is the public part of every ticket of a group in a wave: domain, hash
// of the wave's manifest, group id. A ticket of another wave, of another
// group, or of a manifest that was shown to one person only, is not redeemed.
func Info(manifestSHA256 [32]byte, group string) []byte {
	info := append([]byte(infoDomain), manifestSHA256[:]...)
	return append(info, group...)
}

// Issue stamps a blinded element (PointSize bytes) for an info (at most 1,024
// bytes), both from outside. It returns the evaluated element (PointSize
// bytes) and the proof (ProofSize bytes) that it was made with the published
// key. The same blinded element and info always give the same evaluated
// element; the proof contains fresh randomness of the operating system and
// differs. Whatever is not a blinded element is ErrMalformed.
//
// Issue neither knows nor asks whose element it is: that nobody draws twice is
// the caller's to hold.
func (k *IssuerKey) Issue(info, blinded []byte) (evaluated, proof []byte, err error) {
	point, err := parsePoint(blinded)
	if err != nil {
		return nil, nil, err
	}
	if len(info) > maxInfo {
		return nil, nil, fmt.Errorf("%w: info of %d bytes", ErrMalformed, len(info))
	}
	evaluation, err := k.server.Evaluate(&oprf.EvaluationRequest{Elements: []oprf.Blinded{point}}, info)
	if err != nil {
		return nil, nil, fmt.Errorf("stamp ticket: %w", err)
	}
	if evaluated, err = evaluation.Elements[0].MarshalBinaryCompress(); err != nil {
		return nil, nil, fmt.Errorf("stamp ticket: %w", err)
	}
	if proof, err = evaluation.Proof.MarshalBinary(); err != nil {
		return nil, nil, fmt.Errorf("stamp ticket: %w", err)
	}
	return evaluated, proof, nil
}

// Redeem checks that output is what the phone got by having input stamped for
// info. Anything else, of whatever length, is ErrNotRedeemed, which does not
// say why; the comparison takes the same time wherever the outputs differ.
// Redeem does not know whether the ticket was shown before: the input is the
// nullifier under which the ballot lies, so that a second ballot replaces the
// first.
func (k *IssuerKey) Redeem(info, input, output []byte) error {
	if len(info) > maxInfo || len(input) != InputSize || len(output) != OutputSize {
		return ErrNotRedeemed
	}
	if !k.server.VerifyFinalize(input, info, output) {
		return ErrNotRedeemed
	}
	return nil
}

// parsePoint accepts a point's one canonical encoding (RFC 9496, section
// 4.3.1) other than the identity's. The library decodes strictly but leaves the
// identity to its caller.
func parsePoint(data []byte) (group.Element, error) {
	if len(data) != PointSize {
		return nil, ErrMalformed
	}
	point := group.Ristretto255.NewElement()
	if err := point.UnmarshalBinary(data); err != nil || point.IsIdentity() {
		return nil, ErrMalformed
	}
	return point, nil
}
