// Draws a piece of the ground on a 2D context: field, bays and seats. It knows what and where, never when (see
// tiles.js).
import { ACCESSIBLE, BLOCKED, COMPANION, HELD, MEMBERS, RESTRICTED, TAKEN, meets } from "./geometry.js";
import { grouped } from "../figures.js";

export const SEATS_FROM = 3; // css px between two seats at which seats are drawn instead of what is left of a bay
const ROUND_FROM = 8,
  SIGNS_FROM = 9,
  NUMBERS_FROM = 15,
  ROWS_FROM = 11,
  BAY_NAMES_FROM = 6;

const paths = new WeakMap(); // polygon → the same as a path, made once

function pathOf(flat) {
  let path = paths.get(flat);
  if (path) return path;
  path = new Path2D();
  path.moveTo(flat[0], flat[1]);
  for (let k = 2; k < flat.length; k += 2) path.lineTo(flat[k], flat[k + 1]);
  path.closePath();
  paths.set(flat, path);
  return path;
}

const filled = new WeakMap(); // bay → the part of it that is left, as long as that stays

function partOf(ground, bay, share) {
  const kept = filled.get(bay);
  if (kept?.share === share) return kept.path;
  const path = pathOf(ground.slice(bay, 0, share));
  filled.set(bay, { share, path });
  return path;
}

const hatches = new WeakMap(); // palette → picture

function hatchOf(g, palette, step) {
  const kept = hatches.get(palette);
  if (kept) return g.createPattern(kept, "repeat");
  const size = Math.max(4, Math.round(step));
  const canvas = new OffscreenCanvas(size, size),
    h = canvas.getContext("2d");
  h.fillStyle = palette.sunk;
  h.fillRect(0, 0, size, size);
  h.strokeStyle = palette.hatch;
  h.lineWidth = size / 4;
  h.beginPath();
  for (const k of [-size, 0, size]) {
    h.moveTo(k - 1, size + 1);
    h.lineTo(k + size + 1, -1);
  }
  h.stroke();
  hatches.set(palette, canvas);
  return g.createPattern(canvas, "repeat");
}

/**
 * The ground at `scale` device px a dm, the corner of `box` (dm) at 0,0; only what touches `part` is drawn (the caller
 * clips to it).
 */
export function paint(g, model, box, scale, dpr, palette, part = box) {
  const { ground } = model,
    near = ground.seatPitch * (scale / dpr) >= SEATS_FROM;
  const place = [scale, 0, 0, scale, -box[0] * scale, -box[1] * scale];
  g.setTransform(...place);
  g.fillStyle = palette.back;
  g.fillRect(part[0], part[1], part[2] - part[0], part[3] - part[1]);
  field(g, ground, part, palette, dpr / scale);
  g.lineJoin = "round";
  const bays = [];
  for (let b = 0; b < ground.bays.length; b += 1)
    if (ground.bays[b].count && meets(padded(ground.bays[b]), part)) bays.push(b);
  const hatch = hatchOf(g, palette, 6 * dpr);
  hatch.setTransform(new DOMMatrix().scale(1 / scale));
  for (const b of bays) (near && !ground.bays[b].area ? floor : fill)(g, model, b, palette, dpr / scale, hatch);
  if (near) {
    shade(g, model, part, palette);
    seats(g, model, box, scale, dpr, palette, part);
    g.setTransform(...place);
    names(g, model, bays, scale / dpr, palette);
  }
  areas(g, model, bays, scale / dpr, palette);
  g.setTransform(1, 0, 0, 1, 0, 0);
}

const padded = ({ box, depth }) => [box[0] - 2 * depth, box[1] - 2 * depth, box[2] + 2 * depth, box[3] + 2 * depth];

function field(g, { field: [rx, ry] }, box, palette, px) {
  // The nearest point of the box to the middle: outside the grass, nothing of it is here.
  const near = (low, high) => Math.max(low, Math.min(0, high));
  if (Math.hypot(near(box[0], box[2]) / rx, near(box[1], box[3]) / ry) > 1.05) return;
  const oval = (k) => {
    g.beginPath();
    g.ellipse(0, 0, rx * k, ry * k, 0, 0, 2 * Math.PI);
  };
  g.save();
  oval(1.035);
  g.fillStyle = palette.grass2;
  g.fill();
  g.clip();
  g.fillStyle = palette.grass1;
  const stripe = rx / 7;
  for (let x = -rx * 1.1; x < rx * 1.1; x += 2 * stripe)
    if (x < box[2] && x + stripe > box[0]) g.fillRect(x, box[1], stripe, box[3] - box[1]);
  g.restore();
  oval(1);
  g.strokeStyle = palette.rope;
  g.lineWidth = Math.max(2 * px, 5);
  g.stroke();
  // The thirty-yard circle is two half circles of 27.43 m around the middle stumps, joined by straight lines; the pitch
  // is 20.12 m long.
  g.strokeStyle = palette.rope;
  g.globalAlpha = 0.7;
  g.lineWidth = Math.max(1.2 * px, 2);
  g.setLineDash([10, 22]);
  g.beginPath();
  g.arc(0, -100, 274, Math.PI, 0);
  g.arc(0, 100, 274, 0, Math.PI);
  g.closePath();
  g.stroke();
  g.setLineDash([]);
  g.globalAlpha = 1;
  g.fillStyle = palette.pitch;
  g.fillRect(-20, -110, 40, 220);
  g.strokeStyle = "#ffffff";
  g.lineWidth = Math.max(px * 0.7, 1);
  g.beginPath();
  for (const y of [-88, 88]) {
    g.moveTo(-18, y);
    g.lineTo(18, y);
  }
  g.stroke();
}

// A bay from afar: hue by band, drained towards the rope by what is left, hatched when nothing is.
function fill(g, model, b, palette, px, hatch) {
  const bay = model.ground.bays[b],
    left = model.left[b],
    hue = model.hue[b],
    outline = pathOf(bay.outline);
  if (!left) {
    g.fillStyle = hatch;
    g.fill(outline);
    g.strokeStyle = palette.strong;
    g.lineWidth = px * 0.8;
    g.stroke(outline);
    return;
  }
  g.fillStyle = bay.area ? palette.grass1 : palette.washes[hue];
  if (bay.area) g.globalAlpha = 0.35;
  g.fill(outline);
  g.globalAlpha = 1;
  const shown = model.fitting ? model.fitting[b] : left;
  if (shown) {
    g.fillStyle = bay.area ? palette.grass1 : palette.bands[hue];
    g.fill(partOf(model.ground, bay, Math.max(0.04, shown / bay.count)));
  }
  g.strokeStyle = palette.bands[hue];
  g.lineWidth = px;
  g.stroke(outline);
}

// A bay from near is the ground its seats stand on.
function floor(g, model, b, palette, px) {
  const outline = pathOf(model.ground.bays[b].outline);
  g.fillStyle = palette.floor;
  g.fill(outline);
  g.strokeStyle = palette.line;
  g.lineWidth = px;
  g.stroke(outline);
}

function shade(g, model, box, palette) {
  const { ground } = model,
    { rows } = ground;
  if (!model.anyShade) return;
  g.strokeStyle = palette.shade;
  for (const bay of ground.bays) {
    if (!bay.count || bay.area || !meets(bay.box, box)) continue;
    g.beginPath();
    for (let row = bay.row; row < bay.row + bay.rows; row += 1) {
      if (!model.shade[row]) continue;
      const s = 5 * row,
        [ax, ay] = [rows.shape[s], rows.shape[s + 1]],
        [bx, by] = [rows.shape[s + 2], rows.shape[s + 3]],
        bend = 2 * rows.shape[s + 4];
      g.moveTo(ax, ay);
      g.quadraticCurveTo((ax + bx) / 2 + rows.nx[row] * bend, (ay + by) / 2 + rows.ny[row] * bend, bx, by);
    }
    g.lineWidth = bay.depth * 1.15;
    g.stroke();
  }
}

const BAND = ["band0", "band1", "band2", "band3", "band4"],
  DIM = ["dim0", "dim1", "dim2", "dim3", "dim4"];

/** How a seat is drawn: one of the names below, or band0 … band4, or dim0 … dim4 for what a filter leaves out. */
export function lookOf(model, i) {
  const state = model.states[i],
    { kind: kinds, band } = model.ground,
    kind = kinds[i];
  if (state === BLOCKED) return "blocked";
  if (state === TAKEN) return "sold";
  if (state === HELD) return "held";
  if (kind === MEMBERS && !model.isMember) return "locked";
  if (model.filter && !model.fits(i)) return DIM[band[i]];
  if (kind === ACCESSIBLE || kind === COMPANION) return "access";
  return BAND[band[i]];
}

function seats(g, model, box, scale, dpr, palette, part) {
  const { ground } = model,
    { rows } = ground,
    css = ground.seatPitch * (scale / dpr),
    rounded = css >= ROUND_FROM;
  const lists = new Map(),
    add = (key, i) => {
      const list = lists.get(key);
      if (list) list.push(i);
      else lists.set(key, [i]);
    };
  ground.seatsIn(part, (row, from, to, bay) => {
    if (bay.area) return;
    for (let i = from; i <= to; i += 1) add(lookOf(model, i), i);
  });
  g.setTransform(1, 0, 0, 1, 0, 0);
  const at = (i, size) => {
    const row = ground.row[i],
      bay = ground.bays[rows.bay[row]],
      half = (bay.size * scale * size) / 2;
    const nx = rows.nx[row] * half,
      ny = rows.ny[row] * half;
    return [(ground.x[i] - box[0]) * scale, (ground.y[i] - box[1]) * scale, nx, ny];
  };
  // Squares turned with their row: the pen is turned once a row, and each square is one call. Corners are round when
  // there is room for that.
  const squares = (list, from, to, size) => {
    let last = -1,
      nx = 0,
      ny = 0,
      half = 0;
    for (let k = from; k < to; k += 1) {
      const i = list[k],
        row = ground.row[i],
        x = (ground.x[i] - box[0]) * scale,
        y = (ground.y[i] - box[1]) * scale;
      if (row !== last) {
        last = row;
        nx = rows.nx[row];
        ny = rows.ny[row];
        half = (ground.bays[rows.bay[row]].size * scale * size) / 2;
        g.setTransform(-ny, nx, nx, ny, 0, 0);
      }
      const u = y * nx - x * ny - half,
        v = x * nx + y * ny - half;
      if (rounded) g.roundRect(u, v, 2 * half, 2 * half, half * 0.45);
      else g.rect(u, v, 2 * half, 2 * half);
    }
    g.setTransform(1, 0, 0, 1, 0, 0);
  };
  // Long paths cost more than their parts together, so a batch ends after some hundred seats.
  const batch = (list, size, finish) => {
    for (let from = 0; from < list.length; from += 256) {
      g.beginPath();
      squares(list, from, Math.min(list.length, from + 256), size);
      finish();
    }
  };
  const filled = (list, colour, size) => {
    if (list) {
      g.fillStyle = colour;
      batch(list, size, () => g.fill());
    }
  };
  const thin = Math.max(dpr, ground.seatPitch * scale * 0.09);
  filled(lists.get("sold"), palette.sold, rounded ? 0.56 : 0.7);
  filled(lists.get("access"), palette.access, 1.04);
  for (let b = 0; b < 5; b += 1) {
    filled(lists.get(`dim${b}`), palette.washes[b], 1);
    filled(lists.get(`band${b}`), palette.bands[b], 1);
  }
  g.lineWidth = thin;
  const held = lists.get("held");
  if (held) {
    g.strokeStyle = palette.other;
    batch(held, 0.78, () => g.stroke());
    g.beginPath();
    for (const i of held) {
      const [x, y, nx, ny] = at(i, 0.5);
      g.moveTo(x - nx + ny, y - ny - nx);
      g.lineTo(x + nx - ny, y + ny + nx);
    }
    g.stroke();
  }
  const locked = lists.get("locked");
  if (locked)
    for (let b = 0; b < 5; b += 1) {
      const list = locked.filter((i) => ground.band[i] === b);
      if (!list.length) continue;
      g.strokeStyle = palette.bands[b];
      batch(list, 0.8, () => g.stroke());
      if (css >= SIGNS_FROM) {
        g.fillStyle = palette.bands[b];
        batch(list, 0.3, () => g.fill());
      }
    }
  const blocked = lists.get("blocked");
  if (blocked) {
    g.strokeStyle = palette.strong;
    g.beginPath();
    for (const i of blocked) {
      const [x, y, nx, ny] = at(i, 0.5);
      g.moveTo(x - nx + ny, y - ny - nx);
      g.lineTo(x + nx - ny, y + ny + nx);
      g.moveTo(x - nx - ny, y - ny + nx);
      g.lineTo(x + nx + ny, y + ny - nx);
    }
    g.stroke();
  }
  if (css >= 5)
    for (let b = 0; b < 5; b += 1)
      cut(
        g,
        (lists.get(`band${b}`) || []).filter((i) => ground.kind[i] === RESTRICTED),
        at,
        palette.floor,
      );
  if (css >= SIGNS_FROM) signs(g, lists.get("access") || [], ground, at, palette.surface);
  if (css >= NUMBERS_FROM)
    for (let b = 0; b < 5; b += 1) numbers(g, lists.get(`band${b}`) || [], model, at, palette, b);
}

// Part of the view hidden: the half of the square away from the field's left is cut off along the diagonal.
function cut(g, list, at, colour) {
  g.fillStyle = colour;
  g.beginPath();
  for (const i of list) {
    const [x, y, nx, ny] = at(i, 0.82),
      ux = -ny,
      uy = nx;
    g.moveTo(x + nx + ux, y + ny + uy);
    g.lineTo(x + nx - ux, y + ny - uy);
    g.lineTo(x - nx - ux, y - ny - uy);
    g.closePath();
  }
  g.fill();
}

function signs(g, list, ground, at, colour) {
  g.strokeStyle = colour;
  g.lineCap = "round";
  for (const i of list) {
    const [x, y, nx, ny] = at(i, 1),
      u = Math.hypot(nx, ny) / 6.5; // the sign is drawn on a square of thirteen
    g.lineWidth = 1.5 * u;
    g.beginPath();
    if (ground.kind[i] === COMPANION) {
      g.moveTo(x - 3.5 * u, y);
      g.lineTo(x + 3.5 * u, y);
      g.moveTo(x, y - 3.5 * u);
      g.lineTo(x, y + 3.5 * u);
    } else {
      g.moveTo(x - u, y - 4 * u);
      g.lineTo(x - u, y + 0.5 * u);
      g.lineTo(x + 2.5 * u, y + 0.5 * u);
      g.lineTo(x + 4 * u, y + 4 * u);
      g.moveTo(x - 2 * u, y - 0.5 * u);
      g.arc(x - 0.6 * u, y + 2 * u, 2.6 * u, -1.9, 0.9, true);
    }
    g.stroke();
  }
  g.lineCap = "butt";
}

const atlases = new WeakMap(); // palette → one sheet of numbers for a size and a band at a time

// Numbers are copied from a sheet: writing each with the font would cost more than all the rest of a tile.
function atlasOf(palette, band, side) {
  let kept = atlases.get(palette);
  if (!kept) atlases.set(palette, (kept = new Map()));
  const key = band * 1000 + side;
  if (kept.has(key)) return kept.get(key);
  if (kept.size > 24) kept.clear();
  const canvas = new OffscreenCanvas(side * 10, side * 10),
    g = canvas.getContext("2d");
  g.fillStyle = palette.bandInks[band];
  g.textAlign = "center";
  g.textBaseline = "middle";
  g.font = `700 ${Math.round(side * 0.66)}px ${palette.display}`;
  for (let n = 0; n < 100; n += 1) g.fillText(String(n), ((n % 10) + 0.5) * side, (Math.floor(n / 10) + 0.54) * side);
  kept.set(key, canvas);
  return canvas;
}

function numbers(g, list, model, at, palette, band) {
  const { ground } = model;
  g.fillStyle = palette.bandInks[band];
  g.textAlign = "center";
  g.textBaseline = "middle";
  for (const i of list) {
    if (ground.kind[i] === RESTRICTED) continue;
    const [x, y, nx, ny] = at(i, 1),
      side = Math.round(2 * Math.hypot(nx, ny)),
      number = ground.number(i),
      n = Number(number);
    if (n >= 0 && n < 100 && String(n) === number) {
      g.drawImage(
        atlasOf(palette, band, side),
        (n % 10) * side,
        Math.floor(n / 10) * side,
        side,
        side,
        Math.round(x - side / 2),
        Math.round(y - side / 2),
        side,
        side,
      );
      continue;
    }
    g.font = `700 ${Math.round(side * (number.length > 2 ? 0.5 : 0.64))}px ${palette.display}`;
    g.fillText(number, x, y + side * 0.04);
  }
}

// Names stand in the plan's own measure, so that they grow with it.
function names(g, model, bays, css, palette) {
  const { ground } = model,
    { rows } = ground;
  g.textAlign = "center";
  g.textBaseline = "middle";
  for (const b of bays) {
    const bay = ground.bays[b];
    if (bay.area) continue;
    if (bay.pitch * css >= BAY_NAMES_FROM) {
      const [x, y] = ground.arcPoint(bay.row, 0.5, -bay.depth * 1.45),
        size = Math.min(bay.depth * 1.1, 13 / css + bay.depth * 0.25);
      g.fillStyle =
        y * y * ground.field[0] ** 2 + x * x * ground.field[1] ** 2 < (ground.field[0] * ground.field[1]) ** 2
          ? palette.rope
          : palette.ink2;
      g.font = `700 ${size}px ${palette.display}`;
      // Along the front row, and never upside down.
      const turn = Math.atan2(rows.nx[bay.row], -rows.ny[bay.row]);
      g.save();
      g.translate(x, y);
      g.rotate(Math.abs(turn) > Math.PI / 2 + 0.01 ? turn + Math.PI : turn);
      g.fillText(/^\d/.test(bay.name) ? `Bay ${bay.name}` : bay.name, 0, 0, rows.length[bay.row] * 0.95);
      g.restore();
    }
    if (bay.pitch * css < ROWS_FROM) continue;
    g.fillStyle = palette.ink3;
    g.font = `700 ${bay.size * 0.72}px ${palette.text}`;
    for (let row = bay.row; row < bay.row + bay.rows; row += 1) {
      const gap = (0.62 * bay.pitch) / rows.length[row];
      g.fillText(rows.name[row], ...ground.arcPoint(row, -gap));
      if (model.lastOfLevel[b]) g.fillText(rows.name[row], ...ground.arcPoint(row, 1 + gap));
    }
  }
}

// An unreserved area is one piece of ground with the places that are left on it.
function areas(g, model, bays, css, palette) {
  for (const b of bays) {
    const bay = model.ground.bays[b];
    if (!bay.area) continue;
    const wide = Math.min(bay.box[2] - bay.box[0], bay.box[3] - bay.box[1]),
      size = Math.min(wide * 0.2, 30 / css);
    if (size * css < 7) continue;
    const [x, y] = bay.middle,
      left = model.left[b],
      words = left ? grouped(left) : "Sold out";
    g.textAlign = "center";
    g.textBaseline = "middle";
    g.font = `800 ${size * 1.25}px ${palette.display}`;
    const half = Math.max(g.measureText(words).width, size * 3.2) / 2 + size * 0.4;
    g.fillStyle = palette.plate;
    g.beginPath();
    g.roundRect(x - half, y - size * 1.15, 2 * half, size * 2.3, size * 0.15);
    g.fill();
    g.fillStyle = palette.plateInk;
    g.fillText(words, x, left ? y - size * 0.3 : y);
    if (!left) continue;
    g.font = `600 ${size * 0.6}px ${palette.text}`;
    g.fillText("places left", x, y + size * 0.65);
  }
}
