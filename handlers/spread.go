package handlers

import (
	"net/http"
	"slices"

	"attune/analytics"
	"attune/survey"

	"github.com/labstack/echo/v4"
)

// spreadPage shows how the answers of the latest wave are spread: for every
// item that has bands, how many people chose from the low, the middle and the
// high answers. Bands have a plan of their own, so that what is shown here can
// be a larger set of teams than elsewhere, and says so.
type spreadPage struct {
	frame
	Unit   string
	Path   string // of the unit's page
	Views  selfTeam
	Items  []spreadItem
	Hidden []reason
	Latest waveFacts
	K      int
}

// spreadItem is one item with the counts of the smallest set that has them.
type spreadItem struct {
	ID, Name string
	Item     string // the question, as people read it
	Who      string // whose answers these are
	Other    bool   // they are not the unit's own
	Of       string // how many answered the item
	Bands    []spreadBand
	Status   string // why there is nothing, where there is nothing
	Why      string
}

// spreadBand is the number of people in one band.
type spreadBand struct {
	Name string // the answers in it, in words
	Band string // "low", "middle", "high"
	figure
	From, Wide float64 // of its part in the bar, in hundredths of the whole
}

func spreadPath(unit survey.UnitID) string { return "/console/teams/" + string(unit) + "/answers" }

func (con *console) spread(c echo.Context, v viewer) error {
	r := c.Request()
	lang := con.lang(r)
	releases, err := con.archive.Releases(r.Context())
	if err != nil {
		return err
	}
	unit := survey.UnitID(c.Param("unit"))
	mine, err := v.seen(regular(releases), unit)
	if err != nil {
		return err
	}
	latest := mine[len(mine)-1]
	tree := latest.Tree()
	s := con.in(lang).explaining(reasons{open: func(u survey.UnitID) bool { return v.sees(tree, u) }, page: unit})
	p := spreadPage{
		frame: con.frame(lang, "spread.title", &v, spreadPath(unit)), Unit: s.unitID(tree, unit),
		Path: "/console/teams/" + string(unit), Latest: s.facts(latest), K: latest.K(),
	}
	p.Title, p.Charts = p.Unit+" – "+p.Title, true
	for _, ref := range latest.Packs() {
		pack, err := con.library.Find(ref)
		if err != nil {
			continue // a pack of another installation: its figures are in the export
		}
		for _, item := range pack.Items {
			if row, ok := s.spreadItem(latest, unit, pack, item); ok {
				p.Items = append(p.Items, row)
			}
		}
	}
	if p.Views, err = s.selfTeam(mine, unit); err != nil {
		return err
	}
	p.Hidden = s.whyNot(tree)
	con.render(c.Response(), lang, http.StatusOK, "spread", p)
	return nil
}

// bandsOf are the bands of an item from the low answers up.
func bandsOf() []string {
	return []string{analytics.BandLow, analytics.BandMiddle, analytics.BandHigh}
}

// spreadItem reads the bands of an item for a unit, or for the block or unit
// that is shown in its place. ok is false for an item without bands.
func (s speech) spreadItem(r *analytics.Release, unit survey.UnitID, pack *survey.Pack, item survey.Item) (spreadItem, bool) {
	own, ok := r.Cell(string(unit), item.ID+":"+analytics.BandLow, analytics.StatisticCount)
	if !ok {
		return spreadItem{}, false
	}
	a := spreadItem{ID: item.ID, Name: s.itemName(pack, item), Item: item.Text.In(s.lang), Who: s.unitID(r.Tree(), unit)}
	from := string(unit)
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
			return a, true
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
	return a, true
}

// itemName is the sign that an item observes, where it observes one.
func (s speech) itemName(pack *survey.Pack, item survey.Item) string {
	at := slices.IndexFunc(pack.Signs, func(sign survey.Sign) bool { return sign.ID == item.Sign })
	if at < 0 {
		return ""
	}
	return pack.Signs[at].Title.In(s.lang)
}

// bandWords are the answers of each band: the first two, the middle one and
// the last two.
func (s speech) bandWords(item survey.Item) []string {
	words := s.words(item)
	var labels []string
	for value := item.Min(); value <= item.Max(); value++ {
		if words[value] != "" {
			labels = append(labels, lower(words[value]))
		}
	}
	if len(labels) != 5 {
		return make([]string, 3)
	}
	either := func(a, b string) string { return s.say("spread.either", survey.Args{"first": a, "second": b}) }
	return []string{either(labels[0], labels[1]), labels[2], either(labels[3], labels[4])}
}
