package handlers

import (
	"cmp"
	"net/url"
	"slices"

	"attune/analytics"
	"attune/survey"

	"github.com/labstack/echo/v4"
)

// spreadPage shows what one wave asked of a unit, question by question: for
// every item that stands in no scale its mean and, where it has bands, how many
// people chose from the low, the middle and the high answers. Bands have a plan
// of their own, so that what is shown here can be a larger set of teams than
// elsewhere, and says so.
type spreadPage struct {
	frame
	Unit    string
	Path    string // of the unit's page
	Action  string // of this one
	Waves   []choice
	Finding string
	Views   selfTeam
	Packs   []spreadPack
	Hidden  []reason
	Latest  waveFacts // the wave that the page is about
	Older   bool      // it is not the latest one
	K       int
}

// spreadPack is what one pack asked.
type spreadPack struct {
	ID, Title string
	Scales    []link // their cards on the unit's page
	Areas     areasTable
	Items     []spreadItem
	Unshown   []spreadItem // of which no figure is shown here, not even a larger unit's
}

// spreadItem is one item: its mean, and the counts of the smallest set that
// has them.
type spreadItem struct {
	ID       string
	Heading  string   // what was found
	Item     string   // the question, as people read it, where the heading has a name for it
	Mean     []string // in words, with the scale that it lies on; empty where it is not shown
	Means    []figure // one, as a table; none where the release has no mean
	Together []figure // that of the combined block, if the unit is in one
	Who      string   // whose counts these are
	Other    bool     // they are not the unit's own
	Of       string   // how many answered the item
	Bands    []spreadBand
	Status   string // why there is nothing, where there is nothing
	Why      string
	Guide    link // empty where there is none
}

// Own are the item's figures of the one wave as a table.
func (a spreadItem) Own() figureTable { return figureTable{Rows: a.Means} }

// Others are those of the combined block.
func (a spreadItem) Others() figureTable { return figureTable{Rows: a.Together} }

// spreadBand is the number of people in one band.
type spreadBand struct {
	Name string // the answers in it, in words
	Band string // "low", "middle", "high"
	figure
	From, Wide float64 // of its part in the bar, in hundredths of the whole
}

func spreadPath(unit survey.UnitID) string { return teamPath(unit) + "/answers" }

// spreadOf is the page of one wave.
func spreadOf(unit survey.UnitID, wave survey.WaveID) string {
	return spreadPath(unit) + "?wave=" + url.QueryEscape(string(wave))
}

func teamPath(unit survey.UnitID) string { return "/console/teams/" + string(unit) }

func (con *console) spread(c echo.Context, v viewer) error {
	releases, err := con.archive.Releases(c.Request().Context())
	if err != nil {
		return err
	}
	unit := survey.UnitID(c.Param("unit"))
	mine, err := v.seen(regular(releases), unit)
	if err != nil {
		return err
	}
	asked := askedOf(mine, unit)
	at, err := waveAmong(asked, c.QueryParam("wave"))
	if err != nil {
		return err
	}
	return con.keptPage(c, v, "spread", basis{releases: releases}, func(s speech, v viewer) (any, error) {
		return s.spreadPage(v, asked, at, unit)
	})
}

// spreadPage makes the page of one of the releases that asked a unit.
func (s speech) spreadPage(v viewer, asked []*analytics.Release, at int, unit survey.UnitID) (spreadPage, error) {
	release, latest := asked[at], asked[len(asked)-1]
	tree := release.Tree()
	s = s.explaining(reasons{open: func(u survey.UnitID) bool { return v.sees(tree, u) }, page: unit})
	p := spreadPage{
		frame: s.con.frame(s.lang, "spread.title", &v, spreadOf(unit, release.Wave())), Unit: s.unitID(latest.Tree(), unit),
		Path: teamPath(unit), Action: spreadPath(unit), Latest: s.facts(release), Older: release != latest, K: release.K(),
	}
	p.Title, p.Charts = p.Unit+" – "+p.Title, true
	p.Waves = s.waveChoices(asked, at)
	p.Packs = s.spreadPacks(release, unit)
	p.Finding = s.spreadFinding(release, unit, p.Packs)
	modulesFirst(p.Packs, asked)
	views := asked[:at+1]
	if p.Older {
		views = asked[at : at+1]
	}
	var err error
	p.Views, err = s.selfTeam(views, unit)
	p.Hidden = s.whyNot(tree)
	return p, err
}

// spreadPacks reads what a wave asked of a unit.
func (s speech) spreadPacks(r *analytics.Release, unit survey.UnitID) []spreadPack {
	var all []spreadPack
	for _, ref := range r.Packs() {
		pack, err := s.con.library.Find(ref)
		if err != nil {
			continue // a pack of another installation: its figures are in the export
		}
		p := spreadPack{ID: pack.ID, Title: pack.Title.In(s.lang)}
		if pack.ID == competencies {
			p.Areas = s.areas(r, unit, pack)
		} else {
			for _, scale := range pack.Scales {
				p.Scales = append(p.Scales, link{Path: teamPath(unit) + "#" + scale.ID, Name: scale.Title.In(s.lang)})
			}
		}
		for _, item := range pack.Items {
			row, ok := s.spreadItem(r, unit, pack, item)
			switch {
			case !ok:
			case row.Bands == nil && row.Mean == nil && row.Together == nil:
				p.Unshown = append(p.Unshown, row)
			default:
				p.Items = append(p.Items, row)
			}
		}
		all = append(all, p)
	}
	return all
}

// modulesFirst puts what fewer waves asked before what every wave asks: that is
// what somebody chooses the wave for.
func modulesFirst(packs []spreadPack, releases []*analytics.Release) {
	waves := make(map[string]int)
	for _, r := range releases {
		for _, ref := range r.Packs() {
			waves[ref.ID]++
		}
	}
	slices.SortStableFunc(packs, func(a, b spreadPack) int { return cmp.Compare(waves[a.ID], waves[b.ID]) })
}

// bandsOf are the bands of an item from the low answers up.
func bandsOf() []string {
	return []string{analytics.BandLow, analytics.BandMiddle, analytics.BandHigh}
}

// spreadItem reads an item for a unit, and for the block or unit that is shown
// in its place. ok is false for an item that the release has no figure of.
func (s speech) spreadItem(r *analytics.Release, unit survey.UnitID, pack *survey.Pack, item survey.Item) (spreadItem, bool) {
	_, asked := r.Cell(string(unit), item.ID, analytics.StatisticMean)
	counts, banded := r.Cell(string(unit), item.ID+":"+analytics.BandLow, analytics.StatisticCount)
	if !asked && !banded {
		return spreadItem{}, false
	}
	a := spreadItem{ID: item.ID, Who: s.unitID(r.Tree(), unit), Guide: s.guideOf(item)}
	m := s.single(pack, item)
	if named := s.itemName(pack, item); named != "" {
		m.title, a.Item = named, item.Text.In(s.lang)
	}
	var own, together figure
	if asked {
		own = s.figure(r, string(unit), m, analytics.StatisticMean)
		a.Means, a.Status, a.Why = []figure{own}, own.Status, own.Why
		if own.block != "" {
			together = s.figure(r, own.block, m, analytics.StatisticMean)
			together.Status = own.Status
			if _, block := blockOf(own); block {
				a.Together = onlyShown([]figure{together})
			}
		}
		switch {
		case own.Shown:
			a.Mean = s.meanNote(m, item, own)
		case together.Shown:
			a.Mean = s.meanNote(m, item, together)
		}
	}
	if banded {
		s.fillBands(&a, r, counts, item)
	}
	a.Heading = s.spreadHeading(m, item, a, own, together)
	return a, true
}

// single is a measure of one item.
func (s speech) single(pack *survey.Pack, item survey.Item) measure {
	return measure{
		pack: pack.ID, id: item.ID, title: s.quoted(item), words: s.words(item),
		low: float64(item.Min()), high: float64(item.Max()),
	}
}

// fillBands reads the counts of an item; own is the unit's cell of the low ones.
func (s speech) fillBands(a *spreadItem, r *analytics.Release, own analytics.Cell, item survey.Item) {
	from := own.Unit
	if own.Status == analytics.StatusCombined {
		from, a.Other = own.Block, true
		a.Who = s.combined(r, own)
		s.because(why(r, own), r, own)
	}
	words := s.bandWords(item)
	total := 0.0
	for i, band := range bandsOf() {
		f := s.figure(r, from, measure{id: item.ID + ":" + band}, analytics.StatisticCount)
		if !f.Shown {
			a.Status, a.Why, a.Bands = f.Status, f.Why, nil
			return
		}
		a.Of = f.Answered
		a.Bands = append(a.Bands, spreadBand{Name: words[i], Band: band, figure: f})
		total += f.value
	}
	at := 0.0
	for i := range a.Bands {
		wide := 100 * a.Bands[i].value / total
		a.Bands[i].From, a.Bands[i].Wide = round2(at), round2(wide)
		at += wide
	}
}

// guideOf is the guide to an item, or to the sign that it observes.
func (s speech) guideOf(item survey.Item) link {
	guide := s.con.guides.Item(item.ID)
	if guide == nil && item.Sign != "" {
		guide = s.con.guides.Sign(item.Sign)
	}
	if guide == nil {
		return link{}
	}
	return s.guideLink(guide)
}
