// Package handlers shows: it holds every page of people who sign in, the
// charts and downloads in them, and the one page of routes of the server.
//
// Every figure on these pages comes from an analytics.Archive, that is from
// stored releases. Nothing here can reach a ballot, a ticket or the state of
// a person's invitation. The respondents' pages are another handler, given in
// Config, which no middleware of this package touches.
package handlers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"attune/analytics"
	"attune/handlers/api"
	"attune/static"
	"attune/survey"
	"attune/survey/store"
	"attune/survey/wave"

	"github.com/labstack/echo/v4"
)

// Config is everything that the pages need. Only Demo, Library and PublicURL may be
// left out.
type Config struct {
	Store    *store.Store       // users, sessions, the dates of programmes, events, actions and support contacts; nothing else of it is used
	Library  *survey.Library    // the packs, with the texts that the organisation added; nil: the built-in ones
	Archive  *analytics.Archive // every figure
	Waves    *wave.Waves        // the list of waves and their states
	Site     *static.Site
	Respond  http.Handler   // the respondents' routes, served as they are
	Language string         // the organisation's language, for browsers that ask for none of ours
	Zone     *time.Location // the organisation's time zone, for dates
	Now      func() time.Time
	Rand     io.Reader // session tokens and password salts; crypto/rand
	Secure   bool      // the site is reached over https: cookies are Secure
	Log      *slog.Logger
	Demo     *Demo // nil in a real installation
	Hooks    Hooks // nil: no webhooks can be added
	Shelf    Shelf // of the organisation's own packs; nil: none can be added
	// Scheduled says what the export folder is up to; nil: there is none.
	Scheduled func() ScheduledExport
	// PublicURL is the address that posters name, without a slash at the end.
	PublicURL string
	Named     string   // what the server's settings name the organisation at each start; empty: nothing
	Messages  Messages // which ways messages can go
	// Life ends what goes on beside pages when the server ends; nil: nothing
	// does.
	Life   context.Context
	System System // the program itself
}

// Demo is what only a demonstration has: a clock that can be moved and
// sign-ins that everybody may see.
type Demo struct {
	// Advance moves the clock to "open", "close" or "release" of the next
	// wave, or on by a duration such as "+24h".
	Advance func(ctx context.Context, to string) error
	SignIns []SignIn
	Mail    string // the folder that mail lands in; empty: there is none
}

// SignIn is one account of a demonstration.
type SignIn struct {
	Role, Unit, Email, Password string
}

// accounts is all that pages may do with the store. The interface is a wall:
// the store also holds people, invitations and ballot boxes.
type accounts interface {
	UserByEmail(ctx context.Context, email string) (store.User, error)
	SessionUser(ctx context.Context, tokenHash string) (store.User, error)
	CreateSession(ctx context.Context, s store.Session) error
	DeleteSession(ctx context.Context, tokenHash string) error
	DeleteSessionsOf(ctx context.Context, email string) error
	SetPassword(ctx context.Context, email, hash string, mustChange bool) error
	OrganisationName(ctx context.Context) (string, error)
}

// waves is all that pages may do with waves: read what is, or may be,
// published about them. Nothing in it names a person.
type waves interface {
	Waves(ctx context.Context) ([]survey.Wave, error)
	// Face is what anybody may know of an announced, open or ended wave.
	Face(ctx context.Context, id survey.WaveID) (survey.OpenWave, error)
	// Drawable lists the announced and the open waves, by opening date.
	Drawable(ctx context.Context) ([]survey.OpenWave, error)
	// Log lists the entries of the public log, oldest first.
	Log(ctx context.Context) ([]survey.Entry, error)
	// Leaves are the groups that a manifest's root stands for.
	Leaves(ctx context.Context, id survey.WaveID) ([]survey.Leaf, error)
	// ResultsOf finds the release and unit that a results link opens.
	ResultsOf(ctx context.Context, key string) (survey.WaveID, survey.UnitID, bool, error)
	// ClientFile is a browser bundle that a wave still promises.
	ClientFile(ctx context.Context, name, prefix string) (survey.ClientFile, error)
	// ClientFiles are all of them, by the hash that manifests name.
	ClientFiles(ctx context.Context) (map[string][]survey.ClientFile, error)
}

// console is the state that handlers share; it never changes after New,
// apart from what throttle and refused count, and states and kept hold.
type console struct {
	accounts accounts
	waves    waves
	mail     mailWishes
	dates    dates
	events   events
	plans    plans
	support  supporters
	archive  *analytics.Archive
	site     *static.Site
	pages    *static.Pages
	staff    *static.Pages // pages for everybody who works here
	audits   leaderAudits
	library  *survey.Library
	shelf    Shelf
	leaders  *survey.LeaderLibrary
	guides   *survey.Guides
	language string
	zone     *time.Location
	now      func() time.Time
	rand     io.Reader
	secure   bool
	log      *slog.Logger
	demo     *Demo
	throttle *throttle
	states   *keep[[]unitState] // of first pages
	kept     *keep[[]byte]      // pages
	hashing  chan struct{}      // one place for each password hash that may run at once
	public   string             // Config.PublicURL

	brands brands
	sheet  atomic.Pointer[accentSheet] // of the accent that was asked for last
	named  string                      // Config.Named

	tokens     tokens
	incidents  incidents
	deeds      deeds
	scheduled  func() ScheduledExport // nil: releases are written into no folder
	refused    atomic.Int64           // tries to sign in since the last sign-in that the administrative log has
	outlooks   outlooks
	organisers organisers
	people     staffList
	users      userKeeper
	programmes programmeKeeper
	planners   planners
	running    running
	messages   Messages
	system     System
	webhooks   webhooks
	hooks      Hooks
	jobs       *jobs
}

// passwordsAtOnce bounds the memory that sign-ins take: 19 MiB each.
const passwordsAtOnce = 4

// New builds the server's handler. It fails on a Config that lacks something,
// naming everything that is missing, and on templates that do not parse.
func New(cfg Config) (*echo.Echo, error) {
	con, err := newConsole(cfg)
	if err != nil {
		return nil, err
	}
	programs, err := api.New(api.Config{
		Store: cfg.Store, Archive: cfg.Archive, Library: con.library, Site: cfg.Site, Spoken: con.spoken,
		Zone: cfg.Zone, Now: cfg.Now, Log: cfg.Log, Verdicts: con.verdicts,
	})
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	return con.routes(cfg.Respond, programs), nil
}

// newConsole wires what the pages share.
func newConsole(cfg Config) (*console, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	library := cfg.Library
	if library == nil {
		built, err := survey.NewLibrary()
		if err != nil {
			return nil, fmt.Errorf("console: %w", err)
		}
		library = built
	}
	leaders, err := survey.NewLeaderLibrary()
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	guides, err := survey.NewGuides()
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	con := &console{
		accounts: cfg.Store, audits: cfg.Store, dates: cfg.Store, events: cfg.Store, plans: cfg.Store, support: cfg.Store, waves: cfg.Waves, archive: cfg.Archive, site: cfg.Site,
		library: library, shelf: cfg.Shelf, leaders: leaders, guides: guides,
		language: cfg.Site.Language(cfg.Language, "en"), zone: cfg.Zone, now: cfg.Now, rand: cfg.Rand,
		secure: cfg.Secure, log: cfg.Log, demo: cfg.Demo, throttle: newThrottle(), states: keepStates(), kept: keepPages(),
		hashing: make(chan struct{}, passwordsAtOnce),
		public:  cfg.PublicURL,
	}
	con.brands, con.named = cfg.Store, cfg.Named
	con.incidents = cfg.Waves.Incidents()
	con.deeds, con.tokens, con.webhooks, con.hooks = cfg.Store, cfg.Store, cfg.Store, cfg.Hooks
	con.scheduled = cfg.Scheduled
	con.organisers, con.people, con.users = cfg.Store, cfg.Store, cfg.Store
	con.programmes, con.planners = cfg.Store, cfg.Waves
	con.outlooks, con.running, con.messages, con.system = cfg.Waves, cfg.Store, cfg.Messages, cfg.System
	con.jobs = newJobs(cfg.Life)
	con.mail = mailWishes{holders: cfg.Waves, wishes: cfg.Store}
	if con.pages, err = cfg.Site.Pages("console", nil); err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	if con.staff, err = cfg.Site.Pages("staff", nil); err != nil {
		return nil, fmt.Errorf("pages for staff: %w", err)
	}
	return con, nil
}

// complete names every field that is missing, all at once.
func (cfg Config) complete() error {
	var faults []error
	for _, field := range []struct {
		name string
		set  bool
	}{
		{"Store", cfg.Store != nil},
		{"Archive", cfg.Archive != nil},
		{"Waves", cfg.Waves != nil},
		{"Site", cfg.Site != nil},
		{"Respond", cfg.Respond != nil},
		{"Zone", cfg.Zone != nil},
		{"Now", cfg.Now != nil},
		{"Rand", cfg.Rand != nil},
		{"Log", cfg.Log != nil},
	} {
		if !field.set {
			faults = append(faults, fmt.Errorf("console: Config.%s is missing", field.name))
		}
	}
	return errors.Join(faults...)
}
