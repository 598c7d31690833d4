// What lies over the pictures and keeps its size on the screen: plates of the stands, gates, the chosen stand, my
// seats, the cursor.
import { SEATS_FROM } from "./paint.js";

const sprites = new Map();

const GATE = "M4 21V5l8-2 8 2v16M12 3v18M8 12h.01M16 12h.01M3 21h18"; // the icon "gate", 24 wide

// A plate is drawn once as a picture: text costs more than a copy.
function plate(lines, look, palette, dpr) {
  const key = [look, dpr, palette.plate, palette.surface, palette.ball, ...lines].join("|");
  const kept = sprites.get(key);
  if (kept) return kept;
  if (sprites.size > 400) sprites.clear();
  const fonts =
    look === "price"
      ? [`700 14px ${palette.display}`]
      : look === "gate"
        ? [`700 13px ${palette.display}`]
        : [`700 15px ${palette.display}`, `550 12px ${palette.text}`];
  const pen = new OffscreenCanvas(1, 1).getContext("2d");
  let wide = 0;
  lines.forEach((line, k) => {
    pen.font = fonts[Math.min(k, fonts.length - 1)];
    wide = Math.max(wide, pen.measureText(line).width);
  });
  const sign = look === "gate" ? 15 : 0;
  const width = Math.ceil(wide) + sign + (look === "name" ? 16 : look === "price" ? 9 : 11),
    height = look === "name" ? 8 + 17 * lines.length : look === "gate" ? 19 : 21;
  const canvas = new OffscreenCanvas(Math.ceil(width * dpr), Math.ceil(height * dpr)),
    g = canvas.getContext("2d");
  g.scale(dpr, dpr);
  g.beginPath();
  g.roundRect(0.75, 0.75, width - 1.5, height - 1.5, 3);
  g.fillStyle = look === "gate" ? palette.surface : palette.plate;
  g.fill();
  if (look === "gate") {
    g.strokeStyle = palette.strong;
    g.lineWidth = 1.2;
    g.stroke();
  }
  g.fillStyle = look === "gate" ? palette.ink : palette.plateInk;
  g.textAlign = "center";
  g.textBaseline = "middle";
  lines.forEach((line, k) => {
    g.font = fonts[Math.min(k, fonts.length - 1)];
    g.fillText(line, (width + sign) / 2, look === "name" ? 13 + 17 * k : height / 2 + 0.8);
  });
  if (sign) {
    g.translate(4, 2.5);
    g.scale(14 / 24, 14 / 24);
    g.strokeStyle = palette.ink;
    g.lineWidth = 2.2;
    g.lineCap = g.lineJoin = "round";
    g.stroke(new Path2D(GATE));
  }
  const sprite = { canvas, width, height };
  sprites.set(key, sprite);
  return sprite;
}

/** The pictures that were made with other fonts are of no use once the page's own have come. */
export const forget = () => sprites.clear();

const crosses = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

/** Draw everything above the tiles; g is in css px. */
export function drawOver(g, map) {
  const { view, model, palette } = map,
    { ground } = model,
    css = ground.seatPitch * view.scale,
    near = css >= SEATS_FROM;
  if (map.stand !== null && css < 4) outline(g, view, ground, ground.stands[map.stand], palette);
  if (!near) plates(g, map);
  mine(g, map, near);
  if (map.cursor >= 0 && map.showCursor) cursor(g, map);
  else if (map.standCursor >= 0 && map.showCursor && !near) box(g, view, ground.stands[map.standCursor].box, palette);
}

function outline(g, view, ground, stand, palette) {
  g.lineJoin = "round";
  for (const k of stand.levels) {
    const line = ground.levels[k].outline;
    if (!line.length) continue;
    g.beginPath();
    for (let i = 0; i < line.length; i += 2)
      g[i ? "lineTo" : "moveTo"](line[i] * view.scale + view.x, line[i + 1] * view.scale + view.y);
    g.closePath();
    g.strokeStyle = palette.surface;
    g.lineWidth = 5;
    g.stroke();
    g.strokeStyle = palette.ball;
    g.lineWidth = 3;
    g.stroke();
  }
}

function plates(g, map) {
  const { view, model, palette, dpr } = map,
    { ground } = model,
    placed = [];
  const put = (sprite, x, y) => {
    const left = Math.round(x - sprite.width / 2),
      top = Math.round(y - sprite.height / 2),
      rect = [left - 2, top - 2, left + sprite.width + 2, top + sprite.height + 2];
    if (
      left < 1 ||
      top < 1 ||
      left + sprite.width > view.width - 1 ||
      top + sprite.height > view.height - 1 ||
      placed.some((other) => crosses(rect, other))
    )
      return false;
    placed.push(rect);
    g.drawImage(sprite.canvas, left, top, sprite.width, sprite.height);
    return true;
  };
  // Names first where the stand is wide enough for its plate, then its price on each level that has room.
  ground.stands.forEach((stand, s) => {
    if (!stand.count) return;
    const left = model.standLeft[s],
      from = model.from(s),
      price = left ? (from === null ? "" : `from ${model.money(from, true)}`) : "sold out";
    const sprite = plate([stand.name, price].filter(Boolean), "name", palette, dpr),
      [x, y] = view.toScreen(...stand.middle);
    // A name is worth its room only where most of the stand's colour still shows beside it.
    if (sprite.width * sprite.height < 0.3 * stand.area * view.scale ** 2 && put(sprite, x, y)) return;
    for (const k of stand.levels) {
      const level = ground.levels[k],
        open = level.bays.filter((b) => model.left[b]);
      if (!open.length || ground.bays[open[0]].area) continue;
      const tally = [0, 0, 0, 0, 0];
      for (const b of open) tally[model.hue[b]] += model.left[b];
      const price = model.price[tally.indexOf(Math.max(...tally))];
      if (price !== null)
        put(plate([model.money(price, true)], "price", palette, dpr), ...view.toScreen(...level.middle));
    }
  });
  for (const gate of ground.gates) {
    const sprite = plate([gate.code], "gate", palette, dpr),
      [x, y] = view.toScreen(gate.x, gate.y),
      room = sprite.width / 2 + 1;
    // One at the edge of the screen is moved in by so much that it is whole.
    if (x > 0 && x < view.width) put(sprite, Math.min(view.width - room, Math.max(room + 1, x)), y);
  }
}

// Mine and chosen are balls: nothing else on the map is round.
function mine(g, map, near) {
  const { view, ground, palette } = map,
    seen = view.seen(20);
  for (const list of [map.mine, map.chosen])
    for (const i of list) {
      const wx = ground.x[i],
        wy = ground.y[i];
      if (wx < seen[0] || wx > seen[2] || wy < seen[1] || wy > seen[3]) continue;
      const [x, y] = view.toScreen(wx, wy),
        bay = ground.bays[ground.bayOf(i)],
        r = Math.max(near ? 3 : 4.5, bay.size * view.scale * 0.61);
      g.beginPath();
      g.arc(x, y, r, 0, 2 * Math.PI);
      g.fillStyle = palette.ball;
      g.fill();
      if (!near) {
        g.strokeStyle = palette.surface;
        g.lineWidth = 1.5;
        g.stroke();
      }
      if (r < 5) continue;
      g.strokeStyle = palette.ballInk;
      g.lineWidth = Math.max(1.4, r * 0.23);
      g.lineCap = g.lineJoin = "round";
      g.beginPath();
      g.moveTo(x - r * 0.42, y + r * 0.03);
      g.lineTo(x - r * 0.12, y + r * 0.35);
      g.lineTo(x + r * 0.45, y - r * 0.33);
      g.stroke();
    }
  g.lineCap = "butt";
  for (const i of map.ringed) {
    const [x, y] = view.toScreen(ground.x[i], ground.y[i]),
      r = Math.max(8, ground.bays[ground.bayOf(i)].size * view.scale * 0.78);
    g.beginPath();
    g.arc(x, y, r, 0, 2 * Math.PI);
    g.strokeStyle = palette.ball;
    g.lineWidth = 2.5;
    g.stroke();
  }
}

function cursor(g, map) {
  const { view, ground, palette, cursor: i } = map,
    [x, y] = view.toScreen(ground.x[i], ground.y[i]);
  const half = Math.max(7, ground.bays[ground.bayOf(i)].size * view.scale * 0.72);
  for (const [colour, wide] of [
    [palette.surface, 6],
    [palette.focus, 3],
  ]) {
    g.strokeStyle = colour;
    g.lineWidth = wide;
    g.beginPath();
    g.roundRect(x - half, y - half, 2 * half, 2 * half, 4);
    g.stroke();
  }
}

function box(g, view, [l, t, r, b], palette) {
  const [x0, y0] = view.toScreen(l, t),
    [x1, y1] = view.toScreen(r, b);
  for (const [colour, wide] of [
    [palette.surface, 6],
    [palette.focus, 3],
  ]) {
    g.strokeStyle = colour;
    g.lineWidth = wide;
    g.beginPath();
    g.roundRect(x0 - 3, y0 - 3, x1 - x0 + 6, y1 - y0 + 6, 5);
    g.stroke();
  }
}
