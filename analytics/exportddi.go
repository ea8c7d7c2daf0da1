package analytics

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"attune/survey"
)

// The namespace and version of DDI-Codebook 2.5 (DDI Alliance, 2012; schema
// codebook.xsd). The order of elements is that of the schema's sequences.
const (
	ddiSpace   = "ddi:codebook:2_5"
	ddiVersion = "2.5"
)

// ddiText is an element with a text and attributes that some elements have.
type ddiText struct {
	Date  string `xml:"date,attr,omitempty"`
	Event string `xml:"event,attr,omitempty"`
	Cycle string `xml:"cycle,attr,omitempty"`
	Text  string `xml:",chardata"`
}

type ddiBook struct {
	XMLName  xml.Name    `xml:"ddi:codebook:2_5 codeBook"`
	ID       string      `xml:"ID,attr"`
	Version  string      `xml:"version,attr"`
	Language string      `xml:"xml:lang,attr,omitempty"`
	Document ddiDocument `xml:"docDscr"`
	Study    ddiStudy    `xml:"stdyDscr"`
	File     ddiFile     `xml:"fileDscr"`
	Data     ddiData     `xml:"dataDscr"`
}

type ddiDocument struct {
	Citation ddiCitation `xml:"citation"`
}

type ddiCitation struct {
	Title struct {
		Title string   `xml:"titl"`
		IDNo  []string `xml:"IDNo,omitempty"`
	} `xml:"titlStmt"`
	Responsible *ddiResponsible `xml:"rspStmt"`
	Production  struct {
		Producer []string `xml:"producer,omitempty"`
		Software []string `xml:"software,omitempty"`
	} `xml:"prodStmt"`
	Versions []ddiRelease `xml:"verStmt,omitempty"`
}

type ddiResponsible struct {
	Entity string `xml:"AuthEnty"`
}

// ddiRelease names a wave's release by its hash in the public log.
type ddiRelease struct {
	Version ddiText `xml:"version"`
	Notes   string  `xml:"notes"`
}

type ddiStudy struct {
	Citation ddiCitation `xml:"citation"`
	Info     struct {
		Abstract string `xml:"abstract"`
		Summary  struct {
			Periods   []ddiText `xml:"timePrd"`
			Collected []ddiText `xml:"collDate"`
			Unit      string    `xml:"anlyUnit"`
			Universe  string    `xml:"universe"`
			Kind      string    `xml:"dataKind"`
		} `xml:"sumDscr"`
	} `xml:"stdyInfo"`
	Method struct {
		Collection struct {
			Time string `xml:"timeMeth"`
			Mode string `xml:"collMode"`
		} `xml:"dataColl"`
		Notes []string `xml:"notes"`
	} `xml:"method"`
	Access struct {
		Use struct {
			Confidentiality string `xml:"confDec"`
			Restriction     string `xml:"restrctn"`
		} `xml:"useStmt"`
	} `xml:"dataAccs"`
}

type ddiFile struct {
	ID   string `xml:"ID,attr"`
	Text struct {
		Name       string `xml:"fileName"`
		Content    string `xml:"fileCont"`
		Dimensions struct {
			Cases     int `xml:"caseQnty"`
			Variables int `xml:"varQnty"`
		} `xml:"dimensns"`
		Type struct {
			Charset string `xml:"charset,attr"`
			Text    string `xml:",chardata"`
		} `xml:"fileType"`
		Format  string `xml:"format"`
		Missing string `xml:"dataMsng"`
	} `xml:"fileTxt"`
}

type ddiData struct {
	Groups []ddiGroup    `xml:"varGrp,omitempty"`
	Vars   []ddiVariable `xml:"var"`
}

type ddiGroup struct {
	ID    string `xml:"ID,attr"`
	Type  string `xml:"type,attr"`
	Vars  string `xml:"var,attr"`
	Label string `xml:"labl"`
}

type ddiVariable struct {
	ID         string        `xml:"ID,attr"`
	Name       string        `xml:"name,attr"`
	Files      string        `xml:"files,attr"`
	Interval   string        `xml:"intrvl,attr"`
	Label      string        `xml:"labl"`
	Text       string        `xml:"txt,omitempty"`
	Categories []ddiCategory `xml:"catgry,omitempty"`
	Format     ddiFormat     `xml:"varFormat"`
}

type ddiCategory struct {
	Missing string `xml:"missing,attr,omitempty"`
	Value   string `xml:"catValu"`
	Label   string `xml:"labl"`
	Text    string `xml:"txt,omitempty"`
}

type ddiFormat struct {
	Type     string `xml:"type,attr"`
	Schema   string `xml:"schema,attr"`
	Category string `xml:"category,attr,omitempty"`
}

// ddiCSV is the ID of the file that a book describes.
const ddiCSV = "F1"

// exportDDI writes the code book of the CSV of FormatCSV, with its name, its
// number of rows and its hash, as DDI-Codebook 2.5.
func exportDDI(w io.Writer, releases []*Release, words Wording) error {
	var table bytes.Buffer
	if err := exportCSV(&table, releases, words); err != nil {
		return err
	}
	rows := 0
	if err := eachRow(releases, words.quiet(), func(row) error { rows++; return nil }); err != nil {
		return err
	}
	text := func(key string, args map[string]any) string { return words.Text("export.ddi."+key, args) }
	name := FileName(releases, FormatCSV)
	book := ddiBook{ID: "attune", Version: ddiVersion, Language: words.Language, Study: ddiStudyOf(releases, words), Data: ddiDataOf(releases, words)}
	book.Document.Citation.Title.Title = text("document", map[string]any{"title": book.Study.Citation.Title.Title})
	book.Document.Citation.Production.Software = []string{"Attune"}
	book.File.ID = ddiCSV
	file := &book.File.Text
	file.Name = name
	file.Content = text("file", map[string]any{"sha256": survey.SHA256Hex(table.Bytes())})
	file.Dimensions.Cases, file.Dimensions.Variables = rows, len(columns())
	file.Type.Charset, file.Type.Text = "UTF-8", "CSV"
	file.Format, file.Missing = "comma-delimited", text("missing", nil)

	out := bytes.NewBufferString(xml.Header)
	encoder := xml.NewEncoder(out)
	encoder.Indent("", " ")
	if err := encoder.Encode(book); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	out.WriteByte('\n')
	if _, err := out.WriteTo(w); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

func ddiStudyOf(releases []*Release, words Wording) ddiStudy {
	text := func(key string, args map[string]any) string { return words.Text("export.ddi."+key, args) }
	var s ddiStudy
	title := words.Text("export.cover.title", nil)
	if len(releases) > 0 {
		organisation := releases[len(releases)-1].Name(string(releases[len(releases)-1].Tree().Root().ID), words.Text)
		title = words.Text("export.cover.title_of", map[string]any{"organisation": organisation})
		s.Citation.Responsible = &ddiResponsible{organisation}
	}
	s.Citation.Title.Title = title
	s.Citation.Production.Software = []string{"Attune"}
	summary := &s.Info.Summary
	var methods []string
	for _, r := range releases {
		s.Citation.Title.IDNo = append(s.Citation.Title.IDNo, string(r.Wave()))
		s.Citation.Versions = append(s.Citation.Versions, ddiRelease{
			Version: ddiText{Date: r.Closes(), Text: string(r.Wave())},
			Notes:   text("release", map[string]any{"sha256": r.SHA256(), "manifest": r.ManifestSHA256()}),
		})
		wave := string(r.Wave())
		summary.Periods = append(summary.Periods, ddiText{Event: "start", Date: r.Opens(), Cycle: wave, Text: r.Opens()}, ddiText{Event: "end", Date: r.Closes(), Cycle: wave, Text: r.Closes()})
		summary.Collected = append(summary.Collected, ddiText{Event: "start", Date: r.Opens(), Cycle: wave, Text: r.Opens()}, ddiText{Event: "end", Date: r.Closes(), Cycle: wave, Text: r.Closes()})
		methods = append(methods, text("rules", map[string]any{"wave": wave, "k": r.K(), "kc": r.KC(), "version": r.MethodVersion()}))
	}
	s.Info.Abstract = words.Text("export.cover.what", nil)
	summary.Unit, summary.Universe, summary.Kind = text("unit", nil), text("universe", nil), text("kind", nil)
	s.Method.Collection.Time, s.Method.Collection.Mode = text("time", nil), text("mode", nil)
	s.Method.Notes = append(methods, words.Text("export.cover.read.value", nil))
	s.Access.Use.Confidentiality = words.Text("export.cover.read.k_means", nil)
	s.Access.Use.Restriction = words.Text("export.cover.read.care", nil)
	return s
}

func ddiDataOf(releases []*Release, words Wording) ddiData {
	var d ddiData
	ids := make(map[string]string)
	for i, name := range columns() {
		ids[name] = "V" + strconv.Itoa(i+1)
		v := ddiVariable{
			ID: ids[name], Name: name, Files: ddiCSV, Interval: "discrete", Label: words.column(name),
			Format: ddiFormat{Type: "character", Schema: "other"},
		}
		switch spssType(name, 1) {
		case "SDATE10":
			v.Format = ddiFormat{Type: "character", Schema: "ISO", Category: "date"}
		case "F8.2":
			v.Interval, v.Format = "contin", ddiFormat{Type: "numeric", Schema: "other"}
		case "F8.0":
			v.Format = ddiFormat{Type: "numeric", Schema: "other"}
		}
		all := words.codes(name)
		if name == "unit_level" {
			all = words.levels(releases)
		}
		for _, c := range all {
			v.Categories = append(v.Categories, ddiCategory{Value: c.Value, Label: c.Label})
		}
		if name == "measure" {
			v.Categories = ddiMeasures(words.codeBook(releases), words)
		}
		d.Vars = append(d.Vars, v)
	}
	for i, group := range []struct {
		key     string
		columns []string
	}{
		{"when", []string{"wave_id", "opens_on", "closes_on"}},
		{"whom", []string{"unit_id", "unit_name", "unit_level", "parent_id", "block_id"}},
		{"what", []string{"pack_id", "pack_version", "measure", "statistic"}},
		{"figure", []string{"value", "interval_low", "interval_high", "n", "invited", "status", "reason"}},
		{"rules", []string{"k", "method_version"}},
	} {
		var of []string
		for _, name := range group.columns {
			of = append(of, ids[name])
		}
		d.Groups = append(d.Groups, ddiGroup{ID: "G" + strconv.Itoa(i+1), Type: "pragmatic", Vars: strings.Join(of, " "), Label: words.Text("export.ddi.group."+group.key, nil)})
	}
	return d
}

// ddiMeasures are the measures with what was asked and how it is counted.
func ddiMeasures(book []codeEntry, words Wording) []ddiCategory {
	var all []ddiCategory
	for _, e := range book {
		c := ddiCategory{Value: e.Measure, Label: e.Label, Text: strings.Join(words.lines(e), "\n")}
		all = append(all, c)
	}
	return all
}

// lines say what there is to say of a measure beside its label.
func (w Wording) lines(e codeEntry) []string {
	var all []string
	add := func(key string, args map[string]any) { all = append(all, w.Text("export.code."+key, args)) }
	if e.Pack != "" {
		add("pack", map[string]any{"pack": e.PackTitle, "id": e.Pack, "version": e.PackVersion})
	}
	if e.Question != "" && e.Question != e.Label {
		all = append(all, e.Question)
	}
	if len(e.Answers) > 0 {
		add("answers", map[string]any{"answers": strings.Join(e.Answers, "; ")})
	}
	if len(e.Items) > 0 {
		add("items", map[string]any{"items": strings.Join(e.Items, ", ")})
	}
	if e.Low < e.High {
		add("range", map[string]any{"low": decimal(&e.Low), "high": decimal(&e.High)})
	}
	if e.Direction != "" {
		all = append(all, w.Text("export.direction."+string(e.Direction), nil))
	}
	return all
}
