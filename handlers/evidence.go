package handlers

import (
	"fmt"
	"net/http"
	"strings"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

const evidencePath = "/console/audit/evidence.zip"

// evidence is the bundle that an auditor takes away. Taking it is an entry of
// the administrative log, and the bundle has that entry.
func (con *console) evidence(c echo.Context, v viewer) error {
	if err := con.noted(c, v, survey.DidEvidence, "", nil); err != nil {
		return err
	}
	e, err := con.evidenceOf(c)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "attune-evidence-"+con.today()+".zip"))
	c.Response().WriteHeader(http.StatusOK)
	if err := e.Write(c.Response()); err != nil { // half a bundle must not look like a whole one
		con.log.Error("the evidence bundle could not be sent", "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// evidenceOf gathers what the bundle holds. A log that does not hold is no
// reason to keep it back: that is what it is for.
func (con *console) evidenceOf(c echo.Context) (survey.Evidence, error) {
	ctx := c.Request().Context()
	s := con.in(con.lang(c.Request()))
	e := survey.Evidence{
		Leaves: make(map[survey.WaveID][]survey.Leaf), Assets: con.site.Assets(),
		Client: survey.ClientSums(survey.ClientOf(con.site.Content)),
		Deeds: func(do func(survey.AdminEntry) error) error {
			return con.deeds.EachDeed(ctx, survey.AdminFilter{}, do)
		},
	}
	var err error
	if e.Log, err = con.waves.Log(ctx); err != nil {
		return e, err
	}
	for _, entry := range e.Log {
		if entry.Kind != survey.ManifestEntry {
			continue
		}
		if e.Leaves[entry.Wave], err = con.waves.Leaves(ctx, entry.Wave); err != nil {
			return e, err
		}
	}
	records, _ := survey.Records(e.Log) // what makes no sense in it is for the reader of the bundle to find
	for _, r := range records {
		if r.Release == nil {
			continue
		}
		row := survey.EvidenceRelease{Wave: r.Wave, Logged: r.Release.ReleaseSHA256}
		if release, err := con.archive.Release(ctx, r.Wave); err == nil { // one that is damaged has no hash
			row.Stored, row.Method = release.SHA256(), release.MethodVersion()
			if audit, ok := release.Audit(); ok {
				row.Audit, row.Version = audit.Result, audit.Version
			}
		}
		e.Releases = append(e.Releases, row)
	}
	e.Texts = map[string]string{"README.txt": s.evidenceReadme(), "RULES.txt": s.evidenceRules(records)}
	return e, nil
}

// evidenceReadme explains the files and how to check them with tools that
// every Unix has, and with this program. evidence_test.go runs the commands.
func (s speech) evidenceReadme() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n", s.say("evidence.title", nil), s.say("evidence.lead", nil))
	for _, file := range []string{"log", "fingerprints", "groups", "releases", "client", "assets", "actions", "rules", "sums"} {
		fmt.Fprintf(&b, "\n- %s", s.say("evidence.file."+file, nil))
	}
	fmt.Fprintf(&b, "\n\n%s\n", s.say("evidence.checks", nil))
	for _, check := range evidenceChecks() {
		fmt.Fprintf(&b, "\n%s\n    %s\n", s.say("evidence.check."+check.Text, nil), check.Command)
	}
	fmt.Fprintf(&b, "\n%s\n", s.say("evidence.limits", nil))
	return b.String()
}

// evidenceChecks are the commands of the README by the key of what they check.
func evidenceChecks() []handCheck {
	return []handCheck{
		{"sums", `sha256sum --quiet -c SHA256SUMS && echo OK`},
		{"log", `p=; for f in log/*.json; do [ "$(jq -r .prev "$f")" = "$p" ] || echo "$f"; p=$(sha256sum < "$f" | cut -d' ' -f1); done; echo "$p"`},
		{"actions", `p=; while IFS= read -r l; do [ "$(printf %s "$l" | jq -r .prev)" = "$p" ] || echo "$l"; p=$(printf %s "$l" | sha256sum | cut -d' ' -f1); done < actions.jsonl; echo "$p"`},
		{"releases", `diff <(jq -r '.release_sha256 // empty' log/*.json | sort) <(jq -r '.[].stored_sha256' releases.json | sort) && echo OK`},
		{"leaf", `(printf '\000'; head -n 1 groups/WAVE.jsonl | tr -d '\n') | sha256sum`},
		{"client", `tr -d '\n' < client.json | sha256sum`},
		{"program", `attune verify --bundle FILE.zip`},
	}
}

// evidenceRules are the rules by which figures are shown, as every wave
// promised them: made of the manifests' own numbers.
func (s speech) evidenceRules(records []survey.Record) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", s.say("evidence.rules", nil))
	for _, r := range records {
		m := r.Manifest
		if m == nil {
			continue
		}
		args := survey.Args{"k": m.K, "kc": m.KC, "counts": survey.CountsMin}
		fmt.Fprintf(&b, "\n%s\n", s.say("evidence.rules.wave", survey.Args{"wave": string(r.Wave), "version": m.RulesVersion}))
		for _, key := range []string{"console.reading.small", "seen.alone", "seen.counts", "console.reading.steps", "seen.never"} {
			fmt.Fprintf(&b, "- %s\n", s.say(key, args))
		}
	}
	return b.String()
}
