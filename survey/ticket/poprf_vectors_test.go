package ticket

import (
	"bytes"
	"crypto"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/oprf"
	"github.com/cloudflare/circl/zk/dleq"
)

// rfcVectors is testdata/rfc9497.json: the published vectors of this suite and
// mode, word for word. Values of a batch are separated by commas.
type rfcVectors struct {
	Seed, KeyInfo, SkSm, PkSm string
	Vectors                   []rfcVector
}

type rfcVector struct {
	Batch                                                         int
	Blind, BlindedElement, EvaluationElement, Info, Input, Output string
	Proof                                                         struct{ Proof, R string }
}

func readRFC(t *testing.T) rfcVectors {
	t.Helper()
	raw, err := os.ReadFile("testdata/rfc9497.json")
	if err != nil {
		t.Fatal(err)
	}
	var v rfcVectors
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Vectors) != 3 { // appendix A.1.3: 1 to 3
		t.Fatalf("%d vectors, want 3", len(v.Vectors))
	}
	return v
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func unhexBatch(t testing.TB, s string) [][]byte {
	t.Helper()
	var all [][]byte
	for _, one := range strings.Split(s, ",") {
		all = append(all, unhex(t, one))
	}
	return all
}

func rfcKey(t *testing.T, v rfcVectors) *IssuerKey {
	t.Helper()
	key, err := deriveIssuerKey(unhex(t, v.Seed), unhex(t, v.KeyInfo))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestKeysAreDerivedAsInTheRFC(t *testing.T) {
	v := readRFC(t)
	key := rfcKey(t, v)
	if got := hex.EncodeToString(key.Bytes()); got != v.SkSm {
		t.Errorf("skSm = %s, want %s", got, v.SkSm)
	}
	if got := hex.EncodeToString(key.PublicKey()); got != v.PkSm {
		t.Errorf("pkSm = %s, want %s", got, v.PkSm)
	}
	again, err := ParseIssuerKey(key.Bytes())
	if err != nil || !bytes.Equal(again.PublicKey(), key.PublicKey()) {
		t.Errorf("the key that was read back has the public key %x, %v", again.PublicKey(), err)
	}
}

// Our Issue stamps one element at a time; the elements of the batch vector are
// stamped one after the other, to the same result.
func TestStampsAndTicketsAreThoseOfTheRFC(t *testing.T) {
	v := readRFC(t)
	key := rfcKey(t, v)
	for i, vector := range v.Vectors {
		info := unhex(t, vector.Info)
		blinded, want := unhexBatch(t, vector.BlindedElement), unhexBatch(t, vector.EvaluationElement)
		inputs, outputs := unhexBatch(t, vector.Input), unhexBatch(t, vector.Output)
		if len(blinded) != vector.Batch {
			t.Fatalf("vector %d has %d elements, want %d", i+1, len(blinded), vector.Batch)
		}
		for j := range blinded {
			evaluated, _, err := key.Issue(info, blinded[j])
			if err != nil || !bytes.Equal(evaluated, want[j]) {
				t.Errorf("vector %d: evaluated = %x, %v; want %x", i+1, evaluated, err, want[j])
			}
			// The RFC's inputs are shorter than ours, which Redeem refuses.
			if !key.server.VerifyFinalize(inputs[j], info, outputs[j]) {
				t.Errorf("vector %d: the output of input %x is not %x", i+1, inputs[j], outputs[j])
			}
		}
	}
}

// The library randomises its proofs. With the vectors' randomness its prover
// gives their proofs, and its client takes them for these outputs.
func TestProofsAreThoseOfTheRFC(t *testing.T) {
	const context = "OPRFV1-\x02-ristretto255-SHA512" // RFC 9497, section 3.1, mode 2
	g := group.Ristretto255
	v := readRFC(t)
	key := rfcKey(t, v)
	for i, vector := range v.Vectors {
		info := unhex(t, vector.Info)
		finish, request := rfcBlind(t, key, vector)

		// Section 3.3.3: t = skS + HashToScalar("Info" ‖ I2OSP(len(info), 2) ‖ info).
		framed := append(binary.BigEndian.AppendUint16([]byte("Info"), uint16(len(info))), info...)
		tweaked := scalar(t, v.SkSm)
		tweaked.Add(tweaked, g.HashToScalar(framed, []byte("HashToScalar-"+context)))
		var evaluated []group.Element
		for _, raw := range unhexBatch(t, vector.EvaluationElement) {
			evaluated = append(evaluated, element(t, raw))
		}
		prover := dleq.Prover{Params: dleq.Params{G: g, H: crypto.SHA512, DST: []byte(context)}}
		proof, err := prover.ProveBatchWithRandomnessRFC9497(
			tweaked, g.NewElement().MulGen(tweaked), evaluated, request.Elements, scalar(t, vector.Proof.R))
		if err != nil {
			t.Fatal(err)
		}
		raw, err := proof.MarshalBinary()
		if err != nil || hex.EncodeToString(raw) != vector.Proof.Proof {
			t.Errorf("vector %d: proof = %x, %v; want %s", i+1, raw, err, vector.Proof.Proof)
		}

		published := new(dleq.Proof)
		if err := published.UnmarshalBinary(g, unhex(t, vector.Proof.Proof)); err != nil {
			t.Fatal(err)
		}
		outputs, err := client(t, key.PublicKey()).Finalize(finish, &oprf.Evaluation{Elements: evaluated, Proof: published}, info)
		if err != nil {
			t.Fatalf("vector %d: %v", i+1, err)
		}
		for j, want := range unhexBatch(t, vector.Output) {
			if !bytes.Equal(outputs[j], want) {
				t.Errorf("vector %d: output = %x, want %x", i+1, outputs[j], want)
			}
		}
	}
}

func rfcBlind(t *testing.T, key *IssuerKey, vector rfcVector) (*oprf.FinalizeData, *oprf.EvaluationRequest) {
	t.Helper()
	var blinds []oprf.Blind
	for _, b := range strings.Split(vector.Blind, ",") {
		blinds = append(blinds, scalar(t, b))
	}
	finish, request, err := client(t, key.PublicKey()).DeterministicBlind(unhexBatch(t, vector.Input), blinds)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range unhexBatch(t, vector.BlindedElement) {
		if got := encoded(t, request.Elements[i]); !bytes.Equal(got, want) {
			t.Errorf("blinded = %x, want %x", got, want)
		}
	}
	return finish, request
}

// client is a phone that was promised this public key.
func client(t testing.TB, public []byte) oprf.PartialObliviousClient {
	t.Helper()
	key := new(oprf.PublicKey)
	if err := key.UnmarshalBinary(oprf.SuiteRistretto255, public); err != nil {
		t.Fatal(err)
	}
	return oprf.NewPartialObliviousClient(oprf.SuiteRistretto255, key)
}

func scalar(t testing.TB, s string) group.Scalar {
	t.Helper()
	x := group.Ristretto255.NewScalar()
	if err := x.UnmarshalBinary(unhex(t, s)); err != nil {
		t.Fatal(err)
	}
	return x
}

func element(t testing.TB, raw []byte) group.Element {
	t.Helper()
	x := group.Ristretto255.NewElement()
	if err := x.UnmarshalBinary(raw); err != nil {
		t.Fatal(err)
	}
	return x
}

func encoded(t testing.TB, x group.Element) []byte {
	t.Helper()
	raw, err := x.MarshalBinaryCompress()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
