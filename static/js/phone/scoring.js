// Scoring on the phone. The server scores by the same rules in Go; both run
// the shared vectors of survey/testdata/vectors.json.

/**
 * The score of one scale: the mean of the answered items, each turned round
 * (min + max − score) where the item is reversed, in response categories; for
 * method "sum" that mean times the number of the scale's items. An answer counts
 * as its value unless counts says otherwise; null there: as left out.
 *
 * @param {{items: {id: string, reverse: boolean, min: number, max: number,
 *          counts?: Object<string, number|null>}[],
 *          min_answered: number, method: string}} scale
 * @param {Object<string, number>} answers the chosen values by item id; a
 *        skipped item is absent
 * @returns {number|null} null when fewer than min_answered items are answered:
 *          no score is not a score of 0
 */
export function score(scale, answers) {
  let sum = 0;
  let answered = 0;
  for (const item of scale.items) {
    let value = answers[item.id];
    if (item.counts && value in item.counts) value = item.counts[value];
    if (value == null) continue;
    sum += item.reverse ? item.min + item.max - value : value;
    answered += 1;
  }
  if (answered === 0 || answered < scale.min_answered) return null;
  const mean = sum / answered;
  return scale.method === "sum" ? mean * scale.items.length : mean;
}

/**
 * The lowest and the highest score that a scale can have, in its own unit.
 *
 * @returns {{low: number, high: number}}
 */
export function range(scale) {
  let low = 0;
  let high = 0;
  for (const item of scale.items) {
    low += item.min;
    high += item.max;
  }
  if (scale.method === "sum" || scale.items.length === 0) return { low, high };
  return { low: low / scale.items.length, high: high / scale.items.length };
}

/**
 * Which third of the range a score lies in. The ends of the middle third
 * belong to it: in doubt the milder word.
 *
 * @returns {"low"|"middle"|"high"}
 */
export function third(scale, value) {
  const { low, high } = range(scale);
  const slack = 1e-9; // 7/3 and 1 + 4/3 differ in the last bit
  if (value < low + (high - low) / 3 - slack) return "low";
  if (value > high - (high - low) / 3 + slack) return "high";
  return "middle";
}
