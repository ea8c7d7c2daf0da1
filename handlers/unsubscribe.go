package handlers

import (
	"context"
	"net/http"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// mailWishes is all that the page behind a mail's "no more mail" may do. It is
// a wall: the same objects also know addresses and rosters.
type mailWishes struct {
	holders interface {
		// Unsubscriber finds whose token it is.
		Unsubscriber(ctx context.Context, token string) (survey.PersonID, error)
		// ReminderHolder finds the user whose token it is.
		ReminderHolder(ctx context.Context, token string) (email string, err error)
	}
	wishes interface {
		StopMail(ctx context.Context, person survey.PersonID, stop bool) error
		MailStopped(ctx context.Context, person survey.PersonID) (bool, error)
		StopReminders(ctx context.Context, email string, stop bool) error
		RemindersStopped(ctx context.Context, email string) (bool, error)
		SetUserLanguage(ctx context.Context, email, language string) error
	}
}

// wish is what somebody wants of one kind of mail.
type wish struct {
	reminders bool // to users, about their plans; else mail to people who are asked
	stopped   func(ctx context.Context) (bool, error)
	stop      func(ctx context.Context, stop bool) error
}

// of finds whose mail a token can stop: of somebody who is asked, or of a user.
func (m mailWishes) of(ctx context.Context, token string) (wish, error) {
	person, err := m.holders.Unsubscriber(ctx, token)
	if err == nil {
		return wish{
			stopped: func(ctx context.Context) (bool, error) { return m.wishes.MailStopped(ctx, person) },
			stop:    func(ctx context.Context, stop bool) error { return m.wishes.StopMail(ctx, person, stop) },
		}, nil
	}
	if !survey.IsCode(err, survey.NotFound) {
		return wish{}, err
	}
	email, err := m.holders.ReminderHolder(ctx, token)
	return wish{
		reminders: true,
		stopped:   func(ctx context.Context) (bool, error) { return m.wishes.RemindersStopped(ctx, email) },
		stop:      func(ctx context.Context, stop bool) error { return m.wishes.StopReminders(ctx, email, stop) },
	}, err
}

// unsubscribePage says whether mail is stopped and offers the other choice. It
// names nobody.
type unsubscribePage struct {
	frame
	Path      string
	Reminders bool // to a user about their plans, and not mail to people who are asked
	Stopped   bool
	Done      bool // just now
}

// unsubscribeForm changes nothing: programs that look at mail open every link.
func (con *console) unsubscribeForm(c echo.Context) error {
	wish, err := con.mail.of(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	stopped, err := wish.stopped(c.Request().Context())
	if err != nil {
		return err
	}
	return con.unsubscribeView(c, wish, stopped, false)
}

// unsubscribe stops mail, also when a mail program posts by itself as RFC 8058
// describes, and resumes it for whoever presses that button. There is nothing
// to protect from other sites: who has the token may do this and only this.
func (con *console) unsubscribe(c echo.Context) error {
	wish, err := con.mail.of(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	stop := c.Request().PostFormValue("mail") != "again"
	if err := wish.stop(c.Request().Context(), stop); err != nil {
		return err
	}
	return con.unsubscribeView(c, wish, stop, true)
}

func (con *console) unsubscribeView(c echo.Context, wish wish, stopped, done bool) error {
	lang := con.lang(c.Request())
	con.render(c.Response(), lang, http.StatusOK, "unsubscribe", unsubscribePage{
		frame: con.frame(lang, "unsubscribe.title", nil, ""), Path: "/u/" + c.Param("token"), Stopped: stopped, Done: done,
		Reminders: wish.reminders,
	})
	return nil
}
