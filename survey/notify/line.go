package notify

import (
	"time"

	"attune/survey"
	"attune/survey/store"
)

// line is one way out of an outbox. Each rests on its own: a mail server that
// is not there holds up no text message.
type line struct {
	by      survey.Reach
	carrier Carrier
	words   lineWords

	rest   time.Time // the other side was not there: not before this
	misses int       // how often in a row
}

// lineWords are the keys of what a line has to tell.
type lineWords struct{ givenUp, lost string }

func mailLine(c Carrier) *line {
	return &line{by: survey.ByMail, carrier: c, words: lineWords{givenUp: "error.mail.given_up", lost: "error.mail.lost"}}
}

func textLine(c Carrier) *line {
	return &line{by: survey.ByText, carrier: c, words: lineWords{givenUp: "error.sms.given_up", lost: "error.sms.lost"}}
}

// pack makes the message of a letter ready for its line.
func (r *run) pack(l store.Letter, n news) (Parcel, error) {
	if r.line.by == survey.ByText {
		text, ok := r.o.writer.text(n)
		if !ok || !phoneNumber.MatchString(l.Phone) {
			return Parcel{}, errUnwritable
		}
		return Parcel{Number: l.Phone, Text: text}, nil
	}
	m, err := r.o.writer.message(n.lang, l.Email, r.o.writer.compose(n), n.stopMail)
	if survey.IsKey(err, "error.mail.address") {
		return Parcel{}, errUnwritable
	}
	return Parcel{Mail: m}, err
}
