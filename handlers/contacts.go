package handlers

import (
	"context"
	"net/http"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

const contactsPath = "/console/contacts"

// supporters is all that the page of contacts does with the store: the names
// in it are those that every respondent may read.
type supporters interface {
	Contacts(ctx context.Context) ([]survey.Contact, error)
	Units(ctx context.Context) ([]survey.Unit, error)
	ReplaceContacts(ctx context.Context, contacts []survey.Contact) error
}

// contactsPage lists the support contacts of each site: those that are there,
// or those of a list that was sent and is not taken yet.
type contactsPage struct {
	frame
	Sites   []contactSite
	Total   int
	Before  int    // of a list that is not taken yet: how many there are now
	Pending string // the list that is not taken yet, as CSV
	Error   string
	Faults  []string // of a list, in its order
	Done    string
	Undo    string // the list before the one just taken, as CSV
	Undone  bool   // the list just taken was itself the one before
}

type contactSite struct {
	Name    string
	NoToday bool
	Tiers   []contactTier
}

type contactTier struct {
	Title    string
	Contacts []contactLines
}

type contactLines struct {
	survey.Contact
	Lang string // in words; empty: every language
}

func (con *console) contactsPage(c echo.Context, v viewer) error {
	tree, contacts, err := con.contactsNow(c.Request().Context())
	if err != nil {
		return err
	}
	con.renderContacts(c, v, http.StatusOK, contactsPage{}, tree, contacts)
	return nil
}

// contactsNow are the contacts, and the tree that their sites belong to.
func (con *console) contactsNow(ctx context.Context) (survey.Tree, []survey.Contact, error) {
	contacts, err := con.support.Contacts(ctx)
	if err != nil {
		return survey.Tree{}, nil, err
	}
	units, err := con.support.Units(ctx)
	if err != nil {
		return survey.Tree{}, nil, err
	}
	tree, err := survey.NewTree(units)
	return tree, contacts, err
}

func (con *console) renderContacts(c echo.Context, v viewer, status int, p contactsPage, tree survey.Tree, contacts []survey.Contact) {
	lang := con.lang(c.Request())
	p.frame = con.frame(lang, "contacts.title", &v, contactsPath)
	p.Sites, p.Total = con.in(lang).contactSites(tree, contacts), len(contacts)
	con.render(c.Response(), lang, status, "contacts", p)
}

// contactSites sorts contacts by site, everybody's first, then as the tree
// stands, and at the end those of units that are no more.
func (s speech) contactSites(tree survey.Tree, contacts []survey.Contact) []contactSite {
	of := make(map[survey.UnitID][]survey.Contact)
	for _, c := range contacts {
		if _, there := tree.Unit(c.Site); c.Site != "" && !there {
			c.Site = "gone"
		}
		of[c.Site] = append(of[c.Site], c)
	}
	var sites []contactSite
	add := func(site survey.UnitID, name string) {
		if len(of[site]) > 0 {
			sites = append(sites, s.contactSite(name, of[site]))
		}
	}
	add("", s.say("contacts.everywhere", nil))
	for _, unit := range tree.Units() {
		add(unit.ID, tree.Path(unit.ID))
	}
	add("gone", s.say("contacts.gone", nil))
	return sites
}

func (s speech) contactSite(name string, contacts []survey.Contact) contactSite {
	site := contactSite{Name: name, NoToday: true}
	for _, tier := range survey.Tiers() {
		t := contactTier{Title: s.say("phone.help."+string(tier), nil)}
		for _, c := range contacts {
			if c.Tier != tier {
				continue
			}
			lines := contactLines{Contact: c}
			if c.Language != "" {
				lines.Lang = s.con.site.Text(c.Language, "console.language.own", nil)
			}
			t.Contacts = append(t.Contacts, lines)
		}
		if len(t.Contacts) > 0 {
			site.Tiers = append(site.Tiers, t)
		}
		site.NoToday = site.NoToday && (tier != survey.TierToday || len(t.Contacts) == 0)
	}
	return site
}
