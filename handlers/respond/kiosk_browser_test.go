package respond_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// hurried makes the page's seconds pass a hundred times faster.
const hurried = `{ const slow = setInterval; globalThis.setInterval = (work, ms) => slow(work, ms / 100); }`

func TestASharedTabletIsWipedAfterABallotAndAfterSilence(t *testing.T) {
	wave := openWave(t, "2026-11", "pulse")
	p := newPages(t, wave)
	code := p.waves.code("A7K", "2026-11", 0)
	ph := newPhone(t, p, 768)
	ph.open("/kiosk")
	before := eval[int](ph, `history.length`)
	if got := eval[string](ph, `document.getElementById("code").autocomplete + document.getElementById("answer").autocomplete`); got != "offoff" {
		t.Errorf("autocomplete is %s", got)
	}
	again := func() {
		t.Helper()
		ph.until(`document.getElementById("code") && document.getElementById("code").value === "" && !document.getElementById("intro").hidden`)
		if got := eval[int](ph, `document.querySelectorAll("input:checked").length`); got != 0 {
			t.Errorf("%d answers are still there", got)
		}
		if got := eval[int](ph, `history.length`); got != before {
			t.Errorf("%d entries of history, had %d", got, before)
		}
		ph.until(`document.documentElement.classList.contains("scripted")`)
	}

	ph.do(chromedp.Click(onward))
	for range 15 {
		ph.do(chromedp.Tap("fieldset.q:not([hidden]) label:nth-of-type(3)"), chromedp.Sleep(200*1e6))
	}
	ph.do(chromedp.SendKeys("#code", code), chromedp.Click("#check [type=submit]"))
	ph.says("Received. Thank you.")
	if len(p.waves.ballots) != 1 || eval[int](ph, `document.querySelectorAll("#withdraw, form, input").length`) != 0 {
		t.Error("no ballot, or the code is still in the page")
	}
	ph.press("Wipe this screen")
	again()

	ph.do(chromedp.Click(onward))
	ph.do(chromedp.Tap("fieldset.q:not([hidden]) label:nth-of-type(3)"), chromedp.Sleep(200*1e6), chromedp.Click(leaving))
	again()

	ph.before(hurried)
	ph.open("/kiosk")
	before = eval[int](ph, `history.length`)
	ph.do(chromedp.Click(onward))
	ph.do(chromedp.Tap("fieldset.q:not([hidden]) label:nth-of-type(3)"))
	ph.until(`[...document.querySelectorAll(".silence")].some((box) => !box.hidden && /wiped in (1[0-5]|[0-9]) s/.test(box.innerText))`)
	again()
	ph.clean(code)
}

func TestASharedTabletLetsChooseAmongSeveralWaves(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"), openWave(t, "2026-11-2", "pulse"))
	ph := newPhone(t, p, 768)
	ph.do(chromedp.Navigate(ph.url + "/kiosk"))
	before := eval[int](ph, `history.length`)
	ph.do(chromedp.Click(`a[href^="/kiosk/2026-11-2"]`))
	ph.until(`document.getElementById("intro")`)
	if got := eval[int](ph, `history.length`); got != before {
		t.Errorf("%d entries of history, had %d", got, before)
	}
}
