package survey

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a staff list.
const (
	// MaxPeopleRows is how many people one file may list.
	MaxPeopleRows = 50_000
	// MaxUnitDepth is how many names the path of a unit may have.
	MaxUnitDepth = 6
	// MaxNameLength is the longest name of a person or a unit, in characters.
	MaxNameLength = 100
	// maxEmailLength is the longest address that mail servers have to take,
	// in bytes: RFC 5321, section 4.5.3.1.3, less the angle brackets.
	maxEmailLength = 254
	// maxPeopleBytes is the largest file that is read: 50,000 rows of the
	// longest sensible length, many times over.
	maxPeopleBytes = 32 << 20
	// maxPeopleFaults is how many faults of one file are listed.
	maxPeopleFaults = 1000
)

// The columns of a staff list.
const (
	columnEmail    = "email"
	columnName     = "name"
	columnUnit     = "unit"
	columnLanguage = "language"
	columnPhone    = "phone"
)

// neededColumns are those that every staff list has.
func neededColumns() []string {
	return []string{columnEmail, columnName, columnUnit, columnLanguage}
}

func peopleColumns() []string { return append(neededColumns(), columnPhone) }

// phoneNumber is a number as ITU-T E.164 writes it for the whole world: +, the
// country's code, which never begins with 0, at most 15 digits in all. Fewer
// than 8 are no number that a text message could go to.
var phoneNumber = regexp.MustCompile(`^\+[1-9][0-9]{7,14}$`)

// PeopleLanguages are the languages that a person may have in a staff list:
// those that every page and mail exists in.
func PeopleLanguages() []string { return []string{"en", "fr", "es"} }

// PersonRow is one person as a staff list names them, cleaned: no blanks
// around or twice inside a name, the address in lower case, the unit's path
// with " / " between its names. At least one of Email and Name is set. An
// empty Unit is the organisation itself, an empty Language the organisation's.
type PersonRow struct {
	Line                        int // in the file, from 1
	Email, Name, Unit, Language string
	Phone                       string // + and digits; may be empty
	PhoneListed                 bool   // the file has a column for numbers: an empty Phone says that there is none
}

// ParsePeople reads a staff list: CSV in UTF-8 with or without a byte order
// mark, separated by commas or semicolons, whichever the first line uses,
// fields in double quotes where needed. The first line names the columns
// email, name, unit and language, and phone where numbers are listed, in any
// order and letter case. Rows without any content are passed over. A field ends
// on the line that it began on: nothing in a staff list has line breaks, and an
// open quote then spoils one row and not the rest of the file.
//
// Everything that is wrong is reported at once, by line and column (in
// characters, from 1), up to 1,000 faults and a last one that counts the
// others; the rows are nil then. The error says that r could not be read.
func ParsePeople(r io.Reader) ([]PersonRow, []Fault, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxPeopleBytes+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read staff list: %w", err)
	}
	p := peopleParser{byEmail: make(map[string]int), byName: make(map[string]int), byPhone: make(map[string]int)}
	p.file(raw)
	if faults := p.report(); len(faults) > 0 {
		return nil, faults, nil
	}
	return p.rows, nil, nil
}

// peopleParser goes through a staff list line by line.
type peopleParser struct {
	csvParser
	rows    []PersonRow
	byEmail map[string]int // first line of an address
	byName  map[string]int // first line of a name in a unit, for people without an address
	byPhone map[string]int // first line of a number
}

func (p *peopleParser) file(raw []byte) {
	p.line = 1
	switch {
	case len(raw) > maxPeopleBytes:
		p.fail(1, "error.people.too_large", Args{"megabytes": maxPeopleBytes >> 20})
		return
	case bytes.HasPrefix(raw, []byte{0xff, 0xfe}), bytes.HasPrefix(raw, []byte{0xfe, 0xff}): // UTF-16
		p.fail(1, "error.people.not_utf8", nil)
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
		case len(p.rows) > MaxPeopleRows:
			return
		default:
			p.row(text)
		}
	}
	p.line = 1 // what is left to say is about the file
	switch {
	case len(p.faults) > 0:
	case p.columns == nil:
		p.fail(1, "error.people.empty", nil)
	case len(p.rows) == 0:
		p.fail(1, "error.people.no_rows", nil)
	}
}

// header reads the line that names the columns. It says false when rows cannot
// be read for lack of a column.
func (p *peopleParser) header(text string) bool {
	p.delimiter = delimiterOf(text)
	fields, ok := p.split(text)
	if !ok {
		return false
	}
	p.columns, p.width = make(map[string]int), len(fields)
	known, needed := strings.Join(peopleColumns(), ", "), strings.Join(neededColumns(), ", ")
	for i, f := range fields {
		name := strings.ToLower(strings.TrimSpace(f.text))
		switch _, twice := p.columns[name]; {
		case name == "":
			p.fail(f.column, "error.people.column_unnamed", Args{"known": known})
		case f.hidden():
			p.fail(f.column, "error.people.hidden", Args{"column": i + 1})
		case !slices.Contains(peopleColumns(), name):
			p.fail(f.column, "error.people.column_unknown", Args{"column": excerpt(strings.TrimSpace(f.text)), "known": known})
		case twice:
			p.fail(f.column, "error.people.column_twice", Args{"column": name})
		default:
			p.columns[name] = i
		}
	}
	complete := true
	for _, name := range neededColumns() {
		if _, ok := p.columns[name]; !ok {
			p.fail(1, "error.people.column_missing", Args{"column": name, "known": needed})
			complete = false
		}
	}
	return complete
}

// row reads and checks the line of one person.
func (p *peopleParser) row(text string) {
	fields, ok := p.split(text)
	if !ok || blank(fields) {
		return
	}
	if len(fields) != p.width {
		p.fail(1, "error.people.fields", Args{"fields": len(fields), "expected": p.width})
		return
	}
	if len(p.rows) == MaxPeopleRows {
		p.fail(1, "error.people.too_many_rows", Args{"most": MaxPeopleRows})
	}
	email, name := fields[p.columns[columnEmail]], fields[p.columns[columnName]]
	unit, language := fields[p.columns[columnUnit]], fields[p.columns[columnLanguage]]
	row := PersonRow{Line: p.line}
	var good [4]bool
	row.Email, good[0] = p.email(email)
	row.Name, good[1] = p.name(name)
	row.Unit, good[2] = p.unit(unit)
	row.Language, good[3] = p.language(language)
	var phone int
	if phone, row.PhoneListed = p.columns[columnPhone]; row.PhoneListed {
		row.Phone = p.phone(fields[phone])
	}
	switch {
	case row.Email != "" && good[0]:
		if first, twice := p.byEmail[row.Email]; twice {
			p.fail(email.column, "error.people.email_twice", Args{"email": excerpt(row.Email), "first": first})
		} else {
			p.byEmail[row.Email] = p.line
		}
	case !good[0] || !good[1] || !good[2]:
	case row.Name == "":
		p.fail(email.column, "error.people.nobody", nil)
	default:
		key := row.Name + "\x00" + row.Unit
		if first, twice := p.byName[key]; twice {
			p.fail(name.column, "error.people.name_twice", Args{"name": excerpt(row.Name), "unit": excerpt(row.Unit), "first": first})
		} else {
			p.byName[key] = p.line
		}
	}
	p.rows = append(p.rows, row)
}

// email checks an address only as far as a slip of the hand shows: whether it
// exists, only a mail can tell.
func (p *peopleParser) email(f csvField) (string, bool) {
	if !p.plain(f, columnEmail) {
		return "", false
	}
	email := strings.ToLower(strings.TrimSpace(f.text))
	if email == "" {
		return "", true
	}
	local, domain, _ := strings.Cut(email, "@")
	switch {
	case strings.ContainsFunc(email, unicode.IsSpace), strings.Count(email, "@") != 1, local == "",
		!strings.Contains(domain, "."), strings.HasPrefix(domain, "."), strings.HasSuffix(domain, "."),
		len(email) > maxEmailLength:
		p.fail(f.column, "error.people.email", Args{"email": excerpt(email)})
		return "", false
	}
	return email, true
}

func (p *peopleParser) name(f csvField) (string, bool) {
	if !p.plain(f, columnName) {
		return "", false
	}
	name := strings.Join(strings.Fields(f.text), " ")
	if utf8.RuneCountInString(name) > MaxNameLength {
		p.fail(f.column, "error.people.name_long", Args{"name": excerpt(name), "most": MaxNameLength})
		return "", false
	}
	return name, true
}

func (p *peopleParser) unit(f csvField) (string, bool) {
	if !p.plain(f, columnUnit) {
		return "", false
	}
	names := SplitPath(f.text)
	good := true
	if len(names) > MaxUnitDepth {
		p.fail(f.column, "error.people.unit_deep", Args{"unit": excerpt(strings.TrimSpace(f.text)), "parts": len(names), "most": MaxUnitDepth})
		good = false
	}
	if slices.Contains(names, "") {
		p.fail(f.column, "error.people.unit_part", Args{"unit": excerpt(strings.TrimSpace(f.text))})
		good = false
	}
	for _, name := range names {
		if utf8.RuneCountInString(name) > MaxNameLength {
			p.fail(f.column, "error.people.unit_long", Args{"unit": excerpt(name), "most": MaxNameLength})
			good = false
		}
	}
	return strings.Join(names, PathSeparator), good
}

func (p *peopleParser) language(f csvField) (string, bool) {
	if !p.plain(f, columnLanguage) {
		return "", false
	}
	language := strings.ToLower(strings.TrimSpace(f.text))
	if language != "" && !slices.Contains(PeopleLanguages(), language) {
		p.fail(f.column, "error.people.language", Args{"language": excerpt(language), "known": strings.Join(PeopleLanguages(), ", ")})
		return "", false
	}
	return language, true
}

// phone takes out what people put between digits so that they can be read. Its
// faults do not repeat the number: what a command says is often kept in a log.
func (p *peopleParser) phone(f csvField) string {
	if !p.plain(f, columnPhone) {
		return ""
	}
	number := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || strings.ContainsRune("()[]", r) {
			return -1
		}
		return r
	}, f.text)
	if number == "" {
		return ""
	}
	if !phoneNumber.MatchString(number) {
		p.fail(f.column, "error.people.phone", nil)
		return ""
	}
	if first, twice := p.byPhone[number]; twice {
		p.fail(f.column, "error.people.phone_twice", Args{"first": first})
	} else {
		p.byPhone[number] = p.line
	}
	return number
}
