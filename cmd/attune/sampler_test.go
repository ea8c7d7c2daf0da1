package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// search finds any of many markers in one pass over some bytes.
type search struct {
	byStart map[[4]byte][]mark
}

type mark struct {
	what  string
	bytes []byte
}

func newSearch() *search { return &search{byStart: make(map[[4]byte][]mark)} }

// add looks for bytes (at least four) as they are.
func (s *search) add(what string, b []byte) {
	start := [4]byte(b)
	s.byStart[start] = append(s.byStart[start], mark{what, bytes.Clone(b)})
}

// addText looks for a text in any case and in the usual disguises.
func (s *search) addText(what, text string) {
	for _, t := range []string{text, strings.ToLower(text), strings.ToUpper(text)} {
		s.add(what, []byte(t))
		s.add(what+", escaped", []byte(url.QueryEscape(t)))
		s.addBinary(what, []byte(t))
	}
}

// addBinary looks for bytes and for what writes bytes as text.
func (s *search) addBinary(what string, b []byte) {
	s.add(what+", raw", b)
	s.add(what+", hexadecimal", []byte(hex.EncodeToString(b)))
	s.add(what+", hexadecimal", []byte(strings.ToUpper(hex.EncodeToString(b))))
	whole := b[:len(b)/3*3] // what follows may be encoded with the last bytes
	s.add(what+", base 64", []byte(base64.StdEncoding.EncodeToString(whole)))
	s.add(what+", base 64", []byte(base64.URLEncoding.EncodeToString(whole)))
}

// in names the markers that stand in data.
func (s *search) in(data []byte) []string {
	var found []string
	for i := 0; i+4 <= len(data); i++ {
		for _, m := range s.byStart[[4]byte(data[i:])] {
			if bytes.HasPrefix(data[i:], m.bytes) && !slices.Contains(found, m.what) {
				found = append(found, m.what)
			}
		}
	}
	return found
}

// sample is the content of a file at some moment.
type sample struct {
	path string
	raw  []byte
}

// sampler reads every file of some folders again and again, so that what
// stands in a journal for a few milliseconds is seen as well.
type sampler struct {
	t       *testing.T
	folders []string
	stop    chan struct{}
	done    chan struct{}

	mu       sync.Mutex
	seen     map[[sha256.Size]byte]bool
	fresh    []sample
	distinct map[string]int // non-empty contents seen, by file name
}

// startSampler samples until the test ends or finish is called.
func startSampler(t *testing.T, folders ...string) *sampler {
	s := &sampler{
		t: t, folders: folders, stop: make(chan struct{}), done: make(chan struct{}),
		seen: make(map[[sha256.Size]byte]bool), distinct: make(map[string]int),
	}
	go func() {
		defer close(s.done)
		for {
			s.sweep()
			select {
			case <-s.stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	t.Cleanup(s.finish)
	return s
}

func (s *sampler) finish() {
	s.mu.Lock()
	select {
	case <-s.stop:
	default:
		close(s.stop)
	}
	s.mu.Unlock()
	<-s.done
}

func (s *sampler) sweep() {
	for _, folder := range s.folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			if err == nil && len(raw) > 0 {
				s.keep(path, raw)
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // files come and go
			s.t.Errorf("sample %s: %v", folder, err)
		}
	}
}

func (s *sampler) keep(path string, raw []byte) {
	sum := sha256.Sum256(append([]byte(path+"\x00"), raw...))
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.seen[sum] {
		s.seen[sum] = true
		s.fresh = append(s.fresh, sample{path, raw})
		s.distinct[filepath.Base(path)]++
	}
}

// take gives the samples since the last call and those of this moment.
func (s *sampler) take() []sample {
	s.sweep()
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := s.fresh
	s.fresh = nil
	return fresh
}

// count is how many different contents of a file were seen.
func (s *sampler) count(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.distinct[name]
}
