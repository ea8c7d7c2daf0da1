package handlers

import (
	"testing"

	"attune/analytics"
	"attune/survey"
)

// A wave of pulse and signs: the twelve questions of signs are published by
// themselves, and of pulse only those about the team's signs, which have a
// table of their own.
func TestStaffReadTheQuestionsThatArePublishedByThemselves(t *testing.T) {
	library, err := survey.NewLibrary()
	must(t, err)
	signs, err := library.Latest("signs")
	must(t, err)
	archive := analytics.NewArchive(&synthetic{stored: []survey.StoredRelease{bothViews(t, library)}})
	releases, err := archive.Releases(t.Context())
	must(t, err)
	r := releases[0]
	s := newHouse(t).speech("en")
	s.con.library = library
	places := []place{{id: string(dayID), name: "Day"}, {id: string(r.Tree().Root().ID), name: "All"}}
	tables := s.alone(r, places)
	if len(tables) != 1 || tables[0].ID != "pack-signs" || len(tables[0].Rows) != len(signs.Items) {
		t.Fatalf("%+v", tables)
	}
	shown := 0
	for i, row := range tables[0].Rows {
		if row.ID != signs.Items[i].ID || row.Name != signs.Items[i].Text.In("en") {
			t.Errorf("row %d is %s; want %s", i, row.ID, signs.Items[i].ID)
		}
		for j, at := range places {
			c, _ := r.Cell(at.id, row.ID, analytics.StatisticMean)
			if got := row.Cells[j]; got.Shown != (c.Status == analytics.StatusShown) || got.Shown && got.Value != inWords(s, c) {
				t.Errorf("%s of %s: %q, want %s", row.ID, at.name, got.Value, inWords(s, c))
			} else if got.Shown {
				shown++
			}
		}
	}
	if shown == 0 {
		t.Error("nothing is shown, so nothing was compared")
	}
}
