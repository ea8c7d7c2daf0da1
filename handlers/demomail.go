package handlers

import (
	"errors"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	netmail "net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// mailListed is how many messages of one subject are listed: a mailing goes to
// hundreds, and should not hide the one before it.
const mailListed = 25

// mailName is what files of messages are called.
var mailName = regexp.MustCompile(`^[0-9A-Za-z-]+\.eml$`)

// demoMailPage lists the messages that a demonstration would have sent.
type demoMailPage struct {
	frame
	Messages []demoMessage
	Sort     heads
	Older    int // in the folder and not listed
}

type demoMessage struct {
	Name, To, Subject, Date string
}

// demoMessagePage shows the text of one.
type demoMessagePage struct {
	frame
	demoMessage
	Text string
}

func (con *console) demoMail(c echo.Context, v viewer) error {
	lang := con.lang(c.Request())
	entries, err := os.ReadDir(con.demo.Mail)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var names []string
	for _, e := range entries {
		if mailName.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	slices.Reverse(names)
	p := demoMailPage{frame: con.frame(lang, "console.mail.title", &v, "/console/demo/mail")}
	listed := make(map[string]int) // by subject
	for _, name := range names {
		m, _, err := con.demoMessage(name)
		if err != nil {
			return err
		}
		if listed[m.Subject]++; listed[m.Subject] > mailListed {
			p.Older++
			continue
		}
		p.Messages = append(p.Messages, m)
	}
	p.Sort = inOrder(con.in(lang), c, p.frame, "mail", p.Messages,
		byName("subject", "console.mail.subject", func(m demoMessage) string { return m.Subject }),
		byName("to", "console.mail.to", func(m demoMessage) string { return m.To }),
		byDate("date", "console.mail.date", func(m demoMessage) string { return m.Date }))
	con.render(c.Response(), lang, http.StatusOK, "demo-mail", p)
	return nil
}

func (con *console) demoMailText(c echo.Context, v viewer) error {
	lang := con.lang(c.Request())
	m, text, err := con.demoMessage(c.Param("name"))
	if err != nil {
		return err
	}
	con.render(c.Response(), lang, http.StatusOK, "demo-message", demoMessagePage{
		frame: con.frame(lang, "console.mail.title", &v, ""), demoMessage: m, Text: text,
	})
	return nil
}

// demoMessage reads one file of the folder and nothing outside it.
func (con *console) demoMessage(name string) (demoMessage, string, error) {
	missing := survey.Fail(survey.NotFound, "error.mail.missing", nil)
	if !mailName.MatchString(name) {
		return demoMessage{}, "", missing
	}
	file, err := os.Open(filepath.Join(con.demo.Mail, name)) //nolint:gosec // mailName lets no path through
	if errors.Is(err, fs.ErrNotExist) {
		return demoMessage{}, "", missing
	}
	if err != nil {
		return demoMessage{}, "", err
	}
	defer func() { _ = file.Close() }() // it was only read
	read, err := netmail.ReadMessage(file)
	if err != nil {
		return demoMessage{}, "", err
	}
	m := demoMessage{Name: name, To: strings.Trim(read.Header.Get("To"), "<>")}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject")); err != nil {
		return demoMessage{}, "", err
	}
	if date, err := read.Header.Date(); err == nil {
		m.Date = date.In(con.zone).Format("2006-01-02 15:04")
	}
	text, err := plainPart(read)
	return m, text, err
}

// plainPart is the first part of a message, which is text.
func plainPart(m *netmail.Message) (string, error) {
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return "", err
	}
	part, err := multipart.NewReader(m.Body, params["boundary"]).NextRawPart()
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(quotedprintable.NewReader(part))
	return string(text), err
}
