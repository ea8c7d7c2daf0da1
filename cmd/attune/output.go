package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"attune/analytics"
	"attune/handlers"
	"attune/survey"
)

// writeOutput writes to a file, or to standard output for "-". A file appears
// whole or not at all.
func (a *app) writeOutput(path string, write func(io.Writer) error) error {
	if path == "-" {
		return write(a.stdout)
	}
	temporary := path + ".part"
	file, err := os.OpenFile(temporary, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	err = write(file)
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(temporary))
	}
	return nil
}

type ticketsCommand struct {
	Print ticketsPrint `cmd:"" help:"Print the paper tickets of a wave; printing again gives the same slips."`
}

type ticketsPrint struct {
	Wave   string `required:"" help:"The wave's id." placeholder:"W"`
	Unit   string `help:"Only this part of the organisation." placeholder:"U"`
	Format string `enum:"pdf,csv" default:"pdf" help:"pdf to cut apart, or csv."`
	Output string `short:"o" required:"" help:"File to write, - for standard output." placeholder:"FILE"`
	URL    string `help:"Address of the server, when ATTUNE_PUBLIC_URL is not set." placeholder:"URL"`
}

func (c ticketsPrint) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		unit, err := in.unit(ctx, c.Unit)
		if err != nil {
			return err
		}
		slips, err := in.waves.Slips(ctx, survey.WaveID(c.Wave), unit)
		if err != nil {
			return err
		}
		face, err := in.waves.Face(ctx, survey.WaveID(c.Wave))
		if err != nil {
			return err
		}
		sheet := handlers.SlipSheet{
			Organisation: face.Organisation, Wave: c.Wave, URL: c.base(a) + "/p", Fingerprint: face.Fingerprint,
			Opens: face.Opens.Format("2006-01-02 15:04"), Closes: face.Closes.Format("2006-01-02 15:04"),
		}
		for _, s := range slips {
			sheet.Slips = append(sheet.Slips, handlers.Slip{Group: s.Group, Teams: s.Teams, Code: s.Code})
		}
		if err := in.noted(ctx, survey.DidTickets, c.Wave, nil); err != nil {
			return err
		}
		err = a.writeOutput(c.Output, func(w io.Writer) error {
			if c.Format == "csv" {
				return slipsCSV(w, c.Wave, sheet)
			}
			return handlers.PrintSlips(w, sheet, a.textIn(a.spoken(in).Default))
		})
		if err == nil && c.Output != "-" {
			a.printf("%d tickets written to %s. They are secrets until the wave closes: print them, let everybody draw one, and delete the file.\n", len(slips), c.Output)
		}
		return err
	})
}

// base is the address that the slips point to. Without one they point to this
// machine, which no other phone reaches: whoever prints them has to know.
func (c ticketsPrint) base(a *app) string {
	if c.URL != "" {
		return strings.TrimRight(c.URL, "/")
	}
	if a.env.publicURL != "" {
		return a.env.publicURL
	}
	base := "http://" + defaultListen
	if c.Format == "pdf" {
		_, _ = fmt.Fprintf(a.stderr, "attune: the slips point to %s/p, which opens on this machine only: set ATTUNE_PUBLIC_URL, or give the server's address with --url, and print again.\n", base)
	}
	return base
}

// text gives texts in the language that commands speak.
func (a *app) text(key string, args map[string]any) string {
	return a.site.Text(a.env.language, key, args)
}

// textIn gives texts in one language, for what is printed for everybody.
func (a *app) textIn(lang string) func(key string, args map[string]any) string {
	return func(key string, args map[string]any) string { return a.site.Text(lang, key, args) }
}

func slipsCSV(w io.Writer, wave string, sheet handlers.SlipSheet) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"wave", "unit", "code"}}
	for _, s := range sheet.Slips {
		rows = append(rows, []string{wave, strings.Join(s.Teams, " + "), s.Code})
	}
	return out.WriteAll(rows)
}

type exportCommand struct {
	Wave   string `default:"all" help:"A wave's id, or all." placeholder:"W"`
	Format string `enum:"csv,xlsx,spss,ddi,json" default:"csv" help:"csv, xlsx, spss (a zip of syntax and CSV), ddi (a code book in XML) or json."`
	Output string `short:"o" required:"" help:"File to write, - for standard output." placeholder:"FILE"`
}

func (c exportCommand) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		releases, err := in.archive.Releases(ctx)
		if err != nil {
			return err
		}
		if c.Wave != "all" {
			var one []*analytics.Release
			for _, r := range releases {
				if r.Wave() == survey.WaveID(c.Wave) {
					one = append(one, r)
				}
			}
			if len(one) == 0 {
				return survey.Fail(survey.NotFound, "error.export.wave", survey.Args{"wave": c.Wave})
			}
			releases = one
		}
		if err := in.noted(ctx, survey.DidExported, c.Wave, map[string]string{"format": c.Format}); err != nil {
			return err
		}
		return a.writeOutput(c.Output, func(w io.Writer) error { return analytics.Export(w, c.Format, releases, a.wording(in)) })
	})
}

// wording are the words of exports in the organisation's language, which the
// console may have changed.
func (a *app) wording(in *installation) analytics.Wording {
	lang := a.spoken(in).Default
	text := func(key string, args map[string]any) string { return a.site.Text(lang, key, args) }
	return analytics.Wording{Text: text, Language: lang, Library: in.library}
}

type packsCommand struct {
	List       packsList       `cmd:"" help:"List the packs that can be asked."`
	Check      packsCheck      `cmd:"" help:"Check a pack file and explain every fault."`
	Export     packsExport     `cmd:"" help:"Write a pack as a file, also for other programs."`
	Import     packsImport     `cmd:"" help:"Add a pack of one's own, also from another program's questionnaire."`
	Preview    packsPreview    `cmd:"" help:"Show a pack as a phone will show it; nothing can be sent."`
	ImportText packsImportText `cmd:"" help:"Add your own permitted copy of an instrument's texts."`
}

type packsCheck struct {
	File string `arg:"" help:"The pack, a YAML file."`
}

func (c packsCheck) Run(a *app) error {
	raw, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("read the pack: %w", err)
	}
	pack, faults, err := survey.ReadPack(raw)
	if err != nil {
		return err
	}
	for _, f := range faults {
		_, _ = fmt.Fprintf(a.stderr, "%s:%d:%d: %s\n", c.File, f.Line, f.Column, a.explain(f.Error))
	}
	if len(faults) > 0 {
		return fmt.Errorf("%s in %s", counted(len(faults), "fault"), c.File)
	}
	a.printf("%s %s is in order: %d items, %d scales, languages %s.\n", pack.ID, pack.Version, len(pack.Items), len(pack.Scales), strings.Join(pack.Languages, ", "))
	return nil
}
