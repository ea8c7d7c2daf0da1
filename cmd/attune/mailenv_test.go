package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"attune/survey/notify"
)

func TestMailSettingsAreReadFromTheEnvironmentOrAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("from the file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	set := map[string]string{
		"ATTUNE_SMTP_HOST": "mail.example.org", "ATTUNE_SMTP_PORT": "2525", "ATTUNE_SMTP_TLS": "tls", "ATTUNE_SMTP_USER": "attune",
		"ATTUNE_SMTP_PASSWORD_FILE": file, "ATTUNE_MAIL_FROM": "Attune <survey@example.org>",
		"ATTUNE_SMS_URL": "https://gateway.example.org/send", "ATTUNE_SMS_TOKEN_FILE": file, "ATTUNE_SMS_FIELD_TO": "recipient",
	}
	m, err := readMessaging(func(name string) string { return set[name] }, "https://attune.example.org")
	if err != nil {
		t.Fatal(err)
	}
	want := notify.MailConfig{Host: "mail.example.org", Port: 2525, Encryption: notify.TLS, User: "attune", Password: "from the file"}
	if *m.mail != want || m.from != set["ATTUNE_MAIL_FROM"] {
		t.Errorf("%+v from %s", *m.mail, m.from)
	}
	if m.sms.Token != "from the file" || m.sms.To != "recipient" || m.sms.Text != "" {
		t.Errorf("%+v", *m.sms)
	}
	m, err = readMessaging(func(string) string { return "" }, "")
	if err != nil || m.mail != nil || m.sms != nil {
		t.Errorf("nothing set: %+v, %v", m, err)
	}
}

func TestEveryFaultInTheMailSettingsIsReportedAtOnceAndNoSecret(t *testing.T) {
	set := map[string]string{
		"ATTUNE_SMTP_HOST": "mail.example.org", "ATTUNE_SMTP_PORT": "many", "ATTUNE_SMTP_TLS": "none", "ATTUNE_SMTP_PASSWORD": "marker-secret",
		"ATTUNE_MAIL_FROM": "nobody", "ATTUNE_SMS_URL": "http://gateway.example.org", "ATTUNE_SMS_TOKEN": "marker-secret",
	}
	_, err := readMessaging(func(name string) string { return set[name] }, "")
	if err == nil {
		t.Fatal("no fault")
	}
	for _, name := range []string{"ATTUNE_SMTP_PORT", "ATTUNE_SMTP_TLS", "ATTUNE_SMTP_USER", "ATTUNE_MAIL_FROM", "ATTUNE_PUBLIC_URL", "ATTUNE_SMS_URL"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not reported in:\n%v", name, err)
		}
	}
	if strings.Contains(err.Error(), "marker-secret") {
		t.Error("a secret is in the report")
	}
	for name, other := range map[string]map[string]string{
		"ATTUNE_SMTP_HOST is not":              {"ATTUNE_MAIL_FROM": "a@example.org"},
		"ATTUNE_SMTP_PASSWORD and":             {"ATTUNE_SMTP_HOST": "localhost", "ATTUNE_SMTP_PASSWORD": "x", "ATTUNE_SMTP_PASSWORD_FILE": "y", "ATTUNE_MAIL_FROM": "a@example.org"},
		"ATTUNE_SMTP_PASSWORD_FILE: open none": {"ATTUNE_SMTP_HOST": "localhost", "ATTUNE_SMTP_PASSWORD_FILE": "none", "ATTUNE_MAIL_FROM": "a@example.org"},
	} {
		if _, err := readMessaging(func(n string) string { return other[n] }, "https://attune.example.org"); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("want %q, got %v", name, err)
		}
	}
}

func TestTextMessagesNeedTheAddressOfTheirLinks(t *testing.T) {
	get := func(name string) string {
		return map[string]string{"ATTUNE_SMS_URL": "https://gateway.example.org"}[name]
	}
	if _, err := readMessaging(get, ""); err == nil || !strings.Contains(err.Error(), "ATTUNE_PUBLIC_URL") {
		t.Errorf("%v", err)
	}
	if m, err := readMessaging(get, "https://attune.example.org"); err != nil || m.sms == nil || m.mail != nil {
		t.Errorf("%+v, %v", m, err)
	}
}
