package ticket

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"math/big"
	"os"
	"slices"
	"testing"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/oprf"
	"github.com/cloudflare/circl/zk/dleq"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden file anew: testdata/derive.json")

const deriveGolden = "testdata/derive.json"

// derivedCase is one draw of a phone with a known secret, everything in
// hexadecimal but the texts. The phone's own tests (static/js/ticket) compare
// with the same file: it is what keeps tickets in people's hands valid through
// an update.
type derivedCase struct {
	Secret    string `json:"secret"`
	Manifest  string `json:"manifest"` // text
	Group     string `json:"group"`    // text
	IssuerKey string `json:"issuer_key"`
	PublicKey string `json:"public_key"`
	Info      string `json:"info"`
	Input     string `json:"input"`
	Blind     string `json:"blind"`
	Blinded   string `json:"blinded"`
	Evaluated string `json:"evaluated"`
	Proof     string `json:"proof"`
	Output    string `json:"output"`
}

// derive is the phone's derivation, put together from the description
// (PRIVACY, "Tickets") with Go's HKDF and big numbers. The blind is
// 1 + N mod (order − 1), N the 48 bytes as a little-endian number.
func derive(t *testing.T, secret, info []byte) (input []byte, blind group.Scalar) {
	t.Helper()
	input, err := hkdf.Key(sha256.New, secret, info, "ticket-input", 32)
	if err != nil {
		t.Fatal(err)
	}
	seed, err := hkdf.Key(sha256.New, secret, info, "ticket-blind", 48)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(seed)
	orderMinus1, _ := new(big.Int).SetString("27742317777372353535851937790883648492", 10) // RFC 9496, section 4.4
	orderMinus1.Add(orderMinus1, new(big.Int).Lsh(big.NewInt(1), 252))
	n := new(big.Int).SetBytes(seed)
	n.Mod(n, orderMinus1).Add(n, big.NewInt(1))
	return input, group.Ristretto255.NewScalar().SetBigInt(n)
}

func deriveCase(t *testing.T, secret []byte, manifest, groupID string, key *IssuerKey) derivedCase {
	t.Helper()
	info := Info(sha256.Sum256([]byte(manifest)), groupID)
	input, blind := derive(t, secret, info)
	rawBlind, err := blind.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	phone := client(t, key.PublicKey())
	finish, request, err := phone.DeterministicBlind([][]byte{input}, []oprf.Blind{blind})
	if err != nil {
		t.Fatal(err)
	}
	blinded := encoded(t, request.Elements[0])
	evaluated, rawProof, err := key.Issue(info, blinded)
	if err != nil {
		t.Fatal(err)
	}
	output := finalize(t, phone, finish, evaluated, rawProof, info)
	if err := key.Redeem(info, input, output); err != nil {
		t.Fatal(err)
	}
	h := hex.EncodeToString
	return derivedCase{
		Secret: h(secret), Manifest: manifest, Group: groupID, IssuerKey: h(key.Bytes()), PublicKey: h(key.PublicKey()),
		Info: h(info), Input: h(input), Blind: h(rawBlind), Blinded: h(blinded),
		Evaluated: h(evaluated), Proof: h(rawProof), Output: h(output),
	}
}

func finalize(t *testing.T, phone oprf.PartialObliviousClient, finish *oprf.FinalizeData, evaluated, rawProof, info []byte) []byte {
	t.Helper()
	proof := new(dleq.Proof)
	if err := proof.UnmarshalBinary(group.Ristretto255, rawProof); err != nil {
		t.Fatal(err)
	}
	outputs, err := phone.Finalize(finish, &oprf.Evaluation{Elements: []oprf.Evaluated{element(t, evaluated)}, Proof: proof}, info)
	if err != nil {
		t.Fatal(err)
	}
	return outputs[0]
}

func TestPhoneAndServerDeriveTheSameTicket(t *testing.T) {
	counting := make([]byte, 32)
	for i := range counting {
		counting[i] = byte(i)
	}
	manifest := `{"k":5,"v":1,"wave":"2026-11"}`
	got := []derivedCase{
		deriveCase(t, counting, manifest, "b:0123456789abcdef", issuer(t, 1)),
		deriveCase(t, counting, manifest, "Équipe de nuit", issuer(t, 1)), // not ASCII: UTF-8 on both sides
		deriveCase(t, bytes.Repeat([]byte{0xff}, 32), "", "", issuer(t, 2)),
	}
	if *update {
		raw, err := json.MarshalIndent(map[string]any{"cases": got}, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(deriveGolden, append(raw, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(deriveGolden)
	if err != nil {
		t.Fatal(err)
	}
	var golden struct{ Cases []derivedCase }
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	for i, want := range golden.Cases {
		// The file's proof is one of many: it has to hold, not to be the same.
		info, phone := unhex(t, want.Info), client(t, unhex(t, want.PublicKey))
		input, blind := derive(t, unhex(t, want.Secret), info)
		finish, _, err := phone.DeterministicBlind([][]byte{input}, []oprf.Blind{blind})
		if err != nil {
			t.Fatal(err)
		}
		output := finalize(t, phone, finish, unhex(t, want.Evaluated), unhex(t, want.Proof), info)
		if hex.EncodeToString(output) != want.Output {
			t.Errorf("case %d: the file's stamp gives %x, want %s", i, output, want.Output)
		}
		golden.Cases[i].Proof, got[i].Proof = "", ""
	}
	if diff := cmp.Diff(golden.Cases, got); diff != "" {
		t.Errorf("tickets in people's hands would no longer be accepted (−golden +got):\n%s", diff)
	}
}
