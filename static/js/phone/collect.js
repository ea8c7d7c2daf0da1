// A button that collects the ticket for the next round, for pages that a
// personal link leads to, such as the results for staff. It does nothing
// before the tap. The page needs this, and loads this bundle as a module:
//
//   <section id="collect" hidden
//     data-wave="2026-12"                  the announced or open wave
//     data-manifest-sha256="…"             of its manifest, hex; the page shows its words
//     data-tickets="/static/…/ticket.js"   the ticket client's path
//     data-lang="en"
//     data-label="…"                       on the button
//     data-busy="…"                        on it while it works
//     data-collected="…"                   when the ticket is on this phone, {teams} and {people} are filled in
//     data-memory="…"                      when the browser keeps nothing
//     data-unreachable="…"                 when the connection failed
//     data-unable="…"                      when the browser cannot make tickets
//     data-refuse="…"                      do not answer; {what}, {wave} and {manifest} are filled in
//     data-refuse-manifest="…" data-refuse-group="…" data-refuse-stamp="…"   what {what} is
//   >…words that explain it…</section>
//
// The texts are link.js.* in static/locales. Without a token behind the # the
// section stays hidden. With one, it is taken out of the address at once, kept
// in memory, and sent on the tap only.
import { draw } from "./draw.js";
import { takeToken } from "./token.js";
import { button, fill, make } from "./words.js";

async function collect(section, token) {
  const words = section.dataset;
  const wave = { id: words.wave, manifest: words.manifestSha256 };
  const said = make("p");
  said.setAttribute("role", "status");
  const say = (text) => {
    said.textContent = text;
    press.hidden = true;
  };
  const press = button("button primary wide", words.label, async () => {
    if (press.getAttribute("aria-disabled")) return;
    press.setAttribute("aria-disabled", "true");
    press.textContent = words.busy;
    said.textContent = "";
    try {
      const { ticket, stored } = await draw(tickets, token, wave, words.lang);
      say(stored ? collected(ticket) : words.memory);
    } catch (error) {
      const what = { manifest: words.refuseManifest, group: words.refuseGroup, stamp: words.refuseStamp }[error.what];
      said.textContent = error.what === "said" ? error.said.message
        : error.what === "failed" ? words.unreachable
          : what ? fill(words.refuse, { what, wave: wave.id, manifest: wave.manifest }) : words.unable;
    }
    press.textContent = words.label;
    press.removeAttribute("aria-disabled");
  });
  const collected = (ticket) => fill(words.collected, { teams: ticket.units.join("; "), people: ticket.headcount });

  section.append(press, said);
  section.hidden = false;
  let tickets;
  try {
    tickets = await import(words.tickets);
    const { value: ticket, stored } = await tickets.loadTicket(await tickets.secretID(token), wave.id);
    if (ticket && ticket.manifest === wave.manifest) say(collected(ticket));
    else if (!stored) say(words.memory); // a ticket drawn here would be gone with the page
  } catch {
    say(words.unable);
  }
}

const section = document.getElementById("collect");
const token = takeToken();
if (section && token) collect(section, token);
