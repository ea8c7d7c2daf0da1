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
	messaging    messaging
}

// readEnvironment reports every fault at once.
func readEnvironment(getenv func(string) string, site *static.Site) (environment, error) {
	env := environment{
		organisation: strings.TrimSpace(getenv("ATTUNE_ORG_NAME")),
		keys:         getenv("ATTUNE_KEYS"),
		language:     getenv("ATTUNE_LANGUAGE"),
		publicURL:    strings.TrimRight(getenv("ATTUNE_PUBLIC_URL"), "/"),
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
	if env.publicURL != "" {
		if u, err := url.Parse(env.publicURL); err != nil || u.Scheme != "https" || u.Host == "" || u.Path != "" {
			faults = append(faults, fmt.Errorf("ATTUNE_PUBLIC_URL is %q; give the address that phones open, such as https://attune.example.org, with https and without a path", env.publicURL))
		}
	}
	if env.messaging, err = readMessaging(getenv, env.publicURL); err != nil {
		faults = append(faults, err)
	}
	return env, errors.Join(faults...)
}
