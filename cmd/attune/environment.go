package main

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"attune/static"
)

// environment is all that is ever read from the environment.
type environment struct {
	organisation string
	zone         *time.Location
	language     string
	keys         string // the key folder; empty: "keys" in the data folder
	publicURL    string // without a slash at the end; empty: none
	ballotOrigin string // where phones send ballots, when that is another host
	messaging    messaging

	exportDir     string   // where releases are written to; empty: nowhere
	exportFormats []string // of these files
}

// readEnvironment reports every fault at once.
func readEnvironment(getenv func(string) string, site *static.Site) (environment, error) {
	env := environment{
		organisation:  strings.TrimSpace(getenv("ATTUNE_ORG_NAME")),
		keys:          getenv("ATTUNE_KEYS"),
		language:      getenv("ATTUNE_LANGUAGE"),
		publicURL:     strings.TrimRight(getenv("ATTUNE_PUBLIC_URL"), "/"),
		exportDir:     getenv("ATTUNE_EXPORT_DIR"),
		exportFormats: strings.FieldsFunc(getenv("ATTUNE_EXPORT_FORMATS"), func(r rune) bool { return r == ',' || r == ' ' }),
	}
	var faults []error
	var err error
	name := getenv("ATTUNE_TIMEZONE")
	if env.zone, err = time.LoadLocation(name); err != nil { // empty: UTC
		faults = append(faults, fmt.Errorf("ATTUNE_TIMEZONE is %q, which is no time zone; use a name such as Europe/Dublin", name))
	}
	if env.language == "" {
		env.language = "en"
	}
	if !slices.Contains(site.Languages(), env.language) {
		faults = append(faults, fmt.Errorf("ATTUNE_LANGUAGE is %q; use one of %s", env.language, strings.Join(site.Languages(), ", ")))
	}
	if env.publicURL != "" && !isOrigin(env.publicURL) {
		faults = append(faults, fmt.Errorf("ATTUNE_PUBLIC_URL is %q; give the address that phones open, such as https://attune.example.org, with https and without a path", env.publicURL))
	}
	env.ballotOrigin = strings.TrimRight(getenv("ATTUNE_BALLOT_ORIGIN"), "/")
	switch {
	case env.ballotOrigin == "":
	case !isOrigin(env.ballotOrigin):
		faults = append(faults, fmt.Errorf("ATTUNE_BALLOT_ORIGIN is %q; give the address that takes ballots, such as https://ballot.example.org, with https and without a path", env.ballotOrigin))
	case env.publicURL == "":
		faults = append(faults, errors.New("ATTUNE_BALLOT_ORIGIN needs ATTUNE_PUBLIC_URL beside it: the host that takes ballots must know which pages may send them"))
	}
	if env.messaging, err = readMessaging(getenv, env.publicURL); err != nil {
		faults = append(faults, err)
	}
	return env, errors.Join(faults...)
}

// isOrigin says whether s is https://HOST, with a port at most.
func isOrigin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.Path == "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil
}
