package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"attune/survey"
)

// textsFolder holds an organisation's own packs (ownpacks.go) and its own
// copies of the texts of packs that are a key only, one file a pack version.
// They are not secret.
const textsFolder = "packs"

// library is the built-in packs with the texts and the packs that the
// organisation added.
func (a *app) library(dir string) (*survey.Library, error) {
	library, err := survey.NewLibrary()
	if err != nil {
		return nil, err
	}
	files, err := os.ReadDir(filepath.Join(dir, textsFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return library, nil
	}
	if err != nil {
		return nil, fmt.Errorf("texts of packs: %w", err)
	}
	for _, file := range files {
		if filepath.Ext(file.Name()) == ".yaml" {
			if err := addOwn(library, filepath.Join(dir, textsFolder, file.Name())); err != nil {
				return nil, err
			}
		}
		if filepath.Ext(file.Name()) != ".json" {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, textsFolder, file.Name()))
		if err != nil {
			return nil, fmt.Errorf("texts of packs: %w", err)
		}
		var texts survey.Texts
		if err := json.Unmarshal(raw, &texts); err != nil {
			return nil, fmt.Errorf("texts of packs: %s: %w", file.Name(), err)
		}
		if library, err = library.With(texts); err != nil {
			return nil, err
		}
	}
	return library, nil
}

type packsList struct{}

func (packsList) Run(a *app) error {
	library, err := a.library(a.settings().dir)
	if err != nil {
		return err
	}
	for _, p := range library.All() {
		state := ""
		if !p.Asked() {
			state = ", texts to be added with attune packs import-text"
		}
		a.printf("%-18s %-4s %s, %s, about %d min%s: %s\n", p.ID, p.Version, p.Audience, counted(len(p.Items), "item"), p.Minutes, state, p.Title.In(a.env.language))
	}
	return nil
}

type packsImportText struct {
	Pack string `arg:"" help:"The pack's id, such as proqol5."`
	File string `arg:"" help:"The texts, a CSV file with the columns item, language, text."`
}

// Run stores the texts beside the databases: a file that is written whole or
// not at all.
func (c packsImportText) Run(ctx context.Context, a *app) error {
	raw, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("read the texts: %w", err)
	}
	return a.with(ctx, func(in *installation) error {
		built, err := survey.NewLibrary() // the pack as it comes, without texts
		if err != nil {
			return err
		}
		pack, err := built.Latest(c.Pack)
		if err != nil {
			return err
		}
		texts, faults := survey.ReadTexts(pack, raw)
		for _, f := range faults {
			_, _ = fmt.Fprintf(a.stderr, "%s:%d: %s\n", c.File, f.Line, a.explain(f.Error))
		}
		if len(faults) > 0 {
			return fmt.Errorf("%s in %s", counted(len(faults), "fault"), c.File)
		}
		if _, err := built.With(texts); err != nil {
			return err
		}
		folder := filepath.Join(a.settings().dir, textsFolder)
		path := filepath.Join(folder, pack.ID+"-"+pack.Version+".json")
		content, err := json.MarshalIndent(texts, "", "  ")
		if err != nil {
			return fmt.Errorf("texts of %s: %w", pack.ID, err)
		}
		before, err := os.ReadFile(path)
		switch {
		case err == nil && !bytes.Equal(bytes.TrimSpace(before), content):
			return survey.Fail(survey.Conflict, "error.texts.other", survey.Args{"pack": pack.ID, "version": pack.Version, "file": path})
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("texts of %s: %w", pack.ID, err)
		}
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return fmt.Errorf("texts of %s: %w", pack.ID, err)
		}
		if err := writeJSON(path, texts); err != nil {
			return fmt.Errorf("texts of %s: %w", pack.ID, err)
		}
		if err := in.noted(ctx, survey.DidPackTexts, pack.ID, map[string]string{"version": pack.Version}); err != nil {
			return err
		}
		a.printf("%s %s can be planned now. A server that runs has to be started again to know it.\n%s\n", pack.ID, pack.Version, pack.CreditLine.In(a.env.language))
		return nil
	})
}
