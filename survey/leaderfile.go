package survey

import (
	"embed"
	"fmt"
	"sort"
	"strings"
	"sync"
)

// leaderFiles are the built-in leader packs and their schema.
//
//go:embed leaders/*.yaml leaders/schema.json
var leaderFiles embed.FS

// ReadLeaderPack reads a leader pack and checks it against its schema and
// against the rules that a schema cannot say. As ReadPack does, it explains
// everything that is wrong at once, by line and column; the pack is nil when
// there is any fault, and the error says that the program itself is broken.
func ReadLeaderPack(data []byte) (*LeaderPack, []Fault, error) {
	reader, err := newReader(leaderFiles, "leaders")
	if err != nil {
		return nil, nil, err
	}
	return readLeaderPack(reader, data)
}

func readLeaderPack(reader *packReader, data []byte) (*LeaderPack, []Fault, error) {
	pack := &LeaderPack{}
	f, err := reader.fill(data, pack)
	if err != nil {
		return nil, nil, err
	}
	if f.checkable {
		f.checkLeaderPack(pack)
	}
	if len(f.faults) > 0 {
		f.sort()
		f.compareWith("survey/leaders/policy-audit.yaml")
		return nil, f.faults, nil
	}
	pack.SHA256 = SHA256Hex(data)
	return pack, nil, nil
}

// compareWith rewords the faults that point to a complete example: a file that
// is no instrument pack has an example of its own.
func (f *packFile) compareWith(example string) {
	for _, fault := range f.faults {
		switch fault.Error.Key {
		case "error.pack.missing", "error.pack.want_other", "error.pack.schema":
			fault.Error.Key = strings.Replace(fault.Error.Key, "error.pack.", "error.sheet.", 1)
			fault.Error.Args["example"] = example
		}
	}
}

// LeaderLibrary holds the built-in leader packs, read and checked once at start. It
// does not change and may be used by many goroutines at once.
type LeaderLibrary struct {
	packs []*LeaderPack // by id, then by version
}

// NewLeaderLibrary reads the leader packs that the binary carries. It fails on the
// first fault in any of them: such a binary must not start.
func NewLeaderLibrary() (*LeaderLibrary, error) { return builtInLeaders() }

// builtInLeaders are read once a process, as builtInPacks are.
var builtInLeaders = sync.OnceValues(readLeaders)

func readLeaders() (*LeaderLibrary, error) {
	reader, err := newReader(leaderFiles, "leaders")
	if err != nil {
		return nil, err
	}
	l := &LeaderLibrary{}
	file := make(map[string]string)
	err = builtIn(leaderFiles, "leaders", func(name string, data []byte) ([]Fault, error) {
		pack, faults, err := readLeaderPack(reader, data)
		if err != nil || len(faults) > 0 {
			return faults, err
		}
		key := pack.ID + " " + pack.Version
		if other, twice := file[key]; twice {
			return nil, fmt.Errorf("%s and this file both hold version %s of %s", other, pack.Version, pack.ID)
		}
		file[key] = name
		l.packs = append(l.packs, pack)
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	sort.Slice(l.packs, func(i, j int) bool {
		a, b := l.packs[i], l.packs[j]
		if a.ID != b.ID {
			return a.ID < b.ID
		}
		return olderVersion(a.Version, b.Version)
	})
	return l, nil
}

// builtIn hands every YAML file of an embedded folder to read, and turns the
// first fault into an error that names its place.
func builtIn(files embed.FS, folder string, read func(name string, data []byte) ([]Fault, error)) error {
	entries, err := files.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("built-in %s: %w", folder, err)
	}
	for _, entry := range entries {
		name := folder + "/" + entry.Name()
		if !strings.HasSuffix(name, ".yaml") {
			continue
		}
		data, err := files.ReadFile(name)
		if err != nil {
			return fmt.Errorf("built-in %s: %w", folder, err)
		}
		faults, err := read(name, data)
		if err != nil {
			return fmt.Errorf("built-in %s: %w", name, err)
		}
		if len(faults) > 0 {
			return fmt.Errorf("built-in %s:%d:%d: %w", name, faults[0].Line, faults[0].Column, faults[0].Error)
		}
	}
	return nil
}

// All lists every version of every leader pack, by id and then from the
// oldest version to the newest. The packs are shared: nobody may change them.
func (l *LeaderLibrary) All() []*LeaderPack { return append([]*LeaderPack(nil), l.packs...) }

// Latest is the newest version of a leader pack. It fails with NotFound when
// there is none with this id.
func (l *LeaderLibrary) Latest(id string) (*LeaderPack, error) {
	for i := len(l.packs) - 1; i >= 0; i-- {
		if l.packs[i].ID == id {
			return l.packs[i], nil
		}
	}
	return nil, Fail(NotFound, "error.leader.pack", Args{"pack": excerpt(id)})
}

// Find is exactly this version of a leader pack. It fails with NotFound when
// the pack or the version does not exist.
func (l *LeaderLibrary) Find(id, version string) (*LeaderPack, error) {
	for _, p := range l.packs {
		if p.ID == id && p.Version == version {
			return p, nil
		}
	}
	return nil, Fail(NotFound, "error.leader.version", Args{"pack": excerpt(id), "version": excerpt(version)})
}
