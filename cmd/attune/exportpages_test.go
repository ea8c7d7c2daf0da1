package main

// makesFile asks for a file as the form does, and finds it on the page that
// says how far it is.
func (v *guest) makesFile() {
	v.t.Helper()
	v.eval(`globalThis.answered = 0; fetch("/console/export/make", {method: "POST", body: new URLSearchParams({wave: "all", format: "xlsx"})}).then((r) => { globalThis.answered = r.status })`)
	v.until("globalThis.answered === 200")
	v.open("/console/export/job")
	v.until(`document.querySelector("a[href='/console/export/file']")`)
	v.judge("a file that is ready")
	v.fetched("/console/export/progress")
	v.fetched("/console/export/file")
	v.post("/console/export/cancel", nil) // what is over stays
	v.until(`document.querySelector("a[href='/console/export/file']")`)
	v.clean("export")
}
