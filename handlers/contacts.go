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
}

// contactsPage lists the support contacts of each site.
type contactsPage struct {
	frame
	Sites []contactSite
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
	r := c.Request()
	contacts, err := con.support.Contacts(r.Context())
	if err != nil {
		return err
	}
	units, err := con.support.Units(r.Context())
	if err != nil {
		return err
	}
	tree, err := survey.NewTree(units)
	if err != nil {
		return err
	}
	lang := con.lang(r)
	p := contactsPage{frame: con.frame(lang, "contacts.title", &v, contactsPath), Sites: con.in(lang).contactSites(tree, contacts)}
	con.render(c.Response(), lang, http.StatusOK, "contacts", p)
	return nil
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
