package main

import (
	"fmt"
	"io"

	"attune/analytics"
)

type simulateCommand struct {
	Signs simulateSigns `cmd:"" help:"How often the rules for signs of survival mode are right and wrong, on made-up teams."`
}

type simulateSigns struct {
	Repetitions int    `default:"4000" help:"Teams for each size and scenario." placeholder:"N"`
	Seed        uint64 `default:"1" help:"Another seed draws other teams."`
	Output      string `short:"o" default:"-" help:"File to write, - for standard output." placeholder:"FILE"`
}

// Run writes the tables as Markdown, as docs/decisions/signs-thresholds.md has
// them.
func (c simulateSigns) Run(a *app) error {
	if c.Repetitions < 1 {
		return usageError{fmt.Sprintf("--repetitions is %d: it takes 1 team or more", c.Repetitions)}
	}
	s := analytics.SimulateSigns(c.Seed, c.Repetitions)
	return a.writeOutput(c.Output, func(w io.Writer) error { return writeSimulation(w, s) })
}

// simulationTable is one of the tables: a row for each that fits.
type simulationTable struct {
	title   string
	columns string
	fits    func(scenario string) bool
	row     func(analytics.SignRow) []any // shares, but for a delay, which is waves(…)
}

// waves is a number of waves among shares.
type waves float64

func simulationTables() []simulationTable {
	rises := func(s string) bool {
		return s == analytics.ScenarioSudden || s == analytics.ScenarioSlow || s == analytics.ScenarioFewer
	}
	recovers := func(s string) bool { return s == analytics.ScenarioRecovery }
	return []simulationTable{
		{
			"Nothing changes in twelve waves", "team size | scenario | a given sign present | any of six | unit in survival mode | a given sign emerging | waves that cannot say",
			func(s string) bool { return !rises(s) && !recovers(s) },
			func(r analytics.SignRow) []any {
				return []any{r.Present, r.AnySign, r.Survival, r.Emerging, r.CannotSay}
			},
		},
		{
			"A rise after six waves", "team size | scenario | unit found within 3 waves | within 6 | waves until then | a given sign emerging or present at once | then cleared wrongly | waves that cannot say",
			rises,
			func(r analytics.SignRow) []any {
				return []any{r.FoundSoon, r.FoundLater, waves(r.Delay), r.Noticed, r.WrongClear, r.CannotSay}
			},
		},
		{
			"A recovery after six waves", "team size | scenario | a present sign cleared within 3 waves | within 6 | unit out of survival mode within 3",
			recovers,
			func(r analytics.SignRow) []any { return []any{r.ClearedSoon, r.ClearedLater, r.OverSoon} },
		},
	}
}

func writeSimulation(w io.Writer, s analytics.SignSimulation) error {
	out := &markdown{w: w}
	out.line("Seed %d, %d teams in each row.", s.Seed, s.Repetitions)
	for _, t := range simulationTables() {
		out.head(t.title, t.columns)
		for _, r := range s.Signs {
			if t.fits(r.Scenario) {
				out.row(append([]any{r.Team, r.Scenario}, t.row(r)...))
			}
		}
	}
	out.head("Trend of a scale of three items, a rise of one category after twelve waves", "team size | better or worse in twelve waves without a change | worse within 3 waves")
	for _, r := range s.Trends {
		out.row([]any{r.Team, r.False, r.Found})
	}
	return out.err
}

// markdown writes tables, and keeps the first error.
type markdown struct {
	w   io.Writer
	err error
}

func (m *markdown) line(format string, args ...any) {
	if m.err == nil {
		_, m.err = fmt.Fprintf(m.w, format+"\n", args...)
	}
}

func (m *markdown) head(title, columns string) {
	m.line("\n**%s**\n\n| %s |", title, columns)
	rule := "|"
	for i := range columns {
		if columns[i] == '|' {
			rule += "---|"
		}
	}
	m.line("%s---|", rule)
}

func (m *markdown) row(cells []any) {
	text := "|"
	for _, cell := range cells {
		switch v := cell.(type) {
		case float64:
			text += fmt.Sprintf(" %.1f %% |", 100*v)
		case waves:
			text += fmt.Sprintf(" %.1f |", float64(v))
		default:
			text += fmt.Sprintf(" %v |", v)
		}
	}
	m.line("%s", text)
}
