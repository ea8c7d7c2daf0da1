package survey

import (
	"fmt"
	"math/big"
	"sort"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"go.yaml.in/yaml/v3"
)

// explain turns what the schema refused into faults, one for each thing that
// a person has to mend. The schema uses no keyword that offers alternatives
// (anyOf, if), so that every leaf is a fault of its own.
func (f *packFile) explain(schema any, e *jsonschema.ValidationError) {
	way := e.InstanceLocation
	at := strings.Join(way, "/")
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		key, known := "error.pack.unknown_field", schemaFields(schema, e.SchemaURL)
		switch { // groups whose fields have names of a form, and no fixed list
		case strings.HasSuffix(e.SchemaURL, "#/$defs/text"), strings.HasSuffix(e.SchemaURL, "#/properties/provenance"):
			key = "error.pack.language"
		case strings.HasSuffix(e.SchemaURL, "#/properties/responses"), strings.HasSuffix(e.SchemaURL, "#/properties/reasons"),
			strings.HasSuffix(e.SchemaURL, "#/properties/sources"):
			key = "error.pack.id"
		}
		for _, field := range k.Properties {
			place := append(append([]string(nil), way...), field)
			f.spoilt[strings.Join(place, "/")] = true
			f.add(f.key(place), key, Args{"path": f.shown(way), "field": excerpt(field), "value": excerpt(field), "known": known})
		}
		return
	case *kind.Required:
		for _, field := range k.Missing {
			f.spoilt[strings.Join(append(append([]string(nil), way...), field), "/")] = true
			f.add(f.node(way), "error.pack.missing", Args{"path": f.shown(way), "field": field})
		}
		return
	}
	if len(e.Causes) > 0 {
		for _, cause := range e.Causes {
			f.explain(schema, cause)
		}
		return
	}
	if f.spoilt[at] {
		return // an alias or a tag stands here, and was refused before
	}
	f.spoilt[at] = true
	n := f.node(way)
	key, args := leafFault(e, n)
	f.overfull = f.overfull || key == "error.pack.too_many"
	args["path"] = f.shown(way)
	f.add(n, key, args)
}

// leafFault is the text of one refused value and its arguments but the path.
func leafFault(e *jsonschema.ValidationError, n *yaml.Node) (string, Args) {
	value := excerpt(n.Value)
	switch k := e.ErrorKind.(type) {
	case *kind.Type:
		return "error.pack.want_" + wanted(k.Want), Args{"value": value}
	case *kind.Enum:
		allowed := make([]string, len(k.Want))
		for i, w := range k.Want {
			allowed[i] = fmt.Sprint(w)
		}
		return "error.pack.choice", Args{"value": value, "allowed": strings.Join(allowed, ", ")}
	case *kind.Pattern:
		if strings.HasSuffix(e.SchemaURL, "#/properties/link") {
			return "error.pack.link", Args{"value": value}
		}
		for name, key := range map[string]string{
			"pack_id": "error.pack.pack_id", "id": "error.pack.id", "version": "error.pack.version",
			"language": "error.pack.language", "words": "error.pack.blank",
		} {
			if strings.HasSuffix(e.SchemaURL, "#/$defs/"+name) {
				return key, Args{"value": value}
			}
		}
	case *kind.MaxLength:
		return "error.pack.too_long", Args{"length": k.Got, "limit": k.Want}
	case *kind.MinItems:
		return "error.pack.too_few", Args{"count": k.Got, "limit": k.Want}
	case *kind.MaxItems:
		return "error.pack.too_many", Args{"count": k.Got, "limit": k.Want}
	case *kind.MinProperties:
		return "error.pack.too_few", Args{"count": k.Got, "limit": k.Want}
	case *kind.MaxProperties:
		return "error.pack.too_many", Args{"count": k.Got, "limit": k.Want}
	case *kind.Minimum:
		return "error.pack.low", Args{"value": value, "limit": number(k.Want)}
	case *kind.Maximum:
		return "error.pack.high", Args{"value": value, "limit": number(k.Want)}
	}
	return "error.pack.schema", Args{"rule": strings.Join(e.ErrorKind.KeywordPath(), "/")}
}

// wanted names the kind of value that a type fault asks for, as the keys of
// the texts do.
func wanted(types []string) string {
	if len(types) != 1 {
		return "other"
	}
	switch types[0] {
	case "string":
		return "text"
	case "integer":
		return "whole"
	case "number":
		return "number"
	case "boolean":
		return "switch"
	case "array":
		return "list"
	default:
		return "group"
	}
}

// schemaFields lists the fields that the group at a schema URL knows.
func schemaFields(schema any, url string) string {
	_, fragment, _ := strings.Cut(url, "#/")
	here, _ := schema.(map[string]any)
	if fragment != "" {
		for _, part := range strings.Split(fragment, "/") {
			here, _ = here[part].(map[string]any)
		}
	}
	properties, _ := here["properties"].(map[string]any)
	names := make([]string, 0, len(properties))
	for name := range properties {
		names = append(names, name)
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}

// key is the name of a field where it stands in the file.
func (f *packFile) key(way []string) *yaml.Node {
	if n, ok := f.keys[strings.Join(way, "/")]; ok {
		return n
	}
	return f.node(way)
}

func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return strings.TrimRight(r.FloatString(3), "0")
}
