// Which lines of the commentary a reader sees: commentary() in cricket/board/view.py chooses the same for the page as
// it is drawn, and a test holds the two together.

/* [lines, newest first; are there more?]. `overs` 0: all of them. */
export function linesOf(view, show, overs) {
  const places = Object.keys(view.cards);
  const newest = show === "all" && overs;
  const lines = [];
  let more = false;
  for (const number of places.toReversed()) {
    if (newest && lines.length) return [lines, true];
    const card = view.cards[number];
    const played = Object.entries(card.overs).toReversed();
    more = Boolean(newest) && played.length > newest;
    const part = [];
    for (const [place, over] of newest ? played.slice(0, newest) : played) {
      if (show === "all" && over.end) part.push({ ...over.end, kind: "end", id: `${number}.${place}.end` });
      for (const [at, line] of Object.entries(over.lines).toReversed()) {
        if (show === "all" || line.in?.includes(show))
          part.push({ ...line, kind: "ball", id: `${number}.${place}.${at}` });
      }
    }
    if (part.length && places.length > 1 && !newest) part.unshift({ ...card, kind: "innings", id: number });
    lines.push(...part);
  }
  return [lines, more];
}
