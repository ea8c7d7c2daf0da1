package survey_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"testing"

	"attune/survey"
)

// The shared test vectors: how the phone and the server must score alike.
// The format is described in testdata/README.md.
type (
	vectorFile struct {
		Packs []vectorPack `json:"packs"`
	}
	vectorPack struct {
		ID      string        `json:"id"`
		Version string        `json:"version"`
		Scales  []vectorScale `json:"scales"`
		Cases   []vectorCase  `json:"cases"`
	}
	vectorScale struct {
		ID          string       `json:"id"`
		Items       []vectorItem `json:"items"`
		MinAnswered int          `json:"min_answered"`
		Method      string       `json:"method"`
	}
	vectorItem struct {
		ID      string `json:"id"`
		Reverse bool   `json:"reverse"`
		Min     int    `json:"min"`
		Max     int    `json:"max"`
		// Counts is what an answer counts as, where that is not its value;
		// null: as left out.
		Counts map[string]*int `json:"counts,omitempty"`
	}
	vectorCase struct {
		Answers map[string]int      `json:"answers"`
		Scores  map[string]*float64 `json:"scores"`
	}
)

// casesPerPack is enough for every number of blanks of every scale to occur
// many times.
const casesPerPack = 60

// vectorPacks are the built-in packs with scales and testdata/worked.yaml,
// which has what the built-in ones may lack: a sum of reversed items from 0.
func vectorPacks(t *testing.T) []*survey.Pack {
	var packs []*survey.Pack
	for _, p := range append(builtIn(t).All(), workedPack(t)) {
		if len(p.Scales) > 0 {
			packs = append(packs, p)
		}
	}
	return packs
}

// score follows the steps that testdata/README.md prescribes, on the vector's
// own fields. It shares no code with Scale.Score: the expected numbers come
// from here.
func (s vectorScale) score(answers map[string]int) *float64 {
	sum, answered := 0, 0
	for _, item := range s.Items {
		value, given := answers[item.ID]
		if !given {
			continue
		}
		if counts, other := item.Counts[strconv.Itoa(value)]; other {
			if counts == nil {
				continue
			}
			value = *counts
		}
		if item.Reverse {
			value = item.Min + item.Max - value
		}
		sum += value
		answered++
	}
	if answered == 0 || answered < s.MinAnswered {
		return nil
	}
	score := float64(sum) / float64(answered)
	if s.Method == "sum" {
		score *= float64(len(s.Items))
	}
	return &score
}

func makeVectors(packs []*survey.Pack) vectorFile {
	random := rand.New(rand.NewPCG(2026, 11))
	var file vectorFile
	for _, p := range packs {
		v := vectorPack{ID: p.ID, Version: p.Version}
		for _, s := range p.Scales {
			scale := vectorScale{ID: s.ID, MinAnswered: s.MinAnswered, Method: s.Method}
			for _, id := range s.Items {
				item, _ := p.Item(id)
				scale.Items = append(scale.Items, vectorItem{ID: id, Reverse: item.Reverse, Min: item.Min(), Max: item.Max(), Counts: countsOf(item)})
			}
			v.Scales = append(v.Scales, scale)
		}
		for n := range casesPerPack {
			answers := make(map[string]int)
			for _, item := range p.Items {
				options := item.Options()
				switch {
				case n == 0: // nothing answered
				case n == 1:
					answers[item.ID] = answerOf(item, item.Min())
				case n == 2:
					answers[item.ID] = answerOf(item, item.Max())
				case n < 10 || random.IntN(3) > 0: // some complete sheets, then about a third blank
					answers[item.ID] = options[random.IntN(len(options))].Value
				}
			}
			scores := make(map[string]*float64)
			for _, s := range v.Scales {
				scores[s.ID] = s.score(answers)
			}
			v.Cases = append(v.Cases, vectorCase{Answers: answers, Scores: scores})
		}
		file.Packs = append(file.Packs, v)
	}
	return file
}

// answerOf is the first answer of an item with a score.
func answerOf(item survey.Item, score int) int {
	for _, o := range item.Options() {
		if counts, ok := o.Counts(); ok && counts == score {
			return o.Value
		}
	}
	panic("no answer of " + item.ID + " has this score")
}

func countsOf(item survey.Item) map[string]*int {
	counts := make(map[string]*int)
	for _, o := range item.Options() {
		switch {
		case o.Unscored:
			counts[strconv.Itoa(o.Value)] = nil
		case o.Score != nil && *o.Score != o.Value:
			counts[strconv.Itoa(o.Value)] = o.Score
		}
	}
	return counts
}

func TestVectorsAreWhatThePacksGive(t *testing.T) {
	var out bytes.Buffer
	out.WriteString("{\"packs\":[")
	for i, p := range makeVectors(vectorPacks(t)).Packs {
		if i > 0 {
			out.WriteString(",")
		}
		head, err := json.Marshal(p.Scales)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString("\n{\"id\":" + quoteJSON(t, p.ID) + ",\"version\":" + quoteJSON(t, p.Version) + ",\"scales\":" + string(head) + ",\"cases\":[")
		for j, c := range p.Cases { // a line a case, so that a difference can be read
			if j > 0 {
				out.WriteString(",")
			}
			line, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			out.WriteString("\n")
			out.Write(line)
		}
		out.WriteString("\n]}")
	}
	out.WriteString("\n]}\n")
	golden(t, "testdata/vectors.json", out.Bytes())
}

func quoteJSON(t *testing.T, s string) string {
	t.Helper()
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestVectorsAreScoredExactlyByTheServer(t *testing.T) {
	var file vectorFile
	if err := json.Unmarshal([]byte(readFile(t, "testdata/vectors.json")), &file); err != nil {
		t.Fatal(err)
	}
	packs := vectorPacks(t)
	if len(file.Packs) != len(packs) {
		t.Fatalf("vectors of %d packs, want %d", len(file.Packs), len(packs))
	}
	for i, v := range file.Packs {
		pack := packs[i]
		if v.ID != pack.ID || v.Version != pack.Version {
			t.Fatalf("vectors of %s %s, want %s %s", v.ID, v.Version, pack.ID, pack.Version)
		}
		scored, blank := 0, 0
		for n, c := range v.Cases {
			if pack.Asked() {
				if _, err := sheetOf(t, pack).Encode(c.Answers); err != nil {
					t.Errorf("%s case %d is no answer sheet: %v", v.ID, n, err)
				}
			}
			if len(c.Scores) != len(pack.Scales) {
				t.Errorf("%s case %d has %d scores, want %d", v.ID, n, len(c.Scores), len(pack.Scales))
			}
			for _, s := range pack.Scales {
				got, ok := s.Score(pack, c.Answers)
				want := c.Scores[s.ID]
				if ok != (want != nil) || ok && got != *want {
					t.Errorf("%s case %d, %s: %g %t, want %v", v.ID, n, s.ID, got, ok, want)
				}
				if ok {
					scored++
				} else {
					blank++
				}
			}
		}
		if len(pack.Scales) > 0 && (scored < 40 || blank < 5) {
			t.Errorf("%s: %d scores and %d missing ones are too few to tell two programs apart", v.ID, scored, blank)
		}
	}
}
