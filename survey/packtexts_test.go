package survey_test

import (
	"fmt"
	"strings"
	"testing"

	"attune/survey"
	"pgregory.net/rapid"
)

// itemTexts is a file with a made-up text for each of the thirty items.
func itemTexts(languages ...string) string {
	var b strings.Builder
	b.WriteString("item,language,text\n")
	for _, lang := range languages {
		for n := 1; n <= 30; n++ {
			fmt.Fprintf(&b, "%d,%s,\"Made-up text %d, %s\"\n", n, lang, n, lang)
		}
	}
	return b.String()
}

func TestAPackCanBeAskedOnceItsTextsAreThere(t *testing.T) {
	library := builtIn(t)
	key := packOf(t, "proqol5")
	for name, file := range map[string]string{
		"commas":                        itemTexts("en", "fr"),
		"semicolons, byte order mark":   "\ufeff" + strings.NewReplacer(",\"", ";\"", "item,language,text", "Item;Language;Text", ",en", ";en", ",fr", ";fr").Replace(itemTexts("en", "fr")),
		"lines that end as on Windows.": strings.ReplaceAll(itemTexts("en", "fr"), "\n", "\r\n"),
	} {
		texts, faults := survey.ReadTexts(key, []byte(file))
		if len(faults) > 0 {
			t.Fatalf("%s:%s", name, listFaults(faults))
		}
		with, err := library.With(texts)
		if err != nil {
			t.Fatal(err)
		}
		p, err := with.Latest("proqol5")
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Items[29].Text.In("fr"); !strings.HasPrefix(got, "Made-up text 30") {
			t.Errorf("%s: item 30 reads %q", name, got)
		}
		if p.SHA256 == key.SHA256 {
			t.Error("the pack's hash does not cover its texts")
		}
		if sheet := sheetOf(t, p); sheet.Bytes() != 30 {
			t.Errorf("%d items on the sheet", sheet.Bytes())
		}
		if key.Asked() {
			t.Error("the library's own pack was changed")
		}
	}
}

func TestTextsThatDoNotFitAreExplained(t *testing.T) {
	key := packOf(t, "proqol5")
	whole := itemTexts("en")
	for name, c := range map[string]struct {
		file, key string
		line      int
	}{
		"no header":               {strings.TrimPrefix(whole, "item,language,text\n"), "error.texts.header", 1},
		"nothing":                 {"", "error.texts.header", 1},
		"a fourth column":         {strings.Replace(whole, "2,en,", "2,x,en,", 1), "error.texts.row", 3},
		"an item that is not":     {strings.Replace(whole, "\n30,", "\n31,", 1), "error.texts.item", 31},
		"an item in words":        {strings.Replace(whole, "\n1,", "\none,", 1), "error.texts.item", 2},
		"another language":        {strings.Replace(whole, "\n1,en", "\n1,de", 1), "error.texts.language", 2},
		"a blank text":            {strings.Replace(whole, `"Made-up text 1, en"`, "", 1), "error.texts.text", 2},
		"a text that turns round": {strings.Replace(whole, "Made-up text 1,", "Made-up \u202e text 1,", 1), "error.texts.text", 2},
		"an item twice":           {whole + "30,en,again\n", "error.texts.twice", 32},
		"an item missing":         {strings.Replace(whole, "7,en,\"Made-up text 7, en\"\n", "", 1), "error.texts.missing", 1},
		"no English":              {itemTexts("fr"), "error.texts.missing", 1},
		"half a language":         {whole + "1,fr,Un\n", "error.texts.missing", 1},
		"no UTF-8":                {whole + "\xff", "error.texts.encoding", 1},
		"too big":                 {whole + strings.Repeat(" ", survey.MaxPackBytes), "error.texts.big", 1},
	} {
		_, faults := survey.ReadTexts(key, []byte(c.file))
		if len(faults) == 0 || faults[0].Error.Key != c.key || faults[0].Line != c.line {
			t.Errorf("%s: want %s in line %d, got%s", name, c.key, c.line, listFaults(faults))
		}
	}
	if _, faults := survey.ReadTexts(pulse(t), []byte(whole)); len(faults) != 1 || faults[0].Error.Key != "error.texts.own" {
		t.Errorf("texts for a pack that has its own:%s", listFaults(faults))
	}
	if _, err := builtIn(t).With(survey.Texts{Pack: "proqol5", Version: "1.0"}); !survey.IsKey(err, "error.texts.unfit") {
		t.Errorf("texts without texts: %v", err)
	}
	if _, err := builtIn(t).With(survey.Texts{Pack: "proqol5", Version: "9.0"}); !survey.IsKey(err, "error.texts.unfit") {
		t.Errorf("texts of a version that is not there: %v", err)
	}
}

// Whatever stands in a file, reading it ends, and what is read can be asked.
func TestAnyTextsFileIsReadOrExplained(t *testing.T) {
	library, key := builtIn(t), packOf(t, "proqol5")
	rapid.Check(t, func(rt *rapid.T) {
		file := itemTexts("en")
		at := rapid.IntRange(0, len(file)).Draw(rt, "at")
		file = file[:at] + rapid.StringN(0, 8, 16).Draw(rt, "typed") + file[at:]
		texts, faults := survey.ReadTexts(key, []byte(file))
		if len(faults) > 0 {
			return
		}
		if _, err := library.With(texts); err != nil {
			rt.Fatal(err)
		}
	})
}
