package handlers

import "strings"

// way is one entry of the navigation: a page and whom it is for.
type way struct {
	group string // under which heading it stands, the end of a key "ways.GROUP"
	path  string
	text  string   // the key of its name
	short string   // the key of its name in a phone's bar; empty for ways that stand under “More” there
	roles []string // who may open it, as in routes.go
	also  string   // where else pages begin that belong to it; empty for nowhere
}

// ways are all pages that somebody finds their way to, in the order in which
// they stand. A new page is one line here. A phone's bar has room for four:
// the first of a viewer's that have a short name.
func ways() []way {
	everybody := []string{admin, hr, manager, auditor}
	return []way{
		{"administration", administrationPath, "admin.nav", "admin.nav.short", []string{admin}, ""},
		{"administration", organisationPath, "admin.org.title", "", []string{admin}, ""},
		{"administration", peoplePath, "admin.people.title", "", []string{admin}, ""},
		{"administration", programmesPath, "admin.programmes.title", "", []string{admin}, ""},
		{"administration", usersPath, "admin.users.title", "", []string{admin}, ""},
		{"administration", contactsPath, "contacts.title", "", []string{admin}, ""},
		{"administration", brandingPath, "branding.way", "", []string{admin}, ""},
		{"administration", packsPath, "packs.title", "", []string{admin}, ""},
		{"administration", systemPath, "system.title", "", []string{admin}, ""},
		{"teams", consolePath, "console.nav.overview", "ways.short.home", []string{hr, manager}, ""},
		{"teams", heatPath, "heat.title", "ways.short.units", []string{hr, manager}, "/console/teams"},
		{"teams", "/console/waves", "console.nav.waves", "console.nav.waves", []string{admin, hr, manager}, ""},
		{"teams", "/console/guides", "guides.title", "guides.title", []string{admin, hr, manager}, ""},
		{"teams", incidentsPath, "incident.title", "", []string{admin, manager}, ""},
		{"teams", actionsPath, "actions.title", "", []string{admin, hr, manager}, ""},
		{"leaders", "/console/leaders", "leaders.title", "", []string{admin, hr, manager}, ""},
		{"organisation", associationsPath, "associations.title", "", []string{hr}, ""},
		{"organisation", "/console/export", "console.nav.export", "", []string{hr}, ""},
		{"organisation", integrationsPath, "integration.title", "", []string{admin, hr}, ""},
		{"audit", "/console/audit", "audit.title", "audit.title", []string{admin, auditor}, ""},
		{"audit", "/log", "console.nav.log", "console.nav.log", everybody, ""},
		{"you", "/console/password", "console.password.title", "", everybody, ""},
	}
}

// barRoom is how many ways a phone's bar has beside “More”.
const barRoom = 4

// navigation is what a viewer finds their way by.
type navigation struct {
	Groups []navGroup
	Bar    []navItem  // on a phone, at the lower edge
	More   []navGroup // the others, behind the last place of the bar
	Within bool       // the page is one of More
}

// navGroup is a heading with its ways.
type navGroup struct {
	ID, Name string
	Items    []navItem
}

// navItem is one way. Current is "page" for the page itself, "true" for a page
// that lies under it, and empty for others.
type navItem struct{ Path, Text, Current string }

// navigation lists the ways that the viewer may go; here is the path of the
// page that it stands on.
func (s speech) navigation(v viewer, here string) navigation {
	var n navigation
	mine := v.ways()
	at := current(mine, here)
	for i, w := range mine {
		item := navItem{Path: w.path, Text: s.say(w.text, nil)}
		switch {
		case i == at && w.path == here:
			item.Current = "page"
		case i == at:
			item.Current = "true"
		}
		n.Groups = s.grouped(n.Groups, w, item)
		if w.short != "" && len(n.Bar) < barRoom {
			n.Bar = append(n.Bar, navItem{Path: w.path, Text: s.say(w.short, nil), Current: item.Current})
			continue
		}
		n.More = s.grouped(n.More, w, item)
		n.Within = n.Within || i == at
	}
	return n
}

// grouped adds a way to the last group, or to a new one.
func (s speech) grouped(groups []navGroup, w way, item navItem) []navGroup {
	if len(groups) == 0 || groups[len(groups)-1].ID != w.group {
		groups = append(groups, navGroup{ID: w.group, Name: s.say("ways."+w.group, nil)})
	}
	last := &groups[len(groups)-1]
	last.Items = append(last.Items, item)
	return groups
}

// ways are those that the viewer may go.
func (v viewer) ways() []way {
	var mine []way
	for _, w := range ways() {
		if v.has(w.roles...) {
			mine = append(mine, w)
		}
	}
	return mine
}

// current finds the way that a page belongs to: the longest path that the
// page's path goes on from. It is -1 for pages that belong to none.
func current(mine []way, here string) int {
	here, _, _ = strings.Cut(here, "?")
	at, longest := -1, 0
	for i, w := range mine {
		for _, path := range []string{w.path, w.also} {
			within := here == path || path != consolePath && path != "" && strings.HasPrefix(here, path+"/")
			if within && len(path) > longest {
				at, longest = i, len(path)
			}
		}
	}
	return at
}
