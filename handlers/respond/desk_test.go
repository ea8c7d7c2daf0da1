package respond_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"sync"
	"testing"

	"attune/survey"
	"attune/survey/ticket"

	circl "github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/oprf"
	"github.com/cloudflare/circl/zk/dleq"
)

// desk is a ticket office in memory. Its manifests, proofs and stamps are
// real ones; what it does wrong, a test tells it to.
type desk struct {
	mu     sync.Mutex
	waves  []survey.OpenWave
	keys   map[survey.WaveID]*ticket.IssuerKey
	raw    map[survey.WaveID][]byte // manifests
	leaves map[survey.WaveID][]survey.Leaf
	groups map[string]string // by token
	drawn  map[string][]byte // blinded elements, by wave and token
	boxes  map[survey.WaveID]map[string][]byte

	offers, draws, casts int
	tagging              *ticket.IssuerKey // stamps with this key instead
	bentPath             bool              // offers another leaf's path
}

// openDesk gives out tickets for waves: the open ones of p, and more that are
// only announced. Tokens are "north-…" and "south-…", each of two groups.
func openDesk(t testing.TB, p *pages, announced ...survey.OpenWave) *desk {
	t.Helper()
	d := &desk{
		keys: make(map[survey.WaveID]*ticket.IssuerKey), raw: make(map[survey.WaveID][]byte),
		leaves: make(map[survey.WaveID][]survey.Leaf), groups: make(map[string]string),
		drawn: make(map[string][]byte), boxes: make(map[survey.WaveID]map[string][]byte),
	}
	for i := range announced {
		announced[i].State = survey.Announced
	}
	for i, wave := range append(append([]survey.OpenWave{}, p.waves.open...), announced...) {
		key, err := ticket.GenerateIssuerKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		sheet, err := survey.NewSheet(wave.Packs)
		if err != nil {
			t.Fatal(err)
		}
		leaves := []survey.Leaf{
			{Group: "g-north", Units: []string{"Children / <North> & Co"}, Headcount: 9, Way: survey.Electronic, Salt: "00"},
			{Group: "g-south", Units: []string{"Children / South"}, Headcount: 12, Way: survey.Electronic, Salt: "01"},
			{Group: "g-paper", Units: []string{"Children / Night"}, Headcount: 7, Way: survey.Paper, Salt: "02"},
		}
		root, err := survey.MerkleRoot(leaves)
		if err != nil {
			t.Fatal(err)
		}
		wave.Manifest = survey.Manifest{
			V: 1, Wave: wave.ID, K: wave.Manifest.K, KC: wave.Manifest.KC, Slot: survey.Slot(sheet.Bytes()), GroupsRoot: root,
			TicketPublicKey: hex.EncodeToString(key.PublicKey()), Opens: wave.Opens, Closes: wave.Closes,
		}
		raw, err := survey.Canonical(wave.Manifest)
		if err != nil {
			t.Fatal(err)
		}
		wave.ManifestSHA256 = survey.SHA256Hex(raw)
		if wave.Fingerprint, err = survey.Fingerprint(wave.ManifestSHA256); err != nil {
			t.Fatal(err)
		}
		d.waves = append(d.waves, wave)
		d.keys[wave.ID], d.raw[wave.ID], d.leaves[wave.ID] = key, raw, leaves
		d.boxes[wave.ID] = make(map[string][]byte)
		p.waves.log = append(p.waves.log, survey.Entry{Seq: i + 1, Kind: survey.ManifestEntry, Wave: wave.ID, Body: raw, SHA256: wave.ManifestSHA256})
	}
	for _, n := range []string{"1", "2"} {
		d.groups[northToken+n], d.groups[southToken+n] = "g-north", "g-south"
	}
	p.waves.desk = d
	return d
}

// A token has 22 characters.
const (
	northToken = "north-NNNNNNNNNNNNNNN"
	southToken = "south-SSSSSSSSSSSSSSS"
)

func (f *fakeWaves) Drawable(context.Context) ([]survey.OpenWave, error) {
	if f.panics {
		panic("planted")
	}
	if f.desk == nil {
		return f.open, f.fail
	}
	f.desk.mu.Lock()
	defer f.desk.mu.Unlock()
	return append([]survey.OpenWave{}, f.desk.waves...), f.fail
}

// seat finds a token's group in a wave.
func (d *desk) seat(token string, id survey.WaveID) (string, error) {
	group, ok := d.groups[token]
	if !ok {
		return "", survey.Fail(survey.NotFound, "ticket.link", nil)
	}
	if d.keys[id] == nil {
		return "", survey.Fail(survey.NotFound, "ticket.wave", nil)
	}
	return group, nil
}

func (f *fakeWaves) Offer(_ context.Context, token string, id survey.WaveID) (survey.Offer, error) {
	if f.refuse != nil {
		return survey.Offer{}, f.refuse
	}
	d := f.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	d.offers++
	group, err := d.seat(token, id)
	if err != nil {
		return survey.Offer{}, err
	}
	offer := survey.Offer{Wave: id, Manifest: d.raw[id], Count: len(d.leaves[id])}
	for i, leaf := range d.leaves[id] {
		if leaf.Group != group {
			continue
		}
		at := i
		if d.bentPath {
			at = (i + 1) % len(d.leaves[id])
		}
		if offer.Path, err = survey.MerklePath(d.leaves[id], at); err != nil {
			return offer, err
		}
		offer.Index = i
		offer.Leaf, err = survey.Canonical(leaf)
	}
	return offer, err
}

func (f *fakeWaves) Draw(_ context.Context, token string, id survey.WaveID, blinded []byte) (survey.Drawn, error) {
	if f.refuse != nil {
		return survey.Drawn{}, f.refuse
	}
	d := f.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	d.draws++
	group, err := d.seat(token, id)
	if err != nil {
		return survey.Drawn{}, err
	}
	if before := d.drawn[string(id)+token]; before != nil && !bytes.Equal(before, blinded) {
		return survey.Drawn{}, survey.Fail(survey.Conflict, "ticket.drawn", nil)
	}
	key := d.keys[id]
	if d.tagging != nil {
		key = d.tagging
	}
	evaluated, proof, err := key.Issue(d.info(id, group), blinded)
	if err != nil {
		return survey.Drawn{}, survey.Fail(survey.Invalid, "ticket.malformed", nil)
	}
	d.drawn[string(id)+token] = blinded
	return survey.Drawn{Evaluated: evaluated, Proof: proof}, nil
}

func (d *desk) info(id survey.WaveID, group string) []byte {
	return ticket.Info(sha256.Sum256(d.raw[id]), group)
}

func (f *fakeWaves) redeem(b survey.TicketBallot) error {
	if f.refuse != nil {
		return f.refuse
	}
	d := f.desk
	key := d.keys[b.Wave]
	if key == nil {
		return survey.Fail(survey.NotFound, "ticket.wave", nil)
	}
	if err := key.Redeem(d.info(b.Wave, b.Group), b.Input, b.Output); err != nil {
		return survey.Fail(survey.Invalid, "ticket.invalid", nil)
	}
	return nil
}

func (f *fakeWaves) CastTicket(_ context.Context, b survey.TicketBallot) (survey.Receipt, error) {
	d := f.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	d.casts++
	if err := f.redeem(b); err != nil {
		return survey.Receipt{}, err
	}
	for _, wave := range d.waves {
		if wave.ID == b.Wave && len(b.Sheet) != wave.Manifest.Slot-33 { // survey.Slot: nullifier and mark
			return survey.Receipt{}, survey.Fail(survey.Invalid, "error.answer.length", survey.Args{"bytes": len(b.Sheet), "expected": wave.Manifest.Slot - 33})
		}
	}
	_, replaced := d.boxes[b.Wave][string(b.Input)]
	d.boxes[b.Wave][string(b.Input)] = b.Sheet
	return survey.Receipt{Wave: b.Wave, Teams: []string{"Children / <North> & Co"}, Headcount: 9, Help: survey.HelpFor(f.contacts, []survey.UnitID{"north", "children"}), Replaced: replaced}, nil
}

func (f *fakeWaves) WithdrawTicket(_ context.Context, b survey.TicketBallot) error {
	d := f.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := f.redeem(b); err != nil {
		return err
	}
	delete(d.boxes[b.Wave], string(b.Input))
	return nil
}

// sheets are the ballots of a wave, first bytes only: one a question.
func (d *desk) sheets(id survey.WaveID, questions int) [][]byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all [][]byte
	for sheet := range maps.Values(d.boxes[id]) {
		all = append(all, sheet[:questions])
	}
	return all
}

// touched counts everything that anybody asked the desk for.
func (d *desk) touched() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.offers + d.draws + d.casts
}

// ticketFor is a ballot of a group with its ticket, always the same one.
func (d *desk) ticketFor(t testing.TB, id survey.WaveID, group string, sheet []byte) survey.TicketBallot {
	t.Helper()
	public := new(oprf.PublicKey)
	if err := public.UnmarshalBinary(oprf.SuiteRistretto255, d.keys[id].PublicKey()); err != nil {
		t.Fatal(err)
	}
	client := oprf.NewPartialObliviousClient(oprf.SuiteRistretto255, public)
	b := survey.TicketBallot{Wave: id, Group: group, Input: make([]byte, ticket.InputSize), Sheet: sheet}
	finish, request, err := client.Blind([][]byte{b.Input})
	if err != nil {
		t.Fatal(err)
	}
	blinded, err := request.Elements[0].MarshalBinaryCompress()
	if err != nil {
		t.Fatal(err)
	}
	evaluated, rawProof, err := d.keys[id].Issue(d.info(id, group), blinded)
	if err != nil {
		t.Fatal(err)
	}
	element, proof := circl.Ristretto255.NewElement(), new(dleq.Proof)
	if err := errors.Join(element.UnmarshalBinary(evaluated), proof.UnmarshalBinary(circl.Ristretto255, rawProof)); err != nil {
		t.Fatal(err)
	}
	outputs, err := client.Finalize(finish, &oprf.Evaluation{Elements: []oprf.Evaluated{element}, Proof: proof}, d.info(id, group))
	if err != nil {
		t.Fatal(err)
	}
	b.Output = outputs[0]
	return b
}

// ballotJSON is a ballot as a phone writes it.
func ballotJSON(t testing.TB, b survey.TicketBallot) string {
	t.Helper()
	raw, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func base64Of(size int) string {
	return base64.StdEncoding.EncodeToString(make([]byte, size))
}
