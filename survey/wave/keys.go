package wave

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"attune/survey"
	"attune/survey/ticket"
)

// keyBytes is the length of each key of a wave.
const keyBytes = 32

// keys of one wave. They live in the key folder only, never in a database or
// a backup, and are destroyed at release.
type keys struct {
	Box      []byte `json:"box"`      // seals the ballot boxes
	Paper    []byte `json:"paper"`    // makes the paper codes
	Issuance []byte `json:"issuance"` // seals who has drawn a ticket
	Ticket   []byte `json:"ticket"`   // stamps and checks tickets
}

var errNoKeys = errors.New("the wave's keys are not in the key folder")

// makeKeys writes new keys for a wave, over those of an unfinished earlier
// announcement, and returns once they are on disk.
func (w *Waves) makeKeys(id survey.WaveID) (keys, error) {
	k := keys{Box: make([]byte, keyBytes), Paper: make([]byte, keyBytes), Issuance: make([]byte, keyBytes)}
	for _, key := range [][]byte{k.Box, k.Paper, k.Issuance} {
		if _, err := io.ReadFull(w.cfg.Rand, key); err != nil {
			return keys{}, fmt.Errorf("random keys: %w", err)
		}
	}
	issuer, err := ticket.GenerateIssuerKey(w.cfg.Rand)
	if err != nil {
		return keys{}, err
	}
	k.Ticket = issuer.Bytes()
	raw, err := json.Marshal(k)
	if err != nil {
		return keys{}, fmt.Errorf("write keys of wave %s: %w", id, err)
	}
	path := w.keyFile(id)
	if err := writeSynced(path+".new", raw); err != nil {
		return keys{}, fmt.Errorf("write keys of wave %s: %w", id, err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return keys{}, fmt.Errorf("write keys of wave %s: %w", id, err)
	}
	return k, syncFolder(filepath.Dir(path))
}

// readKeys gives errNoKeys when the key file does not exist.
func (w *Waves) readKeys(id survey.WaveID) (keys, error) {
	raw, err := os.ReadFile(w.keyFile(id))
	if errors.Is(err, fs.ErrNotExist) {
		return keys{}, errNoKeys
	}
	if err != nil {
		return keys{}, fmt.Errorf("read keys of wave %s: %w", id, err)
	}
	var k keys
	if err := json.Unmarshal(raw, &k); err != nil {
		return keys{}, fmt.Errorf("read keys of wave %s: %w", id, err)
	}
	if len(k.Box) != keyBytes || len(k.Paper) != keyBytes || len(k.Issuance) != keyBytes {
		return keys{}, fmt.Errorf("read keys of wave %s: the key file is damaged", id)
	}
	return k, nil
}

// destroyKeys overwrites and removes a wave's keys, in memory and on disk.
// Overwriting is no promise on every file system; the operating guide says so.
func (w *Waves) destroyKeys(id survey.WaveID) error {
	w.mu.Lock()
	delete(w.ready, id)
	delete(w.faces, id)
	w.mu.Unlock()
	for _, path := range []string{w.keyFile(id), w.keyFile(id) + ".new"} {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("destroy keys of wave %s: %w", id, err)
		}
		noise := make([]byte, info.Size())
		if _, err := io.ReadFull(w.cfg.Rand, noise); err != nil {
			return fmt.Errorf("destroy keys of wave %s: %w", id, err)
		}
		if err := overwrite(path, noise); err != nil {
			return fmt.Errorf("destroy keys of wave %s: %w", id, err)
		}
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("destroy keys of wave %s: %w", id, err)
		}
	}
	return syncFolder(w.cfg.Keys)
}

func writeSynced(path string, data []byte) error {
	return writeFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, data)
}

// overwrite writes in place: truncating first would give the old blocks back
// to the file system with their content.
func overwrite(path string, data []byte) error {
	return writeFile(path, os.O_WRONLY, data)
}

func writeFile(path string, flags int, data []byte) error {
	f, err := os.OpenFile(path, flags, 0o600) //nolint:gosec // the path is made of the key folder and a checked wave id
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

func syncFolder(path string) error {
	f, err := os.Open(path) //nolint:gosec // the key folder
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return f.Sync()
}

// lock keeps two processes on one data folder from announcing or releasing at
// the same time. The operating system frees it when a process dies. With wait
// false it gives busy instead of waiting.
func (w *Waves) lock(wait bool) (unlock func(), busy bool, err error) {
	f, err := os.OpenFile(filepath.Join(w.cfg.Keys, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, false, fmt.Errorf("lock: %w", err)
	}
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	for {
		err = syscall.Flock(int(f.Fd()), how) //nolint:gosec // a file descriptor fits an int
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		_ = f.Close()
		return nil, true, nil
	}
	if err != nil {
		_ = f.Close()
		return nil, false, fmt.Errorf("lock: %w", err)
	}
	return func() { _ = f.Close() }, false, nil
}
