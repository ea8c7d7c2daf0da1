package wave

import (
	"cmp"
	"context"
	"slices"

	"attune/survey"
)

// Asked is somebody whom a wave asks.
type Asked struct {
	Person survey.PersonID
	Team   survey.UnitID // at the announcement
	Way    survey.Way    // of the person's group
}

// Asked lists everybody whom an announced wave asks, by id: the ids are
// random. It fails with survey.NotFound when the roster is gone, because the
// wave is void or a later one was announced long ago.
func (w *Waves) Asked(ctx context.Context, id survey.WaveID) ([]Asked, error) {
	wave, err := w.cfg.Store.Wave(ctx, id)
	if err != nil {
		return nil, err
	}
	if wave.State == survey.Planned {
		return nil, survey.Fail(survey.Conflict, "error.wave.not_announced", survey.Args{"wave": id})
	}
	roster, err := w.cfg.Store.Roster(ctx, id)
	if err != nil {
		return nil, err
	}
	promise, err := w.promised(ctx, wave)
	if err != nil {
		return nil, err
	}
	ways := make(map[survey.UnitID]survey.Way)
	for _, g := range promise.groups {
		for _, team := range g.Units {
			ways[team] = g.Way
		}
	}
	var all []Asked
	for person, team := range roster {
		if way, ok := ways[team]; ok {
			all = append(all, Asked{Person: person, Team: team, Way: way})
		}
	}
	slices.SortFunc(all, func(a, b Asked) int { return cmp.Compare(a.Person, b.Person) })
	return all, nil
}

// PersonLink holds the two tokens of one person.
type PersonLink struct {
	Token string // of the personal link: it draws tickets, and goes into a fragment only
	Stop  string // stops mail and can do nothing else, so it may stand in a path
}

// PersonLinks gives the tokens of every active person.
func (w *Waves) PersonLinks(ctx context.Context) (map[survey.PersonID]PersonLink, error) {
	tokens, err := w.Links(ctx)
	if err != nil {
		return nil, err
	}
	key, err := w.linkKey()
	if err != nil {
		return nil, err
	}
	links := make(map[survey.PersonID]PersonLink, len(tokens))
	for person, token := range tokens {
		links[person] = PersonLink{Token: token, Stop: personToken(key, stopDomain, person)}
	}
	return links, nil
}

// Unsubscriber finds whose token to stop mail it is. A personal link's token
// is none.
func (w *Waves) Unsubscriber(ctx context.Context, token string) (survey.PersonID, error) {
	id, ok, err := w.links.stops.find(w.cfg.Now(), token, func() (map[survey.PersonID]string, error) {
		links, err := w.PersonLinks(ctx)
		if err != nil {
			return nil, err
		}
		tokens := make(map[survey.PersonID]string, len(links))
		for person, l := range links {
			tokens[person] = l.Stop
		}
		return tokens, nil
	})
	if err == nil && !ok {
		err = survey.Fail(survey.NotFound, "unsubscribe.link", nil)
	}
	return id, err
}
