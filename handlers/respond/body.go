package respond

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"attune/survey"
)

const (
	// maxDraw bounds a request for a ticket, in bytes: a token of 22
	// characters, a wave's id, and 32 bytes in base64.
	maxDraw = 2 << 10
	// maxBallot bounds a ballot, in bytes. One of 1,000 questions, which is
	// far more than anybody would answer, needs less than 2 KiB.
	maxBallot = 8 << 10
)

// offerRequest asks for what a phone needs to draw a ticket.
type offerRequest struct {
	Token string        `json:"token"`
	Wave  survey.WaveID `json:"wave"`
}

// drawRequest asks for a stamp on a blinded element.
type drawRequest struct {
	Token   string        `json:"token"`
	Wave    survey.WaveID `json:"wave"`
	Blinded []byte        `json:"blinded"`
}

// readJSON reads a body of at most limit bytes into a value. Plain text is
// taken too: it is what a browser sends to another origin without asking
// first, which would be one more request that others can count.
func readJSON[T any](w http.ResponseWriter, r *http.Request, limit int64) (T, *formFault) {
	var none T
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || (kind != "text/plain" && kind != "application/json") {
		return none, &formFault{http.StatusUnsupportedMediaType, "ticket.body.type", nil}
	}
	tooLarge := &formFault{http.StatusRequestEntityTooLarge, "ticket.body.large", map[string]any{"kib": limit >> 10}}
	if r.ContentLength > limit {
		return none, tooLarge
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return none, tooLarge
		}
		return none, &formFault{http.StatusBadRequest, "ticket.body.form", nil}
	}
	return parseJSON[T](raw)
}

// parseJSON reads exactly one object without fields that are not asked for.
func parseJSON[T any](raw []byte) (T, *formFault) {
	var v, none T
	unreadable := &formFault{http.StatusBadRequest, "ticket.body.form", nil}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if !bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{")) || decoder.Decode(&v) != nil {
		return none, unreadable
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return none, unreadable
	}
	return v, nil
}
