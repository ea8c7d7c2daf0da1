package main

import (
	"context"
	"sort"

	"attune/survey"
	"attune/survey/wave"
)

// demoShare: one way in out of so many of the open wave stays unused, at least
// two a team, for whoever tries the demo.
const demoShare = 5

// waysIn are the slips and links of one wave: those that the story uses, and
// those left for whoever tries the demo.
type waysIn struct {
	slips     map[string][]wave.Slip // by group, in printing order
	links     map[string][]string    // tokens by team path, in the order of the staff list
	leftSlips []wave.Slip
	leftLinks []demoLink
}

type demoLink struct {
	Unit  string
	Token string
}

func demoWaysIn(ctx context.Context, in *installation, id survey.WaveID, leaveSome bool) (waysIn, error) {
	ways := waysIn{slips: make(map[string][]wave.Slip), links: make(map[string][]string)}
	slips, err := in.waves.Slips(ctx, id, "")
	if err != nil {
		return ways, err
	}
	onPaper := make(map[string]bool)
	for _, s := range slips {
		ways.slips[s.Group] = append(ways.slips[s.Group], s)
		for _, team := range s.Teams {
			onPaper[team] = true
		}
	}
	tokens, err := demoTokens(ctx, in)
	if err != nil {
		return ways, err
	}
	for team, all := range tokens {
		if !onPaper[team] {
			ways.links[team] = all
		}
	}
	if leaveSome {
		ways.leave(slips)
	}
	return ways, nil
}

func (w *waysIn) leave(slips []wave.Slip) {
	keep := func(n int) int { return max(0, n-max(2, n/demoShare)) } // a group that a visitor made may be of one
	left := make(map[string]bool)
	for group, all := range w.slips {
		n := keep(len(all))
		for _, s := range all[n:] {
			left[s.Code] = true
		}
		w.slips[group] = all[:n]
	}
	for _, s := range slips {
		if left[s.Code] {
			w.leftSlips = append(w.leftSlips, s)
		}
	}
	for team, all := range w.links {
		n := keep(len(all))
		for _, token := range all[n:] {
			w.leftLinks = append(w.leftLinks, demoLink{team, token})
		}
		w.links[team] = all[:n]
	}
	sort.SliceStable(w.leftLinks, func(i, j int) bool { return w.leftLinks[i].Unit < w.leftLinks[j].Unit })
}

// demoTokens gives the tokens of all links by team, in the order of the staff
// list, which is that of the addresses.
func demoTokens(ctx context.Context, in *installation) (map[string][]string, error) {
	org, err := in.organisation(ctx)
	if err != nil {
		return nil, err
	}
	people, err := in.store.People(ctx)
	if err != nil {
		return nil, err
	}
	tokens, err := in.waves.Links(ctx)
	if err != nil {
		return nil, err
	}
	sort.Slice(people, func(i, j int) bool { return people[i].Email < people[j].Email })
	byTeam := make(map[string][]string)
	for _, p := range people {
		path := org.Tree.Path(p.Unit)
		byTeam[path] = append(byTeam[path], tokens[p.ID])
	}
	return byTeam, nil
}

// castDemo plays everybody who answers, over the same path as a phone's
// ballot. Slip and person meet as in the bowl: by place, nothing is kept.
func castDemo(ctx context.Context, in *installation, id survey.WaveID, number int, teams []demoTeam, leaveSome bool) error {
	ways, err := demoWaysIn(ctx, in, id, leaveSome)
	if err != nil {
		return err
	}
	face, err := in.waves.Face(ctx, id)
	if err != nil {
		return err
	}
	sheet, err := survey.NewSheet(face.Packs)
	if err != nil {
		return err
	}
	byPath := make(map[string]demoTeam, len(teams))
	for _, t := range teams {
		byPath[t.path] = t
	}
	var staff staff
	for _, slips := range ways.slips {
		people := seats(byPath, slips[0].Teams)
		for i, slip := range slips {
			if answers, responds := people[i].team.answers(people[i].number, number, face.Packs); responds {
				staff.do(func() error {
					_, err := in.waves.CastPaper(ctx, slip.Code, answers)
					return err
				})
			}
		}
	}
	for path, tokens := range ways.links {
		for i, token := range tokens {
			if answers, responds := byPath[path].answers(i, number, face.Packs); responds {
				staff.do(func() error { return answerByLink(ctx, in, token, id, sheet, answers) })
			}
		}
	}
	return staff.wait()
}

// staff lets many people answer at the same time.
type staff struct {
	results chan error
	sent    int
}

func (c *staff) do(answer func() error) {
	if c.results == nil {
		c.results = make(chan error)
	}
	c.sent++
	go func() { c.results <- answer() }()
}

func (c *staff) wait() error {
	var err error
	for range c.sent {
		if failed := <-c.results; err == nil { // the first tells it all
			err = failed
		}
	}
	return err
}

type seat struct {
	team   demoTeam
	number int
}

// seats lists the people of a group's teams.
func seats(byPath map[string]demoTeam, paths []string) []seat {
	var all []seat
	for _, path := range paths {
		for i := range byPath[path].size {
			all = append(all, seat{byPath[path], i})
		}
	}
	return all
}
