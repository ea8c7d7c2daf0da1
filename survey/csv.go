package survey

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// csvParser goes through a list in CSV line by line and keeps what is wrong
// with it.
type csvParser struct {
	delimiter byte
	columns   map[string]int // place of each known column
	width     int            // number of columns

	line   int
	faults []Fault
	more   int // faults that are not listed
}

func (p *csvParser) fail(column int, key string, args Args) {
	if len(p.faults) > maxPeopleFaults {
		p.more++
		return
	}
	p.faults = append(p.faults, Fault{Line: p.line, Column: column, Error: Fail(Invalid, key, args)})
}

// report lists the faults by line and column. The fault after the last that is
// listed makes room for the one that counts the others.
func (p *csvParser) report() []Fault {
	faults := p.faults
	var rest []Fault
	if len(faults) > maxPeopleFaults {
		last := faults[maxPeopleFaults]
		last.Error = Fail(Invalid, "error.people.more", Args{"more": p.more + 1, "listed": maxPeopleFaults})
		faults, rest = faults[:maxPeopleFaults], []Fault{last}
	}
	sort.SliceStable(faults, func(i, j int) bool {
		if faults[i].Line != faults[j].Line {
			return faults[i].Line < faults[j].Line
		}
		return faults[i].Column < faults[j].Column
	})
	return append(faults, rest...)
}

// plain fails on characters that nobody sees: they would make two names that
// look the same, or turn the text around on a page.
func (p *csvParser) plain(f csvField, column string) bool {
	if f.hidden() {
		p.fail(f.column, "error.people.hidden", Args{"column": column})
		return false
	}
	return true
}

// csvField is one field of a line, without its quotes.
type csvField struct {
	text   string
	column int // where it begins in the line, in characters from 1
}

// hidden says whether the field has control characters, line or paragraph
// separators, byte order marks, or marks that change the direction of text. A
// tab counts as a blank.
func (f csvField) hidden() bool {
	return strings.ContainsFunc(f.text, func(r rune) bool {
		return unicode.IsControl(r) && r != '\t' || unicode.Is(unicode.Bidi_Control, r) ||
			r == '\u2028' || r == '\u2029' || r == '\ufeff'
	})
}

func blank(fields []csvField) bool {
	for _, f := range fields {
		if strings.TrimSpace(f.text) != "" {
			return false
		}
	}
	return true
}

// delimiterOf is the delimiter that a header line uses outside quotes: a
// semicolon, as spreadsheets in many languages write, when there are more of
// them than commas.
func delimiterOf(line string) byte {
	commas, semicolons, quoted := 0, 0, false
	for i := range len(line) {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case quoted:
		case line[i] == ',':
			commas++
		case line[i] == ';':
			semicolons++
		}
	}
	if semicolons > commas {
		return ';'
	}
	return ','
}

// split cuts a line into fields. A field whose first character other than a
// blank is a quote ends at the next single quote, and has a doubled quote for
// one. It reports a quote that is not closed on the line, or that something
// follows, and says false then.
func (p *csvParser) split(line string) ([]csvField, bool) {
	fields := make([]csvField, 0, 4)
	at, column := 0, 1
	for {
		start := at
		for at < len(line) && (line[at] == ' ' || line[at] == '\t') {
			at++
		}
		var text string
		if at < len(line) && line[at] == '"' {
			body, end := quotedField(line, at)
			if end < 0 {
				p.fail(column+at-start, "error.people.quote_open", nil)
				return nil, false
			}
			after := end
			for after < len(line) && (line[after] == ' ' || line[after] == '\t') {
				after++
			}
			if after < len(line) && line[after] != p.delimiter {
				p.fail(column+utf8.RuneCountInString(line[start:after]), "error.people.quote_after", nil)
				return nil, false
			}
			text, at = body, after
		} else {
			at = start
			if n := strings.IndexByte(line[at:], p.delimiter); n >= 0 {
				at += n
			} else {
				at = len(line)
			}
			text = line[start:at]
		}
		fields = append(fields, csvField{text: text, column: column})
		if at == len(line) {
			return fields, true
		}
		column += utf8.RuneCountInString(line[start:at]) + 1
		at++ // the delimiter
	}
}

// quotedField reads the quoted text that begins at line[at]: its content, and the
// place behind its closing quote, -1 when there is none.
func quotedField(line string, at int) (text string, end int) {
	var b strings.Builder
	for at++; ; {
		n := strings.IndexByte(line[at:], '"')
		if n < 0 {
			return "", -1
		}
		b.WriteString(line[at : at+n])
		at += n + 1
		if at == len(line) || line[at] != '"' {
			return b.String(), at
		}
		b.WriteByte('"')
		at++
	}
}

// invalidUTF8 is the place, in characters from 1, of the first byte that is
// not UTF-8, 0 when there is none.
func invalidUTF8(line []byte) int {
	if utf8.Valid(line) {
		return 0
	}
	for n := 1; len(line) > 0; n++ {
		r, size := utf8.DecodeRune(line)
		if r == utf8.RuneError && size == 1 {
			return n
		}
		line = line[size:]
	}
	return 0
}
