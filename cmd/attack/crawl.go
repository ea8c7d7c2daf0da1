package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// What one run may at most ask a server for.
const (
	maxPages = 5_000    // by role
	maxBody  = 64 << 20 // bytes of one answer
)

// everybody is the role of whoever is not signed in: the public log, the
// results pages whose links everybody gets, the survey itself.
const everybody = "everybody"

// page is one answer of the server.
type page struct {
	path string // with the query
	kind string // media type
	body []byte
}

// haul is what one role could read.
type haul struct {
	role  string
	pages []page
}

// loot is what all roles could read.
type loot struct {
	hauls []haul
	// unread are addresses that were found and refused or not read, with the
	// reason: what is not read is not attacked.
	unread []string
}

// crawler reads as one role.
type crawler struct {
	ctx     context.Context
	base    *url.URL
	client  *http.Client
	seen    map[string]bool
	queue   []string
	haul    haul
	results map[string]bool // paths of results pages, whoever found them
	letters map[string]bool // mails of a demonstration, which are the same for all roles
	unread  []string
}

// crawl signs in as each user and reads everything that is reachable; what
// needs no sign-in is read last, with every link to it that anybody found.
func crawl(ctx context.Context, address string, all users) (*loot, error) {
	base, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	l := &loot{}
	results, letters := make(map[string]bool), make(map[string]bool)
	for _, u := range append(slices.Clone(all), user{Role: everybody}) {
		c := &crawler{ctx: ctx, base: base, seen: make(map[string]bool), haul: haul{role: u.Role}, results: results, letters: letters}
		if err := c.begin(u); err != nil {
			return nil, err
		}
		if err := c.run(); err != nil {
			return nil, err
		}
		l.hauls = append(l.hauls, c.haul)
		l.unread = append(l.unread, c.unread...)
	}
	return l, nil
}

// begin signs in, where there is somebody to sign in, and queues the first
// pages.
func (c *crawler) begin(u user) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	c.client = &http.Client{Jar: jar, CheckRedirect: func(next *http.Request, _ []*http.Request) error {
		if next.URL.Host != c.base.Host {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	if u.Email == "" {
		for path := range c.results {
			c.add(path)
		}
		slices.Sort(c.queue)
		for _, path := range []string{"/", "/log", "/log.json", "/waves.ics", "/p", "/kiosk"} {
			c.add(path)
		}
		return nil
	}
	form := url.Values{"email": {u.Email}, "password": {u.Password}}
	r, err := http.NewRequestWithContext(c.ctx, http.MethodPost, c.base.String()+"/console/sign-in", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", c.base.String())
	response, err := c.client.Do(r)
	if err != nil {
		return fmt.Errorf("%s cannot be reached: %w", c.base, err)
	}
	defer func() { _ = response.Body.Close() }() // nothing of it is needed
	at := response.Request.URL.Path
	switch {
	case response.StatusCode != http.StatusOK || at == "/console/sign-in":
		return fmt.Errorf("%s could not sign in (%s); check the e-mail address and the password", u.Email, response.Status)
	case at == "/console/password":
		return fmt.Errorf("%s has a password for one time only; sign in by hand and choose one", u.Email)
	}
	for _, path := range []string{"/console", "/console/waves", "/console/export", "/console/audit", "/console/demo/mail", "/log", "/log.json", "/waves.ics", "/p"} {
		c.add(path)
	}
	return nil
}

// skipped are addresses that change something, belong to one person, or hold
// no figure: signing out, personal links, links that stop mail, stylesheets
// and scripts. Attacking them is other tests' work.
func skipped(path string) bool {
	for _, prefix := range []string{"/static/", "/u/", "/console/sign", "/console/password", "/console/language", "/leave", "/withdraw"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return path == "/a" || strings.HasSuffix(path, ".pdf")
}

// add queues an address of this server, without its query: of links that
// chooses a language.
func (c *crawler) add(address string) { c.ask(address, "") }

// ask queues an address with what a form asks there.
func (c *crawler) ask(address, query string) {
	u, err := c.base.Parse(address)
	if err != nil || u.Host != c.base.Host || skipped(u.Path) {
		return
	}
	path := u.Path
	if path != "" && query != "" {
		path += "?" + query
	}
	if strings.HasPrefix(path, "/r/") {
		c.results[path] = true
	}
	if strings.Contains(path, "/demo/mail/") {
		if c.letters[path] {
			return
		}
		c.letters[path] = true
	}
	if path != "" && !c.seen[path] && len(c.seen) < maxPages {
		c.seen[path] = true
		c.queue = append(c.queue, path)
	}
}

func (c *crawler) run() error {
	for len(c.queue) > 0 {
		path := c.queue[0]
		c.queue = c.queue[1:]
		p, status, err := c.get(path)
		if err != nil {
			return err
		}
		if status != http.StatusOK {
			if status != http.StatusForbidden && status != http.StatusNotFound { // not this role's, or not there
				c.unread = append(c.unread, fmt.Sprintf("%s as %s: status %d", path, c.haul.role, status))
			}
			continue
		}
		c.haul.pages = append(c.haul.pages, p)
		if err := c.follow(p); err != nil {
			return err
		}
	}
	if len(c.seen) >= maxPages {
		c.unread = append(c.unread, fmt.Sprintf("more than %d addresses as %s", maxPages, c.haul.role))
	}
	return nil
}

// The form that makes a file of figures, and where the file is found when that
// took longer than a page waits. It is posted, since the server writes down who
// took what, and changes nothing else.
const (
	makesFile = "/console/export/make"
	madeFile  = "/console/export/file"
	fileWait  = time.Minute
)

func (c *crawler) get(path string) (p page, status int, err error) {
	response, err := c.send(path)
	for start := time.Now(); err == nil && response.Request.URL.Path == "/console/export/job" && strings.HasPrefix(path, makesFile); {
		_ = response.Body.Close() // the page says how far the file is
		if time.Since(start) > fileWait {
			return p, 0, fmt.Errorf("read %s as %s: no file after %s", path, c.haul.role, fileWait)
		}
		time.Sleep(100 * time.Millisecond)
		if response, err = c.send(madeFile); err == nil && response.StatusCode == http.StatusNotFound {
			_ = response.Body.Close() // not made yet
			response, err = c.send("/console/export/job")
		}
	}
	if err != nil {
		return p, 0, fmt.Errorf("read %s as %s: %w", path, c.haul.role, err)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	err = errors.Join(err, response.Body.Close())
	if err == nil && len(body) > maxBody {
		err = fmt.Errorf("more than %d bytes", maxBody)
	}
	if err != nil {
		return p, 0, fmt.Errorf("read %s as %s: %w", path, c.haul.role, err)
	}
	if !strings.HasPrefix(path, "/console/sign-in") && strings.HasPrefix(response.Request.URL.Path, "/console/sign-in") {
		return p, http.StatusForbidden, nil
	}
	kind, _, _ := strings.Cut(response.Header.Get("Content-Type"), ";")
	return page{path: path, kind: kind, body: body}, response.StatusCode, nil
}

// send asks for an address, and posts a form that makes a file.
func (c *crawler) send(path string) (*http.Response, error) {
	method, form := http.MethodGet, ""
	if action, query, _ := strings.Cut(path, "?"); action == makesFile {
		method, path, form = http.MethodPost, action, query
	}
	r, err := http.NewRequestWithContext(c.ctx, method, c.base.String()+path, strings.NewReader(form))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept-Language", "en")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", c.base.String())
	}
	return c.client.Do(r)
}

// inText finds addresses of results pages in the text of a letter.
var inText = regexp.MustCompile(`/r/[A-Za-z0-9_-]{6,}`)

// follow queues what a page leads to: links, and what its forms download.
func (c *crawler) follow(p page) error {
	if p.kind != "text/html" {
		return nil
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(p.body))
	if err != nil {
		return fmt.Errorf("read %s: %w", p.path, err)
	}
	doc.Find("a[href]").Each(func(_ int, a *goquery.Selection) { c.add(a.AttrOr("href", "")) })
	if strings.Contains(p.path, "/demo/mail/") {
		for _, path := range inText.FindAllString(doc.Find("pre, main").Text(), -1) {
			c.add(path)
		}
	}
	doc.Find(`form[method="get" i], form[action="` + makesFile + `"]`).Each(func(_ int, form *goquery.Selection) {
		for _, query := range queries(form) {
			c.ask(form.AttrOr("action", ""), query)
		}
	})
	return nil
}

// queries are all that a form can ask for: each choice of its lists with each
// of its buttons.
func queries(form *goquery.Selection) []string {
	all := []url.Values{{}}
	with := func(name string, values []string) {
		if name == "" || len(values) == 0 {
			return
		}
		var more []url.Values
		for _, chosen := range all {
			for _, v := range values {
				next := url.Values{name: {v}}
				for k := range chosen {
					next.Set(k, chosen.Get(k))
				}
				more = append(more, next)
			}
		}
		all = more
	}
	form.Find("select").Each(func(_ int, s *goquery.Selection) {
		with(s.AttrOr("name", ""), s.Find("option").Map(func(_ int, o *goquery.Selection) string { return o.AttrOr("value", o.Text()) }))
	})
	buttons := make(map[string][]string)
	form.Find("button[name]").Each(func(_ int, b *goquery.Selection) {
		buttons[b.AttrOr("name", "")] = append(buttons[b.AttrOr("name", "")], b.AttrOr("value", ""))
	})
	for name, values := range buttons {
		with(name, values)
	}
	queries := make([]string, len(all))
	for i, q := range all {
		queries[i] = q.Encode()
	}
	return queries
}
