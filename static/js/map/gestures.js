// Fingers, mouse, wheel: turns Pointer Events into pan, zoom, tap, hover. It knows nothing of seats.
const SLIP = 8; // css px a finger may move and still tap
const DOUBLE = 300,
  LONG = 500; // ms

/**
 * listen(element, {grip(on), canPan, pan(dx, dy), zoom(by, x, y), fling(vx, vy), halt(), tap(x, y, touch), twice(x, y),
 * hover(x, y | null), hold(x, y)}) → stop().
 */
export function listen(element, does) {
  const fingers = new Map();
  const off = new AbortController();
  const on = (name, act, more = {}) => element.addEventListener(name, act, { signal: off.signal, ...more });
  let moved = 0,
    pinched = false,
    lastTap = { at: -1e9, x: 0, y: 0 },
    wait = 0,
    trail = [],
    held = false;

  const at = (event) => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  on("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    does.halt();
    const spot = at(event);
    fingers.set(event.pointerId, spot);
    does.grip(true);
    try {
      element.setPointerCapture(event.pointerId);
    } catch {
      /* the finger has gone already */
    }
    if (fingers.size === 1) {
      moved = 0;
      pinched = false;
      held = false;
      trail = [[event.timeStamp, spot.x, spot.y]];
      clearTimeout(wait);
      if (event.pointerType !== "mouse")
        wait = setTimeout(() => {
          if (moved < SLIP && fingers.size === 1) {
            held = true;
            does.hold(spot.x, spot.y);
          }
        }, LONG);
    } else {
      pinched = true;
      clearTimeout(wait);
    }
  });

  on("pointermove", (event) => {
    const last = fingers.get(event.pointerId),
      spot = at(event);
    if (!last) {
      if (event.pointerType === "mouse") does.hover(spot.x, spot.y);
      return;
    }
    fingers.set(event.pointerId, spot);
    const dx = spot.x - last.x,
      dy = spot.y - last.y;
    if (fingers.size === 1) {
      moved += Math.hypot(dx, dy);
      if (moved < SLIP && event.pointerType !== "mouse") return;
      clearTimeout(wait);
      if (moved >= 3 && does.canPan(event.pointerType)) {
        does.pan(dx, dy);
        trail.push([event.timeStamp, spot.x, spot.y]);
        if (trail.length > 8) trail.shift();
      }
      return;
    }
    if (fingers.size > 2) return;
    const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, f]) => f);
    const before = Math.hypot(last.x - other.x, last.y - other.y) || 1,
      now = Math.hypot(spot.x - other.x, spot.y - other.y) || 1;
    // The point half way between the fingers stays between them: first move with it, then grow around it.
    does.pan(dx / 2, dy / 2);
    does.zoom(now / before, (spot.x + other.x) / 2, (spot.y + other.y) / 2);
  });

  const up = (event) => {
    if (!fingers.delete(event.pointerId)) return;
    clearTimeout(wait);
    if (fingers.size) {
      trail = [];
      return;
    }
    does.grip(false);
    const spot = at(event);
    if (event.type === "pointercancel") return;
    if (pinched || held) return;
    if (moved < (event.pointerType === "mouse" ? 4 : SLIP)) {
      const again = event.timeStamp - lastTap.at < DOUBLE && Math.hypot(spot.x - lastTap.x, spot.y - lastTap.y) < 24;
      lastTap = again ? { at: -1e9, x: 0, y: 0 } : { at: event.timeStamp, ...spot };
      if (!again || !does.twice(spot.x, spot.y)) does.tap(spot.x, spot.y, event.pointerType !== "mouse");
      return;
    }
    const first = trail.find(([time]) => event.timeStamp - time < 100);
    if (first && does.canPan(event.pointerType)) {
      const time = Math.max(16, event.timeStamp - first[0]);
      does.fling((spot.x - first[1]) / time, (spot.y - first[2]) / time);
    }
  };
  on("pointerup", up);
  on("pointercancel", up);
  on("pointerleave", (event) => {
    if (event.pointerType === "mouse") does.hover(null);
  });

  on(
    "wheel",
    (event) => {
      const { x, y } = at(event),
        lines = event.deltaMode === 1 ? 16 : 1,
        dx = event.deltaX * lines,
        dy = event.deltaY * lines;
      // A pinch on a trackpad comes as a wheel with ctrl. A notched wheel comes in large steps of one direction; a
      // trackpad in small ones of both.
      const notched = event.deltaMode === 1 || (dx === 0 && Math.abs(dy) >= 60);
      if (!event.ctrlKey && !event.metaKey && !does.canPan("wheel")) return;
      event.preventDefault();
      does.halt();
      if (event.ctrlKey || event.metaKey) does.zoom(Math.exp(-Math.max(-60, Math.min(60, dy)) * 0.01), x, y);
      else if (notched) does.zoom(Math.exp(-Math.sign(dy) * 0.22), x, y);
      else does.pan(-dx, -dy);
    },
    { passive: false },
  );

  return () => {
    clearTimeout(wait);
    off.abort();
  };
}
