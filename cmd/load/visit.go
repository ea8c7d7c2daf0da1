package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"time"

	"attune/survey"
)

// round is the open wave that everybody answers.
type round struct {
	id    survey.WaveID
	sheet []byte // filled in and padded
}

// visit is one phone's connection.
type visit struct {
	ctx    context.Context
	client *http.Client
	url    string
}

func newVisit(ctx context.Context, url string) visit {
	// A connection of its own and no more, as a phone has; what comes
	// compressed stays so, since only the server is measured.
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 1, MaxConnsPerHost: 1}
	return visit{ctx, &http.Client{Transport: transport, Timeout: time.Minute}, url}
}

func (v visit) leave() { v.client.CloseIdleConnections() }

// most is the largest answer that is read, in bytes.
const most = 4 << 20

func (v visit) do(method, path string, body []byte, header http.Header) ([]byte, error) {
	request, err := http.NewRequestWithContext(v.ctx, method, v.url+path, bytes.NewReader(body)) //nolint:gosec // loopback only, see onThisMachine
	if err != nil {
		return nil, err
	}
	request.Header = header
	response, err := v.client.Do(request) //nolint:gosec // as above
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(response.Body, most))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s %s: %s: %.200s", method, path, response.Status, raw)
	}
	return raw, nil
}

// get fetches as a browser does; with zip false the answer can be read.
func (v visit) get(path string, zip bool) ([]byte, error) {
	header := http.Header{"Accept-Language": {"en"}}
	if zip {
		header.Set("Accept-Encoding", "gzip")
	}
	return v.do(http.MethodGet, path, nil, header)
}

// post sends what a script of the page sends, and reads the answer.
func (v visit) post(path string, body, answer any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	got, err := v.do(http.MethodPost, path, raw, http.Header{
		"Content-Type": {"text/plain;charset=UTF-8"}, "Sec-Fetch-Site": {"same-origin"}, "Origin": {v.url},
	})
	if err != nil {
		return err
	}
	if err := json.Unmarshal(got, answer); err != nil {
		return fmt.Errorf("POST %s: %w", path, err)
	}
	return nil
}

const linkPage = "/a"

// onPage finds the files that a page is made of, the ticket client among them.
var onPage = regexp.MustCompile(`"(/static/[^"?#]+|/a/worker\.js)"`)

// files are the paths of a page's files, each once.
func files(page []byte) []string {
	var all []string
	for _, found := range onPage.FindAllSubmatch(page, -1) {
		all = append(all, string(found[1]))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// announced are the waves that a page knows of.
func announced(page []byte) (open []survey.WaveID, err error) {
	for _, block := range dataBlock.FindAllSubmatch(page, -1) {
		var data struct {
			Waves []struct {
				ID   survey.WaveID `json:"id"`
				Open bool          `json:"open"`
			} `json:"waves"`
		}
		if err := json.Unmarshal(block[1], &data); err != nil {
			return nil, fmt.Errorf("data of the page %s: %w", linkPage, err)
		}
		for _, w := range data.Waves {
			if w.Open {
				open = append(open, w.ID)
			}
		}
	}
	return open, nil
}

var dataBlock = regexp.MustCompile(`(?s)<script[^>]*type="application/json"[^>]*>(.*?)</script>`)

// answer plays one respondent from the link to "received". It gives how long
// the ballot took.
func (r round) answer(ctx context.Context, url, token string, files []string) (time.Duration, error) {
	v := newVisit(ctx, url)
	defer v.leave()
	for _, path := range append([]string{linkPage}, files...) {
		if _, err := v.get(path, true); err != nil {
			return 0, err
		}
	}
	var offer survey.Offer
	if err := v.post("/draw/offer", map[string]any{"token": token, "wave": r.id}, &offer); err != nil {
		return 0, err
	}
	p, err := newPhone(offer)
	if err != nil {
		return 0, err
	}
	var drawn survey.Drawn
	if err := v.post("/draw", map[string]any{"token": token, "wave": r.id, "blinded": p.blinded}, &drawn); err != nil {
		return 0, err
	}
	output, err := p.finalize(drawn.Evaluated, drawn.Proof)
	if err != nil {
		return 0, err
	}
	var receipt struct {
		Received bool `json:"received"`
	}
	sent := time.Now()
	err = v.post("/cast", survey.TicketBallot{Wave: r.id, Group: p.group, Input: p.input, Output: output, Sheet: r.sheet}, &receipt)
	if err == nil && !receipt.Received {
		err = errors.New("the ballot was answered, and not received")
	}
	return time.Since(sent), err
}
