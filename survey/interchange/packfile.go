package interchange

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"attune/survey"

	"go.yaml.in/yaml/v3"
)

// Defaults fill in what a pack must say and a foreign file does not. They are
// texts, so they come from the caller; a language without them is left out of
// what is imported.
type Defaults struct {
	Disclaimer survey.Text
	Recall     survey.Text
	Licence    string
	Credit     string
	Drafted    string // where the wording comes from
	Rationale  string
}

// Imported is a pack file made of a foreign file, and what was left out.
type Imported struct {
	YAML  []byte
	Notes []*survey.Error // what the foreign file holds and the pack does not
}

// YAML writes a pack as a pack file. Reading it gives the same pack, but for
// its hash: comments and the form of the first file are gone.
func YAML(p *survey.Pack) ([]byte, error) {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(p); err != nil {
		return nil, fmt.Errorf("pack %s as YAML: %w", p.ID, err)
	}
	if err := encoder.Close(); err != nil {
		return nil, fmt.Errorf("pack %s as YAML: %w", p.ID, err)
	}
	return out.Bytes(), nil
}

// notLetters are runs of what an id cannot hold.
var notLetters = regexp.MustCompile(`[^a-z0-9]+`)

// maxID is the length of the longest id that a pack may use.
const maxID = 40

// slug makes an id of a name: small letters, digits and single separators,
// beginning with a letter. It gives fallback where nothing is left.
func slug(name, separator, fallback string) string {
	s := strings.Trim(notLetters.ReplaceAllString(strings.ToLower(name), separator), separator)
	if len(s) > maxID {
		s = strings.Trim(s[:maxID], separator)
	}
	if s == "" {
		return fallback
	}
	if s[0] < 'a' || s[0] > 'z' {
		return slug(fallback+separator+s, separator, fallback)
	}
	return s
}

// ids gives every name an id of its own.
type ids map[string]bool

func (taken ids) of(name, fallback string) string {
	id := slug(name, "_", fallback)
	for n := 2; taken[id]; n++ {
		end := "_" + strconv.Itoa(n)
		id = strings.TrimRight(slug(name, "_", fallback)[:min(len(slug(name, "_", fallback)), maxID-len(end))], "_") + end
	}
	taken[id] = true
	return id
}

// packVersion is the form of a pack's version, MAJOR.MINOR.
var packVersion = regexp.MustCompile(`^[1-9][0-9]{0,3}\.(0|[1-9][0-9]{0,3})$`)

// versionOf reads a foreign version: as it is, a whole number as N.0, and 1.0
// where there is none. ok is false for anything else.
func versionOf(foreign string) (version string, ok bool) {
	switch {
	case foreign == "":
		return "1.0", true
	case packVersion.MatchString(foreign):
		return foreign, true
	case packVersion.MatchString(foreign + ".0"):
		return foreign + ".0", true
	}
	return "", false
}

// minutesFor is how long so many questions take: six seconds each, at least a
// minute. The pulse's fifteen take under two.
func minutesFor(items int) int { return max(1, (items*6+59)/60) }
