package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// Lists of things are put in order by a name or by a date and by nothing else:
// units are never ranked by a figure. The order stands in the address, as
// "units.name" or "-units.name" for the other way round, so that it works
// without script; with script, feel.js does the same in place.

// column is one that a list can be put in order by.
type column[R any] struct {
	id, text string // in the address; the key of its name
	key      func(R) string
	date     bool
}

// byName is a column of names, which stand in the order of the reader's
// language.
func byName[R any](id, text string, key func(R) string) column[R] {
	return column[R]{id, text, key, false}
}

// byDate is a column of dates; key writes them so that later ones are greater,
// as 2026-11-22 is.
func byDate[R any](id, text string, key func(R) string) column[R] {
	return column[R]{id, text, key, true}
}

// heads are the columns by which a list can be put in order, by their ids.
type heads map[string]head

// head leads to the list in another order.
type head struct {
	List, ID string
	Kind     string // "name" or "date"
	Text     string
	Path     string // first upwards, then downwards, then as it comes
	Order    string // "ascending" or "descending" where the list stands so now
}

// chosen says whether the address asks for one of the columns.
func (h heads) chosen() bool {
	for _, one := range h {
		if one.Order != "" {
			return true
		}
	}
	return false
}

// of lists heads for a list that is no table, in the order in which they are to
// stand.
func (h heads) of(ids ...string) []head {
	listed := make([]head, len(ids))
	for i, id := range ids {
		listed[i] = h[id]
	}
	return listed
}

const ascending, descending = "ascending", "descending"

// inOrder puts the rows of a list in the order that the address asks for, if
// it names the list and one of its columns, and gives the heads of the columns.
func inOrder[R any](s speech, c echo.Context, f frame, list string, rows []R, columns ...column[R]) heads {
	asked, down := strings.CutPrefix(c.QueryParam("sort"), "-")
	all := make(heads, len(columns))
	for _, col := range columns {
		name := list + "." + col.id
		h := head{List: list, ID: col.id, Kind: "name", Text: s.say(col.text, nil)}
		if col.date {
			h.Kind = "date"
		}
		next := name
		switch {
		case asked == name && down:
			h.Order, next = descending, ""
		case asked == name:
			h.Order, next = ascending, "-"+name
		}
		if h.Order != "" {
			arrange(s.lang, rows, col, down)
		}
		h.Path = sortedPath(c, f.Here, next) + "#list-" + list
		all[col.id] = h
	}
	return all
}

func arrange[R any](lang string, rows []R, col column[R], down bool) {
	compare := strings.Compare
	if !col.date {
		compare = collate.New(language.Make(lang), collate.Numeric, collate.IgnoreCase).CompareString
	}
	slices.SortStableFunc(rows, func(a, b R) int {
		if down {
			a, b = b, a
		}
		return compare(col.key(a), col.key(b))
	})
}

// sortedPath is the address of a page with another order and everything else
// that was chosen on it: not the part of a longer list, and nothing that was
// only said once.
func sortedPath(c echo.Context, here, order string) string {
	path, raw, _ := strings.Cut(here, "?")
	query, _ := url.ParseQuery(raw) // an address that we wrote
	if c.Request().Method == http.MethodGet {
		for name, values := range c.QueryParams() {
			query[name] = values
		}
	}
	for _, once := range []string{"sort", "from", "before", "done", "said", "saved", "of", "who"} {
		query.Del(once)
	}
	if order != "" {
		query.Set("sort", order)
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}
