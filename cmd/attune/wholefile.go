package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"attune/survey"
)

// wholeFile is a file that appears under its name when it is whole. Where the
// system can make files without a name it has none until then: nothing is left
// of it however the process ends. Elsewhere it is called NAME.part meanwhile.
type wholeFile struct {
	*os.File
	path  string
	force bool
	named string // what it is called meanwhile; empty: nothing
	kept  bool
}

// createWhole begins a file for its owner only. It refuses one that is there
// already, unless force says so. Discard it in any case.
func createWhole(path string, force bool) (*wholeFile, error) {
	if _, err := os.Lstat(path); err == nil && !force {
		return nil, thereAlready(path)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, cannotWrite(path, err)
	}
	if file, err := nameless(filepath.Dir(path)); err == nil {
		return &wholeFile{File: file, path: path, force: force}, nil
	}
	file, err := os.OpenFile(path+".part", os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err == nil {
		err = file.Chmod(0o600) // it may have been there
	}
	if err != nil {
		return nil, cannotWrite(path, err)
	}
	return &wholeFile{File: file, path: path, force: force, named: file.Name()}, nil
}

func thereAlready(path string) error {
	return survey.Fail(survey.Conflict, "error.backup.there", survey.Args{"file": path})
}

func cannotWrite(path string, err error) error {
	return &survey.Error{Code: survey.Invalid, Key: "error.backup.write", Args: survey.Args{"file": path}, Err: err}
}

// keep waits for the disk and gives the file its name.
func (f *wholeFile) keep() error {
	err := f.Sync()
	if err == nil && f.named == "" {
		if !f.force {
			err = giveName(f.File, f.path)
			if f.kept = err == nil; f.kept {
				return syncParent(f.path)
			}
			if errors.Is(err, fs.ErrExist) {
				return thereAlready(f.path)
			}
		}
		err = f.copyNamed()
	}
	if err != nil {
		return cannotWrite(f.path, err)
	}
	if !f.force {
		if _, err := os.Lstat(f.path); err == nil {
			return thereAlready(f.path)
		}
	}
	if err := os.Rename(f.named, f.path); err != nil {
		return cannotWrite(f.path, err)
	}
	f.kept = true
	return syncParent(f.path)
}

// copyNamed makes NAME.part of a file without a name: by giving it this name,
// or, where the system cannot do that, by writing it once more.
func (f *wholeFile) copyNamed() error {
	part := f.path + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f.named = part
	if giveName(f.File, part) == nil {
		return nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	copied, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(copied, f.File)
	if err == nil {
		err = copied.Sync()
	}
	return errors.Join(err, copied.Close())
}

// discard ends the file, and removes what is not kept.
func (f *wholeFile) discard() error {
	err := f.Close()
	if f.named != "" && !f.kept {
		err = errors.Join(err, os.Remove(f.named))
	}
	return err
}

func syncParent(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return cannotWrite(path, err)
	}
	defer func() { _ = dir.Close() }() // only read
	if err := dir.Sync(); err != nil {
		return cannotWrite(path, err)
	}
	return nil
}
