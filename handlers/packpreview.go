package handlers

import (
	"context"
	"net/http"
	"time"

	"attune/handlers/respond"
	"attune/static"
	"attune/survey"
)

// NewPreview is the respondents' own pages around one pack that nobody is
// asked, to the private result, with any printed code. There is no wave behind
// it, no box and no database: what is sent is thrown away. language is for
// browsers that ask for none of ours.
func NewPreview(site *static.Site, language string, pack *survey.Pack, now func() time.Time) (http.Handler, error) {
	opens := now()
	text := func(key string) string { return site.Text(site.Language(language, "en"), key, nil) }
	face := survey.OpenWave{
		ID: "preview", State: survey.Open, Manifest: survey.Manifest{Wave: "preview", K: survey.MinK, KC: survey.KC(survey.MinK)},
		Organisation: text("preview.organisation"), Owner: text("preview.owner"), Contact: text("preview.contact"),
		Packs: []*survey.Pack{pack}, ResultsOn: opens.AddDate(0, 0, 21).Format(time.DateOnly),
		Opens: opens, Closes: opens.AddDate(0, 0, 14), Zone: time.UTC,
	}
	pages, err := respond.New(respond.Config{Waves: previewWaves{face, text("preview.team")}, Site: site, Language: language, Now: now})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/static/", site)
	mux.Handle("/", pages)
	return mux, nil
}

// previewWaves is one open wave that says received and keeps nothing. What
// needs a ticket it refuses.
type previewWaves struct {
	face survey.OpenWave
	team string
}

func (previewWaves) nothing() error { return survey.Fail(survey.Conflict, "error.preview.cast", nil) }

func (p previewWaves) OpenWaves(context.Context) ([]survey.OpenWave, error) {
	return []survey.OpenWave{p.face}, nil
}

func (previewWaves) Help(context.Context) (survey.Help, error) { return nil, nil }

func (p previewWaves) PaperWave(context.Context, string) (survey.OpenWave, error) { return p.face, nil }

func (previewWaves) NextOpening(context.Context) (time.Time, bool, error) {
	return time.Time{}, false, nil
}

func (p previewWaves) CastPaper(context.Context, string, survey.Answers) (survey.Receipt, error) {
	return survey.Receipt{Wave: p.face.ID, Teams: []string{p.team}, Headcount: p.face.Manifest.K, Contact: p.face.Contact}, nil
}

func (previewWaves) WithdrawPaper(context.Context, string) error         { return nil }
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
