// The token of a personal link. It stands behind the # of the address, which
// never leaves the phone, and is taken out of the address at once. After that
// it is in this page's memory and nowhere else.

/** Takes the token out of the address; null when there is none. */
export function takeToken() {
  const token = location.hash.slice(1);
  if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
  return /^[\w-]{16,64}$/.test(token) ? token : null;
}

/** Lets the links to other languages take the token along, behind the #. */
export function carryToken(token) {
  for (const link of document.querySelectorAll(".langs a")) {
    link.addEventListener("click", (event) => {
      if (!token()) return;
      event.preventDefault();
      location.replace(link.href + "#" + token());
    });
  }
}
