package survey

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Code classes an Error; one table in each edge (handlers, cmd) maps codes to
// HTTP statuses and exit codes.
type Code string

// The codes of errors that reach people.
const (
	Invalid     Code = "invalid"     // the input is wrong; the mend is in the text
	NotFound    Code = "not_found"   // the named thing does not exist
	Conflict    Code = "conflict"    // the state of the thing forbids it
	Forbidden   Code = "forbidden"   // this user may not do it
	TooMany     Code = "too_many"    // try again later
	Unavailable Code = "unavailable" // passing fault: try again
)

// Args are the named values that a text's placeholders stand for.
type Args map[string]any

// Error is what every layer returns when a person has to be told something.
// Key names a text of the locale files, which says the thing, the reason and
// the mend; Args fill its placeholders. Err, when set, is the internal cause:
// it is for the log and never shown.
type Error struct {
	Code Code
	Key  string
	Args Args
	Err  error
}

// Fail makes an Error.
func Fail(code Code, key string, args Args) *Error {
	return &Error{Code: code, Key: key, Args: args}
}

// Error writes code, key and arguments, in a fixed order, for logs and tests.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Code, e.Key)
	names := make([]string, 0, len(e.Args))
	for name := range e.Args {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Fprintf(&b, " %s=%v", name, e.Args[name])
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap gives the internal cause.
func (e *Error) Unwrap() error { return e.Err }

// IsCode says whether err is, or wraps, an Error with this code.
func IsCode(err error, code Code) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

// IsKey says whether err is, or wraps, an Error with this key.
func IsKey(err error, key string) bool {
	var e *Error
	return errors.As(err, &e) && e.Key == key
}

// FieldFault is what is wrong with one part of what somebody asks for, so that
// a form can say everything at once, each beside its field.
type FieldFault struct {
	Field string // in small letters; each function says which there are
	Error *Error
}

// FirstFault is the first of some faults as an error; nil when there is none.
func FirstFault(faults []FieldFault) error {
	if len(faults) == 0 {
		return nil
	}
	return faults[0].Error
}
