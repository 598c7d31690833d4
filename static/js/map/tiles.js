// Square pictures of the ground, painted once and then only moved: a pan of the map costs a few copies a frame. A level
// is an eighth of an octave, and the look comes to rest on levels only, so that a picture is copied pixel by pixel and
// never stretched while it is panned.
import { paint } from "./paint.js";
import { meets } from "./geometry.js";

const KEEP = 16e6; // device pixels kept in pictures: about 64 MB at most
const SPARE = 16; // sheets kept ready: making one costs a slow phone as much as painting a quarter of it
export const STEPS = 8; // levels an octave

/**
 * A store of tiles for one model and palette. `count` tells how often a picture was painted whole, mended, or thrown
 * away.
 */
export class Tiles {
  constructor(model, dpr) {
    this.model = model;
    this.dpr = dpr;
    this.side = 256; // device px: small enough that one is painted within a frame of a slow phone
    this.kept = new Map(); // key → tile, the one used longest ago first
    this.count = { painted: 0, mended: 0, dropped: 0 };
    this.spare = [];
  }

  /** The level nearest to `scale` css px a dm. */
  levelFor(scale) {
    return Math.round(Math.log2(scale * this.dpr) * STEPS);
  }

  /** Device px a dm of a level. */
  density(level) {
    return 2 ** (level / STEPS);
  }

  span(level) {
    return this.side / this.density(level);
  } // dm a tile covers

  key(level, column, row) {
    return `${level}/${column}/${row}`;
  }

  boxOf(level, column, row) {
    const span = this.span(level);
    return [column * span, row * span, (column + 1) * span, (row + 1) * span];
  }

  get(level, column, row) {
    const key = this.key(level, column, row),
      tile = this.kept.get(key);
    if (!tile) return null;
    this.kept.delete(key);
    this.kept.set(key, tile);
    return tile;
  }

  has(level, column, row) {
    return this.kept.has(this.key(level, column, row));
  }

  /** each(column, row) for the tiles of a level that a box (dm) touches, those nearest its middle first. */
  covering(level, box) {
    const span = this.span(level),
      [l, t, r, b] = [box[0], box[1], box[2], box[3]].map((v) => Math.floor(v / span));
    const list = [],
      mx = (box[0] + box[2]) / 2 / span - 0.5,
      my = (box[1] + box[3]) / 2 / span - 0.5;
    for (let row = t; row <= b; row += 1) for (let column = l; column <= r; column += 1) list.push([column, row]);
    return list.sort((p, q) => Math.hypot(p[0] - mx, p[1] - my) - Math.hypot(q[0] - mx, q[1] - my));
  }

  make(level, column, row) {
    const g = this.spare.pop() || this.sheet();
    const tile = { canvas: g.canvas, level, box: this.boxOf(level, column, row), stale: false, g };
    this.draw(tile);
    this.kept.set(this.key(level, column, row), tile);
    while (this.kept.size * this.side * this.side > KEEP) this.drop(this.kept.keys().next().value);
    return tile;
  }

  sheet() {
    return new OffscreenCanvas(this.side, this.side).getContext("2d", { alpha: false });
  }

  get isShort() {
    return this.spare.length < SPARE;
  }

  /** Lays a sheet ready for a picture to come. The first is painted on, so that the next is not the first. */
  prepare(box, density) {
    const g = this.sheet();
    if (!this.spare.length) paint(g, this.model, box, density, this.dpr, this.model.palette);
    this.spare.push(g);
  }

  draw(tile) {
    tile.stale = false;
    this.count.painted += 1;
    paint(tile.g, this.model, tile.box, this.density(tile.level), this.dpr, this.model.palette);
  }

  drop(key) {
    const tile = this.kept.get(key);
    this.kept.delete(key);
    this.count.dropped += 1;
    if (this.spare.length < SPARE) this.spare.push(tile.g);
  }

  /**
   * Something in a box (dm) has changed: each kept picture that it touches is mended there, dropped or left, as
   * judge(tile) says.
   */
  mend(box, judge) {
    for (const [key, tile] of this.kept) {
      if (!meets(tile.box, box)) continue;
      const verdict = judge(tile);
      if (verdict === "drop") this.drop(key);
      if (verdict !== "mend") continue;
      const scale = this.density(tile.level),
        snap = (v, up) => (up ? Math.ceil : Math.floor)(v * scale) / scale;
      const part = [
        Math.max(tile.box[0], snap(box[0])),
        Math.max(tile.box[1], snap(box[1])),
        Math.min(tile.box[2], snap(box[2], true)),
        Math.min(tile.box[3], snap(box[3], true)),
      ];
      if (part[2] <= part[0] || part[3] <= part[1]) continue;
      this.count.mended += 1;
      const { g } = tile;
      g.save();
      g.beginPath();
      g.rect(
        (part[0] - tile.box[0]) * scale,
        (part[1] - tile.box[1]) * scale,
        (part[2] - part[0]) * scale,
        (part[3] - part[1]) * scale,
      );
      g.clip();
      paint(g, this.model, tile.box, scale, this.dpr, this.model.palette, part);
      g.restore();
    }
  }

  clear() {
    for (const { g } of this.kept.values()) if (this.spare.length < SPARE) this.spare.push(g);
    this.kept.clear();
  }
}
