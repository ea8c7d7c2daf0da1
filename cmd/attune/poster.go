package main

import (
	"context"
	"io"
	"strings"

	"attune/handlers"
	"attune/survey"
)

type posterCommand struct {
	Print posterPrint `cmd:"" help:"Print the poster of an announced wave: a PDF of one page."`
}

type posterPrint struct {
	Wave   string `required:"" help:"The wave's id." placeholder:"W"`
	Output string `short:"o" required:"" help:"File to write, - for standard output." placeholder:"FILE"`
	URL    string `help:"Address of the server, when ATTUNE_PUBLIC_URL is not set." placeholder:"URL"`
}

func (c posterPrint) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		face, err := in.waves.Face(ctx, survey.WaveID(c.Wave))
		if err != nil {
			return err
		}
		base := a.env.publicURL
		if c.URL != "" {
			base = strings.TrimRight(c.URL, "/")
		}
		lang := a.spoken(in).Default
		poster := handlers.NewPoster(a.site, lang, face, base)
		poster.Logo = in.store.Branding().Logo.PNG
		err = a.writeOutput(c.Output, func(w io.Writer) error { return handlers.PrintPoster(w, poster, a.textIn(lang)) })
		if err == nil && c.Output != "-" {
			a.printf("The poster of wave %s is in %s. Hang it up before the wave opens, where people pass.\n", c.Wave, c.Output)
		}
		return err
	})
}
