package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"attune/survey"
)

// outside is a running server as anybody sees it: only what it gives out over
// the network is used, no data folder and no account.
type outside struct {
	base   string
	client *http.Client
}

// What one answer may take: a log of many years has a few megabytes.
const (
	outsideTimeout = 30 * time.Second
	outsideBytes   = 32 << 20
)

// outsideFound counts what was checked.
type outsideFound struct {
	entries, manifests, files int
	last                      string // SHA-256 of the last entry
}

func newOutside(address string) (outside, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return outside{}, usageError{fmt.Sprintf("--url %q is no address; write https://attune.example.org", address)}
	}
	return outside{base: strings.TrimRight(address, "/"), client: &http.Client{Timeout: outsideTimeout}}, nil
}

// get fetches a path. Every status but 200 is an error, unless any is true.
func (o outside) get(ctx context.Context, at string, any bool) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, o.base+at, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	response, err := o.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at, err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, outsideBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", at, err)
	case len(body) > outsideBytes:
		return nil, fmt.Errorf("%s: more than %d bytes", at, outsideBytes)
	case response.StatusCode != http.StatusOK && !any:
		return nil, fmt.Errorf("%s: the server answers %s", at, response.Status)
	}
	return body, nil
}

// verify checks the chain, every manifest, every file that an open wave
// promises, and what the pages for respondents really load.
func (o outside) verify(ctx context.Context) (outsideFound, error) {
	var found outsideFound
	log, err := o.log(ctx)
	if err != nil {
		return found, err
	}
	if err := survey.VerifyChain(log); err != nil {
		return found, err
	}
	records, err := survey.Records(log)
	if err != nil {
		return found, err
	}
	found.entries = len(log)
	if len(log) > 0 {
		found.last = log[len(log)-1].SHA256
	}
	promised := make(map[string]string) // SHA-256 of a promised file: its name
	for _, r := range records {
		if r.Manifest == nil {
			continue
		}
		if err := o.manifest(ctx, r); err != nil {
			return found, err
		}
		found.manifests++
		if r.Release != nil || r.Void != nil || r.Client() == "" {
			continue
		}
		if err := o.files(ctx, r, promised); err != nil {
			return found, err
		}
	}
	found.files = len(promised)
	return found, o.pages(ctx, promised)
}

func (o outside) log(ctx context.Context) ([]survey.Entry, error) {
	raw, err := o.get(ctx, "/log.json", false)
	if err != nil {
		return nil, err
	}
	var document struct {
		Entries []struct {
			Seq    int              `json:"seq"`
			Kind   survey.EntryKind `json:"kind"`
			Wave   survey.WaveID    `json:"wave"`
			SHA256 string           `json:"sha256"`
			Body   string           `json:"body"`
		} `json:"entries"`
	}
	if err := json.Unmarshal(raw, &document); err != nil {
		return nil, fmt.Errorf("/log.json: %w", err)
	}
	log := make([]survey.Entry, len(document.Entries))
	for i, e := range document.Entries {
		log[i] = survey.Entry{Seq: e.Seq, Kind: e.Kind, Wave: e.Wave, Body: []byte(e.Body), SHA256: e.SHA256}
	}
	return log, nil
}

// manifest checks that phones are given the manifest that the log has.
func (o outside) manifest(ctx context.Context, r survey.Record) error {
	e, _ := r.Entry(survey.ManifestEntry)
	at := "/manifest/" + url.PathEscape(string(r.Wave))
	raw, err := o.get(ctx, at, false)
	if err != nil {
		return fmt.Errorf("manifest of wave %s (log entry %d): %w", r.Wave, e.Seq, err)
	}
	if got := survey.SHA256Hex(raw); got != e.SHA256 {
		return fmt.Errorf("manifest of wave %s: %s hashes to %s, log entry %d says %s", r.Wave, at, got, e.Seq, e.SHA256)
	}
	return nil
}

// files checks that the files which a wave promises are given out unchanged
// and together make the hash in the log.
func (o outside) files(ctx context.Context, r survey.Record, promised map[string]string) error {
	raw, err := o.get(ctx, "/log/"+url.PathEscape(string(r.Wave))+"/client.json", false)
	if err != nil {
		return fmt.Errorf("files of wave %s: %w", r.Wave, err)
	}
	var list struct {
		Files []struct {
			Name string `json:"name"`
			Path string `json:"path"`
		} `json:"files"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return fmt.Errorf("files of wave %s: %w", r.Wave, err)
	}
	sums := make(map[string]string)
	for _, f := range list.Files {
		if !strings.HasPrefix(f.Path, "/static/") {
			return fmt.Errorf("file %s of wave %s: its address is %q", f.Name, r.Wave, f.Path)
		}
		body, err := o.get(ctx, f.Path, false)
		if err != nil {
			return fmt.Errorf("file %s of wave %s: %w", f.Name, r.Wave, err)
		}
		sum := survey.SHA256Hex(body)
		if !strings.HasPrefix(f.Path, "/static/"+sum[:12]+"/") {
			return fmt.Errorf("file %s of wave %s: %s hashes to %s", f.Name, r.Wave, f.Path, sum)
		}
		sums[f.Name], promised[sum] = sum, f.Name
	}
	got, err := survey.ClientSHA256(sums)
	if err != nil {
		return err
	}
	if got != r.Client() {
		return fmt.Errorf("files of wave %s: together they hash to %q, the log promises %s", r.Wave, got, r.Client())
	}
	return nil
}

// scriptPath finds every script of ours that a page names, in whatever
// attribute or data it stands.
var scriptPath = regexp.MustCompile(`/static/[0-9a-f]{12}/[a-z-]+\.js`)

// pages checks what respondents are really given: every script that one of
// their pages names has to be a promised file.
func (o outside) pages(ctx context.Context, promised map[string]string) error {
	if len(promised) == 0 {
		return nil
	}
	for _, page := range []string{"/a", "/p", "/kiosk"} {
		body, err := o.get(ctx, page, true)
		if err != nil {
			return err
		}
		for _, script := range uniq(scriptPath.FindAllString(strings.ReplaceAll(string(body), `\/`, "/"), -1)) {
			if err := o.script(ctx, page, script, path.Base(script), promised); err != nil {
				return err
			}
		}
	}
	if !slices.Contains(valuesOf(promised), "worker.js") {
		return nil
	}
	return o.script(ctx, "/a", "/a/worker.js", "worker.js", promised)
}

func (o outside) script(ctx context.Context, page, script, name string, promised map[string]string) error {
	body, err := o.get(ctx, script, false)
	if err != nil {
		return fmt.Errorf("page %s: %w", page, err)
	}
	sum := survey.SHA256Hex(body)
	if promised[sum] != name {
		return fmt.Errorf("page %s loads %s, which hashes to %s: no open wave promises that", page, script, sum)
	}
	return nil
}

func uniq(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}

func valuesOf(m map[string]string) []string {
	var values []string
	for _, v := range m {
		values = append(values, v)
	}
	return values
}
