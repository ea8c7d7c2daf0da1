package respond

import (
	"net/http"
	"strings"

	"attune/survey"
)

// kioskPage asks which wave a slip is for: several are open.
type kioskPage struct {
	frame
	Rounds []round
}

// showKiosk is GET /kiosk: the page of a shared tablet. It takes the codes of
// printed slips and keeps nothing between two people.
func (s *server) showKiosk(w http.ResponseWriter, r *http.Request) {
	open, err := s.waves.OpenWaves(r.Context())
	if err != nil {
		s.refuse(w, r, http.StatusServiceUnavailable, "phone.error.fault", nil)
		return
	}
	switch len(open) {
	case 0:
		s.formOrCode(w, r, http.StatusOK, nil, form{}, nil)
	case 1:
		s.showKioskForm(w, r, open[0])
	default:
		page := kioskPage{frame: s.frame(r, open[0].Organisation, "phone.title")}
		page.Script = kioskScript
		for _, wave := range open {
			page.Rounds = append(page.Rounds, round{ID: wave.ID, answerPage: answerPage{Closes: s.closing(s.lang(r), wave), Fingerprint: wave.Fingerprint}})
		}
		s.render(w, r, http.StatusOK, "kiosk", page)
	}
}

// showKioskWave is GET /kiosk/WAVE: the form of one of several open waves.
func (s *server) showKioskWave(w http.ResponseWriter, r *http.Request) {
	open, err := s.waves.OpenWaves(r.Context())
	if err != nil {
		s.refuse(w, r, http.StatusServiceUnavailable, "phone.error.fault", nil)
		return
	}
	for _, wave := range open {
		if wave.ID == survey.WaveID(strings.TrimPrefix(r.URL.Path, kioskWavePath)) {
			s.showKioskForm(w, r, wave)
			return
		}
	}
	s.refusePath(w, r)
}

func (s *server) showKioskForm(w http.ResponseWriter, r *http.Request, wave survey.OpenWave) {
	view, err := s.answerView(r, wave, form{}, nil)
	if err != nil {
		panic(err) // guard answers with the plain page
	}
	view.Kiosk, view.Script = true, kioskScript
	for _, name := range kioskTexts() {
		view.Phone.Text[name] = s.text(s.lang(r), "kiosk.js."+name, nil)
	}
	s.render(w, r, http.StatusOK, "answer", view)
}

// kioskTexts are the texts that only the kiosk's script shows.
func kioskTexts() []string {
	return []string{"silence", "stay", "wiped", "waiting"}
}
