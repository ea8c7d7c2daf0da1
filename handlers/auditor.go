package handlers

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// The auditor's pages show everything that was promised and whether it was
// kept: the log, manifests with all their groups, hashes of releases and of
// what phones load. They show no figure and nobody.

// auditPage is the log with its check, and all hashes.
type auditPage struct {
	frame
	Whole                                 bool
	Chain                                 string // what the check of the chain found
	Fault                                 string // the place where it does not hold
	Entries                               []entryRow
	SortEntries, SortReleases, SortAssets heads
	Releases                              []auditRelease
	Client                                string // hash of the program on the phone that this server serves
	Clients                               []auditClient
	Assets                                []auditAsset
	ByHand                                []handCheck
}

type auditRelease struct {
	Wave   string `json:"-"`
	ID     string `json:"wave"`
	SHA256 string `json:"sha256"`
	Method string `json:"method_version,omitempty"`
	Result string `json:"audit,omitempty"` // of the audit before publication; empty for releases older than audits
	Rules  string `json:"audit_version,omitempty"`
	Gate   string `json:"-"` // result and version in words
	Check  string `json:"check"`
}

// auditClient is what one wave promises about the program on the phone.
type auditClient struct {
	Sentence string
	SHA256   string
}

type auditAsset struct{ Path, SHA256 string }

// handCheck is one step of a check without this program.
type handCheck struct{ Text, Command string }

func (con *console) audit(c echo.Context, v viewer) error {
	lang := con.lang(c.Request())
	s := con.in(lang)
	log, err := con.waves.Log(c.Request().Context())
	if err != nil {
		return err
	}
	p := auditPage{frame: con.frame(lang, "audit.title", &v, "/console/audit"), ByHand: s.byHand()}
	for i := len(log) - 1; i >= 0; i-- {
		p.Entries = append(p.Entries, s.entry(log[i]))
	}
	p.Whole, p.Chain = true, s.say("audit.chain.whole", survey.Args{"entries": len(log)})
	records, fault := whole(log)
	if fault != nil {
		p.Whole, p.Chain, p.Fault = false, s.say("audit.chain.broken", nil), fault.Error()
	}
	p.Releases = s.auditReleases(c, records)
	if p.Client, err = con.ownClient(); err != nil {
		return err
	}
	for _, r := range records {
		if r.Client() != "" {
			p.Clients = append(p.Clients, auditClient{s.auditClient(r, p.Client), r.Client()})
		}
	}
	sums := con.site.Assets()
	for _, path := range slices.Sorted(maps.Keys(sums)) {
		p.Assets = append(p.Assets, auditAsset{path, sums[path]})
	}
	p.SortEntries = inOrder(s, c, p.frame, "entries", p.Entries,
		byDate("entry", "audit.entry", entryRow.Place),
		byName("kind", "audit.kind", func(e entryRow) string { return e.Kind }),
		byDate("wave", "console.table.wave", func(e entryRow) string { return string(e.ID) }))
	p.SortReleases = inOrder(s, c, p.frame, "releases", p.Releases, byDate("wave", "console.table.wave", func(r auditRelease) string { return r.ID }))
	p.SortAssets = inOrder(s, c, p.frame, "assets", p.Assets, byName("name", "audit.asset", func(a auditAsset) string { return a.Path }))
	con.render(c.Response(), lang, http.StatusOK, "audit", p)
	return nil
}

// whole checks a log and reads it wave by wave.
func whole(log []survey.Entry) ([]survey.Record, error) {
	if err := survey.VerifyChain(log); err != nil {
		return nil, err
	}
	return survey.Records(log)
}

// ownClient is the hash of the program on the phone that this server serves.
func (con *console) ownClient() (string, error) {
	return survey.ClientSHA256(survey.ClientSums(survey.ClientOf(con.site.Content)))
}

// auditReleases holds every stored release against its entry in the log.
func (s speech) auditReleases(c echo.Context, records []survey.Record) []auditRelease {
	var all []auditRelease
	for _, r := range records {
		if r.Release == nil {
			continue
		}
		row := auditRelease{Wave: s.wave(r.Wave), ID: string(r.Wave), SHA256: r.Release.ReleaseSHA256}
		release, err := s.con.archive.Release(c.Request().Context(), r.Wave)
		manifest, _ := r.Entry(survey.ManifestEntry)
		switch {
		case err != nil:
			row.Check = s.say("audit.release.damaged", nil)
		case release.SHA256() != r.Release.ReleaseSHA256, release.ManifestSHA256() != manifest.SHA256:
			row.Check = s.say("audit.release.other", nil)
		default:
			row.Check = s.say("audit.release.same", nil)
		}
		if err == nil {
			row.Method, row.Gate = release.MethodVersion(), s.say("audit.result.none", nil)
			if audit, ok := release.Audit(); ok {
				row.Result, row.Rules = audit.Result, audit.Version
				row.Gate = s.say("audit.result."+audit.Result, survey.Args{"version": audit.Version})
			}
		}
		all = append(all, row)
	}
	return all
}

// auditClient compares what a wave promises with what is served now; after a
// wave has ended another version is no fault.
func (s speech) auditClient(r survey.Record, own string) string {
	key := "audit.client.same"
	switch {
	case r.Release != nil || r.Void != nil:
		key = "audit.client.over"
	case r.Client() != own:
		key = "audit.client.other"
	}
	return s.say(key, survey.Args{"wave": s.wave(r.Wave)})
}

// auditWavePage is one wave's promise with all its groups.
type auditWavePage struct {
	frame
	promiseView
	Root   string // whether the groups give the manifest's root
	Groups []auditGroup
	Sort   heads
}

type auditGroup struct {
	Place     int
	ID        string
	Teams     []string
	Headcount int
	Way       string
	Salt      string
}

func (con *console) auditWave(c echo.Context, v viewer) error {
	record, err := con.record(c)
	if err != nil {
		return err
	}
	lang := con.lang(c.Request())
	s := con.in(lang)
	p := auditWavePage{frame: con.frame(lang, "audit.title", &v, "/console/audit/"+string(record.Wave))}
	if p.promiseView, err = s.promise(record); err != nil {
		return err
	}
	p.Title = s.say("promise.h1", survey.Args{"wave": p.Name})
	if record.Manifest != nil {
		if err := s.auditGroups(c, &p, record); err != nil {
			return err
		}
	}
	p.Sort = inOrder(s, c, p.frame, "groups", p.Groups, byName("teams", "audit.teams", func(g auditGroup) string { return strings.Join(g.Teams, ", ") }))
	con.render(c.Response(), lang, http.StatusOK, "audit-wave", p)
	return nil
}

func (s speech) auditGroups(c echo.Context, p *auditWavePage, r survey.Record) error {
	leaves, err := s.con.waves.Leaves(c.Request().Context(), r.Wave)
	if err != nil {
		return err
	}
	root, err := survey.MerkleRoot(leaves)
	if err != nil {
		return err
	}
	p.Root = s.say("audit.groups.same", survey.Args{"groups": len(leaves)})
	if root != r.Manifest.GroupsRoot {
		p.Root = s.say("audit.groups.other", survey.Args{"root": root})
	}
	for i, leaf := range leaves {
		p.Groups = append(p.Groups, auditGroup{i + 1, leaf.Group, leaf.Units, leaf.Headcount, s.say("audit.way."+string(leaf.Way), nil), leaf.Salt})
	}
	return nil
}

// auditFile is everything for an auditor's own check, in one file.
type auditFile struct {
	About    []string               `json:"about"` // how to check it by hand
	Log      []auditEntry           `json:"log"`
	Groups   map[string][]auditLeaf `json:"groups"` // by wave
	Releases []auditRelease         `json:"releases"`
	Client   string                 `json:"client_sha256"` // that this server serves
	Files    map[string]string      `json:"files"`         // of that client: SHA-256 by name
	Assets   map[string]string      `json:"assets"`        // everything served: SHA-256 by path
}

type auditEntry struct {
	Seq    int              `json:"seq"`
	Kind   survey.EntryKind `json:"kind"`
	Wave   survey.WaveID    `json:"wave"`
	SHA256 string           `json:"sha256"`
	Body   string           `json:"body"`
}

// auditLeaf is a group's exact text and the hash of its leaf.
type auditLeaf struct {
	Leaf   string `json:"leaf"`
	SHA256 string `json:"sha256"`
}

func (con *console) auditFile(c echo.Context, v viewer) error {
	s := con.in(con.lang(c.Request()))
	log, err := con.waves.Log(c.Request().Context())
	if err != nil {
		return err
	}
	file := auditFile{Log: []auditEntry{}, Groups: make(map[string][]auditLeaf), Assets: con.site.Assets()}
	for _, step := range s.byHand() {
		file.About = append(file.About, step.Text+" "+step.Command)
	}
	for _, e := range log {
		file.Log = append(file.Log, auditEntry{e.Seq, e.Kind, e.Wave, e.SHA256, string(e.Body)})
		if e.Kind != survey.ManifestEntry {
			continue
		}
		if file.Groups[string(e.Wave)], err = con.auditLeaves(c, e.Wave); err != nil {
			return err
		}
	}
	records, _ := whole(log) // what is wrong with the chain is for the reader of the file to find
	file.Releases = s.auditReleases(c, records)
	file.Files = survey.ClientSums(survey.ClientOf(con.site.Content))
	if file.Client, err = con.ownClient(); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(file, "", " ")
	if err != nil {
		return fmt.Errorf("audit file: %w", err)
	}
	if err := con.noted(c, v, survey.DidEvidence, "", nil); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="attune-audit.json"`)
	return c.Blob(http.StatusOK, "application/json", raw)
}

func (con *console) auditLeaves(c echo.Context, id survey.WaveID) ([]auditLeaf, error) {
	leaves, err := con.waves.Leaves(c.Request().Context(), id)
	if err != nil {
		return nil, err
	}
	all := make([]auditLeaf, len(leaves))
	for i, leaf := range leaves {
		raw, err := survey.Canonical(leaf)
		if err != nil {
			return nil, err
		}
		hash, err := survey.MerkleRoot([]survey.Leaf{leaf}) // the root over one leaf is its hash
		if err != nil {
			return nil, err
		}
		all[i] = auditLeaf{string(raw), hash}
	}
	return all, nil
}

// byHand are the commands with which anybody checks the file without this
// program; auditor_test.go runs them.
func (s speech) byHand() []handCheck {
	return []handCheck{
		{s.say("audit.hand.entry", nil), `jq -rj '.log[0].body' attune-audit.json | sha256sum`},
		{s.say("audit.hand.chain", nil), `jq -r '.log[] | .sha256, (.body | fromjson | .prev)' attune-audit.json`},
		{s.say("audit.hand.leaf", nil), `(printf '\000'; jq -rj '.groups["2026-11"][0].leaf' attune-audit.json) | sha256sum`},
		{s.say("audit.hand.node", nil), `(printf '\001'; printf '%s' LEFT RIGHT | xxd -r -p) | sha256sum`},
		{s.say("audit.hand.file", nil), `curl -s https://SERVER/static/…/phone.js | sha256sum`},
		{s.say("audit.hand.client", nil), `jq -jcS '.files' attune-audit.json | sha256sum`},
		{s.say("audit.hand.outside", nil), `attune verify --url https://SERVER`},
	}
}
