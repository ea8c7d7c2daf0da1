package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// quietLogger writes failed statements, without their values, without the time
// and without how long they took: a log must not say when somebody answered.
// It is GORM's ParameterizedQueries with nothing else switched on.
type quietLogger struct{ to io.Writer }

// LogMode changes nothing: no level shows more.
func (l quietLogger) LogMode(logger.LogLevel) logger.Interface { return l }

// Info writes nothing.
func (l quietLogger) Info(context.Context, string, ...any) {}

// Warn writes GORM's own warnings.
func (l quietLogger) Warn(_ context.Context, text string, args ...any) { l.line(text, args...) }

// Error writes GORM's own errors.
func (l quietLogger) Error(_ context.Context, text string, args ...any) { l.line(text, args...) }

// Trace writes a statement that failed. What the caller handles itself, a row
// that is missing or there already and a cancelled request, is no fault.
func (l quietLogger) Trace(_ context.Context, _ time.Time, statement func() (string, int64), err error) {
	switch {
	case err == nil, errors.Is(err, gorm.ErrRecordNotFound), errors.Is(err, gorm.ErrDuplicatedKey),
		errors.Is(err, gorm.ErrForeignKeyViolated), errors.Is(err, context.Canceled):
		return
	}
	text, _ := statement()
	l.line("%v in %s", err, text)
}

// ParamsFilter takes the values out of every statement before it is explained.
func (l quietLogger) ParamsFilter(_ context.Context, statement string, _ ...any) (string, []any) {
	return statement, nil
}

func (l quietLogger) line(text string, args ...any) {
	_, _ = fmt.Fprintf(l.to, "store: "+text+"\n", args...) // a log that cannot be written has nowhere to say so
}
