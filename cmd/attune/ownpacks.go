package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"attune/survey"
)

// shelf keeps an organisation's own packs in the data folder, one file a
// version, beside the texts of instruments.
type shelf struct {
	dir     string
	library *survey.Library
}

func (s shelf) path(id, version string) string {
	return filepath.Join(s.dir, textsFolder, id+"-"+version+".yaml")
}

// Keep adds a pack and writes its file, whole or not at all.
func (s shelf) Keep(data []byte) (*survey.Pack, []survey.Fault, error) {
	pack, faults, err := s.library.Add(data)
	if err != nil || len(faults) > 0 {
		return nil, faults, err
	}
	if err := s.write(s.path(pack.ID, pack.Version), data); err != nil {
		_ = s.library.Remove(pack.ID, pack.Version) // nothing half-done stays; the first error is the one to tell
		return nil, nil, fmt.Errorf("keep pack %s %s: %w", pack.ID, pack.Version, err)
	}
	return pack, nil, nil
}

func (s shelf) write(path string, data []byte) error {
	if before, err := os.ReadFile(path); err == nil && bytes.Equal(before, data) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// Discard removes a pack and its file.
func (s shelf) Discard(id, version string) error {
	if err := s.library.Remove(id, version); err != nil {
		return err
	}
	if err := os.Remove(s.path(id, version)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove pack %s %s: %w", id, version, err)
	}
	return nil
}

// addOwn reads a file of the shelf into the library.
func addOwn(library *survey.Library, path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("own packs: %w", err)
	}
	_, faults, err := library.Add(raw)
	if err == nil && len(faults) > 0 {
		err = faults[0].Error
	}
	if err != nil {
		return fmt.Errorf("own pack %s: %w", filepath.Base(path), err)
	}
	return nil
}
