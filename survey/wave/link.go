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
	tokenBytes  = 16
)

// relistAfter bounds how often an unknown token makes the list of links be
// read again.
const relistAfter = 2 * time.Second

// links finds people by their token. The map holds hashes of tokens.
type links struct {
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
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(linkDomain))
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
		fresh := path + "." + base64.RawURLEncoding.EncodeToString(key[:6])
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

// person finds whose token it is.
func (w *Waves) person(ctx context.Context, token string) (survey.PersonID, error) {
	hash := sha256.Sum256([]byte(token))
	now := w.cfg.Now()
	w.links.mu.Lock()
	defer w.links.mu.Unlock()
	if id, ok := w.links.people[hash]; ok {
		return id, nil
	}
	if w.links.people == nil || now.Sub(w.links.listedAt) >= relistAfter || now.Before(w.links.listedAt) {
		tokens, err := w.Links(ctx)
		if err != nil {
			return "", err
		}
		w.links.people, w.links.listedAt = make(map[[sha256.Size]byte]survey.PersonID, len(tokens)), now
		for id, t := range tokens {
			w.links.people[sha256.Sum256([]byte(t))] = id
		}
	}
	if id, ok := w.links.people[hash]; ok {
		return id, nil
	}
	return "", survey.Fail(survey.NotFound, "ticket.link", nil)
}
