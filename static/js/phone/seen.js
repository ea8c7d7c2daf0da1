// "What your manager will see": the server writes it from the wave's rules; the
// phone puts in its own group once it knows it.
import { fill } from "./words.js";

/**
 * @param {Element} seen the fold-out
 * @param {{teams: string[], people: number}} group from the group's leaf
 */
export function nameGroup(seen, text, { teams, people }) {
  const group = seen.querySelector(".seen-group");
  group.textContent = fill(text.seen_group, { teams: teams.join("; "), people });
  if (teams.length > 1) group.append(" " + text.seen_several);
  const counts = seen.querySelector(".seen-counts");
  if (people < seen.dataset.counts && !seen.named) counts.append(" " + text.seen_small);
  seen.named = true;
}
