package notify_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attune/survey"
	"attune/survey/notify"
)

// gateway is a real HTTP server that takes text messages.
func gateway(t *testing.T, status int) (address string, got *[]map[string]string, header *http.Header) {
	t.Helper()
	got, header = new([]map[string]string), new(http.Header)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var fields map[string]string
		if err := json.NewDecoder(r.Body).Decode(&fields); err != nil || r.Method != http.MethodPost {
			t.Errorf("%s: %v", r.Method, err)
		}
		*got, *header = append(*got, fields), r.Header.Clone()
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"to":"` + fields["to"] + `"}`))
	}))
	t.Cleanup(server.Close)
	return server.URL, got, header
}

func TestATextMessageGoesToTheGatewayInItsOwnFields(t *testing.T) {
	address, got, header := gateway(t, http.StatusAccepted)
	for _, test := range []struct {
		cfg  notify.SMSConfig
		want map[string]string
	}{
		{notify.SMSConfig{Token: "secret"}, map[string]string{"to": "+353871234567", "text": "¿Qué tal?"}},
		{notify.SMSConfig{Token: "secret", Sender: "Attune", To: "recipient", Text: "body", From: "originator"}, map[string]string{"recipient": "+353871234567", "body": "¿Qué tal?", "originator": "Attune"}},
	} {
		test.cfg.URL = address
		sms, err := notify.NewSMS(test.cfg)
		must(t, err)
		must(t, sms.Send(t.Context(), "+353871234567", "¿Qué tal?"))
		if diff := cmp.Diff(test.want, (*got)[len(*got)-1]); diff != "" {
			t.Error(diff)
		}
		if header.Get("Authorization") != "Bearer secret" || header.Get("Content-Type") != "application/json" {
			t.Errorf("%v", *header)
		}
	}
}

func TestAGatewayThatRefusesIsToldOfWithoutTheNumber(t *testing.T) {
	for _, status := range []int{http.StatusFound, http.StatusUnauthorized, http.StatusInternalServerError} {
		address, got, _ := gateway(t, status)
		sms, err := notify.NewSMS(notify.SMSConfig{URL: address, Token: "secret"})
		must(t, err)
		err = sms.Send(t.Context(), "+353871234567", "text")
		if !survey.IsKey(err, "error.sms.refused") || strings.Contains(err.Error(), "871234567") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%d: %v", status, err)
		}
		if len(*got) != 1 {
			t.Errorf("%d: asked %d times; a redirection must not be followed with the token", status, len(*got))
		}
	}
}

func TestAGatewayThatIsNotThereIsToldOf(t *testing.T) {
	address, _, _ := gateway(t, http.StatusOK)
	sms, err := notify.NewSMS(notify.SMSConfig{URL: strings.Replace(address, "127.0.0.1", "127.0.0.2", 1) + "/account/secret", Client: &http.Client{Timeout: time.Second}})
	must(t, err)
	if err := sms.Send(t.Context(), "+353871234567", "text"); !survey.IsKey(err, "error.sms.reach") || strings.Contains(err.Error(), "871234567") || strings.Contains(err.Error(), "account") {
		t.Errorf("%v", err)
	}
}

func TestNumbersAndGatewaysThatCannotBeRightAreRefused(t *testing.T) {
	address, got, _ := gateway(t, http.StatusOK)
	sms, err := notify.NewSMS(notify.SMSConfig{URL: address})
	must(t, err)
	for _, number := range []string{"", "0871234567", "+0871234567", "+353 87 1234567", "+1234567890123456", "+353871234567\n"} {
		if err := sms.Send(t.Context(), number, "text"); !survey.IsKey(err, "error.sms.number") {
			t.Errorf("%q: %v", number, err)
		}
	}
	if len(*got) != 0 {
		t.Error("the gateway was asked")
	}
	for _, cfg := range []notify.SMSConfig{
		{}, {URL: "gateway"}, {URL: "http://gateway.example.org"}, {URL: "ftp://127.0.0.1"}, {URL: address, To: "x", Text: "x"},
	} {
		if _, err := notify.NewSMS(cfg); err == nil {
			t.Errorf("%+v is accepted", cfg)
		}
	}
}
