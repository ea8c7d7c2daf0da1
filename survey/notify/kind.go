package notify

import "attune/survey/store"

// Kind says what a message is about.
type Kind string

// The kinds of messages. Everybody gets the same words.
const (
	Announced Kind = store.MailAnnounced
	Opened    Kind = store.MailOpened
	Reminder  Kind = store.MailReminder
	Results   Kind = store.MailResults
	Incident  Kind = store.MailIncident // contacts, what leaders take on, and the three rounds
)
