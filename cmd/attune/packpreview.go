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

	"attune/handlers"
	"attune/survey"
	"attune/survey/ticket"
)

// previewStop bounds how long open pages may keep a preview from ending.
const previewStop = 5 * time.Second

type packsPreview struct {
	Pack   string `arg:"" help:"The pack's id, or a pack file that ends in .yaml."`
	Listen string `default:"127.0.0.1:0" help:"Address to listen on." placeholder:"ADDR"`
}

// Run shows a pack exactly as a phone will show it, to the private result, until
// Ctrl-C. There is no wave behind it, no box and no database: what is sent is
// thrown away.
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
	code := ticket.NewPaperCode(nil, "PRE", "preview", 0) // opens nothing anywhere
	a.printf("http://%s/p shows %s %s. With the code %s it goes on to the private result; what is sent is thrown away. Ctrl-C ends it.\n",
		listener.Addr(), pack.ID, pack.Version, code)
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
	return handlers.NewPreview(a.site, a.env.language, pack, now)
}
