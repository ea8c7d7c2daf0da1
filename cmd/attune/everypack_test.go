package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"attune/survey"
)

// Every pack that staff are asked goes the whole way: planned, announced,
// answered on paper codes by thirty people in two departments, released, and
// exported. The waves run side by side.
func TestEveryStaffPackGoesFromThePlanToTheExport(t *testing.T) {
	p := newPlace(t)
	list := "email,name,unit,language\n"
	for n := range 30 {
		list += fmt.Sprintf("staff%d@example.org,Staff %d,%s,en\n", n, n, []string{"North / Duty", "South / Ward"}[n%2])
	}
	file := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	p.attune("people", "import", file)

	p.addTexts()
	library, err := (&app{}).library(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	packs := make(map[survey.WaveID][]*survey.Pack)
	plan := func(ids string) survey.WaveID {
		p.attune("wave", "plan", "--packs", ids, "--all-paper", "--opens", "+1h", "--closes", "+49h", "--owner", "Robin Lead",
			"--results-on", "+10d", "--contact", "Sam Support, 555 0100", "--programme", strings.ReplaceAll(ids, ",", "-"))
		lines := strings.Split(strings.TrimSpace(p.attune("wave", "list")), "\n")
		for _, line := range lines {
			id := survey.WaveID(strings.Fields(line)[0])
			if _, known := packs[id]; !known {
				packs[id] = nil
				return id
			}
		}
		t.Fatalf("no new wave in\n%s", strings.Join(lines, "\n"))
		return ""
	}
	for _, pack := range library.All() {
		ids := pack.ID
		switch {
		case pack.Audience != survey.Staff || !pack.Asked() || pack.ID == "pulse" || pack.ID == "pulse-team":
			continue
		case pack.ID == "care-30":
			ids = "pulse,care-30" // which asks pulse-team and care-30
		}
		id := plan(ids)
		asked, err := library.Together(strings.Split(ids, ","))
		if err != nil {
			t.Fatal(err)
		}
		packs[id] = asked
		p.attune("wave", "announce", string(id))
	}
	// pulse asks what pulse-team was announced to ask an hour from now.
	again := plan("pulse")
	if code, _, faults := p.try("wave", "announce", string(again)); code != exitRefused || !strings.Contains(faults, "21 days") {
		t.Errorf("pulse beside pulse-team of the same day: exit %d, %s", code, faults)
	}
	delete(packs, again)
	p.serve(io.Discard)
	for id := range packs {
		wave, err := p.in.waves.Wave(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		p.reach(wave.Opens, id, survey.Open)
		p.answerAll(id, packs[id])
	}
	for id := range packs {
		wave, err := p.in.waves.Wave(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		p.reach(wave.Closes, id, survey.Released)
		rows, err := csv.NewReader(strings.NewReader(p.attune("export", "--wave", string(id), "-o", "-"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, pack := range packs[id] {
			p.wantMeasures(rows, id, pack)
		}
	}
	p.attune("verify")
}

// addTexts adds made-up texts to the key of ProQOL, which nobody can be asked
// before, and which keeps the first texts that it got.
func (p *place) addTexts() {
	p.t.Helper()
	plan := []string{
		"wave", "plan", "--packs", "proqol5", "--all-paper", "--opens", "+1h", "--closes", "+49h",
		"--owner", "Robin Lead", "--results-on", "+10d", "--contact", "Sam Support",
	}
	if code, _, faults := p.try(plan...); code != exitRefused || !strings.Contains(faults, "import-text") {
		p.t.Errorf("a pack without texts: exit %d, %s", code, faults)
	}
	texts := func(words string) string {
		rows := "item,language,text\n"
		for n := 1; n <= 30; n++ {
			rows += fmt.Sprintf("%d,en,%s %d\n", n, words, n)
		}
		file := filepath.Join(p.t.TempDir(), "texts.csv")
		if err := os.WriteFile(file, []byte(rows), 0o600); err != nil {
			p.t.Fatal(err)
		}
		return file
	}
	first := texts("Made-up text")
	p.attune("packs", "import-text", "proqol5", first)
	if out := p.attune("packs", "import-text", "proqol5", first); !strings.Contains(out, "proqol.org") {
		p.t.Errorf("importing the same texts again says %s", out)
	}
	if code, _, faults := p.try("packs", "import-text", "proqol5", texts("Other text")); code != exitRefused || !strings.Contains(faults, "already") {
		p.t.Errorf("other texts for one version: exit %d, %s", code, faults)
	}
	if code, _, faults := p.try("packs", "import-text", "pulse", first); code != exitRefused || !strings.Contains(faults, "its own texts") {
		p.t.Errorf("texts for a pack that has its own: exit %d, %s", code, faults)
	}
	if out := p.attune("packs", "list"); !strings.Contains(out, "care-30") || strings.Contains(out, "to be added") {
		p.t.Errorf("the list says\n%s", out)
	}
}

// answerAll sends a ballot with every code of a wave, as a phone without
// script would. One item in seven is left out.
func (p *place) answerAll(id survey.WaveID, packs []*survey.Pack) {
	p.t.Helper()
	codes, err := csv.NewReader(strings.NewReader(p.attune("tickets", "print", "--wave", string(id), "--format", "csv", "-o", "-"))).ReadAll()
	if err != nil {
		p.t.Fatal(err)
	}
	for person, row := range codes[1:] {
		form := url.Values{"code": {row[2]}}
		at := person
		for _, pack := range packs {
			for i, item := range pack.Items {
				if at++; at%7 == 0 {
					continue
				}
				options := item.Options()
				form.Set(item.ID, strconv.Itoa(options[(3*person+i+person/4)%len(options)].Value))
			}
		}
		answer, err := http.PostForm(p.url+"/p", form)
		if err != nil {
			p.t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if closing := answer.Body.Close(); err != nil || closing != nil || answer.StatusCode != http.StatusOK {
			p.t.Fatalf("wave %s: %d %v %v\n%s", id, answer.StatusCode, err, closing, body)
		}
		for _, pack := range packs {
			if credit := pack.CreditLine["en"]; person == 0 && credit != "" {
				p.wantCredit(row[2], credit, len(pack.Items))
			}
			for _, private := range pack.Private {
				if !strings.Contains(string(body), private.Text["en"]) || strings.Contains(string(body), `name="`+private.ID) {
					p.t.Fatalf("wave %s: %s is not asked, or could be sent", id, private.ID)
				}
			}
		}
	}
}

// wantCredit opens the form as somebody who typed a code does: an instrument's
// credit stands beside each of its items.
func (p *place) wantCredit(code, credit string, items int) {
	p.t.Helper()
	answer, err := http.PostForm(p.url+"/p", url.Values{"code": {code}, "step": {"code"}})
	if err != nil {
		p.t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if closing := answer.Body.Close(); err != nil || closing != nil {
		p.t.Fatal(err, closing)
	}
	if n := strings.Count(string(body), credit); n != items {
		p.t.Errorf("the credit stands %d times beside %d items", n, items)
	}
}

// wantMeasures holds the mean of every measure of a pack against its rule: the
// organisation's is shown, and nothing below the level that the pack names.
func (p *place) wantMeasures(rows [][]string, id survey.WaveID, pack *survey.Pack) {
	p.t.Helper()
	column := make(map[string]int)
	for i, name := range rows[0] {
		column[name] = i
	}
	for _, rule := range pack.Reporting {
		whole := false
		for _, row := range rows[1:] {
			of := func(name string) string { return row[column[name]] }
			if of("measure") != rule.Measure || of("statistic") != "mean" || of("status") != "shown" {
				continue
			}
			level := of("unit_level")
			whole = whole || level == "organisation"
			n, err := strconv.Atoi(of("n"))
			if err != nil || n < max(survey.MinK, rule.MinN) ||
				rule.MinLevel == "organisation" && level != "organisation" || rule.MinLevel == "department" && level == "team" {
				p.t.Errorf("wave %s: %s is shown for a %s with n %s; its rule is %s from %d on", id, rule.Measure, level, of("n"), rule.MinLevel, rule.MinN)
			}
		}
		if !whole {
			p.t.Errorf("wave %s: %s of %s is not shown for the organisation", id, rule.Measure, pack.ID)
		}
	}
}
