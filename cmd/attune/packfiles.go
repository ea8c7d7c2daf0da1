package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"attune/handlers"
	"attune/survey"
	"attune/survey/interchange"
)

type packsExport struct {
	Pack   string `arg:"" help:"The pack's id."`
	Format string `help:"yaml or fhir (a FHIR R4 Questionnaire)." default:"yaml" enum:"yaml,fhir"`
	Output string `short:"o" help:"File to write; - for standard output." default:"-"`
}

func (c packsExport) Run(a *app) error {
	library, err := a.library(a.settings().dir)
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
	File   string `arg:"" help:"A pack (YAML), a FHIR R4 Questionnaire (JSON) or an XLSForm workbook (.xlsx)."`
	Output string `short:"o" help:"Write the pack as a file instead of adding it; - for standard output." placeholder:"FILE"`
}

// Run adds somebody's own pack to the installation, or, with -o, turns another
// program's file into a pack file. What the check of packs finds wrong there is
// said by its line; the file is written all the same, so that it can be mended.
func (c packsImport) Run(ctx context.Context, a *app) error {
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
	if c.Output == "" {
		return a.with(ctx, func(in *installation) error { return c.add(ctx, a, in, imported.YAML) })
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
	if len(faults) > 0 {
		a.sayFaults(c.Output, faults)
		return fmt.Errorf("%s was written, and %s to be mended there before it can be asked", c.Output, counted(len(faults), "fault"))
	}
	_, _ = fmt.Fprintf(a.stderr, "%s %s: %d items, languages %s. Look it over before anybody is asked.\n", pack.ID, pack.Version, len(pack.Items), strings.Join(pack.Languages, ", "))
	return nil
}

func (c packsImport) add(ctx context.Context, a *app, in *installation, file []byte) error {
	pack, faults, err := in.shelf.Keep(file)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		a.sayFaults(c.File, faults)
		return fmt.Errorf("%s in %s; nothing was added (with -o FILE the pack is written as a file, to be mended there)", counted(len(faults), "fault"), c.File)
	}
	if err := in.noted(ctx, survey.DidPackAdded, pack.ID, map[string]string{"version": pack.Version}); err != nil {
		return err
	}
	a.printf("%s %s can be planned now: %d items, languages %s. A server that runs has to be started again to know it.\n", pack.ID, pack.Version, len(pack.Items), strings.Join(pack.Languages, ", "))
	return nil
}

func (a *app) sayFaults(file string, faults []survey.Fault) {
	for _, f := range faults {
		_, _ = fmt.Fprintf(a.stderr, "%s:%d:%d: %s\n", file, f.Line, f.Column, a.explain(f.Error))
	}
}

// readForeign makes a pack file of somebody else's, or takes a pack file as it is.
func (a *app) readForeign(raw []byte, name string) (interchange.Imported, error) {
	imported, faults, err := interchange.Read(raw, handlers.ImportDefaults(a.site, a.env.language, a.env.organisation, name))
	if err != nil {
		return imported, err
	}
	for _, f := range faults {
		_, _ = fmt.Fprintln(a.stderr, a.explain(f.Error))
	}
	if len(faults) > 0 {
		return imported, fmt.Errorf("%s in %s; nothing was written", counted(len(faults), "fault"), name)
	}
	if imported.YAML == nil {
		imported.YAML = raw
	}
	return imported, nil
}
