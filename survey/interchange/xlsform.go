package interchange

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"attune/survey"

	"github.com/xuri/excelize/v2"
)

// The sheets of an XLSForm workbook (https://xlsform.org).
const (
	sheetSurvey   = "survey"
	sheetChoices  = "choices"
	sheetSettings = "settings"
)

const (
	// maxWorkbook is the largest workbook that is read, maxUnpacked how large
	// it may be unpacked, in bytes.
	maxWorkbook = 2 << 20
	maxUnpacked = 32 << 20
	// maxRows bounds the rows of a sheet.
	maxRows = 2000
)

// labelColumn is "label", "label::English (en)" or "label::en".
var labelColumn = regexp.MustCompile(`^label(?:\s*::?\s*(?:[^()]*\(([A-Za-z]{2,3}(?:-[A-Za-z]{2})?)\)|([A-Za-z]{2,3}(?:-[A-Za-z]{2})?)))?$`)

// ReadXLSForm makes a pack file of an XLSForm workbook: questions of the type
// select_one, their answers from the sheet choices, labels in one or more
// languages. Beside XLSForm's own columns the sheet survey may have "topic"
// and "rationale". It gives every fault with its sheet, row and column, and no
// file when there is one; Fault.Line is the row and Column the column, both
// from 1. The error is for a file that is no workbook.
func ReadXLSForm(raw []byte, d Defaults) (Imported, []survey.Fault, error) {
	if len(raw) > maxWorkbook {
		return Imported{}, nil, survey.Fail(survey.Invalid, "error.xlsform.big", survey.Args{"bytes": len(raw), "limit": maxWorkbook})
	}
	book, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked, RawCellValue: true})
	if err != nil {
		return Imported{}, nil, survey.Fail(survey.Invalid, "error.xlsform.workbook", survey.Args{"reason": clip(err.Error())})
	}
	defer func() { _ = book.Close() }() // only read
	r := &formReader{d: d, taken: ids{}, lists: make(map[string]*choiceList)}
	for _, name := range []string{sheetSurvey, sheetChoices} {
		if i, err := book.GetSheetIndex(name); err != nil || i < 0 {
			return Imported{}, nil, survey.Fail(survey.Invalid, "error.xlsform.sheet", survey.Args{"sheet": name, "known": clip(strings.Join(book.GetSheetList(), ", "))})
		}
	}
	form, err := readSheet(book, sheetSurvey)
	if err != nil {
		return Imported{}, nil, err
	}
	choices, err := readSheet(book, sheetChoices)
	if err != nil {
		return Imported{}, nil, err
	}
	settings, err := readSheet(book, sheetSettings)
	if err != nil {
		return Imported{}, nil, err
	}
	r.language = "en"
	if lang := languageOf(settings.get(1, "default_language")); lang != "" {
		r.language = lang
	}
	r.start(settings)
	r.readChoices(choices)
	r.readSurvey(form)
	if len(r.faults) > 0 {
		return Imported{}, r.faults, nil
	}
	r.settle()
	file, err := YAML(r.pack)
	return Imported{YAML: file, Notes: r.notes}, nil, err
}

// sheet is one sheet: its first row names the columns.
type sheet struct {
	name    string
	columns map[string]int // by name, small letters; from 0
	labels  map[string]int // the label columns, by language; "" for the one without
	rows    [][]string     // without the first
}

func readSheet(book *excelize.File, name string) (sheet, error) {
	s := sheet{name: name, columns: make(map[string]int), labels: make(map[string]int)}
	if i, err := book.GetSheetIndex(name); err != nil || i < 0 {
		return s, nil //nolint:nilerr // settings may be missing; the others were looked for
	}
	rows, err := book.Rows(name)
	if err != nil {
		return s, survey.Fail(survey.Invalid, "error.xlsform.workbook", survey.Args{"reason": clip(err.Error())})
	}
	defer func() { _ = rows.Close() }() // only read
	for n := 0; rows.Next(); n++ {
		if n > maxRows {
			return s, survey.Fail(survey.Invalid, "error.xlsform.rows", survey.Args{"sheet": name, "limit": maxRows})
		}
		cells, err := rows.Columns()
		if err != nil {
			return s, survey.Fail(survey.Invalid, "error.xlsform.workbook", survey.Args{"reason": clip(err.Error())})
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if n > 0 {
			s.rows = append(s.rows, cells)
			continue
		}
		for i, head := range cells {
			head = strings.ToLower(head)
			if parts := labelColumn.FindStringSubmatch(head); parts != nil {
				s.labels[parts[1]+parts[2]] = i
			} else if _, twice := s.columns[head]; !twice {
				s.columns[head] = i
			}
		}
	}
	return s, nil
}

// get gives a cell by its row, from 1 for the first below the names, and its
// column; empty where there is none.
func (s sheet) get(row int, column string) string {
	i, ok := s.columns[column]
	if !ok {
		return ""
	}
	return s.cell(row, i)
}

func (s sheet) cell(row, column int) string {
	if row < 1 || row > len(s.rows) || column >= len(s.rows[row-1]) {
		return ""
	}
	return s.rows[row-1][column]
}

// label is the text of a row in its languages. default_language names the
// column without one.
func (s sheet) label(row int, fallback string) survey.Text {
	t := survey.Text{}
	for lang, i := range s.labels {
		if text := s.cell(row, i); text != "" {
			if lang == "" {
				lang = fallback
			}
			t[lang] = text
		}
	}
	return t
}

// language of "English (en)" or "en"; empty for anything else.
func languageOf(s string) string {
	if parts := labelColumn.FindStringSubmatch("label::" + strings.ToLower(s)); parts != nil {
		return parts[1] + parts[2]
	}
	return ""
}

type choiceList struct {
	row     int // where it begins
	options []survey.Option
	names   []string
}

type formReader struct {
	d        Defaults
	language string
	pack     *survey.Pack
	taken    ids
	lists    map[string]*choiceList
	faults   []survey.Fault
	notes    []*survey.Error
}

// fault notes what is wrong in a row, from 1 below the names of the columns.
func (r *formReader) fault(s sheet, row int, column, key string, args survey.Args) {
	if args == nil {
		args = survey.Args{}
	}
	args["sheet"], args["row"] = s.name, row+1
	r.faults = append(r.faults, survey.Fault{Line: row + 1, Column: s.columns[column] + 1, Error: survey.Fail(survey.Invalid, key, args)})
}

func (r *formReader) note(key string, args survey.Args) {
	r.notes = append(r.notes, survey.Fail(survey.Invalid, key, args))
}

func (r *formReader) start(settings sheet) {
	title := firstOf(settings.get(1, "form_title"), settings.get(1, "form_id"))
	r.pack = &survey.Pack{
		ID:    slug(firstOf(settings.get(1, "form_id"), title), "-", "own"),
		Title: survey.Text{}, Licence: r.d.Licence, Credit: r.d.Credit, Citation: []string{r.d.Drafted},
		Audience: survey.Staff, Confidentiality: "anonymous", Responses: map[string][]survey.Option{}, Scales: []survey.Scale{},
	}
	var ok bool
	version := settings.get(1, "version")
	if r.pack.Version, ok = versionOf(version); !ok {
		r.fault(settings, 1, "version", "error.xlsform.version", survey.Args{"version": clip(version)})
	}
	if title == "" {
		r.fault(settings, 1, "form_title", "error.xlsform.title", nil)
		return
	}
	r.pack.Title[r.language] = title
}

// readChoices reads the lists of answers. Names that are all whole numbers are
// the answers' values; otherwise answers are numbered in their order.
func (r *formReader) readChoices(s sheet) {
	for row := 1; row <= len(s.rows); row++ {
		name := firstOf(s.get(row, "list_name"), s.get(row, "list name"))
		value, label := s.get(row, "name"), s.label(row, r.language)
		switch {
		case name == "" && value == "" && len(label) == 0:
			continue
		case name == "":
			r.fault(s, row, "list_name", "error.xlsform.list_name", nil)
			continue
		case value == "":
			r.fault(s, row, "name", "error.xlsform.choice_name", survey.Args{"list": clip(name)})
			continue
		case len(label) == 0:
			r.fault(s, row, "label", "error.xlsform.label", survey.Args{"name": clip(value)})
			continue
		}
		list := r.lists[name]
		if list == nil {
			list = &choiceList{row: row}
			r.lists[name] = list
		}
		list.names = append(list.names, value)
		list.options = append(list.options, survey.Option{Label: label})
	}
	for _, list := range r.lists {
		list.number()
	}
}

func (l *choiceList) number() {
	whole, seen := true, make(map[int]bool)
	for i, name := range l.names {
		value, err := strconv.Atoi(name)
		whole = whole && err == nil && value >= 0 && value <= 100 && !seen[value]
		seen[value] = true
		l.options[i].Value = value
	}
	if whole {
		return
	}
	for i := range l.options {
		l.options[i].Value = i + 1
	}
}

// asked are the columns that would make a question depend on something; an
// anonymous sheet of fixed length has no such thing.
func asked() []string {
	return []string{"relevant", "constraint", "calculation", "choice_filter", "repeat_count"}
}

func (r *formReader) readSurvey(s sheet) {
	for row := 1; row <= len(s.rows); row++ {
		kind := strings.Fields(s.get(row, "type"))
		if len(kind) == 0 {
			if len(s.label(row, r.language)) > 0 || s.get(row, "name") != "" {
				r.fault(s, row, "type", "error.xlsform.no_type", nil)
			}
			continue
		}
		switch {
		case kind[0] == "select_one" && len(kind) == 2:
			r.question(s, row, kind[1])
		case kind[0] == "note", kind[0] == "begin" || kind[0] == "end", strings.HasPrefix(kind[0], "begin_"), strings.HasPrefix(kind[0], "end_"):
			r.note("error.xlsform.note.row", survey.Args{"row": row + 1, "type": clip(strings.Join(kind, " "))})
		default:
			r.fault(s, row, "type", "error.xlsform.type", survey.Args{"type": clip(strings.Join(kind, " "))})
		}
	}
	switch {
	case len(r.pack.Items) == 0 && len(r.faults) == 0:
		r.fault(s, 1, "type", "error.xlsform.nothing", nil)
	case len(r.faults) == 0 && r.pack.Items[len(r.pack.Items)-1].Topic != sustains:
		r.fault(s, len(s.rows), "topic", "error.xlsform.last", survey.Args{"topic": sustains})
	}
	r.pack.Minutes = minutesFor(len(r.pack.Items))
}

// sustains is the topic of the last question of every staff pack.
const sustains = "sustains"

func (r *formReader) question(s sheet, row int, list string) {
	name, label := s.get(row, "name"), s.label(row, r.language)
	choices := r.lists[list]
	topic := firstOf(s.get(row, "topic"), ownTopic)
	clean := true
	wrong := func(column, key string, args survey.Args) {
		clean = false
		r.fault(s, row, column, key, args)
	}
	if name == "" {
		wrong("name", "error.xlsform.name", nil)
	}
	if len(label) == 0 {
		wrong("label", "error.xlsform.label", survey.Args{"name": clip(name)})
	}
	for _, lang := range slices.Sorted(maps.Keys(label)) {
		text := label[lang]
		if words := len(strings.Fields(text)); words > survey.MaxItemWords {
			wrong("label", "error.xlsform.words", survey.Args{"name": clip(name), "language": lang, "words": words, "limit": survey.MaxItemWords})
		}
	}
	if choices == nil {
		wrong("type", "error.xlsform.list", survey.Args{"list": clip(list)})
	} else if n := len(choices.options); n < 2 || n > 11 {
		wrong("type", "error.xlsform.list_size", survey.Args{"list": clip(list), "answers": n})
	}
	if slug(topic, "_", "t") != topic {
		wrong("topic", "error.xlsform.topic", survey.Args{"topic": clip(topic)})
	}
	for _, column := range asked() {
		if text := s.get(row, column); text != "" {
			wrong(column, "error.xlsform.depends", survey.Args{"name": clip(name), "column": column})
		}
	}
	if len(r.pack.Items) == maxItems {
		wrong("type", "error.fhir.many", survey.Args{"limit": maxItems})
	}
	if !clean {
		return
	}
	r.pack.Items = append(r.pack.Items, survey.Item{
		ID: r.taken.of(name, "q"), Text: label, Topic: topic,
		Response: setFor(r.pack, choices.options), Rationale: firstOf(s.get(row, "rationale"), r.d.Rationale),
	})
}

// settle wants every text in every language that any text is in: half a
// translation would show people two languages at once.
func (r *formReader) settle() {
	var all []survey.Text
	for _, item := range r.pack.Items {
		all = append(all, item.Text)
	}
	for _, set := range r.pack.Responses {
		for _, o := range set {
			all = append(all, o.Label)
		}
	}
	kept, dropped := settleLanguages(r.language, all, r.d)
	for _, lang := range dropped {
		r.note("error.fhir.note.language", survey.Args{"language": clip(lang)})
	}
	for _, lang := range kept { // the settings have one title for all languages
		if r.pack.Title[lang] == "" {
			r.pack.Title[lang] = r.pack.Title[r.language]
		}
	}
	keepLanguages(r.pack, kept, r.d)
}

// IsWorkbook says whether bytes begin as a ZIP file, which every .xlsx is.
func IsWorkbook(raw []byte) bool { return bytes.HasPrefix(raw, []byte("PK\x03\x04")) }

// IsJSON says whether bytes begin as a JSON object.
func IsJSON(raw []byte) bool {
	start := bytes.TrimLeft(bytes.TrimPrefix(raw, []byte("\ufeff")), " \t\r\n")
	return bytes.HasPrefix(start, []byte("{"))
}
