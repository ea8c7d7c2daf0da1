package api

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"attune/survey"
	"attune/survey/store"

	"golang.org/x/time/rate"
)

// What a token may be.
const (
	MaxTokenName = 60  // characters
	MaxTokenDays = 730 // from the day on which it is made
	DefaultDays  = 365

	prefix     = "attune_" // so that a token that lies about is known for what it is
	tokenBytes = 32
)

// NewToken makes a token for an integration, working for some days from today
// on, and what is stored of it. The token itself is to be shown once and then
// forgotten. It fails when the name is empty, too long or more than a line,
// and when days is not between 1 and MaxTokenDays.
func NewToken(random io.Reader, name string, unit survey.UnitID, today time.Time, days int) (plain string, t store.Token, err error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "" || utf8.RuneCountInString(name) > MaxTokenName || strings.ContainsFunc(name, unicode.IsControl):
		return "", t, survey.Fail(survey.Invalid, "error.token.name", survey.Args{"most": MaxTokenName})
	case days < 1 || days > MaxTokenDays:
		return "", t, survey.Fail(survey.Invalid, "error.token.days", survey.Args{"most": MaxTokenDays})
	}
	secret := make([]byte, tokenBytes)
	if _, err := io.ReadFull(random, secret); err != nil {
		return "", t, fmt.Errorf("token: %w", err)
	}
	plain = prefix + base64.RawURLEncoding.EncodeToString(secret)
	return plain, store.Token{
		Name: name, Unit: unit, Hash: Hash(plain),
		Created: today.Format(time.DateOnly), Expires: today.AddDate(0, 0, days).Format(time.DateOnly),
	}, nil
}

// Hash is what is stored of a token. A token has 256 random bits, which no
// slow hash could make harder to guess.
func Hash(plain string) string { return survey.SHA256Hex([]byte(plain)) }

// How often a token may ask: a burst that reads some years at once, and after
// it two requests a second.
const (
	perSecond = rate.Limit(2)
	burst     = 120
)

// brake slows the tokens, each by itself and in memory only. Only tokens that
// exist get an entry, which bounds it.
type brake struct {
	mu sync.Mutex
	of map[string]*rate.Limiter
}

func newBrake() *brake { return &brake{of: make(map[string]*rate.Limiter)} }

// take counts one request of a token. It returns how long to wait when this
// one may not be answered; it is then not counted.
func (b *brake) take(id string, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.of[id]
	if l == nil {
		l = rate.NewLimiter(perSecond, burst)
		b.of[id] = l
	}
	reserved := l.ReserveN(now, 1)
	wait := reserved.DelayFrom(now)
	if wait > 0 {
		reserved.CancelAt(now)
	}
	return wait
}
