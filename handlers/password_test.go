package handlers

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"
)

func TestAPasswordOpensOnlyItsOwnHash(t *testing.T) {
	hash, err := HashPassword(rand.Reader, "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		password string
		want     bool
	}{{"correct horse battery", true}, {"correct horse batterz", false}, {"", false}} {
		if got, err := CheckPassword(hash, c.password); err != nil || got != c.want {
			t.Errorf("CheckPassword(%q) = %v, %v; want %v", c.password, got, err, c.want)
		}
	}
}

// The parameters are those of the OWASP Password Storage Cheat Sheet:
// m=19456 KiB, t=2, p=1.
func TestAHashNamesItsCostInPHCForm(t *testing.T) {
	hash, err := HashPassword(bytes.NewReader(make([]byte, 16)), "x")
	if err != nil {
		t.Fatal(err)
	}
	if want := "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"; !strings.HasPrefix(hash, want) {
		t.Errorf("hash %q does not begin with %q", hash, want)
	}
}

func TestOnePasswordNeverHasTheSameHashTwice(t *testing.T) {
	a, _ := HashPassword(rand.Reader, "same")
	b, _ := HashPassword(rand.Reader, "same")
	if a == b {
		t.Error("two hashes of one password are equal: the salt is missing")
	}
}

func TestADamagedHashIsRefusedAndNeverMatches(t *testing.T) {
	for _, hash := range []string{
		"", "plain", "$argon2id$v=19$m=19456,t=2,p=1$AAAA", "$argon2i$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=18$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=4294967295,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", // would take 4 TiB
		"$argon2id$v=19$m=19456,t=999999,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=19456,t=2,p=0$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=19456,t=2,p=1$$",
	} {
		if ok, err := CheckPassword(hash, ""); ok || err == nil {
			t.Errorf("CheckPassword(%q) = %v, %v; want an error", hash, ok, err)
		}
	}
}
