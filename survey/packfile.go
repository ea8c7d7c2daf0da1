package survey

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

const (
	// MaxPackBytes is the largest pack file that is read: 1 MiB.
	MaxPackBytes = 1 << 20
	// maxPackParts is how many values a file may have in all: a pack of 200
	// items in six languages has about 6,000.
	maxPackParts = 50_000
	// maxPackDepth is how deep lists and groups may lie in one another; the
	// schema needs seven levels.
	maxPackDepth = 12
	// maxQuoted is how many characters of one value a fault quotes, maxListed
	// how long any argument of a fault may be.
	maxQuoted = 60
	maxListed = 600
)

// plainNumber is the only way to write a number in a pack: what YAML also
// takes for one (0x1F, 1e9, .inf) surprises people or, with a large exponent,
// costs a reader its memory.
var plainNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?$`)

// yamlLine finds the line in a message of the YAML reader.
var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// Fault is one thing that is wrong in a file that people write by hand. Line
// and Column count from 1; Error.Key names a text that says the thing, the
// reason and the mend.
type Fault struct {
	Line, Column int
	Error        *Error
}

// ReadPack reads a pack file and checks it against the schema and against the
// rules that a schema cannot say. It explains everything that is wrong at
// once, sorted by line and column; the pack is nil when there is any fault.
// The error is not about the file: it says that the program itself is broken.
//
// A pack file is at most MaxPackBytes of UTF-8 and one YAML document without
// anchors, aliases and tags, so that a small file cannot unfold into a large
// one.
func ReadPack(data []byte) (*Pack, []Fault, error) {
	reader, err := newPackReader()
	if err != nil {
		return nil, nil, err
	}
	return reader.read(data)
}

// packReader holds the compiled schema of one kind of file (packs, leader
// packs, guides), so that a library compiles it once.
type packReader struct {
	schema *jsonschema.Schema
	plain  any // the schema's own JSON, to name the fields that it knows
}

func newPackReader() (*packReader, error) { return newReader(packFiles, "packs") }

// newReader compiles the schema.json of a folder of built-in files.
func newReader(files embed.FS, folder string) (*packReader, error) {
	raw, err := files.ReadFile(folder + "/schema.json")
	if err != nil {
		return nil, fmt.Errorf("pack schema: %w", err)
	}
	plain, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("pack schema: %w", err)
	}
	url := "https://attune.invalid/" + folder + "/schema.json"
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(url, plain); err != nil {
		return nil, fmt.Errorf("pack schema: %w", err)
	}
	schema, err := compiler.Compile(url)
	if err != nil {
		return nil, fmt.Errorf("pack schema: %w", err)
	}
	return &packReader{schema: schema, plain: plain}, nil
}

func (r *packReader) read(data []byte) (*Pack, []Fault, error) {
	pack := &Pack{}
	f, err := r.fill(data, pack)
	if err != nil {
		return nil, nil, err
	}
	if f.checkable {
		f.checkRules(pack)
	}
	if len(f.faults) > 0 {
		f.sort()
		return nil, f.faults, nil
	}
	for i := range pack.Items {
		pack.Items[i].options = pack.optionsOf(pack.Items[i])
	}
	pack.fillThirds()
	pack.SHA256 = SHA256Hex(data)
	return pack, nil, nil
}

// fill checks a file against the schema and fills into with what is sound in
// it; what is wrong is noted in the packFile. The error says that the program
// itself is broken.
func (r *packReader) fill(data []byte, into any) (*packFile, error) {
	f := &packFile{values: make(map[string]*yaml.Node), keys: make(map[string]*yaml.Node), spoilt: make(map[string]bool)}
	root := f.parse(data)
	if root == nil {
		return f, nil
	}
	tree := f.plain(root, nil)
	if err := r.schema.Validate(tree); err != nil {
		var invalid *jsonschema.ValidationError
		if !errors.As(err, &invalid) {
			return nil, fmt.Errorf("pack schema: %w", err)
		}
		f.explain(r.plain, invalid)
	}
	raw, err := json.Marshal(tree)
	if err != nil {
		return nil, fmt.Errorf("pack as JSON: %w", err)
	}
	// What the schema refused is skipped here and everything else is filled
	// in, so that the rules can still look at the rest of the file.
	if err := json.Unmarshal(raw, into); err != nil && len(f.faults) == 0 {
		return nil, fmt.Errorf("pack that meets the schema: %w", err)
	}
	f.checkable = root.Kind == yaml.MappingNode && !f.overfull
	return f, nil
}

// optionsOf are the options of the response set that the item names.
func (p *Pack) optionsOf(item Item) []Option {
	if item.Response == "" {
		return p.Responses[p.DefaultResponse]
	}
	return p.Responses[item.Response]
}

// fillThirds gives the pack's words for thirds to the scales without words of
// their own.
func (p *Pack) fillThirds() {
	if p.Thirds == nil {
		return
	}
	for i := range p.Scales {
		s := &p.Scales[i]
		for _, words := range []struct {
			own    *Text
			shared Text
		}{{&s.Low, p.Thirds.Low}, {&s.Middle, p.Thirds.Middle}, {&s.High, p.Thirds.High}} {
			if *words.own == nil {
				*words.own = words.shared
			}
		}
	}
}

// packFile is one file while it is read: where everything stands in it, and
// what was found wrong. A place is named by its way from the root, as a JSON
// pointer without escapes would (ids and field names have no slashes).
type packFile struct {
	values map[string]*yaml.Node
	keys   map[string]*yaml.Node
	spoilt map[string]bool // places with a fault already: a rule says nothing more about them
	faults []Fault
	// overfull says that a list is longer than the schema allows. The rules
	// compare lists with one another, so they look at bounded ones only.
	overfull bool
	// checkable says that the rules may look at the file: it is a group of
	// fields, and no list in it is overfull.
	checkable bool
}

// parse reads the YAML and returns its root, or nil after a fault that leaves
// nothing to look at.
func (f *packFile) parse(data []byte) *yaml.Node {
	start := &yaml.Node{Line: 1, Column: 1}
	switch {
	case len(data) > MaxPackBytes:
		f.add(start, "error.pack.too_big", Args{"bytes": len(data), "limit": MaxPackBytes})
		return nil
	case !utf8.Valid(data):
		f.add(start, "error.pack.encoding", nil)
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, more yaml.Node
	err := decoder.Decode(&document)
	if err == nil {
		err = decoder.Decode(&more)
		if err == nil {
			f.add(&more, "error.pack.documents", nil)
			return nil
		}
	} else if errors.Is(err, io.EOF) {
		f.add(start, "error.pack.empty", nil)
		return nil
	}
	if !errors.Is(err, io.EOF) {
		at, reason := &yaml.Node{Line: 1, Column: 1}, err.Error()
		if parts := yamlLine.FindStringSubmatch(reason); parts != nil {
			reason = parts[2]
			if line, err := strconv.Atoi(parts[1]); err == nil && line > 0 {
				at.Line = line
			}
		}
		f.add(at, "error.pack.yaml", Args{"reason": excerpt(reason)})
		return nil
	}
	if len(document.Content) != 1 {
		f.add(start, "error.pack.empty", nil)
		return nil
	}
	left := maxPackParts
	if over := overflow(document.Content[0], &left); over != nil {
		f.add(over, "error.pack.parts", Args{"limit": maxPackParts})
		return nil
	}
	return document.Content[0]
}

// overflow is the first node after the allowed ones, or nil.
func overflow(n *yaml.Node, left *int) *yaml.Node {
	if *left == 0 {
		return n
	}
	*left--
	for _, child := range n.Content {
		if over := overflow(child, left); over != nil {
			return over
		}
	}
	return nil
}

// plain turns a node into what the schema looks at: maps, lists, texts,
// json.Number, booleans and nil. What it cannot take becomes a fault and nil.
func (f *packFile) plain(n *yaml.Node, way []string) any {
	at := strings.Join(way, "/")
	f.values[at] = n
	refuse := func(key string, args Args) any {
		f.spoilt[at] = true
		f.add(n, key, args)
		return nil
	}
	switch {
	case len(way) > maxPackDepth:
		return refuse("error.pack.depth", Args{"limit": maxPackDepth})
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return refuse("error.pack.alias", nil)
	case n.Style&yaml.TaggedStyle != 0:
		return refuse("error.pack.tag", Args{"tag": excerpt(n.Tag)})
	}
	switch n.Kind {
	case yaml.MappingNode:
		group := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Kind != yaml.ScalarNode || key.Anchor != "" || key.Style&yaml.TaggedStyle != 0 || key.ShortTag() != "!!str" {
				f.add(key, "error.pack.key", Args{"path": f.shown(way)})
				continue
			}
			place := append(append([]string(nil), way...), key.Value)
			if first, twice := f.keys[strings.Join(place, "/")]; twice {
				f.add(key, "error.pack.twice", Args{"field": excerpt(key.Value), "line": first.Line})
				continue
			}
			f.keys[strings.Join(place, "/")] = key
			group[key.Value] = f.plain(n.Content[i+1], place)
		}
		return group
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for i, child := range n.Content {
			list = append(list, f.plain(child, append(append([]string(nil), way...), strconv.Itoa(i))))
		}
		return list
	}
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return n.Value == "true" || n.Value == "True" || n.Value == "TRUE"
	case "!!int", "!!float":
		if plainNumber.MatchString(n.Value) {
			digits := n.Value
			if strings.Contains(digits, ".") { // 1.0 is a whole number
				digits = strings.TrimSuffix(strings.TrimRight(digits, "0"), ".")
			}
			return json.Number(digits)
		}
	}
	return n.Value
}

// add notes a fault at a node.
func (f *packFile) add(n *yaml.Node, key string, args Args) {
	for name, arg := range args {
		if text, ok := arg.(string); ok {
			args[name] = cut(text, maxListed)
		}
	}
	f.faults = append(f.faults, Fault{Line: max(n.Line, 1), Column: max(n.Column, 1), Error: Fail(Invalid, key, args)})
}

// node is what stands at a place, or the nearest thing around it.
func (f *packFile) node(way []string) *yaml.Node {
	for end := len(way); end >= 0; end-- {
		if n, ok := f.values[strings.Join(way[:end], "/")]; ok {
			return n
		}
	}
	return &yaml.Node{Line: 1, Column: 1}
}

// has says whether something sound stands at a place: a rule speaks only
// about what is there and was not already refused, itself or what holds it.
func (f *packFile) has(way []string) bool {
	for end := len(way); end > 0; end-- {
		if f.spoilt[strings.Join(way[:end], "/")] {
			return false
		}
	}
	_, ok := f.values[strings.Join(way, "/")]
	return ok
}

// shown writes a place for people: "items.team_frozen.text.fr". An entry of a
// list goes by its id, or by its number from 1 when it has none.
func (f *packFile) shown(way []string) string {
	if len(way) == 0 {
		return "pack"
	}
	parts := make([]string, len(way))
	for i, part := range way {
		parts[i] = part
		around, ok := f.values[strings.Join(way[:i], "/")]
		if !ok || around.Kind != yaml.SequenceNode {
			continue
		}
		id, ok := f.values[strings.Join(append(append([]string(nil), way[:i+1]...), "id"), "/")]
		if ok && id.Kind == yaml.ScalarNode && id.Value != "" {
			parts[i] = id.Value
		} else if number, err := strconv.Atoi(part); err == nil {
			parts[i] = strconv.Itoa(number + 1)
		}
	}
	return excerpt(strings.Join(parts, "."))
}

func (f *packFile) sort() {
	sort.SliceStable(f.faults, func(i, j int) bool {
		a, b := f.faults[i], f.faults[j]
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		if a.Column != b.Column {
			return a.Column < b.Column
		}
		return a.Error.Error() < b.Error.Error()
	})
}

// excerpt cuts what a fault quotes from the file, so that one long line cannot
// fill a page.
func excerpt(s string) string {
	if len(s) > maxListed {
		s = strings.ToValidUTF8(s[:maxListed], "")
	}
	return cut(strings.Join(strings.Fields(s), " "), maxQuoted)
}

// cut shortens a text to a number of characters.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	return string(runes[:limit]) + "…"
}
