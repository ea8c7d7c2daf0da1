package analytics

// Row is one line of an export; see Export for its fields. Numbers that are
// not published are nil.
type Row = row

// Rows are the lines of an export of one release that may be told to whoever
// has this part and that keep wants, in the order of exports. text names
// direct teams and blocks, as in Export.
func Rows(r *Release, p Part, keep func(Cell) bool, text Text) []Row {
	var rows []Row
	names := make(map[string]string)
	for i := range r.cells {
		c := &r.cells[i]
		if !keep(*c) || !p.Tells(r, *c) {
			continue
		}
		name, ok := names[c.Unit]
		if !ok {
			name = r.Name(c.Unit, text)
			names[c.Unit] = name
		}
		rows = append(rows, rowOf(r, c, name))
	}
	return rows
}
