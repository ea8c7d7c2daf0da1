package survey

import (
	"embed"
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// packFiles are the built-in packs, one version a file, and the schema that
// every pack has to meet.
//
//go:embed packs/*.yaml packs/schema.json
var packFiles embed.FS

// Library holds the built-in packs, read and checked once at start, and the
// packs that an organisation adds (ownpacks.go). A pack in it never changes. It
// may be used by many goroutines at once.
type Library struct {
	mu    sync.RWMutex
	packs []*Pack         // by id, then by version; replaced as a whole
	own   map[string]bool // the organisation's, by "id version"
	edits int             // how often packs were replaced
}

// Edition is another number after every pack that was added or removed.
func (l *Library) Edition() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.edits
}

// list is every version of every pack. Nobody may change it.
func (l *Library) list() []*Pack {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.packs
}

// inOrder sorts packs by id, and then from the oldest version to the newest.
func inOrder(packs []*Pack) {
	sort.Slice(packs, func(i, j int) bool {
		a, b := packs[i], packs[j]
		if a.ID != b.ID {
			return a.ID < b.ID
		}
		return olderVersion(a.Version, b.Version)
	})
}

// NewLibrary reads the packs that the binary carries. It fails on the first
// fault in any of them and on two files with one id and version: such a
// binary must not start.
func NewLibrary() (*Library, error) {
	packs, err := builtInPacks()
	if err != nil {
		return nil, err
	}
	return &Library{packs: packs}, nil
}

// builtInPacks are read once a process: a file that the binary carries gives
// the same pack each time, and a pack never changes.
var builtInPacks = sync.OnceValues(readPacks)

func readPacks() ([]*Pack, error) {
	reader, err := newPackReader()
	if err != nil {
		return nil, err
	}
	entries, err := packFiles.ReadDir("packs")
	if err != nil {
		return nil, fmt.Errorf("built-in packs: %w", err)
	}
	l := &Library{}
	file := make(map[string]string)
	for _, entry := range entries {
		name := "packs/" + entry.Name()
		if !strings.HasSuffix(name, ".yaml") {
			continue
		}
		data, err := packFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("built-in packs: %w", err)
		}
		pack, faults, err := reader.read(data)
		if err != nil {
			return nil, fmt.Errorf("built-in pack %s: %w", name, err)
		}
		if len(faults) > 0 {
			return nil, fmt.Errorf("built-in pack %s:%d:%d: %w", name, faults[0].Line, faults[0].Column, faults[0].Error)
		}
		key := pack.ID + " " + pack.Version
		if other, twice := file[key]; twice {
			return nil, fmt.Errorf("built-in packs: %s and %s both hold version %s of pack %s", other, name, pack.Version, pack.ID)
		}
		file[key] = name
		l.packs = append(l.packs, pack)
	}
	inOrder(l.packs)
	return l.packs, l.checkTies()
}

// checkTies checks what packs say of each other: that a pack which replaces
// one, or stands in for it, can be found, and that a pack which repeats
// another's items repeats them word for word, so that their trend lines may go
// on.
func (l *Library) checkTies() error {
	for _, p := range l.packs {
		if r := p.Replaces; r != nil && (len(l.versions(r.Pack)) == 0 || len(l.versions(r.With)) == 0) {
			return fmt.Errorf("built-in pack %s %s replaces %s with %s: there is no such pack", p.ID, p.Version, r.Pack, r.With)
		}
		if p.Repeats == nil {
			continue
		}
		repeats := 0
		for _, origin := range l.versions(p.Repeats.Pack) {
			if origin.Version != p.Repeats.Version {
				continue
			}
			for _, item := range p.Items {
				first, ok := origin.Item(item.ID)
				if !ok {
					continue
				}
				repeats++
				first.Rationale = item.Rationale
				if !reflect.DeepEqual(first, item) || !reflect.DeepEqual(origin.RecallWindow, p.RecallWindow) {
					return fmt.Errorf("built-in pack %s %s: item %s differs from that of %s %s, which it says it repeats", p.ID, p.Version, item.ID, origin.ID, origin.Version)
				}
			}
		}
		if repeats == 0 {
			return fmt.Errorf("built-in pack %s %s repeats no item of %s %s", p.ID, p.Version, p.Repeats.Pack, p.Repeats.Version)
		}
	}
	return nil
}

// All lists every version of every pack, by id and then from the oldest
// version to the newest. The packs are shared: nobody may change them.
func (l *Library) All() []*Pack { return append([]*Pack(nil), l.list()...) }

// Latest is the newest version of a pack. It fails with NotFound when there
// is no pack with this id.
func (l *Library) Latest(id string) (*Pack, error) {
	versions := l.versions(id)
	if len(versions) == 0 {
		return nil, l.unknown(id)
	}
	return versions[len(versions)-1], nil
}

// Together is the newest version of packs that are asked together, in their
// order. Where one of them replaces another of them, the pack that asks what
// is left stands in the other's place: care-30 asks what the scales of pulse
// ask, so that beside it pulse-team is asked and not pulse. It fails with
// NotFound when there is no pack with an id.
func (l *Library) Together(ids []string) ([]*Pack, error) {
	packs := make([]*Pack, len(ids))
	for i, id := range ids {
		pack, err := l.Latest(id)
		if err != nil {
			return nil, err
		}
		packs[i] = pack
	}
	for _, p := range packs {
		if p.Replaces == nil {
			continue
		}
		for i, other := range packs {
			if other.ID != p.Replaces.Pack {
				continue
			}
			stand, err := l.Latest(p.Replaces.With)
			if err != nil {
				return nil, err
			}
			packs[i] = stand
		}
	}
	return packs, nil
}

// Line names the trend line of a pack version's measures: the version itself,
// or the one whose items it repeats word for word.
func (l *Library) Line(id, version string) string {
	for _, p := range l.versions(id) {
		if p.Version == version && p.Repeats != nil {
			return p.Repeats.Pack + " " + p.Repeats.Version
		}
	}
	return id + " " + version
}

// Find is exactly the version that ref names. It fails with NotFound when the
// pack or the version does not exist, and with Conflict when the version here
// has another content than the one that was promised: a pack version never
// changes once it was used.
func (l *Library) Find(ref PackRef) (*Pack, error) {
	versions := l.versions(ref.ID)
	if len(versions) == 0 {
		return nil, l.unknown(ref.ID)
	}
	known := make([]string, len(versions))
	for i, p := range versions {
		known[i] = p.Version
		if p.Version != ref.Version {
			continue
		}
		if p.SHA256 != ref.SHA256 {
			return nil, Fail(Conflict, "error.library.changed", Args{"pack": p.ID, "version": p.Version, "sha256": p.SHA256, "promised": ref.SHA256})
		}
		return p, nil
	}
	return nil, Fail(NotFound, "error.library.version", Args{"pack": ref.ID, "version": ref.Version, "known": strings.Join(known, ", ")})
}

func (l *Library) versions(id string) []*Pack {
	var versions []*Pack
	for _, p := range l.list() {
		if p.ID == id {
			versions = append(versions, p)
		}
	}
	return versions
}

func (l *Library) unknown(id string) error {
	var known []string
	packs := l.list()
	for i, p := range packs {
		if i == 0 || packs[i-1].ID != p.ID {
			known = append(known, p.ID)
		}
	}
	return Fail(NotFound, "error.library.pack", Args{"pack": id, "known": strings.Join(known, ", ")})
}

// olderVersion compares versions of the form "major.minor" by number, so that
// 1.10 is newer than 1.9. The reader lets no other form through.
func olderVersion(a, b string) bool {
	majorA, minorA := versionNumbers(a)
	majorB, minorB := versionNumbers(b)
	if majorA != majorB {
		return majorA < majorB
	}
	return minorA < minorB
}

func versionNumbers(version string) (major, minor int) {
	left, right, _ := strings.Cut(version, ".")
	major, _ = strconv.Atoi(left) // the schema lets digits only through
	minor, _ = strconv.Atoi(right)
	return major, minor
}
