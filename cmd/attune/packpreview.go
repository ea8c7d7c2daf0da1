package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"attune/handlers/respond"
	"attune/survey"
)

// previewStop bounds how long open pages may keep a preview from ending.
const previewStop = 5 * time.Second

type packsPreview struct {
	Pack   string `arg:"" help:"The pack's id, or a pack file that ends in .yaml."`
	Listen string `default:"127.0.0.1:0" help:"Address to listen on." placeholder:"ADDR"`
}

// Run shows a pack exactly as a phone will show it, until Ctrl-C. There is no
// wave behind it, no box and no database: nothing can be sent.
func (c packsPreview) Run(ctx context.Context, a *app) error {
	pack, err := c.pack(a)
	if err != nil {
		return err
	}
	if _, err := survey.NewSheet([]*survey.Pack{pack}); err != nil {
		return err
	}
	handler, err := a.preview(pack, time.Now)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	a.printf("http://%s/p shows %s %s; nothing can be sent. Ctrl-C ends it.\n", listener.Addr(), pack.ID, pack.Version)
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err = <-done:
	case <-ctx.Done():
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), previewStop)
		defer cancel()
		err = server.Shutdown(stop)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func (c packsPreview) pack(a *app) (*survey.Pack, error) {
	if !strings.HasSuffix(c.Pack, ".yaml") {
		library, err := a.library(a.settings().dir)
		if err != nil {
			return nil, err
		}
		return library.Latest(c.Pack)
	}
	raw, err := os.ReadFile(c.Pack)
	if err != nil {
		return nil, fmt.Errorf("read the pack: %w", err)
	}
	pack, faults, err := survey.ReadPack(raw)
	if err == nil && len(faults) > 0 {
		err = fmt.Errorf("%s in %s: see attune packs check", counted(len(faults), "fault"), c.Pack)
	}
	return pack, err
}

// preview is the respondents' pages around one pack that nobody is asked.
func (a *app) preview(pack *survey.Pack, now func() time.Time) (http.Handler, error) {
	opens := now()
	face := survey.OpenWave{
		ID: "preview", State: survey.Open, Manifest: survey.Manifest{Wave: "preview", K: survey.MinK, KC: survey.KC(survey.MinK)},
		Organisation: a.text("preview.organisation", nil), Owner: a.text("preview.owner", nil), Contact: a.text("preview.contact", nil),
		Packs: []*survey.Pack{pack}, ResultsOn: opens.AddDate(0, 0, 21).Format(time.DateOnly),
		Opens: opens, Closes: opens.AddDate(0, 0, 14), Zone: time.UTC,
	}
	pages, err := respond.New(respond.Config{Waves: previewWaves{face}, Site: a.site, Language: a.env.language, Now: now})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/static/", a.site)
	mux.Handle("/", pages)
	return mux, nil
}

// previewWaves is one open wave that takes nothing.
type previewWaves struct{ face survey.OpenWave }

func (previewWaves) nothing() error { return survey.Fail(survey.Conflict, "error.preview.cast", nil) }

func (p previewWaves) OpenWaves(context.Context) ([]survey.OpenWave, error) {
	return []survey.OpenWave{p.face}, nil
}

func (p previewWaves) PaperWave(context.Context, string) (survey.OpenWave, error) { return p.face, nil }

func (previewWaves) NextOpening(context.Context) (time.Time, bool, error) {
	return time.Time{}, false, nil
}

func (p previewWaves) CastPaper(context.Context, string, survey.Answers) (survey.Receipt, error) {
	return survey.Receipt{}, p.nothing()
}

func (p previewWaves) WithdrawPaper(context.Context, string) error       { return p.nothing() }
func (previewWaves) Log(context.Context) ([]survey.Entry, error)         { return nil, nil }
func (previewWaves) Drawable(context.Context) ([]survey.OpenWave, error) { return nil, nil }

func (p previewWaves) Offer(context.Context, string, survey.WaveID) (survey.Offer, error) {
	return survey.Offer{}, p.nothing()
}

func (p previewWaves) Draw(context.Context, string, survey.WaveID, []byte) (survey.Drawn, error) {
	return survey.Drawn{}, p.nothing()
}

func (p previewWaves) CastTicket(context.Context, survey.TicketBallot) (survey.Receipt, error) {
	return survey.Receipt{}, p.nothing()
}

func (p previewWaves) WithdrawTicket(context.Context, survey.TicketBallot) error { return p.nothing() }
