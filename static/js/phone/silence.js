// A tablet that several people use: after a ballot, after "Leave" and after a
// minute of silence everything is wiped, and the page begins anew.
import { button, fill, make } from "./words.js";

/** Silence after which everything is wiped, and how long of it is counted down, in s. */
const longest = 60;
const warning = 15;

/** Between two tries to load the page again, in ms. */
const patience = 5000;

/**
 * Watches for silence. forget takes the answers out of the page; what it
 * returns wipes at once.
 */
export function silence(text, forget) {
  let left = longest;
  let started = false; // an untouched start screen needs no countdown
  const box = make("div", "silence");
  box.hidden = true;
  box.setAttribute("role", "alert");
  const words = make("p");
  box.append(words, button("button primary", text.stay, touched));
  document.body.append(box);

  function touched() {
    left = longest;
    started = true;
    box.hidden = true;
  }
  for (const kind of ["pointerdown", "keydown", "input", "scroll"]) addEventListener(kind, touched, { passive: true });

  const timer = setInterval(() => {
    if (!started) return;
    left -= 1;
    box.hidden = left > warning;
    words.textContent = fill(text.silence, { seconds: left });
    if (left <= 0) wipe();
  }, 1000);

  function wipe() {
    clearInterval(timer);
    forget();
    const main = make("main");
    main.append(make("h1", "", text.wiped));
    document.body.replaceChildren(main);
    again(main);
  }

  // again loads the page anew, in the place of the one that was used. Without
  // a connection the browser would show a fault that nobody can leave.
  async function again(main) {
    try {
      if ((await fetch(location.pathname, { method: "HEAD", credentials: "omit", cache: "no-store" })).ok) {
        location.replace(location.pathname + location.search);
        return;
      }
    } catch {
      if (!main.querySelector("p")) main.append(make("p", "", text.waiting));
    }
    setTimeout(() => again(main), patience);
  }

  return wipe;
}
