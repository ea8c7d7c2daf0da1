package respond_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"attune/handlers/respond"
	"attune/static"
	"attune/survey"
	"attune/survey/ticket"
)

// A clock that stands still: Friday 20 November 2026, 15:00 UTC.
var noon = time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)

// fakeWaves keeps ballots in memory and speaks the codes and errors of the
// real ones.
type fakeWaves struct {
	open    []survey.OpenWave
	next    time.Time
	codes   map[string]survey.WaveID // written as printed
	ballots map[string]survey.Answers
	log     []survey.Entry
	fail    error // every call answers with it when set
	refuse  error // casting answers with it when set
	panics  bool

	contacts []survey.Contact

	desk *desk // of tickets; nil: no wave gives any out
}

func (f *fakeWaves) OpenWaves(context.Context) ([]survey.OpenWave, error) {
	if f.panics {
		panic("planted")
	}
	return f.open, f.fail
}

func (f *fakeWaves) Help(context.Context) (survey.Help, error) {
	return survey.HelpFor(f.contacts), f.fail
}

func (f *fakeWaves) NextOpening(context.Context) (time.Time, bool, error) {
	return f.next, !f.next.IsZero(), nil
}

func (f *fakeWaves) PaperWave(_ context.Context, typed string) (survey.OpenWave, error) {
	code, err := ticket.ParsePaperCode(typed)
	if err != nil {
		return survey.OpenWave{}, survey.Fail(survey.Invalid, "paper.mistyped", nil)
	}
	if len(f.open) == 0 {
		return survey.OpenWave{}, survey.Fail(survey.Conflict, "wave.none_open", nil)
	}
	for _, w := range f.open {
		if f.codes[code.String()] == w.ID {
			return w, nil
		}
	}
	return survey.OpenWave{}, survey.Fail(survey.NotFound, "paper.wrong", nil)
}

func (f *fakeWaves) CastPaper(ctx context.Context, typed string, a survey.Answers) (survey.Receipt, error) {
	if err := errors.Join(f.fail, f.refuse); err != nil {
		return survey.Receipt{}, err
	}
	w, err := f.PaperWave(ctx, typed)
	if err != nil {
		return survey.Receipt{}, err
	}
	sheet, err := survey.NewSheet(w.Packs)
	if err != nil {
		return survey.Receipt{}, err
	}
	if _, err := sheet.Encode(a); err != nil {
		return survey.Receipt{}, err
	}
	code, err := ticket.ParsePaperCode(typed)
	if err != nil {
		return survey.Receipt{}, err
	}
	_, replaced := f.ballots[code.String()]
	f.ballots[code.String()] = a
	return survey.Receipt{Wave: w.ID, Teams: []string{"Children / North"}, Headcount: 9, Contact: w.Contact, Help: survey.HelpFor(f.contacts, []survey.UnitID{"north", "children"}), Replaced: replaced}, nil
}

func (f *fakeWaves) WithdrawPaper(ctx context.Context, typed string) error {
	if f.fail != nil {
		return f.fail
	}
	if _, err := f.PaperWave(ctx, typed); err != nil {
		return err
	}
	code, err := ticket.ParsePaperCode(typed)
	if err != nil {
		return err
	}
	delete(f.ballots, code.String())
	return nil
}

func (f *fakeWaves) Log(context.Context) ([]survey.Entry, error) { return f.log, f.fail }

// code is the printed code number i of a wave.
func (f *fakeWaves) code(tag string, wave survey.WaveID, i int) string {
	code := ticket.NewPaperCode([]byte("a key of 32 bytes for tests only"), tag, "g1", i).String()
	f.codes[code] = wave
	return code
}

func openWave(t testing.TB, id survey.WaveID, packs ...string) survey.OpenWave {
	t.Helper()
	library, err := survey.NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	sum := survey.SHA256Hex([]byte(id))
	words, err := survey.Fingerprint(sum)
	if err != nil {
		t.Fatal(err)
	}
	w := survey.OpenWave{
		ID: id, State: survey.Open, Manifest: survey.Manifest{Wave: id, K: 5, KC: survey.KC(5)}, ManifestSHA256: sum, Fingerprint: words,
		Organisation: "Riverside Children’s Services", Contact: "Amina Duval, staff counsellor\n0123 456 789, every day 8–20",
		Owner: "Joan Ortiz", ResultsOn: "2026-12-10",
		Opens: noon.Add(-24 * time.Hour), Closes: noon.Add(7 * 24 * time.Hour), Zone: time.UTC,
	}
	for _, name := range packs {
		pack, err := library.Latest(name)
		if err != nil {
			t.Fatal(err)
		}
		w.Packs = append(w.Packs, pack)
	}
	return w
}

// pages is a handler over waves, with what a phone does to it.
type pages struct {
	t       testing.TB
	handler http.Handler
	waves   *fakeWaves
	site    *static.Site
	now     func() time.Time
}

func newPages(t testing.TB, open ...survey.OpenWave) *pages {
	t.Helper()
	return pagesWith(t, respond.Config{}, open...)
}

// pagesWith takes what the test wants to set of the configuration.
func pagesWith(t testing.TB, cfg respond.Config, open ...survey.OpenWave) *pages {
	t.Helper()
	site, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	waves := &fakeWaves{open: open, codes: make(map[string]survey.WaveID), ballots: make(map[string]survey.Answers)}
	cfg.Waves, cfg.Site, cfg.Now = waves, site, func() time.Time { return noon }
	handler, err := respond.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &pages{t, handler, waves, site, cfg.Now}
}

func (p *pages) do(r *http.Request) *httptest.ResponseRecorder {
	p.t.Helper()
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	return w
}

func (p *pages) get(target string) *httptest.ResponseRecorder {
	p.t.Helper()
	return p.do(httptest.NewRequest(http.MethodGet, target, nil))
}

// post sends fields as a browser's form does; headers come in pairs.
func (p *pages) post(target string, fields url.Values, headers ...string) *httptest.ResponseRecorder {
	p.t.Helper()
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return p.do(r)
}
