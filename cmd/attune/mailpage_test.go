package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"
)

// testsMail asks for a test of the mail on the system page: the letter arrives,
// and an address that the mail server refuses and a mail server that is down
// are told in words.
func (w *mailWalk) testsMail() {
	t := w.t
	t.Helper()
	const address, secret = "it@harbour.example", "correct horse battery staple"
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.attune("user", "add", address, "--role", "admin", "--password-file", file)
	tab, done := chromedp.NewContext(w.root)
	defer done()
	signIn(tab, t, w.url, address, secret)
	test := func(mark, want string) {
		t.Helper()
		do(tab, t, chromedp.Navigate(w.url+"/console/system"), chromedp.Click(chromedp.CSS("#messages button")))
		waitFor(tab, t, `location.pathname === "/console/system/mail" && document.querySelector("main")`)
		said := value[string](tab, t, `document.querySelector("#messages `+mark+`")?.innerText ?? document.querySelector("main").innerText`)
		if !strings.Contains(said, want) || !strings.Contains(value[string](tab, t, `document.querySelector("#messages").innerText`), address) {
			t.Errorf("the page says %q; want %q", said, want)
		}
	}
	test(".done[role=status]", "The mail server took the message to "+address)
	if l := w.post.take(`Attune: test message`, 1)[0]; l.to != address || !l.signedIn || !l.secured || len(l.links()) > 0 {
		t.Errorf("the letter to %s came signed in: %v, over TLS: %v, with the links %v", l.to, l.signedIn, l.secured, l.links())
	}
	w.post.refuse(address)
	test(".fault[role=alert]", "The mail server refused the message: 550")
	w.post.stop()
	test(".fault[role=alert]", "The mail server cannot be reached")
	if rest := w.post.rest(); len(rest) > 0 {
		t.Errorf("more mail than the test: %q", rest)
	}
}
