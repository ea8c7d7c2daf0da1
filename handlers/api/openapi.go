package api

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"

	"go.yaml.in/yaml/v3"
)

// written is the OpenAPI document, by hand.
//
//go:embed openapi.yaml
var written []byte

// openAPI gives the document as YAML, as it was written, and as JSON.
func openAPI() (asYAML, asJSON []byte, err error) {
	var document map[string]any
	if err := yaml.Unmarshal(written, &document); err != nil {
		return nil, nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	if asJSON, err = json.Marshal(document); err != nil {
		return nil, nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	return written, asJSON, nil
}

// document answers with the OpenAPI document, to anybody: it says nothing
// about this installation.
func (a *API) document(kind string, body *[]byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { a.blob(w, r, kind, *body) }
}
