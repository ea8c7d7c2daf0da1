// After a ballot was received the answer names whom people of this group can
// turn to; until then the page shows the contact of the wave.
import { make } from "./words.js";

/**
 * @param {Element} page that has a place for help
 * @param {{title: string, contacts: string[]}[]} [tiers] of the server's answer
 */
export function showHelp(page, tiers) {
  if (!tiers) return;
  page.querySelector(".help").replaceChildren(
    ...tiers.flatMap((tier) => [make("h3", "", tier.title), ...tier.contacts.map((contact) => make("p", "contact", contact))]),
  );
}
