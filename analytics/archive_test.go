package analytics

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"attune/survey"
)

// shelf is an archive's documents in memory; it counts reads.
type shelf struct {
	mu    sync.Mutex
	ids   []survey.WaveID
	docs  map[survey.WaveID]survey.StoredRelease
	reads int
}

func (s *shelf) ReleaseIDs(context.Context) ([]survey.WaveID, error) {
	return s.ids, nil
}

func (s *shelf) ReleaseDocument(_ context.Context, id survey.WaveID) (survey.StoredRelease, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	doc, ok := s.docs[id]
	if !ok {
		return survey.StoredRelease{}, errors.New("no such release")
	}
	return doc, nil
}

func (s *shelf) put(t *testing.T, d document) {
	t.Helper()
	raw, err := d.encode()
	if err != nil {
		t.Fatal(err)
	}
	if s.docs == nil {
		s.docs = make(map[survey.WaveID]survey.StoredRelease)
	}
	s.ids = append(s.ids, d.Wave)
	s.docs[d.Wave] = survey.StoredRelease{Wave: d.Wave, SHA256: survey.SHA256Hex(raw), JSON: raw}
}

func number(x float64) *float64 { return &x }
func count(n int) *int          { return &n }

// small is a document with one measure: an organisation with teams a, b and
// (when asked for) c.
func small(wave survey.WaveID, programme, opens, measure string, withC bool) document {
	d := document{
		V: 1, Wave: wave, Programme: programme, OpensOn: opens, ClosesOn: opens, K: 5, KC: 6,
		ManifestSHA256: strings.Repeat("0", 64), MethodVersion: "1", Blocks: []documentBlock{},
		Packs: []documentPack{{ID: "pulse", Version: "1.0", SHA256: strings.Repeat("1", 64)}},
		Units: []documentUnit{
			{ID: "org", Name: "Org", Level: "organisation", Invited: 20},
			{ID: "a", Name: "A", Level: "team", Parent: "org", Invited: 10},
			{ID: "b", Name: "B", Level: "team", Parent: "org", Invited: 10},
		},
	}
	if withC {
		d.Units = append(d.Units, documentUnit{ID: "c", Name: "C", Level: "team", Parent: "org", Invited: 0})
	}
	for _, u := range d.Units {
		c := documentCell{Unit: string(u.ID), Measure: measure, Statistic: StatisticMean, Pack: "pulse", PackVersion: "1.0", Invited: u.Invited, Status: StatusEmpty, Reason: ReasonNotInvited}
		if u.Invited > 0 {
			c.Status, c.Reason, c.Value, c.Low, c.High, c.N = StatusShown, ReasonNone, number(3.5), number(3.1), number(3.9), count(8)
		}
		d.Cells = append(d.Cells, c)
	}
	return d
}

func TestArchiveListsReleasesByOpeningDateAndReadsEachOnce(t *testing.T) {
	s := &shelf{}
	s.put(t, small("2026-11-10", "p", "2026-11-30", "burnout", false))
	s.put(t, small("2026-12", "p", "2026-12-01", "burnout", false))
	s.put(t, small("2026-11-2", "p", "2026-11-30", "burnout", false))
	s.put(t, small("2026-11", "p", "2026-11-02", "burnout", false))
	a := NewArchive(s)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			releases, err := a.Releases(context.Background())
			if err != nil {
				t.Error(err)
				return
			}
			var waves []string
			for _, r := range releases {
				waves = append(waves, string(r.Wave()))
			}
			if got := strings.Join(waves, " "); got != "2026-11 2026-11-2 2026-11-10 2026-12" {
				t.Errorf("order %s", got)
			}
		})
	}
	wg.Wait()
	before := s.reads
	if _, err := a.Releases(context.Background()); err != nil || s.reads != before {
		t.Errorf("read again: %d more, %v", s.reads-before, err)
	}
}

func TestArchiveRefusesADocumentThatIsNotWhatWasPublished(t *testing.T) {
	tests := map[string]func(d *survey.StoredRelease){
		"changed text": func(d *survey.StoredRelease) {
			d.JSON = []byte(strings.Replace(string(d.JSON), "3.5", "3.0", 1))
		},
		"another wave's document": func(d *survey.StoredRelease) {
			raw, _ := small("2025-01", "p", "2025-01-01", "burnout", false).encode()
			d.JSON, d.SHA256 = raw, survey.SHA256Hex(raw)
		},
		"no document": func(d *survey.StoredRelease) {
			d.JSON, d.SHA256 = []byte("{}"), survey.SHA256Hex([]byte("{}"))
		},
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			s := &shelf{}
			s.put(t, small("2026-11", "p", "2026-11-02", "burnout", false))
			d := s.docs["2026-11"]
			spoil(&d)
			s.docs["2026-11"] = d
			_, err := NewArchive(s).Releases(context.Background())
			var fault *survey.Error
			if !errors.As(err, &fault) || fault.Key != "error.release.damaged" || fault.Args["wave"] != survey.WaveID("2026-11") {
				t.Errorf("error %v does not name the wave", err)
			}
		})
	}
}

func TestSeriesHasGapsAndLeavesOtherProgrammesOut(t *testing.T) {
	s := &shelf{}
	s.put(t, small("2026-09", "monthly", "2026-09-01", "burnout", false))
	s.put(t, small("2026-10", "monthly", "2026-10-01", "care_burnout", true)) // the long form instead
	s.put(t, small("2026-10-2", "incident", "2026-10-20", "needs", true))
	s.put(t, small("2026-11", "monthly", "2026-11-01", "burnout", true))
	a := NewArchive(s)
	points, err := a.Series(context.Background(), "c", "burnout", StatisticMean)
	if err != nil {
		t.Fatal(err)
	}
	type want struct {
		wave    survey.WaveID
		present bool
	}
	wants := []want{{"2026-09", false}, {"2026-10", false}, {"2026-11", true}}
	if len(points) != len(wants) {
		t.Fatalf("%d points: %+v", len(points), points)
	}
	for i, w := range wants {
		if points[i].Wave != w.wave || points[i].Present != w.present {
			t.Errorf("point %d: %+v, want %+v", i, points[i], w)
		}
	}
	if c := points[2].Cell; c.Status != StatusEmpty || points[2].OpensOn != "2026-11-01" {
		t.Errorf("last point %+v", points[2])
	}
	points, _ = a.Series(context.Background(), "a", "burnout", StatisticMean)
	if len(points) != 3 || points[0].Cell.Value != 3.5 || points[1].Present {
		t.Errorf("team a: %+v", points)
	}
	points, _ = a.Series(context.Background(), "a", "nothing", StatisticMean)
	if len(points) != 0 {
		t.Errorf("a measure that nobody asked has %d points", len(points))
	}
}

func TestDecoderRefusesWhatNoReleaseCanSay(t *testing.T) {
	tests := map[string]func(d *document){
		"another version":              func(d *document) { d.V = 2 },
		"a number in a hidden cell":    func(d *document) { d.Cells[1].Status, d.Cells[1].Reason = StatusSuppressed, ReasonProtected },
		"fewer than k answers":         func(d *document) { d.Cells[1].N = count(4) },
		"more answers than people":     func(d *document) { d.Cells[1].N = count(11) },
		"three decimals":               func(d *document) { d.Cells[1].Value = number(3.125) },
		"a value outside its interval": func(d *document) { d.Cells[1].Value = number(4.5) },
		"half an interval":             func(d *document) { d.Cells[1].Low = nil },
		"no n":                         func(d *document) { d.Cells[1].N = nil },
		"a cell twice":                 func(d *document) { d.Cells[1] = d.Cells[2] },
		"a unit's cells apart": func(d *document) {
			d.Cells = append(d.Cells, documentCell{Unit: "a", Measure: "sts", Statistic: "mean", Status: StatusEmpty, Reason: ReasonNotInvited})
		},
		"measures out of order": func(d *document) { d.Cells[2] = d.Cells[1]; d.Cells[2].Measure = "abc" },
		"a cell of nowhere":     func(d *document) { d.Cells[1].Unit = "z" },
		"combined in nothing": func(d *document) {
			d.Cells[1] = documentCell{Unit: "a", Measure: "burnout", Statistic: "mean", Status: StatusCombined}
		},
		"an unknown status": func(d *document) {
			d.Cells[1] = documentCell{Unit: "a", Measure: "burnout", Statistic: "mean", Status: "hidden"}
		},
		"an unknown reason":  func(d *document) { d.Cells[1].Reason = "because" },
		"a wrong level":      func(d *document) { d.Units[1].Level = "level-1" },
		"units out of order": func(d *document) { d.Units[1], d.Units[2] = d.Units[2], d.Units[1] },
		"no units":           func(d *document) { d.Units = nil },
		"a time of day":      func(d *document) { d.OpensOn = "2026-11-02T10:00:00Z" },
		"a block with a false id": func(d *document) {
			d.Blocks = []documentBlock{{ID: "b:0", Parent: "org", Units: []survey.UnitID{"a", "b"}}}
		},
		"a block of strangers": func(d *document) {
			teams := []survey.UnitID{"a", "z"}
			d.Blocks = []documentBlock{{ID: survey.BlockID(teams), Parent: "org", Units: teams}}
		},
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			d := small("2026-11", "p", "2026-11-02", "burnout", false)
			spoil(&d)
			raw, err := d.encode()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := decode(raw); err == nil {
				t.Errorf("accepted %s", raw)
			}
		})
	}
	good, err := small("2026-11", "p", "2026-11-02", "burnout", false).encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decode(good); err != nil {
		t.Errorf("a sound document: %v", err)
	}
	for name, raw := range map[string]string{
		"white space":      " " + string(good),
		"two documents":    string(good) + string(good),
		"an unknown field": strings.Replace(string(good), `{"blocks"`, `{"aaa":1,"blocks"`, 1),
		"3.50 for 3.5":     strings.Replace(string(good), "3.5", "3.50", 1),
	} {
		if _, err := decode([]byte(raw)); err == nil {
			t.Errorf("accepted %s", name)
		}
	}
}

// The decoder reads what lies in a database: it must refuse anything that
// encode did not write, and never fall over.
func FuzzDecodeRelease(f *testing.F) {
	for _, withC := range []bool{false, true} {
		raw, err := small("2026-11", "p", "2026-11-02", "burnout", withC).encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"v":1,"units":[{"id":"a","parent":"a"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := decode(raw)
		if err != nil {
			return
		}
		for _, c := range r.Cells() {
			if c.Status == StatusShown && (c.N < r.K() || c.N > c.Invited) {
				t.Errorf("accepted %+v", c)
			}
			if c.Status != StatusShown && (c.N != 0 || c.Value != 0 || c.Interval) {
				t.Errorf("a hidden cell with a number: %+v", c)
			}
		}
	})
}

// testdata/release-v1.json is a release that the program of method version 1
// made, of the test organisation "mixed". Stored releases never change, so
// every later program has to read it.
func TestAReleaseOfTheFirstMethodStaysReadable(t *testing.T) {
	raw, err := os.ReadFile("testdata/release-v1.json")
	if err != nil {
		t.Fatal(err)
	}
	r, err := decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	if r.MethodVersion() != "1" || len(r.Cells()) != strings.Count(string(raw), `"status"`) || len(r.Blocks()) != 4 {
		t.Errorf("method %s, %d cells, %d blocks", r.MethodVersion(), len(r.Cells()), len(r.Blocks()))
	}
	if _, audited := r.Audit(); audited {
		t.Error("it has an audit, which did not exist then")
	}
	if c, ok := r.Cell("org", "burnout", StatisticMean); !ok || c.Value != 3 || c.N != 45 || r.Step(c) != 0 {
		t.Errorf("%+v", c)
	}
}

// A unit is the same while the same teams with people lie under it. Renaming
// and an empty new team change nothing; a team that comes, goes or is emptied
// does. A wave in which the unit was not asked is a gap and no break.
func TestATrendBreaksWhereAUnitIsAnotherSetOfTeams(t *testing.T) {
	wave := func(id, day string, teams map[string]int, name string) document {
		d := small(survey.WaveID(id), "monthly", day, "burnout", false)
		d.Units, d.Cells = []documentUnit{{ID: "org", Name: name, Level: "organisation"}}, nil
		for _, team := range []string{"a", "b", "c"} {
			if people, is := teams[team]; is {
				d.Units = append(d.Units, documentUnit{ID: survey.UnitID(team), Name: team, Level: "team", Parent: "org", Invited: people})
				d.Units[0].Invited += people
			}
		}
		for _, u := range d.Units {
			c := documentCell{Unit: string(u.ID), Measure: "burnout", Statistic: StatisticMean, Invited: u.Invited, Status: StatusSuppressed, Reason: ReasonProtected}
			if u.Invited == 0 {
				c.Status, c.Reason = StatusEmpty, ReasonNotAsked
			}
			d.Cells = append(d.Cells, c)
		}
		return d
	}
	s := &shelf{}
	s.put(t, wave("2026-01", "2026-01-05", map[string]int{"a": 9, "b": 9}, "Old name"))
	s.put(t, wave("2026-02", "2026-02-05", map[string]int{"a": 9, "b": 9, "c": 0}, "New name"))
	s.put(t, wave("2026-03", "2026-03-05", map[string]int{"a": 9, "b": 9, "c": 4}, "New name"))
	s.put(t, wave("2026-04", "2026-04-05", map[string]int{"a": 0, "b": 0, "c": 0}, "New name"))
	s.put(t, wave("2026-05", "2026-05-05", map[string]int{"a": 8, "b": 9, "c": 5}, "New name"))
	s.put(t, wave("2026-06", "2026-06-05", map[string]int{"a": 0, "b": 9, "c": 5}, "New name"))
	archive := NewArchive(s)
	for unit, want := range map[string][]bool{
		"org": {false, false, true, false, false, true},
		"a":   {false, false, false, false, false, false},
	} {
		points, err := archive.Series(context.Background(), survey.UnitID(unit), "burnout", StatisticMean)
		if err != nil {
			t.Fatal(err)
		}
		var got []bool
		for _, p := range points {
			got = append(got, p.Break)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: breaks %v, want %v", unit, got, want)
		}
	}
}
