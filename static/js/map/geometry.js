// The ground as typed arrays: a hundred thousand seats are a few long columns and never an object each.
// Lengths are decimetres from the middle of the field, x to the right and y down. No page and no network here.
export const KINDS = ["standard", "accessible", "companion", "restricted", "members", "unreserved"];
export const BANDS = ["A", "B", "C", "D", "E"];
export const FREE = 0;
export const HELD = 1;
export const TAKEN = 2;
export const BLOCKED = 3;
export const STANDARD = 0;
export const ACCESSIBLE = 1;
export const COMPANION = 2;
export const RESTRICTED = 3;
export const MEMBERS = 4;
export const UNRESERVED = 5;
const ARC = 8; // straight pieces an arc is drawn with
const LONE_DEPTH = 8; // how deep a row is taken to be where its bay has no second one

/** Two bits a seat → one byte a seat (0 free, 1 held, 2 taken, 3 not for sale). */
export function unpack(buffer, n) {
  const packed = new Uint8Array(buffer);
  const states = new Uint8Array(n);
  for (let i = 0; i < n; i += 1) states[i] = (packed[i >> 2] >> ((i & 3) << 1)) & 3;
  return states;
}

/** The point of position p in a row of span S: on the chord, pushed out by the bend, as the server computes it. */
export function point(shape, span, position) {
  const [x0, y0, x1, y1, bend] = shape;
  const t = (position - 0.5) / span;
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const push = (bend * 4 * t * (1 - t)) / length;
  return [x0 + (x1 - x0) * t + (y1 - y0) * push, y0 + (y1 - y0) * t - (x1 - x0) * push];
}

const emptyBox = () => [Infinity, Infinity, -Infinity, -Infinity];
function grow(box, x, y) {
  if (x < box[0]) box[0] = x;
  if (y < box[1]) box[1] = y;
  if (x > box[2]) box[2] = x;
  if (y > box[3]) box[3] = y;
}
const join = (box, other) => {
  grow(box, other[0], other[1]);
  grow(box, other[2], other[3]);
};
export const meets = (a, b) => a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];

/** The area of a polygon, in square dm. */
export function areaOf(polygon) {
  let sum = 0;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2)
    sum += polygon[j] * polygon[i + 1] - polygon[i] * polygon[j + 1];
  return Math.abs(sum) / 2;
}

/** Is (x, y) inside the polygon, a flat array of corners? */
export function inside(polygon, x, y) {
  let odd = false;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2) {
    const yi = polygon[i + 1],
      yj = polygon[j + 1];
    if (yi > y !== yj > y && x < ((polygon[j] - polygon[i]) * (y - yi)) / (yj - yi) + polygon[i]) odd = !odd;
  }
  return odd;
}

/**
 * index of the seat with an id, and the id at an index, by runs [[first id, count], …] in index order; −1 for an id of
 * another ground.
 */
export function lookUp(runs) {
  let at = 0;
  const byIndex = runs.map(([first, count]) => ({ first, count, at: (at += count) - count })),
    byId = [...byIndex].sort((a, b) => a.first - b.first);
  const last = (list, key, value) => {
    let low = 0,
      high = list.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (list[mid][key] <= value) low = mid + 1;
      else high = mid;
    }
    return list[low - 1];
  };
  return {
    indexOf(id) {
      const run = last(byId, "first", id);
      return run && id < run.first + run.count ? run.at + id - run.first : -1;
    },
    idAt(i) {
      const run = last(byIndex, "at", i);
      return run.first + i - run.at;
    },
  };
}

/** The JSON of /api/layouts/<id> → a Ground. */
export function decode(json) {
  return new Ground(json);
}

// A bay's outline is worked out when it is first drawn or touched: who opens one stand needs a few of them only.
class Bay {
  #ground;
  #outline = null;
  constructor(ground, json, stand) {
    Object.assign(this, json, {
      stand,
      rows: 0,
      row: -1,
      first: 0,
      count: 0,
      box: emptyBox(),
      area: false,
      pitch: 5,
      depth: LONE_DEPTH,
      size: 4,
      middle: [0, 0],
    });
    this.#ground = ground;
  }

  get outline() {
    return (this.#outline ??= this.count ? this.#ground.slice(this, 0, 1) : new Float32Array(0));
  }
}

class Level {
  #ground;
  #outline = null;
  constructor(ground, json) {
    Object.assign(this, json, { bays: [], box: emptyBox() });
    this.#ground = ground;
  }

  get outline() {
    return (this.#outline ??= this.#ground.around(this));
  }
  get middle() {
    return this.#ground.middleOf(this.bays);
  }
}

class Stand {
  #ground;
  #area = -1;
  constructor(ground, json) {
    Object.assign(this, json, { levels: [], bays: [], box: emptyBox(), first: -1, count: 0, middle: [0, 0] });
    this.#ground = ground;
  }

  get area() {
    return this.#area < 0
      ? (this.#area = this.bays.reduce((sum, b) => sum + areaOf(this.#ground.bays[b].outline), 0))
      : this.#area;
  }
}

export class Ground {
  #ids = null;
  constructor(json) {
    const n = json.seats;
    Object.assign(this, {
      layout: json.layout,
      stadium: json.stadium_id,
      count: n,
      field: json.field,
      gates: json.gates || [],
    });
    this.notes = json.notes || {};
    this.numbers = json.numbers || {};
    this.positions = json.positions || {};
    this.kind = new Uint8Array(n);
    this.band = new Uint8Array(n);
    this.x = new Float32Array(n);
    this.y = new Float32Array(n);
    this.row = new Uint32Array(n);
    this.runs(json);
    this.makeRows(json);
    this.makeBays(json);
    this.box = emptyBox();
    for (const bay of this.bays) join(this.box, bay.box);
    grow(this.box, -this.field[0], -this.field[1]);
    grow(this.box, this.field[0], this.field[1]);
    if (json.box) join(this.box, json.box);
  }

  runs(json) {
    Object.assign(this, lookUp(json.ids));
    let at = 0;
    for (const [name, count] of json.bands) {
      this.band.fill(BANDS.indexOf(name), at, at + count);
      at += count;
    }
    for (const [name, list] of Object.entries(json.kinds || {})) {
      for (const [first, count] of list) this.kind.fill(KINDS.indexOf(name), first, first + count);
    }
  }

  /** All seat ids by index; idAt(i) says one without making the column. */
  get ids() {
    return (this.#ids ??= Int32Array.from({ length: this.count }, (_, i) => this.idAt(i)));
  }

  makeRows({ rows, spans = {} }) {
    const many = rows.id.length;
    const f32 = () => new Float32Array(many);
    this.rows = {
      count: many,
      id: rows.id,
      name: rows.name,
      bay: Uint32Array.from(rows.bay),
      shape: Float32Array.from(rows.shape),
      size: Uint32Array.from(rows.count),
      first: new Uint32Array(many),
      span: new Uint32Array(many),
      length: f32(),
      nx: f32(),
      ny: f32(),
      pitch: f32(),
      depth: f32().fill(LONE_DEPTH),
      box: new Float32Array(4 * many),
    };
    for (let i = 0, at = 0; i < many; i += 1) at = this.makeRow(i, at, spans[i]);
  }

  makeRow(i, first, known) {
    const r = this.rows,
      s = 5 * i,
      x0 = r.shape[s],
      y0 = r.shape[s + 1],
      dx = r.shape[s + 2] - x0,
      dy = r.shape[s + 3] - y0,
      bend = r.shape[s + 4];
    const length = Math.hypot(dx, dy) || 1,
      nx = dy / length,
      ny = -dx / length;
    const size = r.size[i],
      span = known || size || 1,
      places = this.positions[i],
      end = first + size,
      { x, y } = this;
    r.first[i] = first;
    r.span[i] = span;
    r.length[i] = length;
    r.nx[i] = nx;
    r.ny[i] = ny;
    // The arc is a little longer than its chord; 8/3 (bend/length)² is the first term of the parabola's length.
    r.pitch[i] = (length * (1 + (8 / 3) * (bend / length) ** 2)) / span;
    for (let at = first; at < end; at += 1) {
      const t = ((places ? places[at - first] : at - first + 1) - 0.5) / span,
        push = bend * 4 * t * (1 - t);
      x[at] = x0 + dx * t + nx * push;
      y[at] = y0 + dy * t + ny * push;
    }
    this.row.fill(i, first, end);
    const mx = x0 + dx / 2 + nx * bend,
      my = y0 + dy / 2 + ny * bend,
      b = 4 * i,
      x1 = x0 + dx,
      y1 = y0 + dy;
    r.box[b] = Math.min(x0, x1, mx);
    r.box[b + 1] = Math.min(y0, y1, my);
    r.box[b + 2] = Math.max(x0, x1, mx);
    r.box[b + 3] = Math.max(y0, y1, my);
    return end;
  }

  makeBays(json) {
    const r = this.rows;
    this.stands = json.stands.map((stand) => new Stand(this, stand));
    this.levels = json.levels.map((level, i) => {
      this.stands[level.stand].levels.push(i);
      return new Level(this, level);
    });
    this.bays = json.bays.map((bay, i) => {
      const level = this.levels[bay.level];
      level.bays.push(i);
      this.stands[level.stand].bays.push(i);
      return new Bay(this, bay, level.stand);
    });
    for (let i = 0; i < r.count; i += 1) {
      const bay = this.bays[r.bay[i]],
        b = 4 * i;
      if (bay.row < 0) {
        bay.row = i;
        bay.first = r.first[i];
      }
      bay.rows += 1;
      bay.count += r.size[i];
      bay.pitch += (r.pitch[i] - bay.pitch) / bay.rows; // the mean of its rows
      grow(bay.box, r.box[b], r.box[b + 1]);
      grow(bay.box, r.box[b + 2], r.box[b + 3]);
    }
    for (const bay of this.bays) this.shapeBay(bay);
    for (const level of this.levels)
      for (const b of level.bays) if (this.bays[b].count) join(level.box, this.bays[b].box);
    const numbered = this.bays
      .filter((bay) => bay.count && !bay.area)
      .map((bay) => Math.min(bay.pitch, bay.depth))
      .sort((a, b) => a - b);
    // what one seat usually takes: sizes on the screen are judged by it
    this.seatPitch = numbered[numbered.length >> 1] || 5;
    for (const stand of this.stands) {
      for (const b of stand.bays) {
        const bay = this.bays[b];
        if (!bay.count) continue;
        if (stand.first < 0) stand.first = bay.first;
        stand.count += bay.count;
        join(stand.box, bay.box);
      }
      stand.middle = this.middleOf(stand.bays);
    }
  }

  // How deep the rows are and how wide the seats. Depths matter at the front, in the middle and at the back.
  shapeBay(bay) {
    if (!bay.count) {
      bay.box = [0, 0, 0, 0];
      return;
    }
    const r = this.rows,
      last = bay.row + bay.rows - 1,
      half = bay.row + (bay.rows >> 1);
    if (bay.rows > 1)
      for (const i of new Set([bay.row, half, last])) {
        const [x, y] = this.middle(i < last ? i + 1 : i - 1);
        r.depth[i] = Math.max(2, Math.abs(this.offset(i, x, y)));
      }
    bay.depth = r.depth[half];
    bay.area = this.kind[bay.first] === UNRESERVED && this.kind[bay.first + bay.count - 1] === UNRESERVED;
    bay.size = Math.min(bay.pitch, bay.depth) * 0.84;
    const pad = bay.depth / 2;
    bay.box = [bay.box[0] - pad, bay.box[1] - pad, bay.box[2] + pad, bay.box[3] + pad];
    bay.middle = this.middle(half);
  }

  middle(row) {
    return this.arcPoint(row, 0.5);
  }

  /** Signed distance of a point from the row's arc, positive away from the field. */
  offset(row, x, y) {
    const r = this.rows,
      s = 5 * row,
      dx = x - r.shape[s],
      dy = y - r.shape[s + 1];
    const t = this.along(row, x, y);
    return dx * r.nx[row] + dy * r.ny[row] - r.shape[s + 4] * 4 * t * (1 - t);
  }

  /**
   * Where along the row's chord a point lies: 0 at its start, 1 at its end. The bend is square to the chord, so this is
   * exact for every seat.
   */
  along(row, x, y) {
    const r = this.rows,
      s = 5 * row,
      dx = x - r.shape[s],
      dy = y - r.shape[s + 1];
    return (dy * r.nx[row] - dx * r.ny[row]) / r.length[row];
  }

  arcPoint(row, t, out = 0) {
    const r = this.rows,
      s = 5 * row,
      x0 = r.shape[s],
      y0 = r.shape[s + 1],
      push = r.shape[s + 4] * 4 * t * (1 - t) + out;
    return [x0 + (r.shape[s + 2] - x0) * t + r.nx[row] * push, y0 + (r.shape[s + 3] - y0) * t + r.ny[row] * push];
  }

  // The front arc, the right ends, the back arc, the left ends.
  /** The part of a bay from share `from` to share `to` of its depth, 0 at the rope, as a flat polygon. */
  slice(bay, from, to) {
    const r = this.rows,
      last = bay.rows - 1,
      corners = [];
    const edge = (share) => {
      // an arc between two rows, or half a row in front of the first and behind the last
      const place = share * bay.rows - 0.5,
        low = Math.max(0, Math.min(last, Math.floor(place))),
        part = place - low;
      if (low === last || place < 0) return (t) => this.arcPoint(bay.row + low, t, part * r.depth[bay.row + low]);
      return (t) => {
        const [ax, ay] = this.arcPoint(bay.row + low, t),
          [bx, by] = this.arcPoint(bay.row + low + 1, t);
        return [ax + (bx - ax) * part, ay + (by - ay) * part];
      };
    };
    const near = edge(from),
      far = edge(to);
    const between = [];
    for (let k = 0; k <= last; k += 1) {
      const share = (k + 0.5) / bay.rows;
      if (share > from && share < to) between.push(bay.row + k);
    }
    const half = 0.1; // a little room beside the last seat
    const pad = (row) => half * Math.min(1, r.pitch[row] / r.length[row]);
    for (let k = 0; k <= ARC; k += 1) corners.push(...near(k / ARC));
    for (const row of between) corners.push(...this.arcPoint(row, 1 + pad(row)));
    for (let k = ARC; k >= 0; k -= 1) corners.push(...far(k / ARC));
    for (const row of between.reverse()) corners.push(...this.arcPoint(row, -pad(row)));
    return Float32Array.from(corners);
  }

  // Along the fronts of a level's bays in order and back along their backs: one line around neighbours, across the
  // aisles.
  around(level) {
    const front = [],
      backs = [],
      side = 2 * (ARC + 1);
    for (const b of level.bays) {
      const { outline, rows, count } = this.bays[b];
      if (!count) continue;
      front.push(...outline.subarray(0, side));
      backs.unshift(...outline.subarray(side + 2 * rows, 2 * side + 2 * rows));
    }
    return Float32Array.from(front.concat(backs));
  }

  middleOf(bays) {
    const full = bays.map((b) => this.bays[b]).filter((bay) => bay.count);
    if (!full.length) return [0, 0];
    const bay = full[full.length >> 1];
    if (full.length & 1) return bay.middle;
    const other = full[(full.length >> 1) - 1];
    return [(bay.middle[0] + other.middle[0]) / 2, (bay.middle[1] + other.middle[1]) / 2];
  }

  bayOf(i) {
    return this.rows.bay[this.row[i]];
  }
  position(i) {
    const row = this.row[i],
      k = i - this.rows.first[row];
    return this.positions[row] ? this.positions[row][k] : k + 1;
  }
  number(i) {
    const row = this.row[i],
      k = i - this.rows.first[row];
    return this.numbers[row] ? this.numbers[row][k] : String(this.position(i));
  }

  // The seat of a row at or next to a position, as an index within the row.
  slot(row, position) {
    const places = this.positions[row],
      size = this.rows.size[row];
    if (!places) return Math.max(0, Math.min(size - 1, position - 1));
    let low = 0,
      high = size - 1;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (places[mid] < position) low = mid + 1;
      else high = mid;
    }
    return low > 0 && position - places[low - 1] < places[low] - position ? low - 1 : low;
  }

  /**
   * The seat nearest to (x, y) within `reach` for which accept(index) holds, or -1: boxes of bays, then rows, then a
   * few places.
   */
  nearest(x, y, reach, accept = null) {
    const r = this.rows;
    let best = -1,
      least = reach * reach;
    for (const bay of this.bays) {
      const [a, b, c, d] = bay.box;
      if (!bay.count || x < a - reach || x > c + reach || y < b - reach || y > d + reach) continue;
      for (let row = bay.row; row < bay.row + bay.rows; row += 1) {
        const k = 4 * row;
        if (x < r.box[k] - reach || x > r.box[k + 2] + reach || y < r.box[k + 1] - reach || y > r.box[k + 3] + reach)
          continue;
        const place = Math.round(this.along(row, x, y) * r.span[row] + 0.5),
          wide = accept ? Math.ceil(reach / r.pitch[row]) + 1 : 1;
        const from = this.slot(row, place - wide),
          to = this.slot(row, place + wide);
        for (let i = r.first[row] + from; i <= r.first[row] + to; i += 1) {
          const far = (this.x[i] - x) ** 2 + (this.y[i] - y) ** 2;
          if (far < least && (!accept || accept(i))) {
            least = far;
            best = i;
          }
        }
      }
    }
    return best;
  }

  /** The bay under (x, y), or the nearest one within `reach`, or -1. */
  bayAt(x, y, reach = 0) {
    let best = -1,
      least = reach;
    for (let b = 0; b < this.bays.length; b += 1) {
      const bay = this.bays[b],
        [l, t, r, d] = bay.box;
      if (!bay.count || x < l - reach || x > r + reach || y < t - reach || y > d + reach) continue;
      if (inside(bay.outline, x, y)) return b;
      for (let k = 0; k < bay.outline.length; k += 2) {
        const far = Math.hypot(bay.outline[k] - x, bay.outline[k + 1] - y);
        if (far < least) {
          least = far;
          best = b;
        }
      }
    }
    return best;
  }

  /** every(row, from, to) for the runs of seats that may lie in a box. */
  seatsIn(box, every) {
    const r = this.rows;
    for (const bay of this.bays) {
      if (!bay.count || !meets(bay.box, box)) continue;
      for (let row = bay.row; row < bay.row + bay.rows; row += 1) {
        const k = 4 * row,
          pad = bay.size;
        if (
          r.box[k] - pad > box[2] ||
          r.box[k + 2] + pad < box[0] ||
          r.box[k + 1] - pad > box[3] ||
          r.box[k + 3] + pad < box[1]
        )
          continue;
        const ts = [
          this.along(row, box[0], box[1]),
          this.along(row, box[2], box[1]),
          this.along(row, box[0], box[3]),
          this.along(row, box[2], box[3]),
        ];
        const from = this.slot(row, Math.floor(Math.min(...ts) * r.span[row])),
          to = this.slot(row, Math.ceil(Math.max(...ts) * r.span[row]) + 1);
        every(row, r.first[row] + from, r.first[row] + to, bay);
      }
    }
  }

  /** The box around some seats. */
  boxOf(indexes) {
    const box = emptyBox();
    for (const i of indexes) grow(box, this.x[i], this.y[i]);
    return box;
  }
}
