package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
)

// Kinds of findings; docs/attack.md explains each.
const (
	kindGroup         = "small-group"   // a figure of fewer than k people follows
	kindAnswer        = "answer"        // an answer that nobody can have given, or somebody must have
	kindFiner         = "finer"         // a mean in finer steps than explained
	kindCentre        = "centre"        // an interval whose middle tells a finer mean
	kindHidden        = "hidden-number" // a number of a hidden unit
	kindNewcomer      = "newcomer"      // what a newcomer or leaver answered, nearly exactly
	kindOpen          = "open-wave"     // a figure of a wave that is not released
	kindUnlike        = "unlike"        // two outputs that show one figure differently
	kindMoment        = "moment"        // a figure made of products of answers, about too few people
	kindContradiction = "contradiction" // figures that cannot all be true as explained
)

// finding is one thing that was found out.
type finding struct {
	Kind      string   `json:"kind"`
	Wave      string   `json:"wave,omitempty"`
	Unit      string   `json:"unit,omitempty"`
	Measure   string   `json:"measure,omitempty"`
	Statistic string   `json:"statistic,omitempty"`
	N         int      `json:"n,omitempty"`
	What      string   `json:"what"`
	How       string   `json:"how"`
	By        []string `json:"by"` // the views that it can be found out from
}

// viewStats are what one view had to work on.
type viewStats struct {
	Role        string   `json:"role"`
	Pages       int      `json:"pages"`
	Figures     int      `json:"figures"`
	Cells       int      `json:"cells"`
	Columns     int      `json:"columns"`
	Constraints int      `json:"constraints"` // sets of people that a number is told about
	Atoms       int      `json:"atoms"`       // groups that no figure splits, over all columns
	Risks       []string `json:"risks,omitempty"`
	Blind       []string `json:"blind,omitempty"`
}

type seconds struct {
	Reading float64 `json:"reading"`
	Working float64 `json:"working"`
}

// report is what a run found, and what it looked at.
type report struct {
	URL      string      `json:"url"`
	Views    []viewStats `json:"views"`
	Findings []finding   `json:"findings"`
	Unread   []string    `json:"unread,omitempty"`
	Seconds  seconds     `json:"seconds"`

	index map[string]int
}

// add keeps a finding, or notes that another view finds it as well.
func (r *report) add(role string, f finding) {
	if r.index == nil {
		r.index = make(map[string]int)
	}
	key := strings.Join([]string{f.Kind, f.Wave, f.Unit, f.Measure, f.Statistic, f.What}, "\x00")
	if i, known := r.index[key]; known {
		by := &r.Findings[i].By
		if (*by)[len(*by)-1] != role {
			*by = append(*by, role)
		}
		return
	}
	f.By = []string{role}
	r.index[key] = len(r.Findings)
	r.Findings = append(r.Findings, f)
}

// Lines of one kind that are written out; --json has all.
const (
	mostFindings = 25
	mostRisks    = 10
)

// write prints the report for a reader.
func (r *report) write(w io.Writer) {
	var out bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	line("Attack on %s", r.URL)
	line("Read in %.1f s, worked on for %.1f s.", r.Seconds.Reading, r.Seconds.Working)
	line("")
	for _, v := range r.Views {
		line("%s: %d answers read; %d figures, which are %d cells in %d columns; %d sets of people in %d atoms", v.Role, v.Pages, v.Figures, v.Cells, v.Columns, v.Constraints, v.Atoms)
	}
	if len(r.Unread) > 0 {
		line("\nNot read, and so not attacked:")
		few(line, r.Unread, mostRisks)
	}
	r.list(line, "Not understood, and so not attacked:", func(v viewStats) []string { return v.Blind })
	r.list(line, "Residual risk, known and no finding:", func(v viewStats) []string { return v.Risks })
	line("")
	if len(r.Findings) == 0 {
		line("Nothing found.")
	}
	r.findings(line)
	_, _ = w.Write(out.Bytes()) // a closed terminal is nobody's fault here
}

// list writes lines of all views, each once, with the roles that they are of.
func (r *report) list(line func(string, ...any), heading string, of func(viewStats) []string) {
	seen := make(map[string]bool)
	var all []string
	for _, v := range r.Views {
		for _, text := range of(v) {
			if !seen[text] {
				seen[text] = true
				all = append(all, text)
			}
		}
	}
	if len(all) > 0 {
		line("\n%s", heading)
		few(line, all, mostRisks)
	}
}

func few(line func(string, ...any), all []string, most int) {
	for i, text := range all {
		if i == most {
			line("  and %d more", len(all)-most)
			return
		}
		line("  %s", text)
	}
}

// findings writes what was found, by kind.
func (r *report) findings(line func(string, ...any)) {
	byKind := make(map[string][]finding)
	for _, f := range r.Findings {
		byKind[f.Kind] = append(byKind[f.Kind], f)
	}
	for _, kind := range keys(byKind) {
		all := byKind[kind]
		sort.SliceStable(all, func(i, j int) bool { return all[i].Wave > all[j].Wave })
		line("FOUND %s: %d", kind, len(all))
		for i, f := range all {
			if i == mostFindings {
				line("  and %d more (--json has them all)", len(all)-mostFindings)
				break
			}
			where := strings.Join(nonempty(f.Wave, f.Unit, f.Measure, f.Statistic), ", ")
			line("  %s: %s", cmp.Or(where, "everywhere"), f.What)
			line("    by %s; seen by %s", f.How, strings.Join(f.By, ", "))
		}
	}
	if len(r.Findings) > 0 {
		line("\n%d findings.", len(r.Findings))
	}
}

func nonempty(texts ...string) []string {
	var all []string
	for _, t := range texts {
		if t != "" {
			all = append(all, t)
		}
	}
	return all
}

func (r *report) writeJSON(path string) error {
	if r.Findings == nil {
		r.Findings = []finding{}
	}
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(raw, '\n'), 0o600)
}
