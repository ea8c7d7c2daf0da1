package wave

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"attune/survey"
)

// A personal link ends in a token that is made from the person's id and a key
// in the key folder. It is the same in every wave, and no database holds it:
// a copy of the databases opens nobody's link.
const (
	linkKeyFile = "links.key"
	linkDomain  = "attune/v1 link\x00"
	stopDomain  = "attune/v1 unsubscribe\x00"
	tokenBytes  = 16
)

// relistAfter bounds how often an unknown token makes the list of links be
// read again.
const relistAfter = 2 * time.Second

// listFor bounds how long the link of somebody who left still works.
const listFor = time.Minute

// links finds people by their tokens: those of personal links, and those that
// stop mail.
type links struct {
	tokenList
	stops tokenList
}

// tokenList holds hashes of tokens: how long a look-up takes tells nothing
// about the tokens in it.
type tokenList struct {
	mu       sync.Mutex
	people   map[[sha256.Size]byte]survey.PersonID
	listedAt time.Time
}

// Links gives the token of every active person.
func (w *Waves) Links(ctx context.Context) (map[survey.PersonID]string, error) {
	key, err := w.linkKey()
	if err != nil {
		return nil, err
	}
	people, err := w.cfg.Store.People(ctx)
	if err != nil {
		return nil, err
	}
	tokens := make(map[survey.PersonID]string, len(people))
	for _, p := range people {
		if p.Active {
			tokens[p.ID] = linkToken(key, p.ID)
		}
	}
	return tokens, nil
}

func linkToken(key []byte, person survey.PersonID) string {
	return personToken(key, linkDomain, person)
}

func personToken(key []byte, domain string, person survey.PersonID) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(domain))
	mac.Write([]byte(person))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:tokenBytes])
}

// linkKey reads the key of all personal links, and makes it at the first use.
func (w *Waves) linkKey() ([]byte, error) {
	path := filepath.Join(w.cfg.Keys, linkKeyFile)
	key, err := os.ReadFile(path) //nolint:gosec // the key folder
	if errors.Is(err, fs.ErrNotExist) {
		key = make([]byte, keyBytes)
		if _, err := io.ReadFull(w.cfg.Rand, key); err != nil {
			return nil, fmt.Errorf("key of links: %w", err)
		}
		// Whoever is first wins: a second process reads what the first wrote.
		name := make([]byte, 6) // not of the key's bytes: names are listed more freely than files are read
		if _, err := io.ReadFull(w.cfg.Rand, name); err != nil {
			return nil, fmt.Errorf("key of links: %w", err)
		}
		fresh := path + "." + base64.RawURLEncoding.EncodeToString(name)
		if err := writeSynced(fresh, key); err != nil {
			return nil, fmt.Errorf("key of links: %w", err)
		}
		linked := os.Link(fresh, path)
		if err := os.Remove(fresh); err != nil {
			return nil, fmt.Errorf("key of links: %w", err)
		}
		if linked != nil && !errors.Is(linked, fs.ErrExist) {
			return nil, fmt.Errorf("key of links: %w", linked)
		}
		if err := syncFolder(w.cfg.Keys); err != nil { // links that are in people's hands depend on it
			return nil, fmt.Errorf("key of links: %w", err)
		}
		key, err = os.ReadFile(path) //nolint:gosec // the key folder
	}
	if err != nil {
		return nil, fmt.Errorf("key of links: %w", err)
	}
	if len(key) != keyBytes {
		return nil, fmt.Errorf("key of links: %s is damaged", path)
	}
	return key, nil
}

// person finds whose personal link it is.
func (w *Waves) person(ctx context.Context, token string) (survey.PersonID, error) {
	id, ok, err := w.links.find(w.cfg.Now(), token, func() (map[survey.PersonID]string, error) { return w.Links(ctx) })
	if err == nil && !ok {
		err = survey.Fail(survey.NotFound, "ticket.link", nil)
	}
	return id, err
}

// find looks a token up and lists all of them again when it is not known, or
// when the list is old: somebody may have left since.
func (l *tokenList) find(now time.Time, token string, list func() (map[survey.PersonID]string, error)) (survey.PersonID, bool, error) {
	hash := sha256.Sum256([]byte(token))
	l.mu.Lock()
	defer l.mu.Unlock()
	age := now.Sub(l.listedAt)
	if id, ok := l.people[hash]; ok && age >= 0 && age < listFor {
		return id, true, nil
	}
	if l.people == nil || age >= relistAfter || age < 0 {
		tokens, err := list()
		if err != nil {
			return "", false, err
		}
		l.people, l.listedAt = make(map[[sha256.Size]byte]survey.PersonID, len(tokens)), now
		for id, t := range tokens {
			l.people[sha256.Sum256([]byte(t))] = id
		}
	}
	id, ok := l.people[hash]
	return id, ok, nil
}
