package main

import (
	"errors"
	"fmt"
	netmail "net/mail"
	"os"
	"strconv"
	"strings"

	"attune/survey/notify"
)

// messaging is what the environment says about mail and text messages.
type messaging struct {
	mail *notify.MailConfig // nil: no mail
	from string
	sms  *notify.SMSConfig // nil: no text messages
}

// readMessaging reports every fault at once.
func readMessaging(getenv func(string) string, publicURL string) (messaging, error) {
	mail, from, mailFault := readMail(getenv, publicURL)
	sms, smsFault := readSMS(getenv, publicURL)
	return messaging{mail: mail, from: from, sms: sms}, errors.Join(mailFault, smsFault)
}

func readMail(getenv func(string) string, publicURL string) (*notify.MailConfig, string, error) {
	cfg := &notify.MailConfig{Host: getenv("ATTUNE_SMTP_HOST"), User: getenv("ATTUNE_SMTP_USER"), Encryption: notify.StartTLS}
	from := getenv("ATTUNE_MAIL_FROM")
	if cfg.Host == "" {
		for _, name := range []string{"ATTUNE_SMTP_PORT", "ATTUNE_SMTP_TLS", "ATTUNE_SMTP_USER", "ATTUNE_SMTP_PASSWORD", "ATTUNE_SMTP_PASSWORD_FILE", "ATTUNE_MAIL_FROM"} {
			if getenv(name) != "" {
				return nil, "", fmt.Errorf("%s is set, but ATTUNE_SMTP_HOST is not; give the name of the mail server, or leave both out", name)
			}
		}
		return nil, "", nil
	}
	var faults []error
	if port := getenv("ATTUNE_SMTP_PORT"); port != "" {
		var err error
		if cfg.Port, err = strconv.Atoi(port); err != nil || cfg.Port < 1 || cfg.Port > 65535 {
			faults = append(faults, fmt.Errorf("ATTUNE_SMTP_PORT is %q; give a number such as 587, or leave it out", port))
		}
	}
	if way := getenv("ATTUNE_SMTP_TLS"); way != "" {
		cfg.Encryption = notify.Encryption(way)
	}
	if _, err := notify.NewMail(*cfg); err != nil {
		faults = append(faults, fmt.Errorf("ATTUNE_SMTP_TLS is %q with the server %s; use starttls or tls, and none only for a server on this machine", cfg.Encryption, cfg.Host))
	}
	var err error
	if cfg.Password, err = secret(getenv, "ATTUNE_SMTP_PASSWORD", "ATTUNE_SMTP_PASSWORD_FILE"); err != nil {
		faults = append(faults, err)
	} else if (cfg.User == "") != (cfg.Password == "") {
		faults = append(faults, errors.New("ATTUNE_SMTP_USER and ATTUNE_SMTP_PASSWORD (or ATTUNE_SMTP_PASSWORD_FILE) go together; one of them is missing"))
	}
	if _, err := netmail.ParseAddress(from); err != nil {
		faults = append(faults, fmt.Errorf("ATTUNE_MAIL_FROM is %q; give the sender of all mail, such as Attune <survey@example.org>", from))
	}
	if publicURL == "" {
		faults = append(faults, errors.New("ATTUNE_SMTP_HOST is set, but ATTUNE_PUBLIC_URL is not; the links in mails need the address that phones open"))
	}
	return cfg, from, errors.Join(faults...)
}

func readSMS(getenv func(string) string, publicURL string) (*notify.SMSConfig, error) {
	cfg := &notify.SMSConfig{
		URL: getenv("ATTUNE_SMS_URL"), Sender: getenv("ATTUNE_SMS_FROM"),
		To: getenv("ATTUNE_SMS_FIELD_TO"), Text: getenv("ATTUNE_SMS_FIELD_TEXT"), From: getenv("ATTUNE_SMS_FIELD_FROM"),
	}
	if cfg.URL == "" {
		return nil, nil //nolint:nilnil // no text messages is a setting and no fault
	}
	var err error
	if cfg.Token, err = secret(getenv, "ATTUNE_SMS_TOKEN", "ATTUNE_SMS_TOKEN_FILE"); err != nil {
		return nil, err
	}
	if _, err := notify.NewSMS(*cfg); err != nil {
		return nil, fmt.Errorf("ATTUNE_SMS_URL and the ATTUNE_SMS_FIELD_TO, ATTUNE_SMS_FIELD_TEXT and ATTUNE_SMS_FIELD_FROM beside it do not work: %w", err)
	}
	if publicURL == "" {
		return nil, errors.New("ATTUNE_SMS_URL is set, but ATTUNE_PUBLIC_URL is not; the links in text messages need the address that phones open")
	}
	return cfg, nil
}

// secret reads a setting that may stand in a file instead, so that it is in
// nobody's list of processes.
func secret(getenv func(string) string, name, inFile string) (string, error) {
	value, file := getenv(name), getenv(inFile)
	switch {
	case file == "":
		return value, nil
	case value != "":
		return "", fmt.Errorf("%s and %s are both set; leave one out", name, inFile)
	}
	raw, err := os.ReadFile(file) //nolint:gosec // the operator names the file
	if err != nil {
		return "", fmt.Errorf("%s: %w", inFile, err)
	}
	return strings.TrimRight(string(raw), "\r\n"), nil
}
