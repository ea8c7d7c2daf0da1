package analytics

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"attune/survey"
)

// ddiSequences are the children that DDI-Codebook 2.5 allows an element, in
// the order of its schema's sequences (codebook.xsd, complexType of each), for
// the elements that we write. One that is not listed has a text only.
func ddiSequences() map[string][]string {
	return map[string][]string{
		"codeBook":  {"docDscr", "stdyDscr", "fileDscr", "dataDscr", "otherMat"},
		"docDscr":   {"citation", "guide", "docStatus", "docSrc", "controlledVocabUsed", "notes"},
		"stdyDscr":  {"citation", "studyAuthorization", "stdyInfo", "studyDevelopment", "method", "dataAccs", "othrStdyMat", "notes"},
		"citation":  {"titlStmt", "rspStmt", "prodStmt", "distStmt", "serStmt", "verStmt", "biblCit", "holdings", "notes"},
		"titlStmt":  {"titl", "subTitl", "altTitl", "parTitl", "IDNo"},
		"rspStmt":   {"AuthEnty", "othId"},
		"prodStmt":  {"producer", "copyright", "prodDate", "prodPlac", "software", "fundAg", "grantNo"},
		"verStmt":   {"version", "verResp", "notes"},
		"stdyInfo":  {"studyBudget", "subject", "abstract", "sumDscr", "qualityStatement", "notes", "exPostEvaluation"},
		"sumDscr":   {"timePrd", "collDate", "nation", "geogCover", "geogUnit", "geoBndBox", "boundPoly", "anlyUnit", "universe", "dataKind"},
		"method":    {"dataColl", "notes", "anlyInfo", "stdyClas", "dataProcessing", "codingInstructions"},
		"dataColl":  {"timeMeth", "dataCollector", "collectorTraining", "frequenc", "sampProc", "sampleFrame", "targetSampleSize", "deviat", "collMode", "resInstru", "instrumentDevelopment", "sources", "collSitu", "actMin", "ConOps", "weight", "cleanOps"},
		"dataAccs":  {"setAvail", "useStmt", "notes"},
		"useStmt":   {"confDec", "specPerm", "restrctn", "contact", "citReq", "deposReq", "conditions", "disclaimer"},
		"fileDscr":  {"fileTxt", "locMap", "notes"},
		"fileTxt":   {"fileName", "fileCitation", "fileCont", "fileStrc", "dimensns", "fileType", "format", "filePlac", "dataChck", "ProcStat", "dataMsng", "software", "verStmt"},
		"dimensns":  {"caseQnty", "varQnty", "logRecL", "recPrCas", "recNumTot"},
		"dataDscr":  {"varGrp", "nCubeGrp", "var", "nCube", "notes"},
		"varGrp":    {"labl", "txt", "concept", "defntn", "universe", "notes"},
		"var":       {"location", "labl", "imputation", "security", "embargo", "respUnit", "anlysUnit", "qstn", "valrng", "invalrng", "undocCod", "universe", "TotlResp", "sumStat", "txt", "stdCatgry", "catgryGrp", "catgry", "codInstr", "verStmt", "concept", "derivation", "varFormat", "geoMap", "catLevel", "notes"},
		"catgry":    {"catValu", "labl", "txt", "catStat", "mrow"},
		"varFormat": {},
	}
}

// ddiOnce are the elements that their parent may hold once at most.
func ddiOnce(name string) bool {
	return slices.Contains([]string{"titlStmt", "titl", "rspStmt", "prodStmt", "fileName", "fileCont", "dimensns", "fileType", "format", "dataMsng", "catValu", "varFormat", "version"}, name)
}

// ddiAttributes are the attributes that the schema gives the elements that we
// write, with the values that it lists; nil: any text.
func ddiAttributes() map[string]map[string][]string {
	event := []string{"start", "end", "single"}
	return map[string]map[string][]string{
		"codeBook":  {"ID": nil, "version": {"2.5"}, "lang": {"en", "fr", "es"}, "xmlns": {ddiSpace}},
		"timePrd":   {"event": event, "date": nil, "cycle": nil},
		"collDate":  {"event": event, "date": nil, "cycle": nil},
		"version":   {"date": nil, "type": nil},
		"fileDscr":  {"ID": nil},
		"fileType":  {"charset": nil},
		"varGrp":    {"ID": nil, "type": {"section", "pragmatic", "other"}, "var": nil},
		"var":       {"ID": nil, "name": nil, "files": nil, "intrvl": {"contin", "discrete"}},
		"catgry":    {"missing": {"Y", "N"}},
		"varFormat": {"type": {"character", "numeric"}, "schema": {"SAS", "SPSS", "IBM", "ANSI", "ISO", "XML-Data", "other"}, "category": {"date", "time", "currency", "other"}},
	}
}

// TestTheCodeBookHasTheStructureOfDDI walks the document: every element where
// the schema has it, in its order, with its attributes; IDs once, and every
// reference to one that exists.
func TestTheCodeBookHasTheStructureOfDDI(t *testing.T) {
	raw := exportTo(t, FormatDDI, exported(t), french(t))
	for _, fault := range ddiFaults(raw) {
		t.Error(fault)
	}
	// The walk finds what it is for.
	for name, broken := range map[string]string{
		"an order":     strings.Replace(string(raw), "<fileName>", "<format>x</format><fileName>", 1),
		"a place":      strings.Replace(string(raw), "<labl>", "<titl>x</titl><labl>", 1),
		"twice":        strings.Replace(string(raw), "<fileCont>", "<fileCont>x</fileCont><fileCont>", 1),
		"an attribute": strings.Replace(string(raw), `intrvl="contin"`, `intrvl="continuous"`, 1),
		"an id":        strings.Replace(string(raw), `ID="V2"`, `ID="V1"`, 1),
		"a reference":  strings.Replace(string(raw), `files="F1"`, `files="F9"`, 1),
		"a space":      strings.Replace(string(raw), ddiSpace, "ddi:codebook:2_6", 1),
	} {
		if broken == string(raw) || len(ddiFaults([]byte(broken))) == 0 {
			t.Errorf("%s that is wrong was not found", name)
		}
	}
}

func ddiFaults(raw []byte) (faults []string) {
	type open struct {
		name string
		last int
		seen map[string]int
	}
	sequences, attributes := ddiSequences(), ddiAttributes()
	ids, references := make(map[string]bool), []string{}
	var path []open
	decoder := xml.NewDecoder(bytes.NewReader(raw))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return append(faults, err.Error())
		}
		switch e := token.(type) {
		case xml.StartElement:
			name := e.Name.Local
			if e.Name.Space != ddiSpace {
				faults = append(faults, name+" lies in the namespace "+e.Name.Space)
			}
			if len(path) == 0 && name != "codeBook" {
				faults = append(faults, "the root is "+name)
			}
			if len(path) > 0 {
				parent := &path[len(path)-1]
				place := slices.Index(sequences[parent.name], name)
				switch {
				case place < 0:
					faults = append(faults, name+" has no place in "+parent.name)
				case place < parent.last:
					faults = append(faults, name+" comes too late in "+parent.name)
				default:
					parent.last = place
				}
				if parent.seen[name]++; parent.seen[name] > 1 && ddiOnce(name) {
					faults = append(faults, name+" stands twice in "+parent.name)
				}
			}
			for _, a := range e.Attr {
				allowed, known := attributes[name][a.Name.Local]
				if !known || (allowed != nil && !slices.Contains(allowed, a.Value)) {
					faults = append(faults, name+" has "+a.Name.Local+"="+a.Value)
				}
				switch a.Name.Local {
				case "ID":
					if ids[a.Value] {
						faults = append(faults, "the ID "+a.Value+" stands twice")
					}
					ids[a.Value] = true
				case "files":
					references = append(references, a.Value)
				case "var":
					references = append(references, strings.Fields(a.Value)...)
				}
			}
			path = append(path, open{name: name, seen: make(map[string]int)})
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if len(path) > 0 && len(sequences[path[len(path)-1].name]) > 0 && strings.TrimSpace(string(e)) != "" {
				faults = append(faults, "text in "+path[len(path)-1].name)
			}
		}
	}
	for _, id := range references {
		if !ids[id] {
			faults = append(faults, "there is no "+id)
		}
	}
	return faults
}

// The book names the CSV that it describes: its hash, rows and columns, and
// every code that is in it.
func TestTheCodeBookDescribesTheCSV(t *testing.T) {
	releases := exported(t)
	words := french(t)
	plain := exportTo(t, FormatCSV, releases, words)
	raw := exportTo(t, FormatDDI, releases, words)
	if !bytes.Equal(raw, exportTo(t, FormatDDI, releases, words)) {
		t.Error("the same releases give another book")
	}
	var book ddiBook
	if err := xml.Unmarshal(raw, &book); err != nil {
		t.Fatal(err)
	}
	rows := csvTable(t, plain)
	file := book.File.Text
	if file.Name != "attune-all.csv" || file.Dimensions.Cases != len(rows) || file.Dimensions.Variables != 21 || !strings.Contains(file.Content, survey.SHA256Hex(plain)) {
		t.Errorf("the file is described as %+v", file)
	}
	for i, v := range book.Data.Vars {
		if v.Name != columns()[i] || v.Label == "" {
			t.Errorf("variable %d is %s, %q", i+1, v.Name, v.Label)
		}
		if len(v.Categories) == 0 {
			continue
		}
		known := make(map[string]bool)
		for _, c := range v.Categories {
			known[c.Value] = true
			if c.Label == "" || strings.Contains(c.Label, "[export.") {
				t.Errorf("%s %s has the label %q", v.Name, c.Value, c.Label)
			}
		}
		for n, row := range rows {
			if row[v.Name] != "" && !known[row[v.Name]] {
				t.Errorf("row %s: %s is no code of %s", strconv.Itoa(n+1), row[v.Name], v.Name)
			}
		}
	}
	for _, r := range releases {
		if !strings.Contains(string(raw), r.SHA256()) {
			t.Errorf("the book lacks the hash of %s", r.Wave())
		}
	}
}
