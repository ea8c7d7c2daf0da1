package respond

import (
	"fmt"
	"net/http"
	"strings"

	"attune/survey"
)

// frame is what stands around every page.
type frame struct {
	Title        string // of the window: says little, because others see it
	Organisation string
	Languages    []languageLink // none on pages that answer a post
	Script       string         // the bundle that the page loads; empty: none
}

type languageLink struct {
	Code, Name, Href string
	Current          bool
}

// frame builds the surroundings. Pages that answer a post cannot be fetched
// again in another language, so they offer none.
func (s *server) frame(r *http.Request, organisation, title string) frame {
	lang := s.lang(r)
	f := frame{Title: s.text(lang, title, nil), Organisation: organisation}
	if r.Method == http.MethodPost {
		return f
	}
	for _, code := range s.spoken().Languages {
		f.Languages = append(f.Languages, languageLink{
			Code: code, Name: s.text(code, "phone.language", nil),
			Href: "?lang=" + code, Current: code == lang,
		})
	}
	return f
}

// troubled says in the window's title that something went wrong, which a
// screen reader reads first.
func (s *server) troubled(lang string, f frame, p *problem) frame {
	if p != nil {
		f.Title = s.text(lang, "phone.js.problem", nil) + " – " + f.Title
	}
	return f
}

type problemPage struct {
	frame
	Problem problem
}

// answerPage is the form of one wave.
type answerPage struct {
	frame
	Count       int
	Minutes     int
	K           int
	Owner       string
	ResultsOn   string
	Closes      string
	Contact     string
	Help        help
	Notices     []string // what packs say before their first question
	Credits     []string // of instruments, shown wherever their items are
	Fingerprint []string
	Questions   []question
	Private     []privateQuestion
	Code        string
	CodeHidden  bool // the code was given on the page before
	Kiosk       bool // a shared tablet: nothing stays between two people
	Problem     *problem
	Phone       phoneData
	Seen        Seen
}

// question is one item as it is asked.
type question struct {
	ID      string
	Number  int
	Text    string
	Lang    string // set where the text is not in the page's language
	Recall  string
	Options []option
}

type option struct {
	Value   int
	Label   string
	Checked bool
}

// answerView makes the page of a wave, with what was typed.
func (s *server) answerView(r *http.Request, w survey.OpenWave, f form, p *problem) (answerPage, error) {
	lang := s.lang(r)
	questions, err := s.questions(lang, w, f)
	if err != nil {
		return answerPage{}, err
	}
	page := answerPage{
		frame: s.troubled(lang, s.frame(r, w.Organisation, "phone.title"), p),
		Count: len(questions), K: w.Manifest.K,
		Owner: w.Owner, ResultsOn: s.plainDate(lang, w.ResultsOn), Closes: s.closing(lang, w),
		Contact: contactOf(lang, w), Help: s.helpWith(lang, []string{w.Contact}, false, w.Help), Fingerprint: w.Fingerprint,
		Questions: questions, Code: f.code, Problem: p,
	}
	for _, pack := range w.Packs {
		page.Minutes += pack.Minutes
		page.Notices = appendText(page.Notices, pack.Notice.In(lang))
		page.Credits = appendText(page.Credits, pack.CreditLine.In(lang))
		page.Private = append(page.Private, privates(lang, pack)...)
	}
	page.Minutes = max(page.Minutes, 1)
	page.Script = phoneScript
	page.Phone = s.phoneData(lang, w)
	page.Seen = SeenOf(w.Manifest, nil, 0)
	return page, nil
}

func appendText(texts []string, text string) []string {
	if text == "" {
		return texts
	}
	return append(texts, text)
}

// privateQuestion is asked on the page and never sent: its fields have no name.
type privateQuestion struct {
	Text, Hint string
	Options    []string // none: a note
}

func privates(lang string, pack *survey.Pack) []privateQuestion {
	var list []privateQuestion
	for _, p := range pack.Private {
		q := privateQuestion{Text: p.Text.In(lang), Hint: p.Hint.In(lang)}
		for _, o := range p.Options {
			q.Options = append(q.Options, o.Label.In(lang))
		}
		list = append(list, q)
	}
	return list
}

// questions lists a wave's items in ballot order.
func (s *server) questions(lang string, w survey.OpenWave, f form) ([]question, error) {
	sheet, err := survey.NewSheet(w.Packs)
	if err != nil {
		return nil, err
	}
	recall := make(map[string]string)
	for _, pack := range w.Packs {
		for _, item := range pack.Items {
			recall[item.ID] = pack.RecallWindow.In(lang)
			if len(item.Recall) > 0 {
				recall[item.ID] = item.Recall.In(lang)
			}
		}
	}
	var questions []question
	for i, item := range sheet.Items() {
		if item.ID == codeField || item.ID == stepField {
			return nil, fmt.Errorf("wave %s: an item is called %q, which is a field of the form", w.ID, item.ID)
		}
		q := question{ID: item.ID, Number: i + 1, Text: item.Text.In(lang), Recall: recall[item.ID]}
		if _, ok := item.Text[lang]; !ok {
			q.Lang = "en"
		}
		for _, o := range item.Options() {
			q.Options = append(q.Options, option{
				Value: o.Value, Label: o.Label.In(lang), Checked: f.answers[item.ID] == itoa(o.Value),
			})
		}
		questions = append(questions, q)
	}
	return questions, nil
}

// teams writes the names of a group's teams.
func teams(paths []string) string { return strings.Join(paths, "; ") }
