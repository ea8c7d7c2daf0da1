package main

import (
	"context"
	"os/user"

	"attune/survey"
	"attune/survey/store"
)

// operator is who runs a command: the operating system's user, or "command"
// where the system names none, as in a bare container.
func operator() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return survey.CommandRole
}

func deedOf(action survey.DeedName, subject string, details map[string]string) survey.Deed {
	return survey.Deed{Who: operator(), Roles: []string{survey.CommandRole}, Action: action, Subject: subject, Details: details}
}

// noting gives a context for the one change of people.db that a command makes:
// the change and its entry in the administrative log are one transaction.
func noting(ctx context.Context, action survey.DeedName, subject string, details map[string]string) context.Context {
	return store.Noting(ctx, deedOf(action, subject, details))
}

// noted adds to the administrative log what is no change of people.db alone:
// before figures or secrets leave, and after what was done in several steps.
func (in *installation) noted(ctx context.Context, action survey.DeedName, subject string, details map[string]string) error {
	return in.store.AddDeed(ctx, deedOf(action, subject, details))
}
