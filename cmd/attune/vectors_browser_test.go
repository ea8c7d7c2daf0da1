package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// scorer imports a source of the phone's scoring as the answer page does, and
// lists the score of every scale of every case.
const scorer = `import { score } from "/%[1]d/scoring.js";
const { packs } = await (await fetch("/vectors.json")).json();
(globalThis.scores ??= {})[%[1]d] = packs.map((pack) => pack.cases.map(({ answers }) =>
	Object.fromEntries(pack.scales.map((scale) => [scale.id, score(scale, answers)]))));
`

// vectorFile is what the comparison needs of survey/testdata/vectors.json.
type vectorFile struct {
	Packs []struct {
		ID     string `json:"id"`
		Scales []struct {
			ID string `json:"id"`
		} `json:"scales"`
		Cases []struct {
			Scores scaleScores `json:"scores"`
		} `json:"cases"`
	} `json:"packs"`
}

// scaleScores holds scores by scale id; nil says that too few items were
// answered.
type scaleScores map[string]*float64

// differing compares scores, by pack and case, exactly.
func (f vectorFile) differing(scores [][]scaleScores) (differing []string, compared int) {
	for i, pack := range f.Packs {
		for n, c := range pack.Cases {
			for _, scale := range pack.Scales {
				compared++
				got, want := scores[i][n][scale.ID], c.Scores[scale.ID]
				if (got == nil) != (want == nil) || got != nil && *got != *want {
					differing = append(differing, fmt.Sprintf("%s %s, case %d: the phone scores %s, the vectors say %s", pack.ID, scale.ID, n, inWords(got), inWords(want)))
				}
			}
		}
	}
	return differing, compared
}

// mistakes are made in the source one at a time: each has to be noticed.
var mistakes = [][2]string{
	{"item.min + item.max - value", "item.max - value"},                    // a reversed item
	{"answered < scale.min_answered", "answered < scale.min_answered - 1"}, // too few answers
	{"scale.items.length : mean", "answered : mean"},                       // a sum with a blank
	{"sum / answered;", "sum / scale.items.length;"},                       // a blank as 0
}

// testVectors runs the vectors that Go runs too on the phone's own source, in
// the engine that phones have, under the policy of the answer page.
func (h *tour) testVectors(t *testing.T) {
	source := readSource(t, "static", "js", "phone", "scoring.js")
	vectors := readSource(t, "survey", "testdata", "vectors.json")
	var file vectorFile
	if err := json.Unmarshal(vectors, &file); err != nil {
		t.Fatal(err)
	}
	sources := [][]byte{source}
	for _, m := range mistakes {
		broken := bytes.Replace(source, []byte(m[0]), []byte(m[1]), 1)
		if bytes.Equal(broken, source) {
			t.Fatalf("scoring.js no longer has %q: choose another mistake", m[0])
		}
		sources = append(sources, broken)
	}
	server := httptest.NewServer(h.scoringPage(t, sources, vectors))
	defer server.Close()
	v := (&tour{base: server.URL, root: h.root, open: h.open}).guest(t)
	v.open("/")
	v.until(fmt.Sprintf("Object.keys(globalThis.scores ?? {}).length === %d", len(sources)))
	v.clean("scoring")

	scores := value[map[string][][]scaleScores](v.ctx, t, "globalThis.scores")
	differing, compared := file.differing(scores["0"])
	for _, d := range differing {
		t.Error(d)
	}
	if compared < 100 { // two packs of 60 cases, one of them with three scales
		t.Errorf("only %d scores were compared", compared)
	}
	for i, m := range mistakes {
		if differing, _ := file.differing(scores[strconv.Itoa(i+1)]); len(differing) == 0 {
			t.Errorf("no score differs when %q becomes %q", m[0], m[1])
		}
	}
}

func readSource(t *testing.T, path ...string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// scoringPage serves the sources, the vectors and what brings them together,
// under the answer page's own policy.
func (h *tour) scoringPage(t *testing.T, sources [][]byte, vectors []byte) http.Handler {
	t.Helper()
	answer, err := http.Get(h.base + "/p")
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Fatal(err)
	}
	policy := answer.Header.Get("Content-Security-Policy")
	if policy == "" {
		t.Fatal("the answer page has no content security policy")
	}
	html := `<!doctype html><html lang="en"><title>Scores</title><link rel="icon" href="data:,">`
	files := map[string][2]string{"/vectors.json": {"application/json", string(vectors)}}
	for i, source := range sources {
		html += fmt.Sprintf(`<script type="module" src="/%d/run.js"></script>`, i)
		files[fmt.Sprintf("/%d/run.js", i)] = [2]string{"text/javascript", fmt.Sprintf(scorer, i)}
		files[fmt.Sprintf("/%d/scoring.js", i)] = [2]string{"text/javascript", string(source)}
	}
	files["/"] = [2]string{"text/html", html}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Content-Type", files[r.URL.Path][0])
		_, _ = w.Write([]byte(files[r.URL.Path][1])) // the browser misses what does not arrive
	})
}

func inWords(score *float64) string {
	if score == nil {
		return "no score"
	}
	raw, err := json.Marshal(*score)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}
