package survey

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxTextCharacters is how long a text of an item may be, as in a pack file.
const maxTextCharacters = 1000

// Texts are an organisation's own permitted copy of the texts of a pack that
// holds an instrument's key only.
type Texts struct {
	Pack    string          `json:"pack"`
	Version string          `json:"version"`
	Items   map[string]Text `json:"items"` // by item id
}

// ReadTexts reads the texts of a pack from a CSV file with a header and the
// columns item (its number in the pack, from 1), language, text, parted by
// commas or semicolons. Every language that stands in the file must have a
// text for every item, and English must be among them, because it stands in
// where another language is missing. It explains everything that is wrong at
// once; a fault's line counts from 1.
func ReadTexts(p *Pack, data []byte) (Texts, []Fault) {
	r := textsReader{pack: p, texts: Texts{Pack: p.ID, Version: p.Version, Items: make(map[string]Text)}}
	switch {
	case p.Texts != TextsByOrganisation:
		r.fail(1, "error.texts.own", Args{"pack": p.ID})
	case len(data) > MaxPackBytes:
		r.fail(1, "error.texts.big", Args{"bytes": len(data), "limit": MaxPackBytes})
	case !utf8.Valid(data):
		r.fail(1, "error.texts.encoding", nil)
	default:
		r.read(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	}
	if len(r.faults) > 0 {
		return Texts{}, r.faults
	}
	return r.texts, nil
}

type textsReader struct {
	pack   *Pack
	texts  Texts
	faults []Fault
}

func (r *textsReader) fail(line int, key string, args Args) {
	r.faults = append(r.faults, Fault{Line: line, Column: 1, Error: Fail(Invalid, key, args)})
}

func (r *textsReader) read(data []byte) {
	first, _, _ := strings.Cut(string(data), "\n")
	in := csv.NewReader(bytes.NewReader(data))
	in.Comma = rune(delimiterOf(first))
	in.FieldsPerRecord = -1
	in.LazyQuotes = true
	header := true
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := in.FieldPos(0)
		if err != nil {
			r.fail(max(line, 1), "error.texts.row", Args{"columns": len(row)})
			return
		}
		for i := range row {
			row[i] = strings.Join(strings.Fields(row[i]), " ")
		}
		switch {
		case header && (len(row) != 3 || !slices.Equal([]string{strings.ToLower(row[0]), strings.ToLower(row[1]), strings.ToLower(row[2])}, []string{"item", "language", "text"})):
			r.fail(line, "error.texts.header", nil)
			return
		case header:
			header = false
		case len(row) != 3:
			r.fail(line, "error.texts.row", Args{"columns": len(row)})
		default:
			r.row(line, row[0], row[1], row[2])
		}
	}
	if header {
		r.fail(1, "error.texts.header", nil)
	}
	if len(r.faults) == 0 {
		r.complete()
	}
}

func (r *textsReader) row(line int, number, lang, text string) {
	n, err := strconv.Atoi(number)
	switch {
	case err != nil || n < 1 || n > len(r.pack.Items):
		r.fail(line, "error.texts.item", Args{"value": excerpt(number), "items": len(r.pack.Items)})
		return
	case !slices.Contains(r.pack.Languages, lang):
		r.fail(line, "error.texts.language", Args{"language": excerpt(lang), "known": strings.Join(r.pack.Languages, ", ")})
		return
	case text == "" || utf8.RuneCountInString(text) > maxTextCharacters || csvField{text: text}.hidden():
		r.fail(line, "error.texts.text", Args{"item": n, "limit": maxTextCharacters})
		return
	}
	id := r.pack.Items[n-1].ID
	if r.texts.Items[id] == nil {
		r.texts.Items[id] = make(Text)
	}
	if _, twice := r.texts.Items[id][lang]; twice {
		r.fail(line, "error.texts.twice", Args{"item": n, "language": lang})
		return
	}
	r.texts.Items[id][lang] = text
}

// complete wants every language that stands anywhere to stand everywhere.
func (r *textsReader) complete() {
	languages := map[string]bool{"en": true}
	for _, text := range r.texts.Items {
		for lang := range text {
			languages[lang] = true
		}
	}
	sorted := make([]string, 0, len(languages))
	for lang := range languages {
		sorted = append(sorted, lang)
	}
	sort.Strings(sorted)
	for _, lang := range sorted {
		var missing []string
		for i, item := range r.pack.Items {
			if r.texts.Items[item.ID][lang] == "" {
				missing = append(missing, strconv.Itoa(i+1))
			}
		}
		if len(missing) > 0 {
			r.fail(1, "error.texts.missing", Args{"language": lang, "items": strings.Join(missing, ", ")})
		}
	}
}

// With is the library with an organisation's texts in their pack. The pack's
// hash covers the texts too: a wave promises what people will read. It fails
// when the library has no such pack version, and when the texts do not fit it.
func (l *Library) With(t Texts) (*Library, error) {
	packs := slices.Clone(l.list())
	for i, p := range packs {
		if p.ID != t.Pack || p.Version != t.Version {
			continue
		}
		filled := *p
		filled.Items = slices.Clone(p.Items)
		for j := range filled.Items {
			filled.Items[j].Text = t.Items[filled.Items[j].ID]
		}
		canonical, err := Canonical(t)
		if err != nil {
			return nil, err
		}
		if p.Texts != TextsByOrganisation || !filled.Asked() || len(t.Items) != len(p.Items) {
			return nil, Fail(Conflict, "error.texts.unfit", Args{"pack": t.Pack, "version": t.Version})
		}
		filled.SHA256 = SHA256Hex(append([]byte(p.SHA256+"\n"), canonical...))
		packs[i] = &filled
		return &Library{packs: packs, own: maps.Clone(l.own)}, nil
	}
	return nil, Fail(NotFound, "error.texts.unfit", Args{"pack": t.Pack, "version": t.Version})
}
