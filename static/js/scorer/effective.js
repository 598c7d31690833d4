// Which events of a match's log count.

// The events that count: nothing undone, every correction in place, nothing before the last restart.
export function effective(events) {
  let list = [...events];
  for (let i = list.length - 1; i >= 0; i--) {
    if (list[i].kind === "restart") {
      list = list.slice(i + 1);
      break;
    }
  }
  const undone = undoneKeys(list);
  const kept = [];
  const corrections = [];
  for (const event of list) {
    if (event.kind === "undo" || undone.has(event.key)) continue;
    (event.kind === "correction" ? corrections : kept).push(event);
  }
  for (const correction of corrections) {
    for (const change of correction.body.changes) {
      if (change.before !== undefined) {
        const at = kept.findIndex((event) => event.key === change.before);
        if (at >= 0)
          kept.splice(at, 0, {
            key: change.key,
            kind: change.kind,
            body: change.body,
            seq: kept[at].seq,
            at: correction.at,
          });
        continue;
      }
      const at = kept.findIndex((event) => event.key === change.of);
      if (at < 0) continue;
      if (change.delete) kept.splice(at, 1);
      else kept[at] = { ...kept[at], body: change.body };
    }
  }
  return kept;
}

// The keys that an active undo aims at. An undo may itself be undone: that is a redo.
export function undoneKeys(events) {
  const undone = new Set();
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i];
    if (event.kind === "undo" && !undone.has(event.key)) undone.add(event.body.of);
  }
  return undone;
}
