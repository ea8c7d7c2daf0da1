package main

import (
	"slices"
	"sort"
	"strings"
)

// places knows which teams a unit or block is made of, wave by wave, as far as
// the outputs tell it: exports by ids and parents, pages by the order and
// indentation of an overview, by names, and by the teams that a block names.
type places struct {
	teams  map[string]map[string][]string // by wave: unit or block → its teams
	names  map[string]map[string]string   // by wave: name → unit; "" for a name that several have
	titles map[string]string              // unit or team → name
	asked  map[string]map[string]int      // by wave: people asked
	pages  map[string][]string            // unit → its teams, by overviews
	byName map[string]string              // the same as names, by pages
}

func newPlaces(sources []source) places {
	p := places{
		teams: make(map[string]map[string][]string), names: make(map[string]map[string]string), titles: make(map[string]string),
		asked: make(map[string]map[string]int), pages: make(map[string][]string), byName: make(map[string]string),
	}
	p.fromExports(sources)
	p.fromPages(sources)
	return p
}

// exportedUnit is a unit of one wave in an export.
type exportedUnit struct {
	parent   string
	children []string
	members  []string // of a block
	block    bool
}

func (p *places) fromExports(sources []source) {
	waves := make(map[string]map[string]*exportedUnit)
	for _, s := range sources {
		for i := range s.figures {
			f := &s.figures[i]
			if f.unit.level == "" {
				continue
			}
			units := waves[f.wave]
			if units == nil {
				units = make(map[string]*exportedUnit)
				waves[f.wave], p.names[f.wave], p.asked[f.wave] = units, make(map[string]string), make(map[string]int)
			}
			if units[f.unit.id] == nil {
				units[f.unit.id] = &exportedUnit{parent: f.unit.parent, block: f.unit.level == "block"}
				p.titles[f.unit.id] = f.unit.name
				if _, twice := p.names[f.wave][f.unit.name]; twice {
					p.names[f.wave][f.unit.name] = ""
				} else {
					p.names[f.wave][f.unit.name] = f.unit.id
				}
			}
			if f.invited != unknown {
				p.asked[f.wave][f.unit.id] = f.invited
			}
		}
	}
	for _, s := range sources { // which units a block holds
		for i := range s.figures {
			f := &s.figures[i]
			if b := waves[f.wave][f.unit.block]; f.unit.level != "" && b != nil && b.block && !slices.Contains(b.members, f.unit.id) {
				b.members = append(b.members, f.unit.id)
			}
		}
	}
	for wave, units := range waves {
		for id, u := range units {
			if up := units[u.parent]; up != nil && !u.block {
				up.children = append(up.children, id)
			}
		}
		p.teams[wave] = make(map[string][]string, len(units))
		for id := range units {
			p.teams[wave][id] = p.leaves(wave, units, id)
		}
	}
}

// leaves are the teams with people asked in or under a unit, or in a block.
func (p *places) leaves(wave string, units map[string]*exportedUnit, id string) []string {
	u := units[id]
	below := u.children
	if u.block {
		below = u.members
	}
	if len(below) == 0 && !u.block {
		if p.asked[wave][id] == 0 {
			return nil
		}
		return []string{id}
	}
	var teams []string
	for _, child := range below {
		teams = append(teams, p.leaves(wave, units, child)...)
	}
	sort.Strings(teams)
	return slices.Compact(teams)
}

// pageUnit is a unit as pages place it.
type pageUnit struct {
	name     string
	parent   string
	children []string
	whole    bool // an overview lists everything in it
}

// fromPages takes the tree from overviews, and what is above and beside it from
// every page that is about one unit.
func (p *places) fromPages(sources []source) {
	units := make(map[string]*pageUnit)
	for _, s := range sources { // names first: later pages use names alone
		for _, row := range s.tree {
			p.name(row.unit)
		}
		p.name(s.chain.own)
		for _, up := range s.chain.above {
			p.name(up)
		}
	}
	for _, s := range sources {
		var line []string // from the top to the row before
		for _, row := range s.tree {
			line = append(line[:min(row.depth, len(line))], row.unit.id)
			p.unit(units, row.unit).whole = true
			if len(line) > 1 {
				link(units, row.unit.id, line[len(line)-2])
			}
		}
	}
	for _, s := range sources {
		if s.chain.own.name == "" {
			continue
		}
		p.unit(units, s.chain.own)
		below := p.key(s.chain.own)
		for i, up := range s.chain.above {
			p.unit(units, up)
			link(units, below, p.key(up))
			below = p.key(up)
			for _, f := range s.figures {
				for _, member := range f.unit.members {
					if i == 0 {
						p.unit(units, unitRef{name: member})
						link(units, p.key(unitRef{name: member}), p.key(up))
					}
				}
			}
		}
	}
	for key := range units {
		p.pages[key] = leavesOf(units, key)
		if p.titles[key] == "" {
			p.titles[key] = units[key].name
		}
	}
}

// key is what pages know a unit by: its id, or its name where they tell none.
func (p *places) key(u unitRef) string {
	if u.id != "" {
		return u.id
	}
	if id := p.byName[u.name]; id != "" {
		return id
	}
	return "name:" + u.name
}

func (p *places) unit(units map[string]*pageUnit, u unitRef) *pageUnit {
	key := p.key(u)
	if units[key] == nil {
		units[key] = &pageUnit{name: u.name}
	}
	return units[key]
}

// link puts a unit under another, unless it is placed already or would come to
// lie under itself.
func link(units map[string]*pageUnit, child, parent string) {
	for at := parent; at != ""; at = units[at].parent {
		if at == child {
			return
		}
	}
	if units[child].parent == "" {
		units[child].parent = parent
		units[parent].children = append(units[parent].children, child)
	}
}

// leavesOf are the teams of a unit, and everybody else in it where no overview
// lists them.
func leavesOf(units map[string]*pageUnit, key string) []string {
	u := units[key]
	if len(u.children) == 0 {
		return []string{key}
	}
	var teams []string
	for _, child := range u.children {
		teams = append(teams, leavesOf(units, child)...)
	}
	if !u.whole {
		teams = append(teams, "others in "+u.name)
	}
	sort.Strings(teams)
	return slices.Compact(teams)
}

func (p *places) name(u unitRef) {
	if u.name == "" || u.id == "" {
		return
	}
	if known, ok := p.byName[u.name]; !ok {
		p.byName[u.name] = u.id
	} else if known != u.id {
		p.byName[u.name] = "" // two of one name
	}
	if p.titles[u.id] == "" {
		p.titles[u.id] = u.name
	}
}

// find gives the unit that an output means, with its teams.
func (p *places) find(wave string, u unitRef) (id, name string, teams []string, ok bool) {
	if u.id == "" && len(u.members) > 0 {
		return p.block(wave, u.members)
	}
	if id = u.id; id == "" {
		if id = p.names[wave][u.name]; id == "" {
			id = p.key(u)
		}
	}
	if teams, ok = p.teams[wave][id]; ok {
		return id, p.titles[id], teams, true
	}
	if teams, ok = p.pages[id]; ok && len(p.teams[wave]) == 0 {
		return id, p.titles[id], teams, true
	}
	return "", u.name, nil, false
}

// block finds a block by the names of its teams.
func (p *places) block(wave string, members []string) (id, name string, teams []string, ok bool) {
	for _, member := range members {
		if at, _, inside, ok := p.find(wave, unitRef{name: member}); ok && at != "" {
			teams = append(teams, inside...)
			continue
		}
		if len(p.teams) > 0 { // exports know every team
			return "", strings.Join(members, ", "), nil, false
		}
		teams = append(teams, "name:"+member)
	}
	sort.Strings(teams)
	teams = slices.Compact(teams)
	name = "together: " + strings.Join(members, ", ")
	for unit, those := range p.teams[wave] {
		if strings.HasPrefix(unit, "b:") && slices.Equal(those, teams) {
			return unit, p.titles[unit], teams, true
		}
	}
	return "name:" + strings.Join(teams, "+"), name, teams, true
}
