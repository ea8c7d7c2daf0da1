package main

import "sort"

// unknown stands for a whole number that an output does not tell.
const unknown = -1

// Statistics, as exports name them.
const (
	mean     = "mean"
	sd       = "sd"
	count    = "count"
	coverage = "coverage"
	response = "response" // the measure of coverage
)

// figure is one number as one output shows it.
type figure struct {
	wave      string // an id, or a name that pages use
	unit      unitRef
	measure   string // an id, or the title that pages use
	statistic string

	value     number
	valued    bool
	low, high number
	ranged    bool // low and high are set
	n         int
	invited   int
	status    string // shown, combined, suppressed, empty, or what a page says
	reason    string
	k         int
	from      string // where it stands
}

// unitRef is what an output says of the people that a figure is about.
type unitRef struct {
	id      string
	name    string
	members []string // of a block: names of teams
	parent  string   // id
	level   string
	block   string // what it is combined in
	above   int    // a unit above the page's own, counted from the nearest; 0 for none
}

// numbers says whether a figure tells any number at all.
func (f figure) numbers() bool { return f.valued || f.ranged || f.n != unknown }

// source is everything that one page or file says.
type source struct {
	from    string
	figures []figure
	facts   facts
	tree    []treeRow // units in their order, as an overview lists them
	chain   chain
	unread  string // why it could not be read, if so
}

// chain is the unit that a page is about, and those above it, the nearest
// first.
type chain struct {
	own   unitRef
	above []unitRef
}

// treeRow is a unit of an overview with how far it is indented.
type treeRow struct {
	unit  unitRef
	depth int
}

// facts are rules and names that outputs tell beside figures.
type facts struct {
	k       int
	steps   []stepRule        // how coarse means are, as pages explain it
	waves   map[string]string // id by name
	titles  map[string]string // measure by title
	options map[string]span   // lowest and highest answer of a question
	ranges  map[string]span   // lowest and highest value of a measure
	states  map[string]string // of waves by id, as a page says
	log     map[string][]string
	live    []string // numbers beside a wave that is not released
}

// stepRule is the step of means from so many answers on.
type stepRule struct {
	from int
	step float64
}

func newFacts() facts {
	return facts{
		waves: make(map[string]string), titles: make(map[string]string), options: make(map[string]span),
		ranges: make(map[string]span), states: make(map[string]string), log: make(map[string][]string),
	}
}

// add gathers what another output tells. The first to tell it wins.
func (f *facts) add(o facts) {
	if f.k == 0 {
		f.k = o.k
	}
	if len(f.steps) == 0 {
		f.steps = o.steps
	}
	gather(f.waves, o.waves)
	gather(f.titles, o.titles)
	gather(f.options, o.options)
	gather(f.ranges, o.ranges)
	gather(f.states, o.states)
	gather(f.log, o.log)
	f.live = append(f.live, o.live...)
}

func gather[V any](to, from map[string]V) {
	for k, v := range from {
		if _, known := to[k]; !known {
			to[k] = v
		}
	}
}

func keys[V any](m map[string]V) []string {
	all := make([]string, 0, len(m))
	for k := range m {
		all = append(all, k)
	}
	sort.Strings(all)
	return all
}
