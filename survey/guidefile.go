package survey

import (
	"embed"
	"fmt"
	"sync"
)

// guideFiles are the built-in guides and their schema.
//
//go:embed guides/*.yaml guides/schema.json
var guideFiles embed.FS

// guideFile is one file of guides.
type guideFile struct {
	ID         string                `json:"id"`
	Version    string                `json:"version"`
	Languages  []string              `json:"languages"`
	Provenance map[string]Provenance `json:"provenance"`
	Licence    string                `json:"licence"`
	Credit     string                `json:"credit"`
	Sources    map[string]string     `json:"sources"` // by id
	Guides     []*Guide              `json:"guides"`
}

// NewGuides reads the guides that the binary carries. It fails on the first
// fault in any of them, on a subject with two guides and on a block that the
// policy audit does not have: such a binary must not start.
func NewGuides() (*Guides, error) { return builtInGuides() }

// builtInGuides are read once a process, as builtInPacks are.
var builtInGuides = sync.OnceValues(readBuiltInGuides)

func readBuiltInGuides() (*Guides, error) {
	reader, err := newReader(guideFiles, "guides")
	if err != nil {
		return nil, err
	}
	leaders, err := NewLeaderLibrary()
	if err != nil {
		return nil, err
	}
	audit, err := leaders.Latest("policy-audit")
	if err != nil {
		return nil, fmt.Errorf("guides: %w", err)
	}
	g := &Guides{byID: make(map[string]*Guide), byWhat: make(map[string]*Guide)}
	err = builtIn(guideFiles, "guides", func(_ string, data []byte) ([]Fault, error) {
		guides, faults, err := readGuides(reader, data)
		if err != nil || len(faults) > 0 {
			return faults, err
		}
		for _, guide := range guides {
			if err := g.add(guide, audit); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
	if err == nil {
		err = g.checkFurther()
	}
	if err != nil {
		return nil, err
	}
	return g, nil
}

func (g *Guides) add(guide *Guide, audit *LeaderPack) error {
	if g.byID[guide.ID] != nil {
		return fmt.Errorf("guide %s stands twice", guide.ID)
	}
	for _, subject := range guide.About.subjects() {
		if other := g.byWhat[subject]; other != nil {
			return fmt.Errorf("guides %s and %s are both about %s", other.ID, guide.ID, subject)
		}
		g.byWhat[subject] = guide
	}
	for _, block := range guide.Blocks {
		if _, ok := audit.Block(block); !ok {
			return fmt.Errorf("guide %s belongs to the block %s, which the policy audit does not have", guide.ID, block)
		}
	}
	g.byID[guide.ID] = guide
	g.all = append(g.all, guide)
	return nil
}

// checkFurther wants every guide that another one leads on to: it may stand in
// another file.
func (g *Guides) checkFurther() error {
	for _, guide := range g.all {
		for _, id := range guide.Further {
			if g.byID[id] == nil || id == guide.ID {
				return fmt.Errorf("guide %s leads on to %s, which is no other guide", guide.ID, id)
			}
		}
	}
	return nil
}

// ReadGuides reads a file of guides and checks it against its schema and
// against the rules that a schema cannot say. It explains everything that is
// wrong at once, by line and column; there are no guides when there is any
// fault, and the error says that the program itself is broken.
func ReadGuides(data []byte) ([]*Guide, []Fault, error) {
	reader, err := newReader(guideFiles, "guides")
	if err != nil {
		return nil, nil, err
	}
	return readGuides(reader, data)
}

func readGuides(reader *packReader, data []byte) ([]*Guide, []Fault, error) {
	var file guideFile
	f, err := reader.fill(data, &file)
	if err != nil {
		return nil, nil, err
	}
	if f.checkable {
		f.checkGuides(&file)
	}
	if len(f.faults) > 0 {
		f.sort()
		f.compareWith("survey/guides/signs.yaml")
		return nil, f.faults, nil
	}
	for _, guide := range file.Guides {
		for _, id := range guide.Sources {
			guide.cited = append(guide.cited, file.Sources[id])
		}
	}
	return file.Guides, nil, nil
}

// checkGuides checks what the schema cannot say about a file of guides.
func (f *packFile) checkGuides(file *guideFile) {
	f.checkLanguages(&Pack{Languages: file.Languages, Provenance: file.Provenance})
	text := f.texts(file.Languages)
	ids, subjects := make(map[string]int), make(map[string]int)
	used := make(map[string]bool)
	for i, guide := range file.Guides {
		if guide == nil {
			continue // the schema refused it
		}
		f.once(ids, guide.ID, way("guides", i, "id"))
		text(guide.Title, "guides", i, "title")
		text(guide.Meaning, "guides", i, "meaning")
		for field, list := range map[string][]Text{"ask": guide.Ask, "organisation": guide.Organisation, "manager": guide.Manager} {
			for j, t := range list {
				text(t, "guides", i, field, j)
			}
		}
		for _, subject := range guide.About.subjects() {
			if line, twice := subjects[subject]; twice {
				f.rule(way("guides", i, "about"), "error.guide.subject_twice", Args{"subject": excerpt(subject), "line": line})
				continue
			}
			subjects[subject] = f.node(way("guides", i, "about")).Line
		}
		for j, id := range guide.Sources {
			if _, ok := file.Sources[id]; !ok {
				f.rule(way("guides", i, "sources", j), "error.guide.source", Args{"guide": excerpt(guide.ID), "source": excerpt(id)})
			}
			used[id] = true
		}
	}
	for id := range file.Sources {
		if !used[id] {
			f.rule(way("sources", id), "error.guide.source_unused", Args{"source": excerpt(id)})
		}
	}
}
