package survey

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The columns of a list of contacts, beside name and language.
const (
	columnSite  = "site"
	columnTier  = "tier"
	columnReach = "reach"
	columnHours = "hours"
	columnCall  = "what_happens"
)

// Limits of a list of contacts.
const (
	// MaxContacts is how many contacts an organisation may have.
	MaxContacts = 1000
	// maxContactsBytes is the largest file that is read: 1,000 rows of the
	// longest texts.
	maxContactsBytes = 4 << 20
)

func contactColumns() []string {
	return []string{columnSite, columnTier, columnLanguage, columnName, columnReach, columnHours, columnCall}
}

// ParseContacts reads a list of support contacts: CSV as ParsePeople reads it,
// with the columns site, tier, language, name, reach, hours and what_happens.
// A site is the path of a unit of the tree; empty, or the organisation's name,
// is everywhere. The contacts come without ids, in the order of the file.
//
// Everything that is wrong is reported at once, by line and column, and the
// contacts are nil then. The error says that r could not be read.
func ParseContacts(r io.Reader, tree Tree) ([]Contact, []Fault, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxContactsBytes+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read contacts: %w", err)
	}
	p := contactParser{tree: tree}
	p.file(raw)
	if faults := p.report(); len(faults) > 0 {
		return nil, faults, nil
	}
	return p.contacts, nil, nil
}

type contactParser struct {
	csvParser
	tree     Tree
	contacts []Contact
}

func (p *contactParser) file(raw []byte) {
	p.line = 1
	if len(raw) > maxContactsBytes {
		p.fail(1, "error.contact.too_large", Args{"megabytes": maxContactsBytes >> 20})
		return
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	for p.line = 1; len(raw) > 0; p.line++ {
		line, rest, _ := bytes.Cut(raw, []byte("\n"))
		raw = rest
		if at := invalidUTF8(line); at > 0 {
			p.fail(at, "error.people.not_utf8", nil)
			if p.columns == nil {
				return
			}
			continue
		}
		text := strings.TrimSuffix(string(line), "\r")
		switch {
		case p.columns == nil && strings.TrimSpace(text) == "":
		case p.columns == nil:
			if !p.header(text) {
				return // rows mean nothing without their columns
			}
		case len(p.contacts) > MaxContacts:
			return
		default:
			p.row(text)
		}
	}
	p.line = 1 // what is left to say is about the file
	if len(p.faults) == 0 && len(p.contacts) == 0 {
		p.fail(1, "error.contact.none", Args{"known": strings.Join(contactColumns(), ", ")})
	}
}

// header reads the line that names the columns. It says false when rows cannot
// be read for lack of a column.
func (p *contactParser) header(text string) bool {
	p.delimiter = delimiterOf(text)
	fields, ok := p.split(text)
	if !ok {
		return false
	}
	p.columns, p.width = make(map[string]int), len(fields)
	known := strings.Join(contactColumns(), ", ")
	for i, f := range fields {
		name := strings.ToLower(strings.TrimSpace(f.text))
		switch _, twice := p.columns[name]; {
		case f.hidden():
			p.fail(f.column, "error.people.hidden", Args{"column": i + 1})
		case !slices.Contains(contactColumns(), name):
			p.fail(f.column, "error.contact.column_unknown", Args{"column": excerpt(strings.TrimSpace(f.text)), "known": known})
		case twice:
			p.fail(f.column, "error.people.column_twice", Args{"column": name})
		default:
			p.columns[name] = i
		}
	}
	complete := true
	for _, name := range contactColumns() {
		if _, ok := p.columns[name]; !ok {
			p.fail(1, "error.people.column_missing", Args{"column": name, "known": known})
			complete = false
		}
	}
	return complete
}

// row reads and checks the line of one contact.
func (p *contactParser) row(text string) {
	fields, ok := p.split(text)
	if !ok || blank(fields) {
		return
	}
	if len(fields) != p.width {
		p.fail(1, "error.people.fields", Args{"fields": len(fields), "expected": p.width})
		return
	}
	if len(p.contacts) == MaxContacts {
		p.fail(1, "error.contact.too_many", Args{"most": MaxContacts})
	}
	texts := make(map[string]string, len(fields))
	for _, column := range contactColumns() {
		f := fields[p.columns[column]]
		if !p.plain(f, column) {
			return
		}
		texts[column] = strings.Join(strings.Fields(f.text), " ")
	}
	c := Contact{
		Tier: Tier(strings.ToLower(texts[columnTier])), Language: strings.ToLower(texts[columnLanguage]),
		Name: texts[columnName], Reach: texts[columnReach], Hours: texts[columnHours], WhenICall: texts[columnCall],
		Order: len(p.contacts) + 1,
	}
	if site := texts[columnSite]; site != "" {
		unit, found := p.tree.ByPath(site)
		if !found {
			p.fail(fields[p.columns[columnSite]].column, "error.contact.site", Args{"site": excerpt(site)})
		}
		if found && unit.ID != p.tree.Root().ID {
			c.Site = unit.ID
		}
	}
	c.faults(func(column, key string, args Args) { p.fail(fields[p.columns[column]].column, key, args) })
	p.contacts = append(p.contacts, c)
}

// WriteContacts writes contacts as the CSV that ParseContacts reads, in their
// order. Those of a site that the tree does not have are left out: nobody sees
// them. The error is the writer's.
func WriteContacts(w io.Writer, tree Tree, contacts []Contact) error {
	list := csv.NewWriter(w)
	_ = list.Write(contactColumns()) // Flush keeps the error
	for _, c := range contacts {
		path := ""
		if c.Site != "" {
			if path = tree.Path(c.Site); path == "" {
				continue
			}
		}
		_ = list.Write([]string{path, string(c.Tier), c.Language, c.Name, c.Reach, c.Hours, c.WhenICall})
	}
	list.Flush()
	return list.Error()
}
