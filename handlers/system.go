package handlers

import (
	"context"
	"net/http"
	"time"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

const systemPath = "/console/system"

// clockSlack is how far an entry may lie ahead of the clock before the page
// says that the clock has been put back.
const clockSlack = time.Minute

// System is what the page about the program itself may ask.
type System struct {
	// Facts reads what there is now. None of it is about anybody.
	Facts func(ctx context.Context) (SystemFacts, error)
	// TestMail sends a message without a link and gives the mail server's
	// answer; nil where no mail is set up.
	TestMail func(ctx context.Context, to, lang string) (string, error)
}

// SystemFacts are the program, its files and its ways out. They hold no
// password and no token.
type SystemFacts struct {
	Version, Go string
	Database    string // its kind
	Started     time.Time
	Files       []SystemFile
	Free        int64  // bytes on the disk of the data folder; 0: not known
	MailServer  string // host and port; empty: none
	MailSecured string // how the line to it is encrypted
	MailFrom    string
	Gateway     string // host of the gateway for text messages; empty: none
}

// SystemFile is one of the databases.
type SystemFile struct {
	Name  string
	Bytes int64
}

// systemPage is what an administrator looks at when something is wrong, or
// before anything is.
type systemPage struct {
	frame
	Facts    SystemFacts
	Started  string
	Now      string
	Newest   string // when the administrative log was last written
	Back     bool   // the clock stands before it
	Files    []systemFile
	Free     string
	FewBytes bool
	Backup   lastBackup
	Queue    []string
	Can      bool // a test can be sent
	To       string
	Answer   string // the mail server's
	Error    string
}

type systemFile struct{ Name, Size string }

// leastFree is how much room a disk needs for the files to be rewritten, in
// times of all of them.
const leastFree = 3

func (con *console) systemPage(c echo.Context, v viewer) error {
	return con.renderSystem(c, v, http.StatusOK, systemPage{})
}

func (con *console) renderSystem(c echo.Context, v viewer, status int, p systemPage) error {
	ctx, lang := c.Request().Context(), con.lang(c.Request())
	s := con.in(lang)
	p.frame = con.frame(lang, "system.title", &v, systemPath)
	if con.system.Facts != nil {
		facts, err := con.system.Facts(ctx)
		if err != nil {
			return err
		}
		p.Facts = facts
	}
	all := int64(0)
	for _, f := range p.Facts.Files {
		p.Files = append(p.Files, systemFile{f.Name, s.size(f.Bytes)})
		all += f.Bytes
	}
	p.Free, p.FewBytes = s.size(p.Facts.Free), p.Facts.Free > 0 && p.Facts.Free < leastFree*all
	now := con.now()
	p.Started, p.Now = s.moment(p.Facts.Started), s.moment(now)
	newest, err := con.deeds.AdminLog(ctx, survey.AdminFilter{}, 0, 1)
	if err != nil {
		return err
	}
	if len(newest) > 0 {
		p.Newest, p.Back = s.moment(newest[0].At), newest[0].At.After(now.Add(clockSlack))
	}
	if p.Backup, err = con.lastBackup(ctx, s, now); err != nil {
		return err
	}
	mailings, err := con.running.Mailings(ctx)
	if err != nil {
		return err
	}
	p.Queue, p.Can, p.To = s.queue(mailings), con.system.TestMail != nil, v.Email
	con.render(c.Response(), lang, status, "system", p)
	return nil
}

// size is a number of bytes in words that people know, rounded up.
func (s speech) size(bytes int64) string {
	unit, key := int64(1<<10), "system.kilobytes"
	if bytes >= 1<<30 {
		unit, key = 1<<30, "system.gigabytes"
	} else if bytes >= 1<<20 {
		unit, key = 1<<20, "system.megabytes"
	}
	return s.say(key, survey.Args{"n": (bytes + unit - 1) / unit})
}

// testMail sends a test to whoever asks for it, and to nobody else.
func (con *console) testMail(c echo.Context, v viewer) error {
	lang := con.lang(c.Request())
	if con.system.TestMail == nil {
		return survey.Fail(survey.Conflict, "error.mail.unset", nil)
	}
	answer, err := con.system.TestMail(c.Request().Context(), v.Email, lang)
	if known, ok := asSurveyError(err); ok {
		return con.renderSystem(c, v, http.StatusBadGateway, systemPage{Error: con.in(lang).fault(known)})
	}
	if err != nil {
		return err
	}
	return con.renderSystem(c, v, http.StatusOK, systemPage{Answer: answer})
}
