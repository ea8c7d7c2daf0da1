package survey

import (
	"encoding/json"
	"math"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestCanonicalJSONSortsKeysAndEscapesNoHTML(t *testing.T) {
	type inner struct {
		Z int    `json:"z"`
		A string `json:"a"`
	}
	for name, c := range map[string]struct {
		value any
		want  string
	}{
		"fields of a struct":   {inner{Z: 1, A: "x"}, `{"a":"x","z":1}`},
		"keys of a map":        {map[string]any{"b": 1, "a": map[string]int{"d": 1, "c": 2}, "B": 0}, `{"B":0,"a":{"c":2,"d":1},"b":1}`},
		"lists keep order":     {[]string{"b", "a"}, `["b","a"]`},
		"white space":          {json.RawMessage("{ \"b\" : [ 1 , 2 ] ,\n \"a\" : null }"), `{"a":null,"b":[1,2]}`},
		"HTML":                 {"<Ann & Bo>", `"<Ann & Bo>"`},
		"accents":              {"Équipe Ñandú 好", `"Équipe Ñandú 好"`},
		"quotes and controls":  {"\"\\\n\x01", `"\"\\\n\u0001"`},
		"a name with brackets": {map[string]int{"<a>": 1}, `{"<a>":1}`},
		"an empty list":        {[]int{}, `[]`},
		"large whole numbers":  {int64(math.MaxInt64), `9223372036854775807`},
		"fractions":            {[]float64{0.1, 1, 1e21, 1.0 / 3}, `[0.1,1,1e+21,0.3333333333333333]`},
	} {
		if got, err := Canonical(c.value); err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v; want %s", name, got, err, c.want)
		}
	}
}

func TestWhatIsNoJSONHasNoCanonicalForm(t *testing.T) {
	for _, v := range []any{math.NaN(), math.Inf(1), make(chan int), func() {}, json.RawMessage("{"), map[bool]int{true: 1}} {
		if got, err := Canonical(v); err == nil {
			t.Errorf("Canonical(%T) = %s", v, got)
		}
	}
}

// sha256sum of "abc": FIPS 180-4's example.
func TestHashesAreLowerCaseHex(t *testing.T) {
	if got, want := SHA256Hex([]byte("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; got != want {
		t.Errorf("SHA256Hex = %s, want %s", got, want)
	}
}

// The same content has the same bytes, however it came in; writing what was
// written changes nothing, and loses nothing.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{
		`{"b":1,"a":[true,null,"<é>"]}`, ` [1.0, -0, 1e400, 12345678901234567890] `, `"\u2028\ud800"`, `{"a":1,"a":2}`, `{`, ``, `"` + "\xff" + `"`, `{"":{}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		once, err := Canonical(json.RawMessage(data))
		if err != nil {
			if json.Valid(data) && len(data) > 0 {
				t.Fatalf("%q has no canonical form: %v", data, err)
			}
			return
		}
		twice, err := Canonical(json.RawMessage(once))
		if err != nil || string(twice) != string(once) {
			t.Fatalf("%q becomes %q, then %q, %v", data, once, twice, err)
		}
		if !utf8.Valid(once) {
			t.Fatalf("%q is not UTF-8", once)
		}
		var in, out any
		if json.Unmarshal(data, &in) != nil {
			return // a number that float64 does not hold
		}
		if err := json.Unmarshal(once, &out); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(in, out); diff != "" {
			t.Fatalf("%q changed its content:\n%s", data, diff)
		}
	})
}
