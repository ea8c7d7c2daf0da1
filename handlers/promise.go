package handlers

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// promisePage is everything that the public log says about one wave.
type promisePage struct {
	staffFrame
	promiseView
}

// promiseView is a wave's promise in plain words.
type promiseView struct {
	ID      survey.WaveID
	Name    string
	Words   []string // none when nothing was promised
	Outcome []string
	Facts   []fact
	Client  bool // a program on the phone is promised
	Entries []entryRow
}

// fact is one line of a promise.
type fact struct {
	Name  string
	Text  []string
	Codes []string // hashes and keys
}

type entryRow struct {
	Seq    int
	Kind   string
	ID     survey.WaveID
	Wave   string
	SHA256 string
}

// Place is where the entry stands in the log, which is the order of time.
func (e entryRow) Place() string { return fmt.Sprintf("%09d", e.Seq) }

func (con *console) promise(c echo.Context) error {
	record, err := con.record(c)
	if err != nil {
		return err
	}
	lang := con.staffLang(c.Request())
	view, err := con.in(lang).promise(record)
	if err != nil {
		return err
	}
	p := promisePage{staffFrame: con.staffFrame(lang, "promise", "phone.log.title"), promiseView: view}
	return con.renderStaff(c, lang, http.StatusOK, "promise", p)
}

// record finds what the log says about the wave in the path.
func (con *console) record(c echo.Context) (survey.Record, error) {
	records, err := con.records(c)
	if err != nil {
		return survey.Record{}, err
	}
	i := slices.IndexFunc(records, func(r survey.Record) bool { return string(r.Wave) == c.Param("wave") })
	if i < 0 {
		return survey.Record{}, survey.Fail(survey.NotFound, "error.staff.wave", nil)
	}
	return records[i], nil
}

func (con *console) records(c echo.Context) ([]survey.Record, error) {
	log, err := con.waves.Log(c.Request().Context())
	if err != nil {
		return nil, err
	}
	return survey.Records(log)
}

// promise puts a record into words.
func (s speech) promise(r survey.Record) (promiseView, error) {
	v := promiseView{ID: r.Wave, Name: s.wave(r.Wave), Outcome: s.outcome(r)}
	for _, e := range r.Entries {
		v.Entries = append(v.Entries, s.entry(e))
	}
	if r.Manifest == nil {
		return v, nil
	}
	e, _ := r.Entry(survey.ManifestEntry)
	words, err := survey.Fingerprint(e.SHA256)
	if err != nil {
		return v, err
	}
	v.Words, v.Client, v.Facts = words, r.Client() != "", s.promised(r)
	return v, nil
}

func (s speech) entry(e survey.Entry) entryRow {
	return entryRow{Seq: e.Seq, Kind: s.kind(e.Kind), ID: e.Wave, Wave: s.wave(e.Wave), SHA256: e.SHA256}
}

// kind names a kind of entry; one that has no name is shown as it is.
func (s speech) kind(k survey.EntryKind) string {
	if key := "phone.log.kind." + string(k); s.con.site.Has(key) {
		return s.say(key, nil)
	}
	return string(k)
}

// outcome says what became of a promise.
func (s speech) outcome(r survey.Record) []string {
	var sentences []string
	for _, a := range r.Amendments {
		sentences = append(sentences, s.say("promise.amended", survey.Args{"from": a.From, "to": a.To}))
	}
	switch {
	case r.Release != nil:
		e, _ := r.Entry(survey.ReleaseEntry)
		return append(sentences, s.say("promise.released", survey.Args{"entry": e.Seq, "sha256": r.Release.ReleaseSHA256}))
	case r.Void != nil:
		return append(sentences, s.say("promise.void", survey.Args{"date": s.date(r.Void.On.Format(time.DateOnly)), "reason": s.voidReason(r.Void.Reason)}))
	}
	return append(sentences, s.say("promise.running", nil))
}

// voidReason is a reason that the program gave, in words, or the words of
// whoever made the wave void.
func (s speech) voidReason(reason string) string {
	if key := "promise.void." + reason; s.con.site.Has(key) {
		return s.say(key, nil)
	}
	return reason
}

// promised lists what a manifest says, one fact a field.
func (s speech) promised(r survey.Record) []fact {
	m := r.Manifest
	ticket := fact{Name: s.say("promise.ticket", nil), Text: []string{s.say("promise.ticket.paper", nil)}}
	if m.TicketPublicKey != "" {
		ticket.Text, ticket.Codes = []string{s.say("promise.ticket.key", nil)}, []string{m.TicketPublicKey}
	}
	client := fact{Name: s.say("promise.client", nil), Text: []string{s.say("promise.client.none", nil)}}
	if m.ClientSHA256 != "" {
		client.Text, client.Codes = []string{s.say("promise.client.text", nil)}, r.Clients()
	}
	packs := fact{Name: s.say("promise.packs", nil)}
	for _, ref := range m.Packs {
		title := ref.ID
		if pack, err := s.con.library.Find(ref); err == nil {
			title = pack.Title.In(s.lang)
		}
		packs.Text = append(packs.Text, s.say("promise.pack", survey.Args{"title": title, "id": ref.ID, "version": ref.Version}))
		packs.Codes = append(packs.Codes, ref.SHA256)
	}
	return []fact{
		{Name: s.say("promise.dates", nil), Text: []string{s.say("promise.dates.text", survey.Args{"opens": s.moment(m.Opens), "closes": s.moment(m.Closes)})}},
		{Name: s.say("promise.people", nil), Text: []string{s.say("promise.people.text", survey.Args{"people": m.People})}, Codes: []string{m.GroupsRoot}},
		{Name: s.say("promise.k", nil), Text: []string{s.say("promise.k.text", survey.Args{"k": m.K, "kc": m.KC})}},
		packs,
		{Name: s.say("promise.owner", nil), Text: []string{s.say("results.next.owner", survey.Args{"owner": m.Owner, "date": s.date(m.ResultsOn)})}},
		ticket,
		client,
		{Name: s.say("promise.slot", nil), Text: []string{s.say("promise.slot.text", survey.Args{"bytes": m.Slot})}},
		{Name: s.say("promise.rules", nil), Text: []string{m.RulesVersion}},
		{Name: s.say("promise.programme", nil), Text: []string{m.Programme}},
	}
}

// moment writes a date and the time of day in the organisation's zone.
func (s speech) moment(t time.Time) string {
	return s.say("phone.moment", survey.Args{"day": s.day(t), "time": t.In(s.con.zone).Format("15:04")})
}

// clientList names the files of a wave's program on the phone, so that anybody
// can fetch them and work out its hash.
type clientList struct {
	Wave   survey.WaveID    `json:"wave"`
	SHA256 string           `json:"client_sha256"` // the one that stands
	Files  []clientListFile `json:"files"`         // none once the wave has ended
}

type clientListFile struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Path   string `json:"path"`
}

func (con *console) client(c echo.Context) error {
	record, err := con.record(c)
	if err != nil {
		return err
	}
	kept, err := con.waves.ClientFiles(c.Request().Context())
	if err != nil {
		return err
	}
	list := clientList{Wave: record.Wave, SHA256: record.Client(), Files: []clientListFile{}}
	for _, f := range kept[list.SHA256] {
		list.Files = append(list.Files, clientListFile{Name: f.Name, SHA256: f.SHA256, Path: f.Path()})
	}
	return c.JSON(http.StatusOK, list)
}

// asset serves what lies under /static/. A bundle of an earlier version of the
// program is served as long as a wave promises it, so that a page which was
// opened before an upgrade goes on with what it was promised.
func (con *console) asset(c echo.Context) error {
	r := c.Request()
	prefix, name, ok := strings.Cut(strings.TrimPrefix(path.Clean(r.URL.Path), "/static/"), "/")
	if con.site.Serves(r.URL.Path) || !ok || !slices.Contains(survey.ClientFiles(), name) || len(prefix) != len("0123456789ab") {
		con.site.ServeHTTP(c.Response(), r)
		return nil
	}
	file, err := con.waves.ClientFile(r.Context(), name, prefix)
	switch {
	case survey.IsCode(err, survey.NotFound), survey.IsCode(err, survey.Unavailable):
		con.site.ServeHTTP(c.Response(), r) // which does not have it either
		return nil
	case err != nil:
		return err
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	return c.Blob(http.StatusOK, "text/javascript; charset=utf-8", file.Body)
}
