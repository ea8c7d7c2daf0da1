package handlers

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"attune/survey"
	"attune/survey/store"
)

const (
	sessionCookie  = "attune_console"
	languageCookie = "attune_language"
	// consolePath keeps both cookies away from the respondents' routes.
	consolePath   = "/console"
	sessionLasts  = 12 * time.Hour
	languageLasts = 365 * 24 * time.Hour
	tokenBytes    = 32
)

var errSignedOut = errors.New("nobody is signed in")

// viewer finds who is signed in; errSignedOut when there is nobody.
func (con *console) viewer(r *http.Request) (viewer, error) {
	hash, ok := sessionToken(r)
	if !ok {
		return viewer{}, errSignedOut
	}
	user, err := con.accounts.SessionUser(r.Context(), hash)
	if survey.IsCode(err, survey.NotFound) {
		return viewer{}, errSignedOut
	}
	if err != nil {
		return viewer{}, fmt.Errorf("session: %w", err)
	}
	organisation, err := con.accounts.OrganisationName(r.Context())
	if err != nil {
		return viewer{}, fmt.Errorf("session: %w", err)
	}
	return viewer{User: user, Organisation: organisation}, nil
}

// sessionToken reads the cookie and hashes it: the store only knows hashes,
// so that a copy of it signs nobody in.
func sessionToken(r *http.Request) (hash string, ok bool) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return "", false
	}
	token, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || len(token) != tokenBytes {
		return "", false
	}
	return survey.SHA256Hex(token), true
}

// startSession makes a new session and sets its cookie.
func (con *console) startSession(w http.ResponseWriter, r *http.Request, email string) error {
	token := make([]byte, tokenBytes)
	if _, err := io.ReadFull(con.rand, token); err != nil {
		return fmt.Errorf("session token: %w", err)
	}
	session := store.Session{TokenHash: survey.SHA256Hex(token), Email: email, Expires: con.now().Add(sessionLasts)}
	if err := con.accounts.CreateSession(r.Context(), session); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	http.SetCookie(w, con.cookie(sessionCookie, base64.RawURLEncoding.EncodeToString(token), sessionLasts))
	return nil
}

// endSession forgets the session on both sides.
func (con *console) endSession(w http.ResponseWriter, r *http.Request) error {
	if hash, ok := sessionToken(r); ok {
		if err := con.accounts.DeleteSession(r.Context(), hash); err != nil && !survey.IsCode(err, survey.NotFound) {
			return fmt.Errorf("session: %w", err)
		}
	}
	http.SetCookie(w, con.cookie(sessionCookie, "", -time.Second))
	return nil
}

func (con *console) cookie(name, value string, lasts time.Duration) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: consolePath, MaxAge: int(lasts / time.Second),
		HttpOnly: true, Secure: con.secure, SameSite: http.SameSiteStrictMode,
	}
}

// lang is the language that the user chose, else the one that a link asks for
// with ?lang=, else the browser's, else the organisation's.
func (con *console) lang(r *http.Request) string {
	var chosen string
	if cookie, err := r.Cookie(languageCookie); err == nil {
		chosen = cookie.Value
	}
	return con.spoken().Pick(chosen, r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
}
