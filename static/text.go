package static

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"sort"
	"strings"
)

// placeholder is a name in braces: "{unit}".
var placeholder = regexp.MustCompile(`\{([a-z_0-9]+)\}`)

// readTexts reads locales/LANG/*.json, each a flat object from key to text.
// Which file a key stands in does not matter, but it stands in one only.
func readTexts(files fs.FS) (map[string]map[string]string, []string, error) {
	texts := make(map[string]map[string]string)
	names, err := fs.Glob(files, "locales/*/*.json")
	if err != nil {
		return nil, nil, fmt.Errorf("texts: %w", err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, nil, fmt.Errorf("texts %s: %w", name, err)
		}
		var part map[string]string
		if err := json.Unmarshal(raw, &part); err != nil {
			return nil, nil, fmt.Errorf("texts %s: %w", name, err)
		}
		lang := path.Base(path.Dir(name))
		if texts[lang] == nil {
			texts[lang] = make(map[string]string)
		}
		for key, text := range part {
			if _, twice := texts[lang][key]; twice {
				return nil, nil, fmt.Errorf("texts %s: key %q stands twice in %q", name, key, lang)
			}
			texts[lang][key] = text
		}
	}
	langs := make([]string, 0, len(texts))
	for lang := range texts {
		langs = append(langs, lang)
	}
	sortLanguages(langs)
	return texts, langs, checkParity(texts)
}

// checkParity fails with every key that one language has and another lacks,
// and every text whose placeholders differ from the English ones.
func checkParity(texts map[string]map[string]string) error {
	var faults []string
	for lang, all := range texts {
		for key, text := range texts["en"] {
			other, ok := all[key]
			switch {
			case !ok:
				faults = append(faults, fmt.Sprintf("%s lacks %s", lang, key))
			case text == other || !strings.Contains(text, "{") && !strings.Contains(other, "{"): // no placeholder, or the same
			case placeholders(text) != placeholders(other):
				faults = append(faults, fmt.Sprintf("%s: %s has placeholders %q, English %q", lang, key, placeholders(other), placeholders(text)))
			}
		}
		for key := range all {
			if _, ok := texts["en"][key]; !ok {
				faults = append(faults, fmt.Sprintf("en lacks %s, which %s has", key, lang))
			}
		}
	}
	if len(faults) == 0 {
		return nil
	}
	sort.Strings(faults)
	return fmt.Errorf("texts: %s", strings.Join(faults, "; "))
}

func placeholders(text string) string {
	seen := make(map[string]bool)
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		seen[m[1]] = true
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	sort.Strings(names)
	return strings.Join(names, " ")
}

// Has says whether a key exists; every language has the same keys.
func (s *Site) Has(key string) bool {
	_, ok := s.texts["en"][key]
	return ok
}

// Text gives a text in a language with its placeholders filled from args.
// An unknown language falls back to English. An unknown key gives the key
// itself in brackets, which the tests of every page look for.
func (s *Site) Text(lang, key string, args map[string]any) string {
	text, ok := s.texts[lang][key]
	if !ok {
		if text, ok = s.texts["en"][key]; !ok {
			return "[" + key + "]"
		}
	}
	if len(args) == 0 || !strings.Contains(text, "{") {
		return text // most texts, many on a page
	}
	return fill(text, args)
}

// fill replaces the placeholders of a text; one without a value stays. A page
// has hundreds of texts, so it cuts at braces instead of asking placeholder,
// which says what a name is.
func fill(text string, args map[string]any) string {
	var filled strings.Builder
	for {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			break
		}
		length := strings.IndexByte(text[open:], '}')
		if length < 0 {
			break
		}
		// The last brace before the closing one opens the name.
		open += strings.LastIndexByte(text[open:open+length], '{')
		end := open + strings.IndexByte(text[open:], '}') + 1
		filled.WriteString(text[:open])
		if value, ok := args[text[open+1:end-1]]; ok {
			filled.WriteString(written(value))
		} else {
			filled.WriteString(text[open:end])
		}
		text = text[end:]
	}
	filled.WriteString(text)
	return filled.String()
}

// written is fmt.Sprint, sooner for what most values are.
func written(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	return fmt.Sprint(value)
}

// Language picks the first language of an Accept-Language header (or a plain
// code) that texts exist in, and fallback when there is none.
func (s *Site) Language(header, fallback string) string {
	for _, part := range strings.Split(header, ",") {
		code, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		code, _, _ = strings.Cut(strings.ToLower(code), "-")
		if _, ok := s.texts[code]; ok {
			return code
		}
	}
	return fallback
}
