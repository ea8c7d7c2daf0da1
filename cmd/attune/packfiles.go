package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"attune/survey"
	"attune/survey/interchange"
)

type packsExport struct {
	Pack   string `arg:"" help:"The pack's id."`
	Format string `help:"yaml or fhir (a FHIR R4 Questionnaire)." default:"yaml" enum:"yaml,fhir"`
	Output string `short:"o" help:"File to write; - for standard output." default:"-"`
}

func (c packsExport) Run(a *app) error {
	library, err := survey.NewLibrary()
	if err != nil {
		return err
	}
	pack, err := library.Latest(c.Pack)
	if err != nil {
		return err
	}
	write := interchange.YAML
	if c.Format == "fhir" {
		write = interchange.FHIR
	}
	file, err := write(pack)
	if err != nil {
		return err
	}
	return a.writeOutput(c.Output, func(w io.Writer) error {
		_, err := w.Write(file)
		return err
	})
}

type packsImport struct {
	File   string `arg:"" help:"A FHIR R4 Questionnaire (JSON) or an XLSForm workbook (.xlsx)."`
	Output string `short:"o" required:"" help:"The pack file to write, YAML; - for standard output."`
}

// Run turns somebody else's file into a pack file. What the check of packs
// still finds wrong there is said by its line; the file is written all the
// same, so that it can be mended.
func (c packsImport) Run(a *app) error {
	raw, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("read the questions: %w", err)
	}
	imported, err := a.readForeign(raw, filepath.Base(c.File))
	if err != nil {
		return err
	}
	for _, note := range imported.Notes {
		_, _ = fmt.Fprintln(a.stderr, a.explain(note))
	}
	if err := a.writeOutput(c.Output, func(w io.Writer) error {
		_, err := w.Write(imported.YAML)
		return err
	}); err != nil {
		return err
	}
	pack, faults, err := survey.ReadPack(imported.YAML)
	if err != nil {
		return err
	}
	for _, f := range faults {
		_, _ = fmt.Fprintf(a.stderr, "%s:%d:%d: %s\n", c.Output, f.Line, f.Column, a.explain(f.Error))
	}
	if len(faults) > 0 {
		return fmt.Errorf("%s was written, and %s to be mended there before it can be asked", c.Output, counted(len(faults), "fault"))
	}
	_, _ = fmt.Fprintf(a.stderr, "%s %s: %d items, languages %s. Look it over before anybody is asked.\n", pack.ID, pack.Version, len(pack.Items), strings.Join(pack.Languages, ", "))
	return nil
}

func (a *app) readForeign(raw []byte, name string) (interchange.Imported, error) {
	texts := func(key string) survey.Text {
		t := make(survey.Text)
		for _, lang := range a.site.Languages() {
			t[lang] = a.site.Text(lang, key, nil)
		}
		return t
	}
	about := map[string]any{"file": name}
	defaults := interchange.Defaults{
		Disclaimer: texts("import.disclaimer"), Recall: texts("import.recall"), Licence: a.text("import.licence", nil),
		Credit: cmp.Or(a.env.organisation, a.text("import.licence", nil)), Drafted: a.text("import.drafted", about), Rationale: a.text("import.rationale", about),
	}
	switch {
	case interchange.IsWorkbook(raw):
		imported, faults, err := interchange.ReadXLSForm(raw, defaults)
		if err != nil {
			return imported, err
		}
		for _, f := range faults {
			_, _ = fmt.Fprintln(a.stderr, a.explain(f.Error))
		}
		if len(faults) > 0 {
			return imported, fmt.Errorf("%s in %s; nothing was written", counted(len(faults), "fault"), name)
		}
		return imported, nil
	case interchange.IsJSON(raw):
		return interchange.ReadFHIR(raw, defaults)
	}
	return interchange.Imported{}, survey.Fail(survey.Invalid, "error.packs.import_form", survey.Args{"file": name})
}
