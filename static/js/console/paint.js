// What charts of every kind are painted with: the style sheet's colours, text
// that fits, and the hatching of what is not shown.

export const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A series is named by its part in the chart and a number, "own:0", so that
 * colours stay in the style sheet. */
export const part = (s) => s.id.split(":")[0];

export const narrow = 560; // pixels; a place below has a phone's layout
export const lineHeight = 17; // pixels, of text in grids

export const fontOf = (px) => `${px}px ${style("--font")}`;
export const text = (size, color) => ({ color, fontFamily: style("--font"), fontSize: size, lineHeight: Math.round(size * 1.25) });

const canvas = globalThis.document?.createElement("canvas").getContext("2d");

export const measured = (text, font) => {
  canvas.font = font;
  return canvas.measureText(text).width;
};

const mostLines = 3; // of a name; the table has it in full

/** Breaks a text into lines of a width. */
export function wrapped(text, width, font) {
  const lines = [];
  for (const word of text.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && measured(longer, font) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.length > mostLines ? [...lines.slice(0, mostLines - 1), `${lines[mostLines - 1]} …`] : lines;
}

/** Slanting lines that fill a rectangle, as the path of a symbol: what has no
 * figure. They reach its corners, so that it is not stretched. */
export function hatching(width, height) {
  const strokes = [`M0 0L0 0M${width} ${height}L${width} ${height}`];
  for (let from = 6 - height; from < width; from += 6) {
    const [x0, x1] = [Math.max(from, 0), Math.min(from + height, width)];
    const [y0, y1] = [height - (x0 - from), height - (x1 - from)].map((y) => y.toFixed(1));
    strokes.push(`M${x0} ${y0}L${x1} ${y1}L${x1} ${(+y1 + 1).toFixed(1)}L${x0} ${(+y0 + 1).toFixed(1)}Z`);
  }
  return `path://${strokes.join("")}`;
}

export const hatched = () => ({ color: style("--edge"), opacity: 0.7 });

export const tooltip = (option, formatter) => ({
  ...option.tooltip, confine: true, backgroundColor: style("--surface"), borderColor: style("--line"), textStyle: text(14, style("--ink")), formatter,
});
