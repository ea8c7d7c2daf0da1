package respond

import (
	"fmt"
	"net/http"
	"strings"

	"attune/survey"
)

// codePage asks for the code alone: several waves are open.
type codePage struct {
	frame
	Code    string
	Problem *problem
}

// closedPage says that no wave is open.
type closedPage struct {
	frame
	Next    string // when the next wave opens; empty when that is not known
	Problem *problem
}

// receivedPage is the answer to a committed ballot, for phones without script.
type receivedPage struct {
	frame
	Teams      string
	Headcount  int
	Replaced   bool
	Code       string
	Closes     string
	Owner      string
	ResultsOn  string
	Contact    string
	Help       []helpTier
	Key        []scaleKey
	Disclaimer []string
	Seen       Seen
	Credits    []string
	Private    []privateQuestion
}

// showForm is GET /p. It changes nothing, whoever follows the link.
func (s *server) showForm(w http.ResponseWriter, r *http.Request) {
	open, err := s.waves.OpenWaves(r.Context())
	if err != nil {
		s.refuse(w, r, http.StatusServiceUnavailable, "phone.error.fault", nil)
		return
	}
	if len(open) != 1 {
		s.formOrCode(w, r, http.StatusOK, open, form{}, nil)
		return
	}
	wave := open[0]
	key := strings.Join([]string{s.lang(r), strings.Join(s.spoken().Languages, " "), wave.ManifestSHA256, wave.Organisation, wave.Contact, wave.Owner, wave.ResultsOn, fmt.Sprint(wave.Help)}, "\x00")
	page, err := s.fresh.get(key, func() ([]byte, error) {
		view, err := s.answerView(r, wave, form{}, nil)
		if err != nil {
			return nil, err
		}
		return s.made(r, "answer", view)
	})
	if err != nil {
		panic(err) // guard answers with the plain page
	}
	page.write(w, r)
}

// takeForm is POST /p: the code alone (step=code), or code and answers.
func (s *server) takeForm(w http.ResponseWriter, r *http.Request) {
	f, fault := readForm(w, r)
	if fault != nil {
		s.refuseForm(w, r, fault)
		return
	}
	if f.step == codeField {
		s.takeCode(w, r, f)
		return
	}
	answers, err := f.sheet()
	if err == nil {
		var receipt survey.Receipt
		if receipt, err = s.waves.CastPaper(r.Context(), f.code, answers); err == nil {
			s.received(w, r, f, receipt)
			return
		}
	}
	s.sayAgain(w, r, f, err)
}

// takeCode shows the form of the wave that a code belongs to.
func (s *server) takeCode(w http.ResponseWriter, r *http.Request, f form) {
	wave, err := s.waves.PaperWave(r.Context(), f.code)
	if err != nil {
		s.sayAgain(w, r, f, err)
		return
	}
	s.showWave(w, r, http.StatusOK, wave, f, nil, true)
}

// received answers a committed ballot. Nothing of what was answered is in it.
func (s *server) received(w http.ResponseWriter, r *http.Request, f form, receipt survey.Receipt) {
	if wantsJSON(r) {
		s.writeReceipt(w, r, receipt)
		return
	}
	lang := s.lang(r)
	page := receivedPage{
		frame: s.frame(r, "", "phone.received.title"),
		Teams: teams(receipt.Teams), Headcount: receipt.Headcount, Replaced: receipt.Replaced, Code: f.code,
		Help: s.helpAfter(lang, receipt),
	}
	// The ballot is in its box: if the wave cannot be read again now, the
	// page says "received" without the dates and the key.
	if open, err := s.waves.OpenWaves(r.Context()); err == nil {
		for _, wave := range open {
			if wave.ID == receipt.Wave {
				page.Organisation, page.Contact, page.Owner = wave.Organisation, wave.Contact, wave.Owner
				page.ResultsOn, page.Closes = s.plainDate(lang, wave.ResultsOn), s.closing(lang, wave)
				page.Seen = SeenOf(wave.Manifest, receipt.Teams, receipt.Headcount)
				page.Key, page.Disclaimer = s.scaleKeys(lang, wave), disclaimers(lang, wave)
				for _, pack := range wave.Packs {
					page.Credits = appendText(page.Credits, pack.CreditLine.In(lang))
					page.Private = append(page.Private, privates(lang, pack)...)
				}
			}
		}
	}
	s.render(w, r, http.StatusOK, "received", page)
}

// writeReceipt answers a committed ballot to a script.
func (s *server) writeReceipt(w http.ResponseWriter, r *http.Request, receipt survey.Receipt) {
	writeJSON(w, r, http.StatusOK, struct {
		Received  bool       `json:"received"`
		Replaced  bool       `json:"replaced"`
		Teams     []string   `json:"teams"`
		Headcount int        `json:"headcount"`
		Help      []helpTier `json:"help"`
	}{true, receipt.Replaced, receipt.Teams, receipt.Headcount, s.helpAfter(s.lang(r), receipt)})
}

// sayAgain shows the form again with what was typed and what is wrong.
func (s *server) sayAgain(w http.ResponseWriter, r *http.Request, f form, cause error) {
	open, err := s.waves.OpenWaves(r.Context())
	if err != nil {
		open = nil // the cause is still worth telling
	}
	wave, found := waveOf(open, f)
	var questions []question
	if found {
		questions, err = s.questions(s.lang(r), wave, f)
		if err != nil {
			panic(err) // guard answers with the plain page
		}
	}
	p := s.explain(s.lang(r), cause, questions)
	switch {
	case wantsJSON(r):
		writeProblem(w, r, p)
	case found && f.step != codeField:
		s.showWave(w, r, p.Status, wave, f, &p, false)
	default:
		s.formOrCode(w, r, p.Status, open, f, &p)
	}
}

// waveOf finds the open wave that a form was about: the only one, or the
// first that asks everything that was answered.
func waveOf(open []survey.OpenWave, f form) (survey.OpenWave, bool) {
	if len(open) == 1 {
		return open[0], true
	}
	if len(f.answers) == 0 {
		return survey.OpenWave{}, false
	}
	for _, wave := range open {
		asked := make(map[string]bool)
		for _, pack := range wave.Packs {
			for _, item := range pack.Items {
				asked[item.ID] = true
			}
		}
		all := true
		for id := range f.answers {
			all = all && asked[id]
		}
		if all {
			return wave, true
		}
	}
	return survey.OpenWave{}, false
}

// formOrCode shows the one open wave's form, or the field for the code when
// several are open, or says that none is.
func (s *server) formOrCode(w http.ResponseWriter, r *http.Request, status int, open []survey.OpenWave, f form, p *problem) {
	switch len(open) {
	case 0:
		page := closedPage{frame: s.troubled(s.lang(r), s.frame(r, "", "phone.title"), p), Problem: p}
		if next, known, err := s.waves.NextOpening(r.Context()); err == nil && known && next.After(s.now()) {
			page.Next = s.moment(s.lang(r), next, next.Location())
		}
		s.render(w, r, status, "closed", page)
	case 1:
		s.showWave(w, r, status, open[0], f, p, false)
	default:
		page := codePage{frame: s.troubled(s.lang(r), s.frame(r, open[0].Organisation, "phone.title"), p), Code: f.code, Problem: p}
		page.Script = phoneScript
		s.render(w, r, status, "code", page)
	}
}

func (s *server) showWave(w http.ResponseWriter, r *http.Request, status int, wave survey.OpenWave, f form, p *problem, codeKnown bool) {
	view, err := s.answerView(r, wave, f, p)
	if err != nil {
		panic(err) // guard answers with the plain page
	}
	view.CodeHidden = codeKnown
	s.render(w, r, status, "answer", view)
}
