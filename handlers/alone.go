package handlers

import (
	"slices"

	"attune/analytics"
	"attune/survey"
)

// aloneTable is a pack's questions that are published one by one, as staff read
// them: a row for
// each in the order of the pack, which no figure can change, and a column for
// each unit. The questions about the team's signs have a table of their own.
type aloneTable struct {
	ID, Title, Lead string
	Columns         []string
	Rows            []needRow
}

// alone has a table for each pack of a release with such questions, for staff.
// Of a round after an incident that is what would help.
func (s speech) alone(r *analytics.Release, places []place) []aloneTable {
	var tables []aloneTable
	for _, ref := range r.Packs() {
		pack, err := s.con.library.Find(ref)
		if err != nil {
			continue // a pack of another installation: its figures are in the export
		}
		t := aloneTable{ID: "pack-" + pack.ID, Title: pack.Title.In(s.lang), Lead: s.say("results.alone.lead", nil)}
		if survey.IsIncident(r.Programme()) {
			_, least := s.needsPack(r)
			t.ID, t.Title, t.Lead = "needs", s.say("needs.title", nil), s.say("results.needs.lead", survey.Args{"n": least})
		}
		for _, at := range places {
			t.Columns = append(t.Columns, at.name)
		}
		for _, item := range aloneIn(r, pack) {
			row := needRow{ID: item.ID, Name: item.Text.In(s.lang), Note: s.ends(item)}
			for _, at := range places {
				row.Cells = append(row.Cells, s.figure(r, at.id, measure{pack: pack.ID, id: item.ID}, analytics.StatisticMean))
			}
			t.Rows = append(t.Rows, row)
		}
		if len(t.Rows) > 0 {
			sayOnce(t.Rows)
			tables = append(tables, t)
		}
	}
	return tables
}

// aloneIn are the items of a pack that a release publishes by themselves, but
// for those about the team's signs.
func aloneIn(r *analytics.Release, pack *survey.Pack) []survey.Item {
	return slices.DeleteFunc(slices.Clone(pack.Items), func(item survey.Item) bool {
		_, published := r.Measure(item.ID)
		return !published || item.Sign != "" && item.View == "team"
	})
}

// sayOnce leaves out what numbers mean where they mean the same as above.
func sayOnce(rows []needRow) {
	note := ""
	for i := range rows {
		if rows[i].Note == note {
			rows[i].Note = ""
		} else {
			note = rows[i].Note
		}
	}
}

// ends says what the lowest and the highest score of an item are.
func (s speech) ends(item survey.Item) string {
	words, low, high := s.words(item), item.Min(), item.Max()
	return s.say("needs.ends", survey.Args{"low": low, "lowest": words[low], "high": high, "highest": words[high]})
}
