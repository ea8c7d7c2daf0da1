// The code of a slip. A QR code leads to /p#CODE: the part after # never
// leaves the phone, and is taken out of the address at once.

/** Takes the code out of the address into the field; says whether there was one. */
export function takeCode(field) {
  const typed = decoded(location.hash.slice(1));
  if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
  if (typed.replace(/[^0-9A-Za-z]/g, "").length < 16) return false; // an anchor of the page, not a code
  field.value = typed.slice(0, 64);
  return true;
}

function decoded(hash) {
  try {
    return decodeURIComponent(hash.replace(/\+/g, " "));
  } catch {
    return "";
  }
}

/** Lets the links to other languages take the code along, behind the #. */
export function carryCode(field) {
  for (const link of document.querySelectorAll(".langs a")) {
    link.addEventListener("click", (event) => {
      if (!field.value) return;
      event.preventDefault();
      location.replace(link.href + "#" + encodeURIComponent(field.value));
    });
  }
}
