package handlers

import (
	"context"
	crand "crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"attune/handlers/respond"
	"attune/survey"
	"attune/survey/store"

	"github.com/labstack/echo/v4"
)

// Whom a door may be for, besides the roles.
const (
	everybody = "everybody" // also who is not signed in
	signedIn  = "signed in"
	programs  = "programs" // with a token; a session opens nothing
)

// door is one route: who may, and what a harmless visit looks like. A manager
// passes with what belongs to their own part only; administrators and HR, where
// they are named, with everything.
type door struct {
	who   string                                // roles, or one of the above
	form  func(unit survey.UnitID) url.Values   // what is posted; nil: nothing
	or    []int                                 // what a GET may answer instead of 200 to whoever may
	query func(unit survey.UnitID) (raw string) // of a GET
}

// doors is the table of all routes. A new route is one line here.
func doors() map[string]door {
	unitForm := func(rest ...string) func(survey.UnitID) url.Values {
		return func(unit survey.UnitID) url.Values {
			form := url.Values{"unit": {string(unit)}}
			for i := 0; i+1 < len(rest); i += 2 {
				form.Set(rest[i], rest[i+1])
			}
			return form
		}
	}
	const all = "admin hr manager auditor"
	absent := []int{http.StatusNotFound}
	unasked := []int{http.StatusNotFound, http.StatusConflict} // the wave of the walk was never announced here
	return map[string]door{
		"GET /":                        {who: everybody},
		"GET /static/*":                {who: everybody, or: absent},
		"GET /brand/:hash/accent.css":  {who: everybody, or: absent},
		"GET /brand/:hash/logo.png":    {who: everybody, or: absent},
		"GET /r/:key":                  {who: everybody, or: absent},
		"GET /waves.ics":               {who: everybody},
		"GET /log/:wave":               {who: everybody, or: absent},
		"GET /log/:wave/client.json":   {who: everybody, or: absent},
		"GET /u/:token":                {who: everybody, or: absent},
		"POST /u/:token":               {who: everybody},
		"GET /console/sign-in":         {who: everybody},
		"POST /console/sign-in":        {who: everybody},
		"POST /console/language":       {who: everybody},
		"POST /console/sign-out":       {who: everybody},
		"GET /api/v1":                  {who: programs},
		"GET /api/v1/waves":            {who: programs},
		"GET /api/v1/waves/:wave":      {who: programs},
		"GET /api/v1/packs":            {who: programs},
		"GET /api/v1/openapi.yaml":     {who: everybody},
		"GET /api/v1/openapi.json":     {who: everybody},
		"GET /api/*":                   {who: everybody, or: absent},
		"POST /api/*":                  {who: everybody},
		"GET /api/v1/waves/:wave/rows": {who: programs}, "GET /api/v1/waves/:wave/units": {who: programs},
		"GET /api/v1/units/:unit/verdicts": {who: programs}, "GET /api/v1/packs/:pack/:version": {who: programs},

		"GET /console":           {who: all},
		"GET /console/password":  {who: signedIn},
		"POST /console/password": {who: signedIn},

		// Figures.
		"GET /console/teams/:unit":                      {who: "hr manager"},
		"GET /console/teams/:unit/answers":              {who: "hr manager"},
		"GET /console/teams/:unit/share":                {who: "hr manager"},
		"GET /console/units":                            {who: "hr manager"},
		"GET /console/associations":                     {who: "hr"},
		"GET /console/export":                           {who: "hr"},
		"GET /console/export/download":                  {who: "hr", query: func(survey.UnitID) string { return "wave=all&format=csv" }},
		"POST /console/export/make":                     {who: "hr"},
		"GET /console/export/job":                       {who: "hr"},
		"GET /console/export/progress":                  {who: "hr"},
		"GET /console/export/file":                      {who: "hr", or: absent},
		"POST /console/export/cancel":                   {who: "hr"},
		"GET /console/leaders/audits/:audit/experience": {who: "hr manager"},

		// What happens around them.
		"GET /console/teams/:unit/events":                         {who: "admin hr manager"},
		"POST /console/teams/:unit/events":                        {who: "admin manager"},
		"POST /console/teams/:unit/events/remove":                 {who: "admin manager"},
		"GET /console/waves":                                      {who: "admin hr manager"},
		"GET /console/guides":                                     {who: "admin hr manager"},
		"GET /console/guides/:guide":                              {who: "admin hr manager"},
		"GET /console/actions":                                    {who: "admin hr manager"},
		"POST /console/actions":                                   {who: "admin manager", form: unitForm()},
		"GET /console/actions/new":                                {who: "admin manager"},
		"POST /console/actions/shared":                            {who: "admin manager", form: unitForm("wave", "2026-12")},
		"GET /console/actions/:action":                            {who: "admin hr manager"},
		"POST /console/actions/:action":                           {who: "admin manager"},
		"POST /console/actions/:action/undo":                      {who: "admin manager"},
		"POST /console/actions/:action/comments":                  {who: "admin manager"},
		"POST /console/actions/:action/remove":                    {who: "admin manager"},
		"POST /console/actions/:action/comments/remove":           {who: "admin manager"},
		"GET /console/teams/:unit/actions":                        {who: "admin hr manager"},
		"GET /console/teams/:unit/notes/:wave":                    {who: "admin hr manager", or: unasked},
		"POST /console/teams/:unit/notes/:wave":                   {who: "admin manager"},
		"GET /console/teams/:unit/notes/:wave/preview":            {who: "admin hr manager", or: unasked},
		"POST /console/teams/:unit/notes/:wave/publish":           {who: "admin manager"},
		"POST /console/teams/:unit/notes/:wave/withdraw":          {who: "admin manager"},
		"GET /console/incidents":                                  {who: "admin manager"},
		"POST /console/incidents":                                 {who: "admin manager", form: offerForm},
		"POST /console/incidents/preview":                         {who: "admin manager", form: offerForm},
		"POST /console/incidents/:offer/end":                      {who: "admin manager"},
		"GET /console/incidents/:offer/sheet":                     {who: "admin manager"},
		"GET /console/leaders":                                    {who: "admin hr manager"},
		"POST /console/leaders":                                   {who: "admin manager", form: unitForm("pack", policyAudit)},
		"GET /console/leaders/packs/:pack":                        {who: "admin hr manager"},
		"GET /console/leaders/audits/:audit":                      {who: "admin hr manager"},
		"GET /console/leaders/audits/:audit/blocks/:block":        {who: "admin manager"},
		"POST /console/leaders/audits/:audit/entries/:entry":      {who: "admin manager"},
		"POST /console/leaders/audits/:audit/entries/:entry/undo": {who: "admin manager"},
		"POST /console/leaders/audits/:audit/finish":              {who: "admin manager"},
		"POST /console/leaders/audits/:audit/discard":             {who: "admin manager"},

		"GET /console/waves/:wave/poster":     {who: all, or: absent},
		"GET /console/waves/:wave/poster.pdf": {who: all, or: absent},

		// What was promised and done.
		"GET /console/audit":                            {who: "admin auditor"},
		"GET /console/audit/attune-audit.json":          {who: "admin auditor"},
		"GET /console/audit/actions":                    {who: "admin auditor"},
		"GET /console/audit/actions/attune-actions.csv": {who: "admin auditor"},
		"GET /console/audit/evidence.zip":               {who: "admin auditor"},
		"GET /console/audit/:wave":                      {who: "admin auditor", or: absent},

		// Running it.
		"GET /console/administration":                {who: "admin"},
		"GET /console/packs":                         {who: "admin"},
		"POST /console/packs":                        {who: "admin"},
		"GET /console/packs/:pack/:version":          {who: "admin"},
		"GET /console/packs/:pack/:version/phone":    {who: "admin"},
		"POST /console/packs/:pack/:version/remove":  {who: "admin"},
		"GET /console/organisation":                  {who: "admin"},
		"GET /console/organisation/:unit":            {who: "admin"},
		"GET /console/organisation/:unit/change":     {who: "admin", or: unasked},
		"POST /console/organisation/:unit/change":    {who: "admin"},
		"GET /console/people":                        {who: "admin"},
		"GET /console/people/new":                    {who: "admin"},
		"GET /console/people/import":                 {who: "admin"},
		"GET /console/people/:person":                {who: "admin", or: absent},
		"GET /console/programmes":                    {who: "admin"},
		"GET /console/users":                         {who: "admin"},
		"GET /console/system":                        {who: "admin"},
		"GET /console/users/:user":                   {who: "admin", or: absent},
		"GET /console/waves/plan":                    {who: "admin"},
		"GET /console/waves/:wave/steps":             {who: "admin", or: absent},
		"POST /console/people/:person":               {who: "admin"},
		"POST /console/people/:person/leave":         {who: "admin"},
		"POST /console/people/import":                {who: "admin"},
		"POST /console/people/import/take":           {who: "admin"},
		"POST /console/people/new":                   {who: "admin"},
		"GET /console/programmes/new":                {who: "admin"},
		"POST /console/programmes/new":               {who: "admin"},
		"GET /console/programmes/:programme/change":  {who: "admin", or: absent},
		"POST /console/programmes/:programme/change": {who: "admin"},
		"POST /console/programmes/:programme/pause":  {who: "admin"},
		"POST /console/programmes/:programme/resume": {who: "admin"},
		"POST /console/programmes/:programme/stop":   {who: "admin"},
		"POST /console/users":                        {who: "admin"},
		"POST /console/system/mail":                  {who: "admin", or: []int{http.StatusConflict}},
		"POST /console/users/:user":                  {who: "admin"},
		"POST /console/users/:user/password":         {who: "admin"},
		"POST /console/users/:user/remove":           {who: "admin"},
		"POST /console/users/:user/sign-out":         {who: "admin"},
		"POST /console/waves/:wave/announce":         {who: "admin"},
		"POST /console/waves/:wave/void":             {who: "admin"},
		"POST /console/waves/plan":                   {who: "admin"},
		"GET /console/branding":                      {who: "admin"},
		"GET /console/branding/sample/:colour":       {who: "admin", or: absent},
		"POST /console/branding/name":                {who: "admin"},
		"POST /console/branding/colour":              {who: "admin"},
		"POST /console/branding/logo":                {who: "admin"},
		"POST /console/branding/logo/remove":         {who: "admin"},
		"POST /console/branding/languages":           {who: "admin"},
		"POST /console/branding/undo":                {who: "admin"},
		"GET /console/contacts":                      {who: "admin"},
		"GET /console/contacts/attune-contacts.csv":  {who: "admin"},
		"POST /console/contacts":                     {who: "admin"},
		"POST /console/contacts/replace":             {who: "admin"},
		"GET /console/integrations":                  {who: "admin hr"},
		"POST /console/integrations/tokens":          {who: "hr"},
		"POST /console/integrations/tokens/revoke":   {who: "admin hr"},
		"POST /console/integrations/webhooks":        {who: "admin"},
		"POST /console/integrations/webhooks/test":   {who: "admin"},
		"POST /console/integrations/webhooks/remove": {who: "admin"},

		// A demonstration only.
		"POST /console/demo/advance":   {who: "admin hr manager"},
		"GET /console/demo/mail":       {who: "admin hr manager"},
		"GET /console/demo/mail/:name": {who: "admin hr manager", or: absent},
	}
}

// walker is somebody who tries every door.
type walker struct {
	name  string
	roles []string
	*browser
}

// may says whether a door opens for a walker, with things of the children's
// department or of others.
func (w walker) may(d door, others bool) bool {
	switch d.who {
	case everybody:
		return true
	case signedIn:
		return len(w.roles) > 0
	}
	for _, role := range w.roles {
		if slices.Contains(strings.Fields(d.who), role) && (role != manager || !others) {
			return true
		}
	}
	return false
}

// things are what addresses name.
type things map[string]string

func (h *house) things(unit survey.UnitID, admin *browser) things {
	h.t.Helper()
	action := filepath.Base(admin.adds(unit, "For "+string(unit)))
	r, _ := http.NewRequest(http.MethodPost, h.URL+"/console/leaders", strings.NewReader(url.Values{"pack": {policyAudit}, "unit": {string(unit)}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	started, _ := admin.do(r)
	audit := filepath.Base(started.Header.Get("Location"))
	if started.StatusCode != http.StatusSeeOther {
		h.t.Fatalf("an audit of %s: status %d", unit, started.StatusCode)
	}
	h.people(unit, 12)
	if status, body := admin.post(incidentsPath, offerForm(unit)); status != http.StatusSeeOther {
		h.t.Fatalf("an offer to %s: status %d: %s", unit, status, main(h.t, body))
	}
	leaders, err := survey.NewLeaderLibrary()
	must(h.t, err)
	pack, err := leaders.Latest(policyAudit)
	must(h.t, err)
	return things{
		"unit": string(unit), "action": action, "audit": audit, "offer": fmt.Sprint("incident-", h.offers()/3), "pack": "pulse", "version": pulseVersion(h.t),
		"wave": "2026-11", "guide": "scale_burnout", "block": pack.Blocks[0].ID, "entry": pack.Blocks[0].Entries[0].ID,
		"key": "nothing", "token": "nothing", "name": "nothing",
	}
}

// ofUnits are the parts of an address that belong to a unit.
var ofUnits = regexp.MustCompile(`:(unit|action|audit|offer)\b`)

var parameter = regexp.MustCompile(`:([a-z]+)|\*`)

// address fills a route's pattern.
func (all things) address(pattern string) string {
	if strings.Contains(pattern, "/leaders/packs/") {
		return "/console/leaders/packs/" + policyAudit
	}
	return parameter.ReplaceAllStringFunc(pattern, func(p string) string {
		if value := all[strings.TrimPrefix(p, ":")]; value != "" {
			return value
		}
		return "nothing"
	})
}

// TestEveryRoleAtEveryRoute walks through the whole server as everybody.
func TestEveryRoleAtEveryRoute(t *testing.T) {
	mail := func(c *Config) { c.Demo.Mail = t.TempDir() }
	h := newHouse(t, withDemo(nil), mail)
	hash, err := HashPassword(crand.Reader, password)
	must(t, err)
	const bothMail = "both@riverside.example"
	must(t, h.store.AddUser(context.Background(), store.User{Email: bothMail, Roles: []string{admin, manager}, Unit: childrenID, PasswordHash: hash}))
	walkers := []walker{
		{"nobody", nil, h.browser()},
		{"an administrator", []string{admin}, h.as(adminMail)},
		{"HR", []string{hr}, h.as(hrMail)},
		{"the manager of Children", []string{manager}, h.as(managerMail)},
		{"an auditor", []string{auditor}, h.as(auditorMail)},
		{"a manager of Children who is an administrator too", []string{admin, manager}, h.as(bothMail)},
	}
	own, other := h.things(dutyID, walkers[1].browser), h.things(nightID, walkers[1].browser)
	router, ok := h.Config.Handler.(*echo.Echo)
	if !ok {
		t.Fatalf("the handler is %T", h.Config.Handler)
	}
	table := doors()
	var routes []string
	for _, r := range router.Routes() {
		if (r.Method == http.MethodGet || r.Method == http.MethodPost) && !slices.Contains(respond.Routes(), r.Path) {
			routes = append(routes, r.Method+" "+r.Path)
		}
	}
	slices.Sort(routes) // every GET before every POST, which may change what is there
	for _, route := range slices.Compact(routes) {
		d, known := table[route]
		if !known {
			t.Errorf("%s is not in doors(): add a line that says who may, such as %q: {who: \"admin hr\"}", route, route)
			continue
		}
		delete(table, route)
		method, pattern, _ := strings.Cut(route, " ")
		apart := ofUnits.MatchString(pattern) || d.form != nil && d.form("x").Has("unit") || d.query != nil && strings.Contains(d.query("x"), "unit=")
		for _, w := range walkers {
			if pattern == "/console/sign-out" && len(w.roles) > 0 {
				continue // tried by TestSigning…, since it ends the walk
			}
			w.tries(t, method, own, pattern, d, false)
			if apart {
				w.tries(t, method, other, pattern, d, true)
				w.tries(t, method, things{"wave": "2031-01"}, pattern, d, true)
			}
		}
	}
	for route := range table {
		t.Errorf("%s is in doors() and is no route any more", route)
	}
}

// tries goes to one door with these things; others says that they belong to
// another part than Children's, or to none.
func (w walker) tries(t *testing.T, method string, all things, pattern string, d door, others bool) {
	t.Helper()
	unit := survey.UnitID(all["unit"])
	address := all.address(pattern)
	exists := all["unit"] != ""
	var response *http.Response
	var body string
	if method == http.MethodGet {
		if d.query != nil {
			address += "?" + d.query(unit)
		}
		r, _ := http.NewRequest(method, w.house.URL+address, nil)
		response, body = w.do(r)
	} else {
		form := url.Values{}
		if d.form != nil {
			form = d.form(unit)
		}
		send := func(site string) (*http.Response, string) {
			r, _ := http.NewRequest(method, w.house.URL+address, strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", site)
			return w.do(r)
		}
		if strings.HasPrefix(pattern, "/console") {
			if crossed, _ := send("cross-site"); crossed.StatusCode != http.StatusForbidden {
				t.Errorf("%s posts to %s from another site: status %d", w.name, address, crossed.StatusCode)
			}
		}
		response, body = send("same-origin")
	}
	status := response.StatusCode
	toSignIn := status == http.StatusSeeOther && (response.Header.Get("Location") == "/console/sign-in" || strings.HasPrefix(response.Header.Get("Location"), "/console/sign-in?"))
	where := fmt.Sprintf("%s: %s %s", w.name, method, address)
	if status >= 500 {
		t.Errorf("%s: status %d", where, status)
	}
	if d.who == programs {
		if status != http.StatusUnauthorized {
			t.Errorf("%s: status %d without a token", where, status)
		}
		return
	}
	refused := status == http.StatusForbidden || status == http.StatusNotFound || toSignIn ||
		!exists && status == http.StatusUnprocessableEntity // a form that names no unit
	switch may := w.may(d, others); {
	case !may && !refused:
		t.Errorf("%s: status %d, want a refusal", where, status)
	case !may && len(w.roles) == 0 && !toSignIn:
		t.Errorf("%s: status %d, want the way to sign in", where, status)
	case may && toSignIn && pattern != "/console/sign-out", may && exists && status == http.StatusForbidden:
		t.Errorf("%s: status %d to %s, although they may", where, status, response.Header.Get("Location"))
	case may && exists && method == http.MethodGet && status != http.StatusOK && !slices.Contains(d.or, status):
		t.Errorf("%s: status %d, want 200", where, status)
	}
	// Whoever only has a part reads no name of another part: on a page that is
	// refused nor on one that is theirs.
	if slices.Equal(w.roles, []string{manager}) || refused && !w.may(d, others) {
		for _, name := range []string{"Night crisis team", "Day clinic", "For night"} {
			if strings.Contains(body, name) {
				t.Errorf("%s: status %d tells of %s", where, status, name)
			}
		}
	}
}
