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
	}
	wishes interface {
		StopMail(ctx context.Context, person survey.PersonID, stop bool) error
		MailStopped(ctx context.Context, person survey.PersonID) (bool, error)
	}
}

// unsubscribePage says whether mail is stopped and offers the other choice. It
// names nobody.
type unsubscribePage struct {
	frame
	Path    string
	Stopped bool
	Done    bool // just now
}

// unsubscribeForm changes nothing: programs that look at mail open every link.
func (con *console) unsubscribeForm(c echo.Context) error {
	person, err := con.mail.holders.Unsubscriber(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	stopped, err := con.mail.wishes.MailStopped(c.Request().Context(), person)
	if err != nil {
		return err
	}
	return con.unsubscribeView(c, stopped, false)
}

// unsubscribe stops mail, also when a mail program posts by itself as RFC 8058
// describes, and resumes it for whoever presses that button. There is nothing
// to protect from other sites: who has the token may do this and only this.
func (con *console) unsubscribe(c echo.Context) error {
	person, err := con.mail.holders.Unsubscriber(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	stop := c.Request().PostFormValue("mail") != "again"
	if err := con.mail.wishes.StopMail(c.Request().Context(), person, stop); err != nil {
		return err
	}
	return con.unsubscribeView(c, stop, true)
}

func (con *console) unsubscribeView(c echo.Context, stopped, done bool) error {
	lang := con.lang(c.Request())
	con.render(c.Response(), lang, http.StatusOK, "unsubscribe", unsubscribePage{
		frame: con.frame(lang, "unsubscribe.title", nil, ""), Path: "/u/" + c.Param("token"), Stopped: stopped, Done: done,
	})
	return nil
}
