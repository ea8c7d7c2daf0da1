package ticket

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/oprf"
	"github.com/cloudflare/circl/zk/dleq"
)

func issuer(t testing.TB, seed byte) *IssuerKey {
	t.Helper()
	key, err := GenerateIssuerKey(bytes.NewReader(bytes.Repeat([]byte{seed}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func infoOf(wave, group string) []byte { return Info(sha256.Sum256([]byte(wave)), group) }

// draw is one phone: it blinds input, has it stamped by key, and checks the
// proof against the public key that it was promised.
func draw(t testing.TB, key *IssuerKey, promised, info, input []byte) ([]byte, error) {
	t.Helper()
	phone := client(t, promised)
	finish, request, err := phone.Blind([][]byte{input})
	if err != nil {
		t.Fatal(err)
	}
	evaluated, raw, err := key.Issue(info, encoded(t, request.Elements[0]))
	if err != nil {
		t.Fatal(err)
	}
	if len(evaluated) != PointSize || len(raw) != ProofSize {
		t.Fatalf("sizes of stamp and proof: %d, %d", len(evaluated), len(raw))
	}
	proof := new(dleq.Proof)
	if err := proof.UnmarshalBinary(group.Ristretto255, raw); err != nil {
		t.Fatal(err)
	}
	outputs, err := phone.Finalize(finish, &oprf.Evaluation{Elements: []oprf.Evaluated{element(t, evaluated)}, Proof: proof}, info)
	if err != nil {
		return nil, err
	}
	return outputs[0], nil
}

// drawn is a ticket of group "north" in wave "2026-11".
func drawn(t testing.TB, key *IssuerKey) (info, input, output []byte) {
	t.Helper()
	info, input = infoOf("2026-11", "north"), bytes.Repeat([]byte{7}, InputSize)
	output, err := draw(t, key, key.PublicKey(), info, input)
	if err != nil {
		t.Fatal(err)
	}
	return info, input, output
}

func TestInfoIsDomainThenManifestHashThenGroup(t *testing.T) {
	hash := sha256.Sum256([]byte("manifest"))
	want := "attune/v1\x00" + string(hash[:]) + "b:0123"
	if got := Info(hash, "b:0123"); string(got) != want {
		t.Errorf("info = %q, want %q", got, want)
	}
}

func TestATicketIsRedeemedWhereItWasDrawn(t *testing.T) {
	key := issuer(t, 1)
	info, input, output := drawn(t, key)
	if err := key.Redeem(info, input, output); err != nil {
		t.Error(err)
	}
	again, err := ParseIssuerKey(key.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Redeem(info, input, output); err != nil {
		t.Errorf("after the key was read back: %v", err)
	}
}

func TestATicketIsRefusedEverywhereElse(t *testing.T) {
	key := issuer(t, 1)
	info, input, output := drawn(t, key)
	turned := func(b []byte, i int) []byte {
		other := bytes.Clone(b)
		other[i] ^= 1
		return other
	}
	for name, try := range map[string]struct {
		key                 *IssuerKey
		info, input, output []byte
	}{
		"another group":              {key, infoOf("2026-11", "south"), input, output},
		"another wave":               {key, infoOf("2026-12", "north"), input, output},
		"no info":                    {key, nil, input, output},
		"endless info":               {key, make([]byte, 1<<20), input, output},
		"another key":                {issuer(t, 2), info, input, output},
		"first byte of output":       {key, info, input, turned(output, 0)},
		"last byte of output":        {key, info, input, turned(output, OutputSize-1)},
		"changed input":              {key, info, turned(input, 31), output},
		"short output":               {key, info, input, output[:OutputSize-1]},
		"long output":                {key, info, input, append(bytes.Clone(output), 0)},
		"no output":                  {key, info, input, nil},
		"short input":                {key, info, input[:InputSize-1], output},
		"long input":                 {key, info, append(bytes.Clone(input), 0), output},
		"no input":                   {key, info, nil, output},
		"the input as the output":    {key, info, input, append(bytes.Clone(input), input...)},
		"an output that is all zero": {key, info, input, make([]byte, OutputSize)},
	} {
		if err := try.key.Redeem(try.info, try.input, try.output); !errors.Is(err, ErrNotRedeemed) {
			t.Errorf("%s: %v, want ErrNotRedeemed", name, err)
		}
	}
}

// An input of another length would be a second ticket for whoever could have
// it stamped, so length is checked even where the output is right.
func TestAnInputOfAnotherLengthIsRefusedWithItsRightOutput(t *testing.T) {
	key := issuer(t, 1)
	info := infoOf("2026-11", "north")
	for _, length := range []int{0, 1, 31, 33, 64} {
		input := make([]byte, length)
		output, err := draw(t, key, key.PublicKey(), info, input)
		if err != nil {
			t.Fatal(err)
		}
		if err := key.Redeem(info, input, output); !errors.Is(err, ErrNotRedeemed) {
			t.Errorf("input of %d bytes: %v, want ErrNotRedeemed", length, err)
		}
	}
}

// A tagging key: one of its own for one person, to tell that ballot later.
func TestAPhoneRefusesAStampOfAnotherKeyThanThePublishedOne(t *testing.T) {
	published, tagging := issuer(t, 1), issuer(t, 2)
	_, err := draw(t, tagging, published.PublicKey(), infoOf("2026-11", "north"), make([]byte, InputSize))
	if !errors.Is(err, oprf.ErrInvalidProof) {
		t.Errorf("error = %v, want an invalid proof", err)
	}
}

func TestARepeatedDrawGivesTheSameStampWithAnotherProof(t *testing.T) {
	key, info := issuer(t, 1), infoOf("2026-11", "north")
	blinded := encoded(t, group.Ristretto255.HashToElement([]byte("x"), []byte("test")))
	first, proof, err := key.Issue(info, blinded)
	if err != nil {
		t.Fatal(err)
	}
	again, other, err := key.Issue(info, blinded)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("second stamp = %x, %v; want %x", again, err, first)
	}
	if bytes.Equal(proof, other) {
		t.Error("both proofs have the same randomness, which gives the key away")
	}
	elsewhere, _, err := key.Issue(infoOf("2026-11", "south"), blinded)
	if err != nil || bytes.Equal(first, elsewhere) {
		t.Errorf("the stamp for another group is %x, %v: the same", elsewhere, err)
	}
}

// malformedPoints: the lengths that are wrong, the identity, and encodings
// that RFC 9496, appendix A.2, says must be refused.
func malformedPoints(t testing.TB) map[string][]byte {
	t.Helper()
	points := map[string][]byte{
		"nothing":      nil,
		"31 bytes":     make([]byte, 31),
		"33 bytes":     make([]byte, 33),
		"a megabyte":   make([]byte, 1<<20),
		"the identity": make([]byte, 32),
	}
	high := encoded(t, group.Ristretto255.Generator())
	high[31] |= 0x80
	points["a point with the unused bit set"] = high
	for kind, encodings := range map[string][]string{
		"non-canonical": {
			"00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
			"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
			"f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
			"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		},
		"negative": {
			"0100000000000000000000000000000000000000000000000000000000000000",
			"01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
			"ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20",
			"c34c4e1826e5d403b78e246e88aa051c36ccf0aafebffe137d148a2bf9104562",
		},
		"non-square": {
			"26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
			"4eac077a713c57b4f4397629a4145982c661f48044dd3f96427d40b147d9742f",
		},
		"y is 0": {"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
	} {
		for _, encoding := range encodings {
			points[kind+" "+encoding] = unhex(t, encoding)
		}
	}
	return points
}

func TestWhatIsNoBlindedElementIsMalformed(t *testing.T) {
	key, info := issuer(t, 1), infoOf("2026-11", "north")
	for name, point := range malformedPoints(t) {
		evaluated, proof, err := key.Issue(info, point)
		if !errors.Is(err, ErrMalformed) || evaluated != nil || proof != nil {
			t.Errorf("%s: %x, %x, %v; want ErrMalformed", name, evaluated, proof, err)
		}
	}
	blinded := encoded(t, group.Ristretto255.Generator())
	if _, _, err := key.Issue(make([]byte, 1025), blinded); !errors.Is(err, ErrMalformed) {
		t.Errorf("info of 1,025 bytes: %v, want ErrMalformed", err)
	}
	if _, _, err := key.Issue(make([]byte, 1024), blinded); err != nil {
		t.Errorf("info of 1,024 bytes: %v", err)
	}
}

func TestAKeyIsReadStrictly(t *testing.T) {
	order := "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010" // RFC 9496, section 4.4, little-endian
	for name, raw := range map[string][]byte{
		"nothing": nil, "short": make([]byte, 31), "long": make([]byte, 33),
		"0": make([]byte, 32), "the order": unhex(t, order), "2²⁵⁶ − 1": bytes.Repeat([]byte{0xff}, 32),
	} {
		if _, err := ParseIssuerKey(raw); err == nil {
			t.Errorf("%s is read as a key", name)
		}
	}
	broken := errors.New("no randomness")
	if _, err := GenerateIssuerKey(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("error = %v, want %v", err, broken)
	}
	if _, err := GenerateIssuerKey(bytes.NewReader(make([]byte, 31))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("31 bytes of randomness give %v", err)
	}
}

func TestACallerCannotChangeAKey(t *testing.T) {
	key := issuer(t, 1)
	public, private := key.PublicKey(), key.Bytes()
	key.PublicKey()[0] ^= 1
	key.Bytes()[0] ^= 1
	if !bytes.Equal(key.PublicKey(), public) || !bytes.Equal(key.Bytes(), private) {
		t.Error("writing into what a key returned changed it")
	}
}

func TestAKeyIsUsedByManyAtOnce(t *testing.T) {
	key := issuer(t, 1)
	info, input, output := drawn(t, key)
	blinded := encoded(t, group.Ristretto255.Generator())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, _, err := key.Issue(info, blinded); err != nil {
				t.Error(err)
			}
			if err := key.Redeem(info, input, output); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestErrorsDoNotContainTheKey(t *testing.T) {
	secret := strings.Repeat("\xff", 32)
	if _, err := ParseIssuerKey([]byte(secret)); err == nil || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "ffff") {
		t.Errorf("error = %v", err)
	}
}

func FuzzIssue(f *testing.F) {
	for _, point := range malformedPoints(f) {
		if len(point) < 100 {
			f.Add(infoOf("2026-11", "north"), point)
		}
	}
	f.Add(infoOf("2026-11", "north"), encoded(f, group.Ristretto255.Generator()))
	f.Add([]byte{}, encoded(f, group.Ristretto255.HashToElement([]byte("x"), []byte("test"))))
	key := issuer(f, 1)
	f.Fuzz(func(t *testing.T, info, blinded []byte) {
		evaluated, proof, err := key.Issue(info, blinded)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Fatal(err)
			}
			return
		}
		if len(evaluated) != PointSize || len(proof) != ProofSize {
			t.Fatalf("sizes %d and %d", len(evaluated), len(proof))
		}
		if _, err := parsePoint(evaluated); err != nil {
			t.Fatalf("the stamp %x is no element", evaluated)
		}
		if point, err := parsePoint(blinded); err != nil || !bytes.Equal(encoded(t, point), blinded) {
			t.Fatalf("%x is stamped and is not the encoding of its point", blinded)
		}
		if again, _, err := key.Issue(info, blinded); err != nil || !bytes.Equal(again, evaluated) {
			t.Fatalf("stamped again: %x, %v; want %x", again, err, evaluated)
		}
	})
}

func FuzzRedeem(f *testing.F) {
	key := issuer(f, 1)
	info, input, output := drawn(f, key)
	f.Add(info, input, output)
	f.Add([]byte{}, []byte{}, []byte{})
	f.Add(info, input[1:], output)
	f.Add(make([]byte, 1025), input, output)
	f.Fuzz(func(t *testing.T, i, n, o []byte) {
		err := key.Redeem(i, n, o)
		same := bytes.Equal(i, info) && bytes.Equal(n, input) && bytes.Equal(o, output)
		if same != (err == nil) || err != nil && !errors.Is(err, ErrNotRedeemed) {
			t.Fatalf("redeem %x %x %x: %v", i, n, o, err)
		}
	})
}

// One run shows what Issue and Redeem cost beside the bare operations of the
// library: an evaluation with proof, and an evaluation of an input.
func BenchmarkTicket(b *testing.B) {
	key := issuer(b, 1)
	info, input, output := drawn(b, key)
	_, request, err := client(b, key.PublicKey()).Blind([][]byte{input})
	if err != nil {
		b.Fatal(err)
	}
	blinded := encoded(b, request.Elements[0])
	for _, each := range []struct {
		name string
		work func() error
	}{
		{"issue", func() error { _, _, err := key.Issue(info, blinded); return err }},
		{"issue/bare", func() error { _, err := key.server.Evaluate(request, info); return err }},
		{"redeem", func() error { return key.Redeem(info, input, output) }},
		{"redeem/bare", func() error { _, err := key.server.FullEvaluate(input, info); return err }},
		{"generate", func() error { _, err := GenerateIssuerKey(rand.Reader); return err }},
	} {
		b.Run(each.name, func(b *testing.B) {
			for b.Loop() {
				if err := each.work(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
