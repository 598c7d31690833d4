// Applies the patches that cricket/board/patch.py makes: [path, value] sets, [path] removes; setting a list at its own
// length appends.

export function applyPatch(document, patch) {
  for (const operation of patch) {
    const [path] = operation;
    let place = document;
    for (const key of path.slice(0, -1)) {
      if (!Object.hasOwn(place, key)) throw new Error(`This patch is for another document: ${path.join(".")}`);
      place = place[key];
    }
    const last = path.at(-1);
    if (operation.length > 1) {
      if (Array.isArray(place) && (last > place.length || typeof last !== "number"))
        throw new Error(`There is a gap before ${path.join(".")}`);
      place[last] = structuredClone(operation[1]);
    } else if (Array.isArray(place)) {
      place.splice(last, 1);
    } else {
      delete place[last];
    }
  }
  return document;
}
