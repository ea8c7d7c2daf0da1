package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// killTeams are sixty people in five teams, each large enough to be shown.
var killTeams = []crew{
	{"North / Duty", 16},
	{"North / Family Support", 12},
	{"North / Court Work", 8},
	{"South / Ward", 13},
	{"South / Night", 11},
}

// Moments at which the server dies that the test can see.
const (
	atAnswer  = 0  // somebody was answered; others of the same commit wait for their answer
	atWriting = -1 // ballots.db is being written
	atWritten = -2 // it was, and nobody was answered yet
)

// castingKills are the moments at which the server dies while people answer:
// one of those above, or so many milliseconds after the first began. These are
// from a random source, written out so that every run is the same.
var castingKills = []int{
	atWritten, 212, atWriting, atAnswer, 430, atWritten, 31, atAnswer, atWriting, 305, atWritten, 158, 519, atWriting, atWritten, 74,
}

// Every ballot that was answered with "received" is in the release, and
// nobody is in it twice, however often the server is killed in between.
//
// It does not run beside other tests: on a busy machine the wave would close
// before everybody was answered, and three tries cost minutes.
func TestKillDuringCasting(t *testing.T) {
	// Kills and answers take about five seconds; the rest is waiting.
	cast := inTime(t, 15*time.Second, func(open time.Duration) (casting, bool) { return castUnderKills(t, open) })
	h, p, c := cast.house, cast.server, cast.crowd
	time.Sleep(cast.left) // the wave closes
	p.wait("release the wave", func() bool { return strings.Contains(p.get("/log.json"), `"kind":"release"`) })
	if code := p.interrupt(); code != exitDone {
		t.Errorf("the server ends with %d; want %d", code, exitDone)
	}

	// Everybody but the last of each team was answered, so n is the headcount
	// less one, and a ballot that is in twice or not at all moves it.
	want := make(map[string]figure)
	for measure, items := range pulseMeasures() {
		all, departments := sums{}, make(map[string]sums)
		for _, team := range killTeams {
			department, name, _ := strings.Cut(team.path, " / ")
			block := blockOf(c.sheets(team.path), items)
			if block.n != team.people-1 {
				t.Fatalf("%s: %d answered; want %d", team.path, block.n, team.people-1)
			}
			want[name+" "+measure] = block.shown(team.people)
			departments[department] = departments[department].plus(block)
			all = all.plus(block)
		}
		want["North "+measure] = departments["North"].shown(36) // 16 + 12 + 8
		want["South "+measure] = departments["South"].shown(24) // 13 + 11
		want["Test Harbour "+measure] = all.shown(60)
	}
	compareExport(t, h.attune("export", "--wave", "all", "-o", "-"), want)
	h.attune("verify")
	t.Logf("%d kills: %d posts broke off, %d of them had been stored and were sent again, %d answered again; done %s before the close",
		len(castingKills), c.broken, c.stored, c.again, cast.left.Round(time.Second))
	if c.broken == 0 || c.again == 0 {
		t.Errorf("no kill met a post (%d) or nobody answered again (%d): the test shows nothing", c.broken, c.again)
	}
}

// casting is a server on a wave in which everybody was answered.
type casting struct {
	house  *house
	server *process
	crowd  *crowd
	left   time.Duration // until the wave closes
}

// castUnderKills is false when the wave closed before everybody was answered.
func castUnderKills(t *testing.T, open time.Duration) (casting, bool) {
	h := newHouse(t)
	h.importPeople(killTeams)
	wave := h.announce("now", after(open))
	c := newCrowd(t, h.tickets(wave.ID))
	for round, moment := range castingKills {
		if !time.Now().Before(wave.Closes) {
			return casting{}, false
		}
		p := h.serve()
		arrived := len(c.people) * (round + 1) / (len(castingKills) + 1)
		c.answerUntilKilled(h, p, arrived, moment, time.Until(wave.Closes))
	}
	p := h.serve()
	everybody := c.answerAll(p)
	left := time.Until(wave.Closes)
	if everybody && left > time.Second {
		return casting{h, p, c, left}, true
	}
	p.kill()
	if !everybody && left > 0 {
		t.Error("somebody was never answered although the wave was open")
	}
	return casting{}, false
}

// crowd is everybody who answers. One in every team never does.
type crowd struct {
	t      *testing.T
	people []*respondent

	mu     sync.Mutex
	dice   *rand.Rand
	broken int // posts without an answer
	stored int // of these: the ballot was in its box already when it was sent again
	again  int // confirmed answers that were sent once more
}

type respondent struct {
	team     string
	code     string
	answers  sheet
	busy     bool // a post is under way
	received bool // they were told so
	once     bool // they answer until they are told so, and never again
}

func newCrowd(t *testing.T, codes map[string][]string) *crowd {
	t.Helper()
	c := &crowd{t: t, dice: rand.New(rand.NewPCG(7, 11))}
	for _, team := range killTeams {
		if len(codes[team.path]) != team.people {
			t.Fatalf("%d codes for %q; want %d", len(codes[team.path]), team.path, team.people)
		}
		for i, code := range codes[team.path][1:] {
			answers := make(sheet) // complete, so that n of every measure is the number of ballots
			for place, item := range walkItems {
				answers[item] = 1 + (len(c.people)*3+i*place+place)%5
			}
			c.people = append(c.people, &respondent{team: team.path, code: code, answers: answers, once: i%2 == 0})
		}
	}
	c.dice.Shuffle(len(c.people), func(i, j int) { c.people[i], c.people[j] = c.people[j], c.people[i] })
	return c
}

func (c *crowd) sheets(team string) []sheet {
	var all []sheet
	for _, r := range c.people {
		if r.team == team && r.received {
			all = append(all, r.answers)
		}
	}
	return all
}

// phones is how many people answer at the same time.
const phones = 12

// answerUntilKilled lets the first people of the crowd answer and kills the
// server at a moment, or when patience has gone by.
func (c *crowd) answerUntilKilled(h *house, p *process, arrived, moment int, patience time.Duration) {
	ctx, dead := context.WithCancel(c.t.Context())
	answered := make(chan struct{}, phones)
	var working sync.WaitGroup
	for range phones {
		working.Go(func() {
			for ctx.Err() == nil {
				r := c.next(arrived)
				if r == nil {
					time.Sleep(time.Millisecond)
					continue
				}
				if c.post(p, r) {
					select {
					case answered <- struct{}{}:
					default:
					}
				}
			}
		})
	}
	late := time.Now().Add(patience)
	writing := func() bool { return h.writing("ballots.db") }
	switch moment {
	case atAnswer:
		select {
		case <-answered:
		case <-time.After(patience):
		}
	case atWriting:
		until(late, writing)
	case atWritten:
		until(late, writing)
		until(late, func() bool { return !writing() })
	default:
		time.Sleep(time.Duration(moment) * time.Millisecond)
	}
	p.kill()
	dead()
	working.Wait()
}

// until looks as often as it can whether something is so.
func until(late time.Time, so func() bool) {
	for !so() && time.Now().Before(late) {
	}
}

// answerAll goes on until everybody was told "received". It is false when
// somebody was not, however often they tried.
func (c *crowd) answerAll(p *process) bool {
	var working sync.WaitGroup
	for range phones {
		working.Go(func() {
			for tries := 0; tries < 100; tries++ {
				r := c.missing()
				if r == nil {
					return
				}
				c.post(p, r)
			}
		})
	}
	working.Wait()
	return c.missing() == nil
}

// next picks somebody who has arrived and waits for their answer, or somebody
// who sends the same once more.
func (c *crowd) next(arrived int) *respondent {
	if r := c.pick(c.people[:arrived], func(r *respondent) bool { return !r.received }); r != nil {
		return r
	}
	return c.pick(c.people[:arrived], func(r *respondent) bool { return !r.once })
}

func (c *crowd) missing() *respondent {
	return c.pick(c.people, func(r *respondent) bool { return !r.received })
}

func (c *crowd) pick(from []*respondent, fits func(*respondent) bool) *respondent {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, i := range c.dice.Perm(len(from)) {
		if r := from[i]; !r.busy && fits(r) {
			r.busy = true
			return r
		}
	}
	return nil
}

// post sends a ballot and says whether it was answered with "received".
func (c *crowd) post(p *process, r *respondent) bool {
	form := url.Values{"code": {r.code}}
	for item, v := range r.answers {
		form.Set(item, strconv.Itoa(v))
	}
	received, replaced, err := postBallot(c.t.Context(), p.url, form)
	var refused *net.OpError
	c.mu.Lock()
	defer c.mu.Unlock()
	r.busy = false
	switch {
	case errors.As(err, &refused) && refused.Op == "dial": // it was dead before
	case err != nil:
		c.broken++
	case !received:
	case r.received && !replaced:
		c.t.Errorf("%s of %s had been received, and is gone when it is sent again", r.code, r.team)
	case r.received:
		c.again++
	case replaced:
		c.stored++
	}
	r.received = r.received || received
	return received
}

// postBallot posts as a phone's script does. err is a post without an answer.
func postBallot(ctx context.Context, base string, form url.Values) (received, replaced bool, err error) {
	ctx, stop := context.WithTimeout(ctx, 20*time.Second)
	defer stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/p", strings.NewReader(form.Encode()))
	if err != nil {
		return false, false, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, false, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return false, false, err
	}
	var answer struct{ Received, Replaced bool }
	if err := json.Unmarshal(body, &answer); err != nil {
		return false, false, fmt.Errorf("%s: %.200s: %w", response.Status, body, err)
	}
	return answer.Received && response.StatusCode == http.StatusOK, answer.Replaced, nil
}
