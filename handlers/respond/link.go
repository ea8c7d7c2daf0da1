package respond

import (
	"fmt"
	"net/http"
	"strings"

	"attune/survey"
)

// The bundles that pages load.
const (
	phoneScript = "phone.js" // for slips
	kioskScript = "kiosk.js" // for slips on a shared tablet
	linkScript  = "link.js"  // for personal links
)

// linkPage is what a personal link opens. It is the same for everybody: whose
// link it is stands behind the # of the address, which stays on the phone.
type linkPage struct {
	frame
	Rounds  []round
	Contact string
	Link    linkData
}

// round is one announced or open wave.
type round struct {
	answerPage
	ID    survey.WaveID
	Open  bool
	Opens string
}

// linkData is what the script of the page works with.
type linkData struct {
	Waves   []linkWave        `json:"waves"`
	Text    map[string]string `json:"text"`
	Tickets string            `json:"tickets"` // the ticket client's URL path
	Past    string            `json:"past"`    // what keeps results on this phone; its URL path
	Worker  string            `json:"worker"`
	Cast    string            `json:"cast"` // where ballots go
	Lang    string            `json:"lang"`
}

type linkWave struct {
	ID       survey.WaveID `json:"id"`
	Open     bool          `json:"open"`
	Manifest string        `json:"manifest"` // its SHA-256, hex
	Opens    string        `json:"opens"`    // in words
	// What the private result needs, of an open wave.
	Scales     []phoneScale `json:"scales"`
	Disclaimer []string     `json:"disclaimer"`
}

// linkTexts are the texts that the script shows, by the part of the key behind
// "link.js.", or "phone.js." where both pages say the same.
func linkTexts() []string {
	return []string{
		"back", "skip", "next", "send", "sending", "clear", "progress", "answered", "skipped", "problem",
		"received_group", "result_value", "result_error", "result_few",
		"group", "answer", "held", "held_here", "collect_answer", "together", "collect_later", "lost", "collect_soon", "soon_held", "collecting", "denied",
		"cast", "change", "change_hint", "back_out", "taken_out", "back_out_failed", "received", "replaced",
		"pending", "pending_here", "try_now", "no_link", "several", "unreachable", "unable",
		"refuse", "refuse_manifest", "refuse_group", "refuse_stamp",
	}
}

// showLink is GET /a. Whoever fetches it, and however often, changes nothing.
func (s *server) showLink(w http.ResponseWriter, r *http.Request) {
	waves, err := s.waves.Drawable(r.Context())
	if err != nil {
		s.refuse(w, r, http.StatusServiceUnavailable, "phone.error.fault", nil)
		return
	}
	key := append([]string{linkPath, s.lang(r)}, s.spoken().Languages...)
	for _, wave := range waves {
		key = append(key, string(wave.State), wave.ManifestSHA256, wave.Organisation, wave.Contact, wave.Owner, wave.ResultsOn, fmt.Sprint(wave.Help))
	}
	page, err := s.fresh.get(strings.Join(key, "\x00"), func() ([]byte, error) {
		view, err := s.linkView(r, waves)
		if err != nil {
			return nil, err
		}
		return s.made(r, "link", view)
	})
	if err != nil {
		panic(err) // guard answers with the plain page
	}
	// The page is kept for opening it offline: so the browser may give its
	// worker the bytes that it has, but must ask before it shows them itself.
	w.Header().Set("Cache-Control", "no-cache")
	page.write(w, r)
}

func (s *server) linkView(r *http.Request, waves []survey.OpenWave) (linkPage, error) {
	lang := s.lang(r)
	page := linkPage{frame: s.frame(r, "", "phone.title"), Link: linkData{
		Waves: []linkWave{}, Text: make(map[string]string), Lang: lang,
		Worker: workerPath, Cast: s.ballots + castPath,
	}}
	page.Script = linkScript
	var err error
	if page.Link.Tickets, err = s.site.Asset("ticket.js"); err != nil {
		return linkPage{}, err
	}
	if page.Link.Past, err = s.site.Asset(pastScript); err != nil {
		return linkPage{}, err
	}
	for _, name := range linkTexts() {
		key := "link.js." + name
		if !s.site.Has(key) {
			key = "phone.js." + name
		}
		page.Link.Text[name] = s.text(lang, key, nil)
	}
	for _, name := range seenTexts() {
		page.Link.Text[name] = s.text(lang, "seen.js."+name, nil)
	}
	for _, wave := range waves {
		view, err := s.answerView(r, wave, form{}, nil)
		if err != nil {
			return linkPage{}, err
		}
		view.Seen.Unknown = "seen.link_group"
		data := linkWave{
			ID: wave.ID, Open: wave.State == survey.Open, Manifest: wave.ManifestSHA256,
			Opens: s.moment(lang, wave.Opens, wave.Zone),
		}
		if data.Open {
			data.Scales, data.Disclaimer = view.Phone.Scales, view.Phone.Disclaimer
		}
		if page.Organisation == "" {
			page.Organisation, page.Contact = view.Organisation, view.Contact
		}
		page.Link.Waves = append(page.Link.Waves, data)
		page.Rounds = append(page.Rounds, round{answerPage: view, ID: wave.ID, Open: data.Open, Opens: data.Opens})
	}
	return page, nil
}

// showWorker gives the script that lets /a open offline. It may only ask this
// server, and only for that page and what the page is made of.
func (s *server) showWorker(w http.ResponseWriter, r *http.Request) {
	body, encoding, err := s.site.Body("worker.js", r.Header.Get("Accept-Encoding"))
	if err != nil {
		panic(err) // guard answers with the plain page
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'; require-trusted-types-for 'script'")
	h.Set("Cache-Control", "no-cache")
	h.Set("Service-Worker-Allowed", linkPath)
	h.Set("Vary", "Accept-Encoding")
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	writeBody(w, r, http.StatusOK, "text/javascript; charset=utf-8", body)
}
