package analytics

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"attune/survey"
)

var update = flag.Bool("update", false, "write the golden files anew")

// exported is two waves with every status, a block, a direct team, and names
// that a spreadsheet would run.
func exported(t *testing.T) []*Release {
	t.Helper()
	teams := []survey.UnitID{"u4", "u5"}
	block := survey.BlockID(teams)
	first := document{
		V: 1, Wave: "2026-10", Programme: "monthly", OpensOn: "2026-10-05", ClosesOn: "2026-10-19", K: 5, KC: 6,
		ManifestSHA256: strings.Repeat("0", 64), MethodVersion: "3",
		Audit: &documentAudit{Result: AuditPassed, Version: "2"},
		Packs: []documentPack{{ID: "pulse", Version: "1.0", SHA256: strings.Repeat("1", 64)}, {ID: "supports", Version: "1.0", SHA256: strings.Repeat("2", 64)}},
		Comparisons: []documentAssociation{
			{Outcome: "burnout", Pack: "supports", Predictor: "policy_known", Statistic: StatisticCorrelation, With: "pulse"},
			{Outcome: "burnout", Pack: "supports", Predictor: "workload", Statistic: StatisticSlope, With: "pulse"},
		},
		Blocks: []documentBlock{{ID: block, Parent: "u2", Units: teams, Invited: 13}},
		Units: []documentUnit{
			{ID: "u1", Name: "Sunrise, \"Ltd\"", Level: "organisation", Invited: 41},
			{ID: "u2", Name: "=SUM(A1)", Level: "level-1", Parent: "u1", Invited: 25},
			{ID: "u4", Name: "+Visits", Level: "team", Parent: "u2", Invited: 9},
			{ID: "u3", Name: "Duty", Level: "team", Parent: "u2", Invited: 12},
			{ID: "u5", Name: "=SUM(A1)", Level: "team", Parent: "u2", Direct: true, Invited: 4},
			{ID: "u6", Name: "École", Level: "team", Parent: "u1", Invited: 16},
			{ID: "u7", Name: "Ńew", Level: "team", Parent: "u1"},
		},
	}
	cell := func(unit, measure string, invited int) documentCell {
		c := documentCell{Unit: unit, Measure: measure, Statistic: StatisticMean, Pack: "pulse", PackVersion: "1.0", Invited: invited}
		if measure == MeasureResponse {
			c.Statistic, c.Pack, c.PackVersion = StatisticCoverage, "", ""
		}
		return c
	}
	finer := func(c documentCell, statistic string) documentCell {
		c.Statistic = statistic
		return c
	}
	shown := func(c documentCell, value, low, high float64, n int, reason Reason) documentCell {
		c.Status, c.Value, c.N, c.Reason = StatusShown, number(value), count(n), reason
		if low > 0 {
			c.Low, c.High = number(low), number(high)
		}
		return c
	}
	hidden := func(c documentCell, status Status, reason Reason, block string) documentCell {
		c.Status, c.Reason, c.Block = status, reason, block
		return c
	}
	compared := func(measure, statistic string) documentCell {
		c := finer(cell("u1", measure, 41), statistic)
		c.Pack = "supports"
		return c
	}
	negative := shown(compared("burnout~policy_known", StatisticCorrelation), -0.3, 0, 0, 32, ReasonNone)
	negative.Low, negative.High = number(-0.7), number(0.2)
	first.Cells = []documentCell{
		shown(finer(cell("u1", "burnout", 41), StatisticAlpha), 0.9, 0.6, 1, 32, ReasonClampedHigh),
		shown(cell("u1", "burnout", 41), 2.75, 2.2, 3.3, 18, ReasonNone),
		hidden(finer(cell("u1", "burnout", 41), StatisticOmega), StatusSuppressed, ReasonTooFewItems, ""),
		shown(finer(cell("u1", "burnout", 41), StatisticSD), 0.9, 0, 0, 18, ReasonNone),
		negative,
		hidden(compared("burnout~workload", StatisticSlope), StatusSuppressed, ReasonProtected, ""),
		shown(cell("u1", "response", 41), 0.78, 0, 0, 32, ReasonNone),
		shown(finer(cell("u1", "team_frozen:high", 41), StatisticCount), 1, 0, 0, 17, ReasonClampedLow),
		shown(cell("u2", "burnout", 25), 2.75, 2.3, 3.2, 18, ReasonNone),
		shown(cell("u2", "response", 25), 0.76, 0, 0, 19, ReasonNone),
		hidden(cell("u4", "burnout", 9), StatusCombined, ReasonNone, block),
		hidden(cell("u4", "response", 9), StatusCombined, ReasonNone, block),
		shown(cell("u3", "burnout", 12), 1.5, 1, 2, 10, ReasonClampedLow),
		shown(cell("u3", "response", 12), 0.83, 0, 0, 10, ReasonNone),
		hidden(cell("u5", "burnout", 4), StatusCombined, ReasonNone, block),
		hidden(cell("u5", "response", 4), StatusCombined, ReasonNone, block),
		shown(cell(block, "burnout", 13), 4.5, 3.7, 5, 8, ReasonClampedHigh),
		shown(cell(block, "response", 13), 0.69, 0, 0, 9, ReasonNone),
		hidden(cell("u6", "burnout", 16), StatusSuppressed, ReasonProtected, ""),
		shown(cell("u6", "response", 16), 0.81, 0, 0, 13, ReasonNone),
		hidden(cell("u7", "burnout", 0), StatusEmpty, ReasonNotInvited, ""),
		hidden(cell("u7", "response", 0), StatusEmpty, ReasonNotInvited, ""),
	}
	second := first
	second.Wave, second.OpensOn, second.ClosesOn = "2026-11", "2026-11-02", "2026-11-16"
	second.Blocks, second.Cells, second.Comparisons = []documentBlock{}, nil, nil
	for i, u := range first.Units {
		c := hidden(cell(string(u.ID), "burnout", 0), StatusEmpty, ReasonNotAsked, "")
		if i == 5 {
			c = shown(cell("u6", "burnout", 16), 3, 2.2, 3.8, 9, ReasonNone)
		}
		second.Cells = append(second.Cells, c)
	}
	var releases []*Release
	for _, d := range []document{first, second} {
		raw, err := d.encode()
		if err != nil {
			t.Fatal(err)
		}
		r, err := decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		releases = append(releases, r)
	}
	return releases
}

func english(key string, args map[string]any) string {
	switch key {
	case "unit.direct":
		return fmt.Sprintf("%s, directly", args["unit"])
	case "block.name":
		return fmt.Sprintf("Other teams in %s, combined: %s", args["parent"], args["teams"])
	default:
		return "[" + key + "]"
	}
}

// Scripts rely on these bytes (DESIGN, "Contracts"). A difference here is a
// change for every reader, not a test to be updated in passing.
func TestExportMatchesTheGoldenFiles(t *testing.T) {
	for _, format := range []string{FormatCSV, FormatJSON} {
		t.Run(format, func(t *testing.T) {
			var out bytes.Buffer
			if err := Export(&out, format, exported(t), Wording{Text: english}); err != nil {
				t.Fatal(err)
			}
			name := filepath.Join("testdata", "export."+format)
			if *update {
				if err := os.WriteFile(name, out.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(out.Bytes(), want) {
				t.Errorf("got\n%s\nwant\n%s", out.Bytes(), want)
			}
		})
	}
}

// The columns, word for word from DESIGN, "Contracts".
const contract = "wave_id, opens_on, closes_on, unit_id, unit_name, unit_level, parent_id, block_id, pack_id, pack_version, measure, statistic, value, interval_low, interval_high, n, invited, status, reason, k, method_version"

func TestBothFormatsHaveTheColumnsOfTheContractAndTheSameCells(t *testing.T) {
	var asCSV, asJSON bytes.Buffer
	if err := errors.Join(
		Export(&asCSV, FormatCSV, exported(t), Wording{Text: english}), Export(&asJSON, FormatJSON, exported(t), Wording{Text: english}),
	); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&asCSV).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(lines[0], ", "); got != contract {
		t.Errorf("columns %s", got)
	}
	var objects []map[string]any
	if err := json.Unmarshal(asJSON.Bytes(), &objects); err != nil {
		t.Fatal(err)
	}
	if len(objects) != len(lines)-1 {
		t.Fatalf("%d objects, %d lines", len(objects), len(lines)-1)
	}
	for i, o := range objects {
		if len(o) != len(lines[0]) {
			t.Errorf("object %d has %d names", i, len(o))
		}
		for j, column := range lines[0] {
			want := ""
			if o[column] != nil {
				want = fmt.Sprint(o[column])
			}
			if got := strings.TrimPrefix(lines[i+1][j], "'"); got != want {
				t.Errorf("line %d, %s: %q in CSV, %q in JSON", i, column, got, want)
			}
		}
	}
	fields := reflect.TypeFor[row]()
	for i, column := range columns() {
		if tag := fields.Field(i).Tag.Get("json"); tag != column {
			t.Errorf("column %d: %s and %s", i, column, tag)
		}
	}
}

func TestTextsThatSpreadsheetsWouldRunAreGuarded(t *testing.T) {
	for _, text := range []string{"=1+1", "+1", "-1", "@x", "\tx", "\rx"} {
		if guard(text) != "'"+text {
			t.Errorf("%q became %q", text, guard(text))
		}
	}
	for _, text := range []string{"", "a=1", " =1", "2026-11-02", "École"} {
		if guard(text) != text {
			t.Errorf("%q became %q", text, guard(text))
		}
	}
	if decimal(number(-0.5)) != "-0.5" {
		t.Error("a number was guarded")
	}
}

func TestExportRefusesAnUnknownFormatAndSaysWhenItCannotWrite(t *testing.T) {
	if err := Export(&bytes.Buffer{}, "doc", nil, Wording{Text: english}); !survey.IsKey(err, "error.export.format") {
		t.Errorf("%v", err)
	}
	for _, format := range []string{FormatCSV, FormatJSON} {
		if err := Export(full{}, format, exported(t), Wording{Text: english}); err == nil {
			t.Errorf("%s on a full disk: no error", format)
		}
	}
	var none bytes.Buffer
	if err := Export(&none, FormatJSON, nil, Wording{Text: english}); err != nil || none.String() != "[]\n" {
		t.Errorf("no releases: %q, %v", none.String(), err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }
