package main

import "fmt"

// events writes down what happened to a unit, takes it back, and brings it
// back, as whoever is signed in.
func (v *guest) events(unit, lang string) {
	v.t.Helper()
	in := func(name string) string { return name + " (" + lang + ")" }
	text := func(key string) string { return v.tour.site.Text(lang, key, nil) }
	v.open(unit)
	v.follow(fmt.Sprintf(`a[href="%s/events"]`, unit))
	v.judge(in("events of a team"))
	listed := value[int](v.ctx, v.t, `document.querySelectorAll(".events > li").length`)
	v.follow(".fields button[type=submit]") // without a name
	v.until(fmt.Sprintf(`document.querySelector(".fault").innerText === %q`, text("error.event.title")))
	v.judge(in("event without a name"))
	v.eval(`document.querySelector("#title").value = "Weekly case talks"; document.querySelector("#anew").checked = true`)
	v.follow(".fields button[type=submit]")
	want := func(count int, when string) {
		v.t.Helper()
		if got := value[int](v.ctx, v.t, `document.querySelectorAll(".events > li").length`); got != count {
			v.t.Errorf("%s: %d events, want %d", in(when), got, count)
		}
	}
	want(listed+1, "written down")
	v.judge(in("events"))
	v.follow(".events li form button")
	want(listed, "removed")
	v.judge(in("removed event"))
	v.follow("[role=status] button")
	want(listed+1, "brought back")
	v.follow(".events li form button")
	v.clean(in("events"))
}
