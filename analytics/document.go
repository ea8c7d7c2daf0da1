package analytics

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"attune/survey"
)

// documentVersion is the version of the stored form.
const documentVersion = 1

// MethodVersion names the rules by which figures are made: plan, clamps,
// steps, intervals. It changes when any of them does. Releases of version 1
// were made by a simpler plan and without an audit, those of version 2 have
// nothing that is made of products; they stay readable.
const MethodVersion = "3"

const (
	firstMethodVersion  = "1"
	secondMethodVersion = "2"
)

// document is a release as it is stored. Its fields stand in the order of
// their JSON names, so that writing them gives the canonical form at once;
// a test holds it against survey.Canonical. Nothing in it is finer than a
// published figure: no sum, no moment, no time of day.
type document struct {
	Audit          *documentAudit        `json:"audit,omitempty"` // first, so that stamp can put it there
	Blocks         []documentBlock       `json:"blocks"`
	Cells          []documentCell        `json:"cells"`
	ClosesOn       string                `json:"closes_on"`
	Comparisons    []documentAssociation `json:"comparisons,omitempty"` // every association of the packs, shown or not
	K              int                   `json:"k"`
	KC             int                   `json:"kc"`
	ManifestSHA256 string                `json:"manifest_sha256"`
	Measures       []documentMeasure     `json:"measures,omitempty"`
	MethodVersion  string                `json:"method_version"`
	OpensOn        string                `json:"opens_on"`
	Packs          []documentPack        `json:"packs"`
	Programme      string                `json:"programme"`
	Units          []documentUnit        `json:"units"`
	V              int                   `json:"v"`
	Wave           survey.WaveID         `json:"wave"`
}

// documentAudit is what the gate found before the release was stored.
type documentAudit struct {
	Checks  AuditChecks `json:"checks"`
	Result  string      `json:"result"`
	Version string      `json:"version"`
}

// documentMeasure has what is needed to check a measure's figures from the
// document alone.
type documentMeasure struct {
	Category int64   `json:"category"` // reporting units a response category
	High     int64   `json:"high"`
	ID       string  `json:"id"`
	Items    int     `json:"items"`
	Low      int64   `json:"low"`
	MinLevel string  `json:"min_level"`
	MinN     int     `json:"min_n"`
	Pack     string  `json:"pack"`
	SD       float64 `json:"sd"` // in response categories, for intervals of sets without one of their own
	SDFrom   string  `json:"sd_from"`
}

func (m documentMeasure) bounds() bounds {
	return bounds{low: m.Low, high: m.High, category: m.Category, sd: m.SD, den: 1}
}

// documentAssociation names one comparison, shown or not: the reader of a
// family must know how many there are.
type documentAssociation struct {
	Outcome   string `json:"outcome"`
	Pack      string `json:"pack"`
	Predictor string `json:"predictor"`
	Statistic string `json:"statistic"`
	With      string `json:"with"`
}

func (a documentAssociation) column() columnID {
	return columnID{associationMeasure(a.Outcome, a.Predictor), a.Statistic}
}

type documentBlock struct {
	Changed bool            `json:"changed,omitempty"` // 1 to k−1 people of its roster, since the programme's last release
	Group   bool            `json:"group,omitempty"`   // one ballot box: k is enough
	ID      string          `json:"id"`
	Invited int             `json:"invited"`
	Parent  survey.UnitID   `json:"parent"`
	Units   []survey.UnitID `json:"units"`
}

func (b documentBlock) public() Block {
	return Block{ID: b.ID, Parent: b.Parent, Units: append([]survey.UnitID(nil), b.Units...), Invited: b.Invited}
}

type documentPack struct {
	ID      string `json:"id"`
	SHA256  string `json:"sha256"`
	Version string `json:"version"`
}

type documentUnit struct {
	Changed bool          `json:"changed,omitempty"` // of a shown unit, as of a block
	Direct  bool          `json:"direct"`
	ID      survey.UnitID `json:"id"`
	Invited int           `json:"invited"`
	Level   string        `json:"level"`
	Name    string        `json:"name"`
	Parent  survey.UnitID `json:"parent"`
}

func (u documentUnit) public() ReleaseUnit {
	return ReleaseUnit{ID: u.ID, Name: u.Name, Level: u.Level, Parent: u.Parent, Direct: u.Direct, Invited: u.Invited}
}

// documentCell has its numbers only where they are published: a hidden cell
// has no such field at all, rather than a zero.
type documentCell struct {
	Block       string   `json:"block,omitempty"`
	High        *float64 `json:"high,omitempty"`
	Invited     int      `json:"invited"`
	Low         *float64 `json:"low,omitempty"`
	Measure     string   `json:"measure"`
	N           *int     `json:"n,omitempty"`
	Pack        string   `json:"pack,omitempty"`
	PackVersion string   `json:"pack_version,omitempty"`
	Reason      Reason   `json:"reason,omitempty"`
	Statistic   string   `json:"statistic"`
	Status      Status   `json:"status"`
	Unit        string   `json:"unit"`
	Value       *float64 `json:"value,omitempty"`
}

// encode writes the canonical JSON of a document.
func (d document) encode() ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(d); err != nil {
		return nil, fmt.Errorf("release of wave %s: %w", d.Wave, err)
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

// stamp puts the audit's result into an encoded document that has none.
func stamp(encoded []byte, a documentAudit) ([]byte, error) {
	result, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("release document: %w", err)
	}
	stamped := make([]byte, 0, len(encoded)+len(result)+16)
	stamped = append(append(append(stamped, `{"audit":`...), result...), ',')
	return append(stamped, encoded[1:]...), nil
}

// decode reads a stored release: what read accepts, and an audit that was
// passed, unless the release is older than audits.
func decode(data []byte) (*Release, error) {
	r, err := read(data)
	if err != nil {
		return nil, err
	}
	switch a := r.doc.Audit; {
	case r.doc.MethodVersion == firstMethodVersion && a == nil && r.doc.Measures == nil:
		return r, nil
	case r.doc.MethodVersion != MethodVersion && r.doc.MethodVersion != secondMethodVersion:
		return nil, fmt.Errorf("release document: method version %q, this program reads %s to %s", r.doc.MethodVersion, firstMethodVersion, MethodVersion)
	case a == nil || a.Version == "" || (a.Result != AuditPassed && a.Result != AuditOrganisationOnly):
		return nil, errors.New("release document: no audit that was passed")
	}
	return r, nil
}

// read reads a document, audited or not. It accepts only what encode can have
// written: canonical form, a whole tree, cells of known units and blocks,
// each once, and no number in a hidden cell.
func read(data []byte) (*Release, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var d document
	if err := decoder.Decode(&d); err != nil {
		return nil, fmt.Errorf("release document: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("release document: text after its end")
	}
	if d.V != documentVersion {
		return nil, fmt.Errorf("release document: version %d, this program reads %d", d.V, documentVersion)
	}
	again, err := d.encode()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, data) {
		return nil, errors.New("release document: not in canonical form")
	}
	return open(d, survey.SHA256Hex(data))
}

// open makes a release of a document, whose cells have to keep what their
// statuses promise.
func open(d document, sha256 string) (*Release, error) {
	for _, day := range []string{d.OpensOn, d.ClosesOn} {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return nil, fmt.Errorf("release document: %w", err)
		}
	}
	r := &Release{
		doc: d, sha256: sha256,
		units: make(map[survey.UnitID]int, len(d.Units)), blocks: make(map[string]int, len(d.Blocks)),
		cells: make([]Cell, 0, len(d.Cells)), first: make(map[string]int, len(d.Units)+len(d.Blocks)),
	}
	if err := r.readUnits(); err != nil {
		return nil, err
	}
	r.readStaffed()
	if err := r.readBlocks(); err != nil {
		return nil, err
	}
	if err := r.readComparisons(); err != nil {
		return nil, err
	}
	for _, c := range d.Cells {
		if err := r.readCell(c); err != nil {
			return nil, fmt.Errorf("release document: cell %s of %s: %w", c.Measure, c.Unit, err)
		}
	}
	r.doc.Cells = nil // r.cells has them
	return r, nil
}

func (r *Release) readUnits() error {
	units := make([]survey.Unit, len(r.doc.Units))
	for i, u := range r.doc.Units {
		units[i] = survey.Unit{ID: u.ID, Parent: u.Parent, Name: u.Name, Direct: u.Direct}
		r.units[u.ID] = i
	}
	var err error
	if r.tree, err = survey.NewTree(units); err != nil {
		return fmt.Errorf("release document: %w", err)
	}
	if len(units) == 0 {
		return errors.New("release document: no units")
	}
	for i, u := range r.doc.Units {
		if r.tree.Position(u.ID) != i || r.tree.Level(u.ID) != u.Level || u.Invited < 0 {
			return fmt.Errorf("release document: unit %s does not stand where or as the tree says", u.ID)
		}
	}
	return nil
}

func (r *Release) readBlocks() error {
	for i, b := range r.doc.Blocks {
		if _, known := r.units[b.Parent]; !known || b.ID != survey.BlockID(b.Units) || b.Invited < 0 {
			return fmt.Errorf("release document: block %s does not fit the tree", b.ID)
		}
		for _, team := range b.Units {
			if !r.tree.Within(team, b.Parent) || !r.tree.IsLeaf(team) {
				return fmt.Errorf("release document: block %s: %s is no team under %s", b.ID, team, b.Parent)
			}
		}
		if _, twice := r.blocks[b.ID]; twice {
			return fmt.Errorf("release document: block %s stands twice", b.ID)
		}
		r.blocks[b.ID] = i
	}
	return nil
}

func (r *Release) readCell(c documentCell) error {
	cell := Cell{
		Unit: c.Unit, Block: c.Block, Pack: c.Pack, PackVersion: c.PackVersion,
		Measure: c.Measure, Statistic: c.Statistic, Invited: c.Invited, Status: c.Status, Reason: c.Reason,
	}
	if i, ok := r.blocks[c.Unit]; ok {
		cell.Level, cell.Parent = survey.LevelBlock, string(r.doc.Blocks[i].Parent)
	} else if i, ok := r.units[survey.UnitID(c.Unit)]; ok {
		u := r.doc.Units[i]
		cell.Name, cell.Level, cell.Parent = u.Name, u.Level, string(u.Parent)
	} else {
		return errors.New("no such unit or block")
	}
	if err := r.checkCell(c); err != nil {
		return err
	}
	if c.Status == StatusShown {
		cell.Value, cell.N = *c.Value, *c.N
		if c.Low != nil {
			cell.Low, cell.High, cell.Interval = *c.Low, *c.High, true
		}
	}
	if err := r.place(cell); err != nil {
		return err
	}
	r.cells = append(r.cells, cell)
	return nil
}

// place checks that a cell comes next in the order of exports: the cells of a
// unit stand side by side and rise by measure and statistic, so that each
// stands there once.
func (r *Release) place(next Cell) error {
	if _, begun := r.first[next.Unit]; !begun {
		r.first[next.Unit] = len(r.cells)
		return nil
	}
	last := r.cells[len(r.cells)-1]
	if last.Unit != next.Unit || last.Measure > next.Measure || (last.Measure == next.Measure && last.Statistic >= next.Statistic) {
		return errors.New("stands twice or out of order")
	}
	return nil
}

// checkCell holds a cell against what its status promises.
func (r *Release) checkCell(c documentCell) error {
	_, inBlock := r.blocks[c.Block]
	_, inUnit := r.units[survey.UnitID(c.Block)]
	if (c.Status == StatusCombined) != (inBlock || inUnit) || (c.Block != "" && c.Status != StatusCombined) {
		return fmt.Errorf("status %s with block %q", c.Status, c.Block)
	}
	if c.Status != StatusShown {
		if c.Value != nil || c.Low != nil || c.High != nil || c.N != nil {
			return fmt.Errorf("a number in a cell that is %s", c.Status)
		}
		return checkReason(c)
	}
	switch {
	case c.Value == nil || c.N == nil || (c.Low == nil) != (c.High == nil):
		return errors.New("a number is missing")
	case *c.N < r.doc.K || *c.N > c.Invited:
		return fmt.Errorf("%d answers of %d people, k is %d", *c.N, c.Invited, r.doc.K)
	case c.Low != nil && (*c.Low > *c.Value || *c.High < *c.Value):
		return errors.New("the value lies outside its interval")
	}
	for _, x := range []*float64{c.Value, c.Low, c.High} {
		if x != nil && math.Round(*x*100)/100 != *x {
			return fmt.Errorf("%v has more than two decimals", *x)
		}
	}
	return checkReason(c)
}

// checkReason knows which reasons go with which status.
func checkReason(c documentCell) error {
	var known bool
	switch c.Reason {
	case ReasonNone:
		known = c.Status == StatusShown || c.Status == StatusCombined
	case ReasonClampedLow, ReasonClampedHigh:
		known = c.Status == StatusShown
	case ReasonProtected, ReasonLevel, ReasonTooFewItems:
		known = c.Status == StatusSuppressed
	case ReasonNotAsked, ReasonNotInvited:
		known = c.Status == StatusEmpty
	}
	if !known {
		return fmt.Errorf("status %q with reason %q", c.Status, c.Reason)
	}
	return nil
}
