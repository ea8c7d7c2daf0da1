package static

import (
	"fmt"
	"html/template"
	"io"
)

// Pages are the templates of one audience, parsed once per language, so that
// no request ever shares a function with a request in another language.
type Pages struct {
	byLang map[string]*template.Template
}

// Pages parses templates/AUDIENCE/*.html, and templates/shared/*.html with
// them. Inside a template, {{t "key" "name"
// value …}} is a text, {{asset "phone.css"}} a URL path and {{lang}} the
// language code. funcs adds more functions; it is called once per language.
func (s *Site) Pages(audience string, funcs func(lang string) template.FuncMap) (*Pages, error) {
	pages := &Pages{byLang: make(map[string]*template.Template)}
	for _, lang := range s.langs {
		t := template.New(audience).Option("missingkey=error").Funcs(template.FuncMap{
			"asset": s.Asset,
			"lang":  func() string { return lang },
			"langs": s.Languages,
			"t": func(key string, pairs ...any) (string, error) {
				if !s.Has(key) {
					return "", fmt.Errorf("text %q does not exist", key)
				}
				args := make(map[string]any, len(pairs)/2)
				for i := 0; i+1 < len(pairs); i += 2 {
					args[fmt.Sprint(pairs[i])] = pairs[i+1]
				}
				return s.Text(lang, key, args), nil
			},
		})
		if funcs != nil {
			t = t.Funcs(funcs(lang))
		}
		t, err := t.ParseFS(files, "templates/shared/*.html", "templates/"+audience+"/*.html")
		if err != nil {
			return nil, fmt.Errorf("templates of %s: %w", audience, err)
		}
		pages.byLang[lang] = t
	}
	return pages, nil
}

// Render writes a page. An unknown language is a fault of the caller, who
// picks one with Site.Language.
func (p *Pages) Render(w io.Writer, lang, page string, data any) error {
	t, ok := p.byLang[lang]
	if !ok {
		return fmt.Errorf("page %s: no language %q", page, lang)
	}
	return t.ExecuteTemplate(w, page, data)
}
