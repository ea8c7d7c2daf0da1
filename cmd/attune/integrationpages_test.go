package main

import (
	"strings"
	"testing"

	"attune/handlers/api"
	"attune/survey"
)

// testIntegrationPages makes a token in the browser, asks every route with it
// and revokes it.
func (h *tour) testIntegrationPages(t *testing.T) {
	v := h.guest(t)
	v.signIn("hr@example.org", "demo-hr-export")
	v.open("/console/integrations")
	v.judge("integrations")
	v.eval(`document.querySelector("#name").value = "Intranet"`)
	v.follow(`form[action$="/tokens"] button`)
	v.judge("a new token")
	unit := string(demoUnit(t, h.in, "Children and Families"))
	given := strings.NewReplacer(":wave", string(h.lastReleased(t)), ":unit", unit, ":pack", "pulse", ":version", "1.0")
	var asks []string
	for _, route := range api.Routes() {
		asks = append(asks, "GET "+given.Replace(route)+" 200")
	}
	asks = append(asks, "GET /api/v2 404", "POST /api/v2 405")
	v.eval(`const token = document.querySelector("code.secret").innerText;
		Promise.all("` + strings.Join(asks, ",") + `".split(",").map((ask) => {
			const [method, path, status] = ask.split(" ");
			return fetch(path, {method, headers: {Authorization: "Bearer " + token}}).then((r) => r.status == status ? "" : ask + " but " + r.status);
		})).then((all) => { globalThis.wrong = all.join("") })`)
	v.until(`globalThis.wrong !== undefined`)
	if wrong := value[string](v.ctx, t, `globalThis.wrong`); wrong != "" {
		t.Error(wrong)
	}
	v.eval(`document.querySelectorAll("main details").forEach((d) => { d.open = true })`)
	v.eval(`document.querySelectorAll("main input[name=sure]").forEach((box) => { box.checked = true })`)
	v.follow(`form[action$="/revoke"] button`)
	v.judge("a revoked token")

	v = h.guest(t)
	v.size(1280, 800) // where no bar lies over the last button
	v.signIn("admin@example.org", "demo-administrator")
	v.open("/console/integrations")
	add := func(address string) {
		v.eval(`document.querySelector("#url").value = "` + address + `"`)
		v.follow(`form[action$="/webhooks"] button`)
	}
	add("https://10.0.0.1/hook")
	v.until(`document.querySelector("#webhooks [role=alert]")`)
	v.judge("a webhook that is refused")
	add("https://attune.invalid/hook")
	v.until(`document.querySelector("#webhooks code.secret") && document.readyState === "complete"`)
	v.eval(`document.querySelectorAll("main details").forEach((d) => { d.open = true })`)
	v.judge("a new webhook")
	v.follow(`form[action$="/webhooks/test"] button`)
	v.until(`document.querySelector("#webhooks [role=alert]").innerText.includes("attune.invalid") && document.readyState === "complete"`)
	v.eval(`document.querySelectorAll("main details").forEach((d) => { d.open = true })`)
	v.size(1280, 800)
	v.eval(`document.querySelectorAll("main input[name=sure]").forEach((box) => { box.checked = true })`)
	v.follow(`form[action$="/webhooks/remove"] button`)
	v.until(`!document.querySelector("form[action$='/webhooks/remove']")`)
	v.judge("a removed webhook")
}

func (h *tour) lastReleased(t *testing.T) survey.WaveID {
	t.Helper()
	releases, err := h.in.archive.Releases(t.Context())
	if err != nil || len(releases) == 0 {
		t.Fatalf("%d releases: %v", len(releases), err)
	}
	return releases[len(releases)-1].Wave()
}
