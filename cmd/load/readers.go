package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// readers are people who read the console of a demonstration: managers and HR
// open one page after the other and look at each for a while.
type readers struct {
	Readers   int                `json:"readers"`
	Pages     int                `json:"pages"`
	PerSecond float64            `json:"pages_per_s"`
	P50       float64            `json:"p50_ms"` // from asking for a page to its last byte
	P99       float64            `json:"p99_ms"`
	ServerCPU float64            `json:"server_cpu_ms_per_page"` // 0 when the process is not known
	ServerRSS float64            `json:"server_rss_mb"`
	Slowest   map[string]reading `json:"by_page"`
	Errors    int                `json:"errors"`
}

// reading is what one kind of page took, in milliseconds.
type reading struct {
	Pages int     `json:"pages"`
	P50   float64 `json:"p50_ms"`
	P99   float64 `json:"p99_ms"`
}

// demoFile is what a demonstration says of itself.
type demoFile struct {
	URL   string `json:"url"`
	Users []struct {
		Role     string `json:"role"`
		Email    string `json:"email"`
		Password string `json:"password"`
	} `json:"users"`
}

// desk is somebody who has signed in, and the pages that they open.
type desk struct {
	client *http.Client
	pages  []string
}

// read plays the readers and reports.
func read(ctx context.Context, o options, progress io.Writer) (readers, error) {
	s, demo, err := demonstration(ctx, o, progress)
	if err != nil {
		return readers{}, err
	}
	defer s.end()
	if err := onThisMachine(demo.URL); err != nil {
		return readers{}, err
	}
	var desks []*desk
	for _, user := range demo.Users {
		if user.Role != "manager" && user.Role != "hr" {
			continue // the others see no figures
		}
		d, err := signIn(ctx, demo.URL, user.Email, user.Password)
		if err != nil {
			return readers{}, err
		}
		desks = append(desks, d)
	}
	if len(desks) == 0 {
		return readers{}, errors.New("the demonstration names no manager and nobody of HR")
	}
	say(progress, "%d readers open %d pages each at %s, and look at each for about %s", o.readers, o.pages, demo.URL, o.think)
	before, err := s.used()
	if err != nil {
		return readers{}, err
	}
	began := time.Now()
	took, failed := readAll(ctx, o, demo.URL, desks, progress)
	lasted := time.Since(began)
	after, err := s.used()
	if err != nil {
		return readers{}, err
	}
	r := readers{Readers: o.readers, Slowest: make(map[string]reading), Errors: failed}
	var all []time.Duration
	for kind, times := range took {
		all = append(all, times...)
		r.Slowest[kind] = reading{len(times), milliseconds(quantile(times, 0.5)), milliseconds(quantile(times, 0.99))}
	}
	r.Pages, r.PerSecond = len(all), rounded(float64(len(all))/lasted.Seconds())
	r.P50, r.P99 = milliseconds(quantile(all, 0.5)), milliseconds(quantile(all, 0.99))
	if s.pid != 0 && len(all) > 0 {
		r.ServerCPU, r.ServerRSS = milliseconds((after.processor-before.processor)/time.Duration(len(all))), rounded(float64(after.memory)/(1<<20))
	}
	return r, nil
}

// readAll lets every reader open pages in turn. It gives how long each kind of
// page took, and how many failed.
func readAll(ctx context.Context, o options, base string, desks []*desk, progress io.Writer) (map[string][]time.Duration, int) {
	var (
		mu     sync.Mutex
		took   = make(map[string][]time.Duration)
		failed int
		wait   sync.WaitGroup
	)
	for i := range o.readers {
		wait.Go(func() {
			d := desks[i%len(desks)]
			random := rand.New(rand.NewPCG(uint64(i), 1)) //nolint:gosec // who reads what when, the same in every run
			for n := range o.pages {
				pause := time.Duration((0.5 + random.Float64()) * float64(o.think))
				if n == 0 {
					pause = time.Duration(random.Float64() * float64(o.think)) // not all at one moment
				}
				select {
				case <-ctx.Done():
					return
				case <-time.After(pause):
				}
				path := d.pages[random.IntN(len(d.pages))]
				began := time.Now()
				_, err := d.get(ctx, base+path)
				waited := time.Since(began)
				mu.Lock()
				if err != nil {
					if failed++; failed <= 5 {
						say(progress, "a page was not read: %v", err)
					}
				} else {
					took[kindOf(path)] = append(took[kindOf(path)], waited)
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return took, failed
}

// demonstration takes the one that o names, or starts one.
func demonstration(ctx context.Context, o options, progress io.Writer) (*server, demoFile, error) {
	if o.demo != "" {
		demo, err := readDemo(o.demo)
		return &server{pid: o.pid}, demo, err
	}
	folder, err := os.MkdirTemp("", "attune-load-")
	if err != nil {
		return nil, demoFile{}, err
	}
	s := &server{folder: folder}
	program := o.server
	if program == "" {
		program = filepath.Join(folder, "attune")
		say(progress, "building the server")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "attune/cmd/attune").CombinedOutput(); err != nil { //nolint:gosec // our own program into our own folder
			s.end()
			return nil, demoFile{}, fmt.Errorf("build the server: %w\n%s", err, out)
		}
	}
	say(progress, "making a demonstration")
	data := filepath.Join(folder, "data")
	c := exec.CommandContext(ctx, program, "demo", "--listen", "127.0.0.1:0", "--data", data) //nolint:gosec // as above
	c.Dir, c.Env = folder, []string{"TMPDIR=" + folder, "HOME=" + folder}
	err = s.serve(c)
	for err == nil {
		var demo demoFile
		demo, err = readDemo(filepath.Join(data, "demo.json"))
		if err == nil {
			return s, demo, nil
		}
		if errors.Is(err, os.ErrNotExist) { // written last, once it listens
			err = ctx.Err()
			time.Sleep(50 * time.Millisecond)
		}
	}
	s.end()
	return nil, demoFile{}, err
}

func readDemo(path string) (demoFile, error) {
	var demo demoFile
	raw, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(raw, &demo)
	}
	if err != nil {
		return demoFile{}, fmt.Errorf("demonstration: %w", err)
	}
	return demo, nil
}

var unitPage = regexp.MustCompile(`href="(/console/teams/[^"/#?]+)"`)

// signIn opens a session and lists the pages that the user reads: the home, all
// units over time, waves, and of every unit its figures, its answers and what
// happened to it.
func signIn(ctx context.Context, base, email, password string) (*desk, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	d := &desk{client: &http.Client{Jar: jar, Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 1024}}}
	form := url.Values{"email": {email}, "password": {password}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/console/sign-in", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if _, err := d.do(request); err != nil {
		return nil, fmt.Errorf("sign in as %s: %w", email, err)
	}
	units, err := d.get(ctx, base+"/console/units")
	if err != nil {
		return nil, err
	}
	d.pages = []string{"/console", "/console/units", "/console/waves"}
	for _, found := range unitPage.FindAllStringSubmatch(string(units), -1) {
		if !slices.Contains(d.pages, found[1]) {
			d.pages = append(d.pages, found[1], found[1]+"/answers", found[1]+"/events")
		}
	}
	return d, nil
}

func (d *desk) get(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept-Language", "en")
	return d.do(request)
}

func (d *desk) do(request *http.Request) ([]byte, error) {
	answer, err := d.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }() // only read
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s", request.URL.Path, answer.Status)
	}
	if err == nil && strings.HasSuffix(answer.Request.URL.Path, "/sign-in") {
		err = fmt.Errorf("%s leads back to signing in", request.URL.Path)
	}
	return body, err
}

var unitID = regexp.MustCompile(`^/console/teams/[^/]+`)

// kindOf is the page without the unit that it is about.
func kindOf(path string) string { return unitID.ReplaceAllString(path, "/console/teams/:unit") }
