package interchange_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"attune/survey"
	"attune/survey/interchange"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// workbook makes an .xlsx of rows by sheet.
func workbook(t testing.TB, sheets map[string][][]any) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	for name, rows := range sheets {
		if _, err := book.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			if err := book.SetSheetRow(name, fmt.Sprintf("A%d", i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := book.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// breakRoom is a sound form in two languages.
func breakRoom() map[string][][]any {
	return map[string][][]any{
		"survey": {
			{"type", "name", "label::English (en)", "label::French (fr)", "topic", "hint"},
			{"note", "hello", "Welcome", "Bienvenue"},
			{"select_one agree", "Quiet room", "The break room is quiet.", "La salle de pause est calme."},
			{},
			{"select_one much", "time", "I have time for a break.", "J’ai le temps de faire une pause.", "sustains"},
		},
		"choices": {
			{"list_name", "name", "label::English (en)", "label::French (fr)"},
			{"agree", 1, "No", "Non"},
			{"agree", 3, "Rather", "Plutôt"},
			{"agree", 5, "Yes", "Oui"},
			{"much", "none", "None", "Aucun"},
			{"much", "plenty", "Plenty", "Beaucoup"},
		},
		"settings": {{"form_title", "form_id", "version", "default_language"}, {"Break room", "Break_Room", 2, "English (en)"}},
	}
}

func TestAFormComesInAsAPack(t *testing.T) {
	imported, faults, err := interchange.ReadXLSForm(workbook(t, breakRoom()), defaults())
	if err != nil || len(faults) > 0 {
		t.Fatal(err, faults)
	}
	if len(imported.Notes) != 1 || imported.Notes[0].Key != "error.xlsform.note.row" {
		t.Errorf("notes %v, want the note that is not shown", imported.Notes)
	}
	p := sound(t, imported.YAML)
	if p.ID != "break-room" || p.Version != "2.0" || p.Title["fr"] != "Break room" || !cmp.Equal(p.Languages, []string{"en", "fr"}) {
		t.Errorf("%s %s, title %v, languages %v", p.ID, p.Version, p.Title, p.Languages)
	}
	type answer struct {
		value int
		label string
	}
	var got [][]answer
	for _, item := range p.Items {
		var set []answer
		for _, o := range item.Options() {
			set = append(set, answer{o.Value, o.Label["fr"]})
		}
		got = append(got, set)
	}
	// Names that are whole numbers are values; others are numbered in order.
	want := [][]answer{{{1, "Non"}, {3, "Plutôt"}, {5, "Oui"}}, {{1, "Aucun"}, {2, "Beaucoup"}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(answer{})); diff != "" {
		t.Error(diff)
	}
	if p.Items[0].ID != "quiet_room" || p.Items[1].Topic != "sustains" {
		t.Errorf("items %s and %s (%s)", p.Items[0].ID, p.Items[1].ID, p.Items[1].Topic)
	}
}

func TestAFormInAnIncompleteLanguageComesInWithoutIt(t *testing.T) {
	form := breakRoom()
	form["choices"][2][3] = "" // Plutôt
	imported, faults, err := interchange.ReadXLSForm(workbook(t, form), defaults())
	if err != nil || len(faults) > 0 {
		t.Fatal(err, faults)
	}
	if p := sound(t, imported.YAML); !cmp.Equal(p.Languages, []string{"en"}) {
		t.Errorf("languages %v", p.Languages)
	}
	if last := imported.Notes[len(imported.Notes)-1]; last.Key != "error.fhir.note.language" || last.Args["language"] != "fr" {
		t.Errorf("note %v", last)
	}
}

func TestEveryFaultOfAFormIsNamedWithItsRow(t *testing.T) {
	for name, c := range map[string]struct {
		change func(map[string][][]any)
		want   string // "sheet row key"
	}{
		"type":         {func(f map[string][][]any) { f["survey"][2][0] = "text" }, "survey 3 error.xlsform.type"},
		"no type":      {func(f map[string][][]any) { f["survey"][2][0] = "" }, "survey 3 error.xlsform.no_type"},
		"unknown list": {func(f map[string][][]any) { f["survey"][2][0] = "select_one agreed" }, "survey 3 error.xlsform.list"},
		"short list":   {func(f map[string][][]any) { f["choices"] = f["choices"][:5] }, "survey 5 error.xlsform.list_size"},
		"no name":      {func(f map[string][][]any) { f["survey"][2][1] = "" }, "survey 3 error.xlsform.name"},
		"no label":     {func(f map[string][][]any) { f["survey"][2][2], f["survey"][2][3] = "", "" }, "survey 3 error.xlsform.label"},
		"long":         {func(f map[string][][]any) { f["survey"][2][2] = "a b c d e f g h i j k l m n o p q r s t" }, "survey 3 error.xlsform.words"}, // 20 words
		"topic":        {func(f map[string][][]any) { f["survey"][2] = append(f["survey"][2], "The Room") }, "survey 3 error.xlsform.topic"},
		"last":         {func(f map[string][][]any) { f["survey"][4][4] = "rest" }, "survey 5 error.xlsform.last"},
		"depends": {func(f map[string][][]any) {
			f["survey"][0][5], f["survey"][2] = "relevant", append(f["survey"][2], "", "${time} = 1")
		}, "survey 3 error.xlsform.depends"},
		"no question":   {func(f map[string][][]any) { f["survey"] = f["survey"][:2] }, "survey 2 error.xlsform.nothing"},
		"choice's list": {func(f map[string][][]any) { f["choices"][1][0] = "" }, "choices 2 error.xlsform.list_name"},
		"choice's name": {func(f map[string][][]any) { f["choices"][1][1] = "" }, "choices 2 error.xlsform.choice_name"},
		"choice's text": {func(f map[string][][]any) { f["choices"][1][2], f["choices"][1][3] = "", "" }, "choices 2 error.xlsform.label"},
		"title":         {func(f map[string][][]any) { delete(f, "settings") }, "settings 2 error.xlsform.title"},
		"version":       {func(f map[string][][]any) { f["settings"][1][2] = "2026-11-22" }, "settings 2 error.xlsform.version"},
	} {
		t.Run(name, func(t *testing.T) {
			form := breakRoom()
			c.change(form)
			imported, faults, err := interchange.ReadXLSForm(workbook(t, form), defaults())
			if err != nil || len(faults) == 0 || imported.YAML != nil {
				t.Fatalf("%v, %v, %d bytes of YAML", err, faults, len(imported.YAML))
			}
			f := faults[0]
			if got := fmt.Sprint(f.Error.Args["sheet"], " ", f.Line, " ", f.Error.Key); got != c.want || f.Error.Args["row"] != f.Line {
				t.Errorf("%s (row %v), want %s", got, f.Error.Args["row"], c.want)
			}
		})
	}
}

func TestWhatIsNoFormIsRefusedWithItsReason(t *testing.T) {
	for name, c := range map[string]struct {
		raw []byte
		key string
	}{
		"no workbook":   {[]byte("PK\x03\x04 and then nothing"), "error.xlsform.workbook"},
		"without sheet": {workbook(t, map[string][][]any{"survey": {{"type"}}}), "error.xlsform.sheet"},
		"too long":      {workbook(t, map[string][][]any{"choices": {{"name"}}, "survey": slices.Repeat([][]any{{"note"}}, 2003)}), "error.xlsform.rows"}, // at most 2,000
	} {
		_, _, err := interchange.ReadXLSForm(c.raw, defaults())
		var said *survey.Error
		if !errors.As(err, &said) || said.Key != c.key {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
}

func FuzzReadXLSForm(f *testing.F) {
	f.Add(workbook(f, breakRoom()))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		imported, faults, err := interchange.ReadXLSForm(raw, defaults())
		if err != nil || len(faults) > 0 {
			return
		}
		if _, _, err := survey.ReadPack(imported.YAML); err != nil {
			t.Fatal(err)
		}
	})
}
