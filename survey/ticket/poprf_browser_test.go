package ticket

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// maxBundle is DESIGN's bound on the client: 18 KB compressed.
const maxBundle = 18_000

func TestTheTicketClientIsSmall(t *testing.T) {
	raw, err := os.ReadFile(bundlePath)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression) // as static serves it
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("ticket.js: %d bytes, %d compressed", len(raw), packed.Len())
	if packed.Len() > maxBundle {
		t.Errorf("ticket.js has %d bytes compressed, more than %d", packed.Len(), maxBundle)
	}
	for _, word := range []string{"eval(", "new Function", "innerHTML", "document.write", "localStorage", "import("} {
		if bytes.Contains(raw, []byte(word)) {
			t.Errorf("ticket.js contains %q", word)
		}
	}
}

// drawnOnPhone is what the test's page says of a draw.
type drawnOnPhone struct {
	Info, Blinded, Evaluated, Input, Output string
	BlindMS, FinalizeMS                     float64
}

func (d drawnOnPhone) redeem(t *testing.T, key *IssuerKey) error {
	t.Helper()
	return key.Redeem(unhex(t, d.Info), unhex(t, d.Input), unhex(t, d.Output))
}

// One browser for all; every part has a person of its own.
func TestAPhoneAndTheServerUnderstandEachOther(t *testing.T) {
	published, tagging := issuer(t, 1), issuer(t, 2)
	ctx, url := browser(t), browserServer(t, published, tagging)
	visit(ctx, t, url)
	for name, part := range map[string]func(context.Context, *testing.T, string, *IssuerKey){
		"the published vectors hold in the browser":                       vectorsInTheBrowser,
		"the browser derives what Go derives":                             derivedInTheBrowser,
		"a ticket drawn on the phone is redeemed by Go":                   drawnOnThePhone,
		"a tagging key is refused by the phone":                           taggedOnThePhone,
		"a group's leaf is accepted with its path and with no other":      leafOnThePhone,
		"a secret survives a reload and cannot be read":                   secretOnThePhone,
		"two tabs that make a secret at once use the same one":            secretOfTwoTabs,
		"tickets are kept, and one that cannot be is kept for the moment": ticketsOnThePhone,
		"a draft is sealed, survives a reload, and is wiped":              draftOnThePhone,
		"denied storage is said, and a ticket can be drawn all the same":  deniedStorage,
	} {
		t.Run(name, func(t *testing.T) { part(ctx, t, url, published) })
	}
	t.Run("nothing broke the policy, which is in force", func(t *testing.T) {
		visit(ctx, t, url)
		ask[drawnOnPhone](ctx, t, "phone.draw('policy', 'north', '/draw/published')")
		if broken := ask[[]string](ctx, t, "violations"); len(broken) > 0 {
			t.Errorf("violations: %v", broken)
		}
		if added := ask[int](ctx, t, "addedGlobals"); added != 0 {
			t.Errorf("the bundle made %d globals", added)
		}
		if got := ask[string](ctx, t, "phone.html()"); got != "TypeError" {
			t.Errorf("a string as markup is %s; the policy is not in force", got)
		}
	})
}

func vectorsInTheBrowser(ctx context.Context, t *testing.T, _ string, _ *IssuerKey) {
	var want [][]string
	for _, vector := range readRFC(t).Vectors {
		if vector.Batch == 1 {
			want = append(want, []string{vector.BlindedElement, vector.Output})
		}
	}
	if diff := cmp.Diff(want, ask[[][]string](ctx, t, "phone.vectors()")); diff != "" {
		t.Errorf("(−RFC +browser)\n%s", diff)
	}
}

func derivedInTheBrowser(ctx context.Context, t *testing.T, _ string, _ *IssuerKey) {
	raw, err := os.ReadFile(deriveGolden)
	if err != nil {
		t.Fatal(err)
	}
	var golden struct{ Cases []derivedCase }
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	var want [][]string
	for _, c := range golden.Cases {
		want = append(want, []string{c.Info, c.Input, c.Blinded, c.Output})
	}
	if diff := cmp.Diff(want, ask[[][]string](ctx, t, "phone.derived()")); diff != "" {
		t.Errorf("(−Go +browser)\n%s", diff)
	}
}

func drawnOnThePhone(ctx context.Context, t *testing.T, url string, key *IssuerKey) {
	slowed(ctx, t, 4) // a slow phone, with a page that was just loaded
	visit(ctx, t, url)
	first := ask[drawnOnPhone](ctx, t, "phone.draw('anna', 'north', '/draw/published')")
	slowed(ctx, t, 1)
	t.Logf("at a quarter of this processor: blind %.0f ms, finalise %.0f ms", first.BlindMS, first.FinalizeMS)
	if want := hex.EncodeToString(infoOf(`{"v":1,"wave":"2026-11"}`, "north")); first.Info != want {
		t.Errorf("info = %s, want %s", first.Info, want)
	}
	if err := first.redeem(t, key); err != nil {
		t.Error(err)
	}

	visit(ctx, t, url) // the answer was lost, the page loaded again
	again := ask[drawnOnPhone](ctx, t, "phone.draw('anna', 'north', '/draw/published')")
	if first.Blinded != again.Blinded || first.Evaluated != again.Evaluated || first.Output != again.Output {
		t.Errorf("the second draw is another: %+v, %+v", first, again)
	}

	south := ask[drawnOnPhone](ctx, t, "phone.draw('anna', 'south', '/draw/published')")
	if err := south.redeem(t, key); err != nil {
		t.Error(err)
	}
	south.Info = first.Info
	if err := south.redeem(t, key); !errors.Is(err, ErrNotRedeemed) {
		t.Errorf("the ticket of another group is redeemed: %v", err)
	}
	other := ask[drawnOnPhone](ctx, t, "phone.draw('ben', 'north', '/draw/published')")
	if other.Input == first.Input || other.Blinded == first.Blinded {
		t.Error("two people have the same ticket")
	}
}

func taggedOnThePhone(ctx context.Context, t *testing.T, _ string, _ *IssuerKey) {
	if got := ask[string](ctx, t, "phone.refused('cleo', 'north', '/draw/tagging')"); got != "ProofError" {
		t.Errorf("the stamp of a tagging key is %s, want ProofError", got)
	}
	if got := ask[string](ctx, t, "phone.refused('cleo', 'north', '/draw/published')"); got != "accepted" {
		t.Errorf("after that, the stamp of the published key is %s", got)
	}
}

func leafOnThePhone(ctx context.Context, t *testing.T, _ string, _ *IssuerKey) {
	three := leaves()
	h := func(raw []byte) string { return hex.EncodeToString(raw) }
	right := []string{h(leafHash(three[0])), h(leafHash(three[2]))} // of leaf 1, from its sibling up
	for _, try := range []struct {
		name  string
		leaf  string
		place int
		path  []string
		want  bool
	}{
		{"its own path", three[1], 1, right, true},
		{"another place", three[1], 0, right, false},
		{"a path in the wrong order", three[1], 1, []string{right[1], right[0]}, false},
		{"a short path", three[1], 1, right[:1], false},
		{"no path", three[1], 1, []string{}, false},
		{"the path of another leaf", three[1], 1, []string{h(leafHash(three[1])), right[1]}, false},
		{"another headcount", strings.Replace(three[1], "9", "2", 1), 1, right, false},
	} {
		if got := ask[bool](ctx, t, "phone.leaf(%s, %s, 3, %s)", try.leaf, try.place, try.path); got != try.want {
			t.Errorf("%s: %v, want %v", try.name, got, try.want)
		}
	}
}

type keyOnPhone struct {
	Kind        string
	Extractable bool
	Read        string
	Blinded     string
}

func secretOnThePhone(ctx context.Context, t *testing.T, url string, _ *IssuerKey) {
	if stored := ask[bool](ctx, t, "phone.own('dana').then(({ stored }) => stored)"); !stored {
		t.Fatal("the browser did not store the secret")
	}
	before := ask[keyOnPhone](ctx, t, "phone.keyState('dana')")
	// WebCrypto exports no HKDF key; this one would not be even if it did.
	want := keyOnPhone{Kind: "CryptoKey", Extractable: false, Read: "NotSupportedError", Blinded: before.Blinded}
	if diff := cmp.Diff(want, before); diff != "" {
		t.Error(diff)
	}
	visit(ctx, t, url)
	if diff := cmp.Diff(want, ask[keyOnPhone](ctx, t, "phone.keyState('dana')")); diff != "" {
		t.Errorf("after a reload: %s", diff)
	}
}

func secretOfTwoTabs(ctx context.Context, t *testing.T, _ string, _ *IssuerKey) {
	both := ask[[]string](ctx, t, "phone.race('emil')")
	if kept := ask[keyOnPhone](ctx, t, "phone.keyState('emil')"); both[0] != both[1] || kept.Blinded != both[0] {
		t.Errorf("secrets differ: %v, kept %s", both, kept.Blinded)
	}
}

func ticketsOnThePhone(ctx context.Context, t *testing.T, url string, _ *IssuerKey) {
	type kept struct {
		Group, Input       string
		Stored, Unclonable bool
		Held               []string
	}
	want := kept{Group: "north", Input: "01", Stored: true, Unclonable: false, Held: []string{"a", "b"}}
	if diff := cmp.Diff(want, ask[kept](ctx, t, "phone.tickets()")); diff != "" {
		t.Error(diff)
	}
	visit(ctx, t, url)
	if left := ask[[]string](ctx, t, "phone.kept().then((all) => Object.keys(all).filter((name) => name.startsWith('ticket:')))"); !cmp.Equal(left, []string{"ticket:2026-11:a"}) {
		t.Errorf("after a reload these tickets are there: %v", left)
	}
}

func draftOnThePhone(ctx context.Context, t *testing.T, url string, _ *IssuerKey) {
	const draft = "answers of déjà vu, again and again"
	type sealed struct {
		Stored bool
		Bytes  string
	}
	got := ask[sealed](ctx, t, "phone.sealed('fay', %s)", draft)
	if !got.Stored || strings.Contains(got.Bytes, "answers") {
		t.Errorf("draft = %+v, want it stored and unreadable", got)
	}
	visit(ctx, t, url)
	if got := ask[string](ctx, t, "phone.opened('fay')"); got != draft {
		t.Errorf("after a reload the draft is %q", got)
	}
	type wiped struct {
		Gone bool
		Left []string
	}
	after := ask[wiped](ctx, t, "phone.wiped('fay')")
	if left := strings.Join(after.Left, " "); !after.Gone || strings.Contains(left, "fay") {
		t.Errorf("after wiping fay: %+v", after)
	}
	if after := ask[wiped](ctx, t, "phone.wiped()"); !after.Gone || len(after.Left) > 0 {
		t.Errorf("after wiping everything: %+v", after)
	}
}

func deniedStorage(ctx context.Context, t *testing.T, url string, key *IssuerKey) {
	type denied struct {
		Stored, Again, Same, Ticket bool
		Held                        []string
		Drawn                       drawnOnPhone
	}
	visit(ctx, t, url+"/?denied")
	got := ask[denied](ctx, t, "phone.denied()")
	if err := got.Drawn.redeem(t, key); err != nil {
		t.Error(err)
	}
	got.Drawn = drawnOnPhone{}
	if diff := cmp.Diff(denied{Same: true, Held: []string{"denied"}}, got); diff != "" {
		t.Error(diff)
	}
	visit(ctx, t, url)
}
