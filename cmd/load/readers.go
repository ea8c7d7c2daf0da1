package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
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
// open one page after the other and look at each for a while. Times are in
// milliseconds; those of waiting run from asking to the last byte, on
// connections that stay open.
type readers struct {
	Readers   int                `json:"readers"`
	PerSecond float64            `json:"pages_per_s"`
	All       reading            `json:"all"`
	First     reading            `json:"first"` // the first time that anybody in the run opened the page; all has them too
	Floor     reading            `json:"floor"` // files of about the same size from the same server, asked for in the same way
	ByPage    map[string]reading `json:"by_page"`
	RatioP50  float64            `json:"ratio_p50"` // of all to floor
	RatioP99  float64            `json:"ratio_p99"`
	Load      [2]float64         `json:"machine_load"` // processes that wanted to run, over the last minute: before and after
	ServerRSS float64            `json:"server_rss_mb"`
	Errors    int                `json:"errors"`
}

// reading is what one kind of page took.
type reading struct {
	Pages     int     `json:"pages"`
	P50       float64 `json:"p50_ms"`
	P95       float64 `json:"p95_ms"`
	P99       float64 `json:"p99_ms"`
	Max       float64 `json:"max_ms"`
	ServerCPU float64 `json:"server_cpu_ms,omitempty"` // each; 0 when the process is not known
	ReaderCPU float64 `json:"reader_cpu_ms,omitempty"` // each, of this process: it shares the machine with the server
}

func readingOf(times []time.Duration) reading {
	return reading{
		Pages: len(times), P50: milliseconds(quantile(times, 0.5)), P95: milliseconds(quantile(times, 0.95)),
		P99: milliseconds(quantile(times, 0.99)), Max: milliseconds(quantile(times, 1)),
	}
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
	sizes  map[string]int // of the pages that were opened, in bytes
	files  map[string]int // of the server, with their sizes
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
	r := readers{Readers: o.readers, ByPage: make(map[string]reading)}
	r.Load[0] = machineLoad()
	began := time.Now()
	seen, err := s.readAll(ctx, o, demo.URL, desks, false, progress)
	if err != nil {
		return readers{}, err
	}
	r.PerSecond = rounded(float64(seen.all.Pages) / time.Since(began).Seconds())
	r.All, r.First, r.Errors = seen.all, readingOf(seen.first), seen.failed
	for kind, times := range seen.took {
		r.ByPage[kind] = readingOf(times)
	}
	say(progress, "and files of about the same size, as often")
	floor, err := s.readAll(ctx, o, demo.URL, desks, true, progress)
	if err != nil {
		return readers{}, err
	}
	r.Floor, r.Load[1] = floor.all, machineLoad()
	r.Errors += floor.failed
	if r.Floor.P99 > 0 {
		r.RatioP50, r.RatioP99 = rounded(r.All.P50/r.Floor.P50), rounded(r.All.P99/r.Floor.P99)
	}
	after, err := s.used()
	r.ServerRSS = rounded(float64(after.memory) / (1 << 20))
	return r, err
}

// readings is what readers met.
type readings struct {
	took   map[string][]time.Duration // by kind of page
	first  []time.Duration            // the first time that a page was asked for
	all    reading
	failed int
}

// readAll lets every reader open pages in turn, or, for the floor, files of
// about their size.
func (s *server) readAll(ctx context.Context, o options, base string, desks []*desk, floor bool, progress io.Writer) (readings, error) {
	server, err := s.used()
	if err != nil {
		return readings{}, err
	}
	own, err := usedBy(os.Getpid())
	if err != nil {
		return readings{}, err
	}
	var (
		mu     sync.Mutex
		seen   = readings{took: make(map[string][]time.Duration)}
		opened = make(map[string]bool)
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
				kind, address := kindOf(path), fmt.Sprint(i%len(desks), path)
				mu.Lock()
				if floor {
					path = d.fileLike(path)
				}
				first := !opened[address]
				opened[address] = true
				mu.Unlock()
				began := time.Now()
				body, err := d.get(ctx, base+path)
				waited := time.Since(began)
				mu.Lock()
				switch {
				case err != nil:
					if seen.failed++; seen.failed <= 5 {
						say(progress, "a page was not read: %v", err)
					}
				default:
					seen.took[kind] = append(seen.took[kind], waited)
					if first {
						seen.first = append(seen.first, waited)
					}
					if !floor {
						d.sizes[path] = len(body)
					}
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	all := slices.Concat(slices.Collect(maps.Values(seen.took))...)
	seen.all = readingOf(all)
	serverAfter, err := s.used()
	if err != nil {
		return readings{}, err
	}
	ownAfter, err := usedBy(os.Getpid())
	if n := time.Duration(len(all)); n > 0 {
		seen.all.ServerCPU = milliseconds((serverAfter.processor - server.processor) / n)
		seen.all.ReaderCPU = milliseconds((ownAfter.processor - own.processor) / n)
	}
	return seen, err
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
// units over time, waves, what is due, and of every unit its figures, its
// answers, what happened to it, its plan and the text for the team.
func signIn(ctx context.Context, base, email, password string) (*desk, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	d := &desk{sizes: make(map[string]int), client: &http.Client{Jar: jar, Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 1024}}}
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
	d.pages = []string{"/console", "/console/units", "/console/waves", "/console/actions"}
	for _, found := range unitPage.FindAllStringSubmatch(string(units), -1) {
		if !slices.Contains(d.pages, found[1]) {
			for _, part := range []string{"", "/answers", "/events", "/actions", "/share"} {
				d.pages = append(d.pages, found[1]+part)
			}
		}
	}
	team, err := d.get(ctx, base+d.pages[len(d.pages)-5])
	if err != nil {
		return nil, err
	}
	d.files = make(map[string]int)
	for _, found := range asset.FindAllString(string(team), -1) {
		body, err := d.get(ctx, base+found)
		if err != nil {
			return nil, err
		}
		d.files[found] = len(body)
	}
	return d, nil
}

var asset = regexp.MustCompile(`/static/[0-9a-f]+/[a-z0-9.-]+`)

// fileLike is the file whose size is nearest to that of a page.
func (d *desk) fileLike(path string) string {
	nearest, by := path, math.MaxInt
	for file, size := range d.files {
		if off := max(size-d.sizes[path], d.sizes[path]-size); off < by {
			nearest, by = file, off
		}
	}
	return nearest
}

func (d *desk) get(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept-Language", "en")
	request.Header.Set("Accept-Encoding", "identity") // pages are not compressed; files would be
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
