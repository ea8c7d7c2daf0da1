package notify

import (
	"context"
	netmail "net/mail"
	"slices"
	"strings"
	"time"

	"attune/survey"
	"attune/survey/store"
)

// remindFrom is the hour of the organisation's day from which reminders go
// out.
const remindFrom = 8

// remindEvery bounds how often the plans are looked through.
const remindEvery = time.Minute

// Remind puts reminders of actions and promises whose moment has come into the
// outbox, each once: seven days before an action is due, on the day and seven
// days after, while it is open; in the week before a wave's results were
// promised and in the fortnight after, while they have not been shared. Without
// mail there are none. It gives the number of new ones.
func (o *Outbox) Remind(ctx context.Context) (added int, err error) {
	now := o.cfg.Now()
	o.planning.Lock()
	defer o.planning.Unlock()
	if o.cfg.Carrier == nil || (!now.Before(o.reminded) && now.Sub(o.reminded) < remindEvery) {
		return 0, nil
	}
	due, err := o.reminders(ctx)
	if err != nil {
		return 0, err
	}
	notices := make([]store.Notice, 0, len(due))
	for n := range due {
		notices = append(notices, n)
	}
	if added, err = o.cfg.Store.AddNotices(ctx, notices); err == nil {
		o.reminded = now
	}
	return added, err
}

// reminders are all notices whose moment is now, with the unit that each is
// about. One that is not among them any more is not sent.
func (o *Outbox) reminders(ctx context.Context) (map[store.Notice]string, error) {
	today := o.cfg.Now().In(o.cfg.Zone).Add(-remindFrom * time.Hour).Format(time.DateOnly)
	units, err := o.cfg.Store.Units(ctx)
	if err != nil {
		return nil, err
	}
	tree, err := survey.NewTree(units)
	if err != nil {
		return nil, err
	}
	due := make(map[store.Notice]string)
	actions, err := o.cfg.Store.OpenActions(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range actions {
		if moment, ok := survey.ReminderOf(a.Due, today); ok {
			due[store.Notice{Kind: store.NoticeAction, About: a.ID, Day: a.Due, Moment: moment, Email: a.Mail}] = nameOf(tree, a.Unit)
		}
	}
	return due, o.promises(ctx, tree, today, due)
}

// promises adds the notices about the results of waves.
func (o *Outbox) promises(ctx context.Context, tree survey.Tree, today string, due map[store.Notice]string) error {
	waves, err := o.cfg.Store.Waves(ctx)
	if err != nil {
		return err
	}
	shared, err := o.cfg.Store.Sharings(ctx)
	if err != nil {
		return err
	}
	users, err := o.cfg.Store.Users(ctx)
	if err != nil {
		return err
	}
	for _, w := range waves {
		moment, ok := survey.PromiseReminder(w.ResultsOn, today)
		if _, there := tree.Unit(w.Scope); !ok || !there || w.State != survey.Released {
			continue
		}
		for email, part := range keepers(tree, w, users, shared) {
			due[store.Notice{Kind: store.NoticePromise, About: string(w.ID), Day: w.ResultsOn, Moment: moment, Email: email}] = nameOf(tree, part)
		}
	}
	return nil
}

// keepers are those who are reminded of a wave's promise, with the part that
// each answers for: the owner where the wave names them by an address that
// signs in, and the managers of parts that have not heard. Where nobody is,
// administrators are, so that no promise is forgotten by all.
func keepers(tree survey.Tree, w survey.Wave, users []store.User, shared []survey.Sharing) map[string]survey.UnitID {
	found := make(map[string]survey.UnitID)
	whole := w.Scope
	_, kept := survey.SharedWith(tree, whole, w.ID, shared)
	managers := 0
	for _, u := range users {
		if part, ok := survey.PartOf(tree, whole, u.Unit); ok && slices.Contains(u.Roles, "manager") {
			managers++
			if _, heard := survey.SharedWith(tree, part, w.ID, shared); !heard {
				found[u.Email] = part
			}
		}
		if !kept && u.Email == addressIn(w.Owner) {
			managers++
			found[u.Email] = whole
		}
	}
	if managers > 0 || kept {
		return found
	}
	for _, u := range users {
		if slices.Contains(u.Roles, "admin") {
			found[u.Email] = whole
		}
	}
	return found
}

// addressIn is the e-mail address in a name such as "Ana <ana@example.org>";
// empty when there is none.
func addressIn(name string) string {
	address, err := netmail.ParseAddress(name)
	if err != nil {
		return ""
	}
	return strings.ToLower(address.Address)
}

// nameOf is a unit's path, or its name where it is the organisation.
func nameOf(tree survey.Tree, unit survey.UnitID) string {
	if path := tree.Path(unit); path != "" {
		return path
	}
	u, _ := tree.Unit(unit)
	return u.Name
}

// writeNotice makes the message of a notice, unless there is no more reason to
// send it.
func (r *run) writeNotice(ctx context.Context, n store.Notice, l store.Letter) (Parcel, error) {
	if r.reminders == nil {
		var err error
		if r.reminders, err = r.o.reminders(ctx); err != nil {
			return Parcel{}, err
		}
	}
	unit, due := r.reminders[n]
	if !due {
		return Parcel{}, errNeedless
	}
	token, err := r.o.cfg.Waves.ReminderStop(n.Email)
	if err != nil {
		return Parcel{}, err
	}
	lang, stop := r.o.lang(l.Language), r.o.cfg.URL+"/u/"+token
	m, err := r.o.writer.message(lang, n.Email, r.o.writer.composeNotice(lang, n, unit, r.o.cfg.URL, stop), stop)
	if survey.IsKey(err, "error.mail.address") {
		return Parcel{}, errUnwritable
	}
	return Parcel{Mail: m}, err
}

// composeNotice writes a reminder. It names a unit and a day, and holds no
// figure and no words of a plan: who reads mail on its way learns neither.
func (w *writer) composeNotice(lang string, n store.Notice, unit, url, stop string) content {
	args := survey.Args{"unit": unit, "day": w.date(lang, n.Day)}
	say := func(key string) string { return w.site.Text(lang, key, args) }
	link := url + "/console/actions"
	switch n.Kind {
	case store.NoticeAction:
		link += "/" + n.About
	case store.NoticePromise:
		link += "#wave-" + n.About
	}
	key := "mail." + n.Kind + "." + string(n.Moment)
	return content{Subject: say(key + ".subject"), Blocks: []block{
		{Text: say("mail.greeting")},
		{Text: say(key)},
		{Text: say("mail." + n.Kind + ".button"), Link: link},
		{Text: say("mail.notice.foot")},
		{Text: say("mail.notice.stop"), Stop: stop},
	}}
}
