package respond

import (
	"math"
	"strconv"
	"strings"

	"attune/survey"
)

// phoneData is what the phone needs to work out the private result by itself.
// It is the same for everybody, so fetching it tells nothing.
type phoneData struct {
	Scales     []phoneScale      `json:"scales"`
	Disclaimer []string          `json:"disclaimer"`
	Text       map[string]string `json:"text"`
}

// phoneScale is a scale as static/js/phone/scoring.js reads it, with words.
type phoneScale struct {
	ID          string      `json:"id"`
	Title       string      `json:"title"`
	Plain       string      `json:"plain"`
	Low         string      `json:"low"`
	Middle      string      `json:"middle"`
	High        string      `json:"high"`
	Error       float64     `json:"error"`
	Direction   string      `json:"direction"`
	Method      string      `json:"method"`
	MinAnswered int         `json:"min_answered"`
	Items       []phoneItem `json:"items"`
}

type phoneItem struct {
	ID      string `json:"id"`
	Reverse bool   `json:"reverse"`
	Min     int    `json:"min"`
	Max     int    `json:"max"`
	// Counts is what an answer counts as, where that is not its value; null:
	// as left out.
	Counts map[string]*int `json:"counts,omitempty"`
}

// phoneTexts are the texts that the script shows; everything else stands in
// the page already.
func phoneTexts() []string {
	return []string{
		"back", "skip", "next", "start", "send", "sending", "clear", "progress", "answered", "skipped",
		"not_sent", "problem", "retry", "received_group", "withdrawn", "withdraw_failed", "result_value", "result_error", "result_few",
	}
}

func (s *server) phoneData(lang string, w survey.OpenWave) phoneData {
	d := phoneData{Scales: []phoneScale{}, Disclaimer: disclaimers(lang, w), Text: make(map[string]string)}
	for _, name := range phoneTexts() {
		d.Text[name] = s.text(lang, "phone.js."+name, nil)
	}
	for _, name := range seenTexts() {
		d.Text[name] = s.text(lang, "seen.js."+name, nil)
	}
	for _, pack := range w.Packs {
		for _, scale := range pack.Scales {
			ps := phoneScale{
				ID: scale.ID, Title: scale.Title.In(lang), Plain: scale.Plain.In(lang),
				Low: scale.Low.In(lang), Middle: scale.Middle.In(lang), High: scale.High.In(lang),
				Error: scale.Error, Direction: string(scale.Direction), Method: scale.Method, MinAnswered: scale.MinAnswered,
			}
			for _, id := range scale.Items {
				if item, ok := pack.Item(id); ok {
					ps.Items = append(ps.Items, phoneItem{ID: id, Reverse: item.Reverse, Min: item.Min(), Max: item.Max(), Counts: countsOf(item)})
				}
			}
			d.Scales = append(d.Scales, ps)
		}
	}
	return d
}

// countsOf are the answers of an item that do not count as their value.
func countsOf(item survey.Item) map[string]*int {
	counts := make(map[string]*int)
	for _, o := range item.Options() {
		if score, ok := o.Counts(); !ok {
			counts[itoa(o.Value)] = nil
		} else if score != o.Value {
			counts[itoa(o.Value)] = &score
		}
	}
	return counts
}

// scaleKey is the table with which somebody without script works out a result
// on paper.
type scaleKey struct {
	Title, Plain       string
	Low, Middle, High  string
	Items              []keyItem
	Options            string // "1 Never, 2 Rarely, …"
	Sum                bool   // the result is the mean times the number of items
	ItemCount          int
	MinAnswered        int
	Turn               int    // a turned answer counts as Turn minus the answer; 0: none is turned
	LowBelow, HighOver string // the ends of the middle third
	Error              string
}

type keyItem struct {
	Number int
	Text   string
	Turned bool
}

// disclaimers say what the scales of a wave are not.
func disclaimers(lang string, w survey.OpenWave) []string {
	texts := []string{}
	for _, pack := range w.Packs {
		if text := pack.Disclaimer.In(lang); text != "" && len(pack.Scales) > 0 {
			texts = append(texts, text)
		}
	}
	return texts
}

func (s *server) scaleKeys(lang string, w survey.OpenWave) []scaleKey {
	sheet, err := survey.NewSheet(w.Packs)
	if err != nil {
		return nil // the form itself could not have been shown
	}
	number := make(map[string]int)
	for i, item := range sheet.Items() {
		number[item.ID] = i + 1
	}
	var keys []scaleKey
	for _, pack := range w.Packs {
		for _, scale := range pack.Scales {
			low, high := scale.Range(pack)
			key := scaleKey{
				Title: scale.Title.In(lang), Plain: scale.Plain.In(lang),
				Low: scale.Low.In(lang), Middle: scale.Middle.In(lang), High: scale.High.In(lang),
				Sum: scale.Method == "sum", ItemCount: len(scale.Items), MinAnswered: scale.MinAnswered,
				LowBelow: s.decimal(lang, low+(high-low)/3), HighOver: s.decimal(lang, high-(high-low)/3),
				Error: s.decimal(lang, scale.Error),
			}
			for _, id := range scale.Items {
				item, ok := pack.Item(id)
				if !ok {
					continue
				}
				key.Items = append(key.Items, keyItem{Number: number[id], Text: item.Text.In(lang), Turned: item.Reverse})
				if item.Reverse {
					key.Turn = item.Min() + item.Max()
				}
				if key.Options == "" {
					var options []string
					for _, o := range item.Options() {
						options = append(options, itoa(o.Value)+" = "+o.Label.In(lang))
					}
					key.Options = strings.Join(options, ", ")
				}
			}
			keys = append(keys, key)
		}
	}
	return keys
}

// decimal writes a number with one decimal place at most, as the language does.
func (s *server) decimal(lang string, v float64) string {
	text := strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
	return strings.Replace(text, ".", s.text(lang, "phone.decimal", nil), 1)
}

func itoa(v int) string { return strconv.Itoa(v) }
