import { STEPS } from "./tiles.js";

// Where the map looks: css px = dm × scale + (x, y). One transform for everything that is drawn.
export class View {
  constructor(box) {
    Object.assign(this, { box, width: 1, height: 1, scale: 1, x: 0, y: 0, most: 10 });
  }

  /** Scale and middle that show the whole box, with `room` css px on each side. */
  fit(box, room = 12) {
    const wide = Math.max(1, box[2] - box[0]),
      high = Math.max(1, box[3] - box[1]);
    const scale = Math.min((this.width - 2 * room) / wide, (this.height - 2 * room) / high);
    return { scale: Math.max(scale, 1e-3), cx: (box[0] + box[2]) / 2, cy: (box[1] + box[3]) / 2 };
  }

  // The whole ground, a little smaller where that makes it a level of the tiles.
  get least() {
    return this.snap(this.fit(this.box).scale, Math.floor);
  }

  /** The scale of the level next to one; by Math.floor or Math.ceil the one that is not larger or smaller. */
  snap(scale, round = Math.round) {
    const step = STEPS,
      k = this.dpr || 1;
    const slack = round === Math.floor ? 1e-6 : round === Math.ceil ? -1e-6 : 0; // what is a level stays one
    return 2 ** (round(Math.log2(scale * k) * step + slack) / step) / k;
  }

  get centre() {
    return {
      scale: this.scale,
      cx: (this.width / 2 - this.x) / this.scale,
      cy: (this.height / 2 - this.y) / this.scale,
    };
  }
  get isWhole() {
    return this.scale <= this.least * 1.04;
  }

  toWorld(px, py) {
    return [(px - this.x) / this.scale, (py - this.y) / this.scale];
  }
  toScreen(x, y) {
    return [x * this.scale + this.x, y * this.scale + this.y];
  }

  /** The part of the plan on the screen, in dm. */
  seen(pad = 0) {
    const [l, t] = this.toWorld(-pad, -pad),
      [r, b] = this.toWorld(this.width + pad, this.height + pad);
    return [l, t, r, b];
  }

  look({ scale, cx, cy }) {
    this.scale = Math.min(this.most, Math.max(this.least, scale));
    this.x = this.width / 2 - cx * this.scale;
    this.y = this.height / 2 - cy * this.scale;
    this.clamp();
  }

  /** Larger or smaller around a point of the screen, which keeps its place on the plan. */
  zoom(by, px = this.width / 2, py = this.height / 2) {
    const [x, y] = this.toWorld(px, py);
    this.scale = Math.min(this.most, Math.max(this.least, this.scale * by));
    this.x = px - x * this.scale;
    this.y = py - y * this.scale;
    this.clamp();
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.clamp();
  }

  // The plan never leaves the screen: its edge comes at most to 40 % from the other side, and what fits stays in the
  // middle.
  clamp() {
    const [l, t, r, b] = this.box;
    const hold = (at, low, high, size) => {
      if ((high - low) * this.scale <= size) return (size - (low + high) * this.scale) / 2;
      const room = size * Math.min(0.4, Math.max(0, this.scale / this.least - 1));
      return Math.min(room - low * this.scale, Math.max(size - room - high * this.scale, at));
    };
    this.x = hold(this.x, l, r, this.width);
    this.y = hold(this.y, t, b, this.height);
  }
}

/** The looks between two, k from 0 to 1, so that what both show moves in a straight line on the screen. */
export function between(from, to, k) {
  const scale = from.scale * (to.scale / from.scale) ** k;
  const part =
    Math.abs(from.scale / to.scale - 1) < 1e-3 ? k : (1 / from.scale - 1 / scale) / (1 / from.scale - 1 / to.scale);
  return { scale, cx: from.cx + (to.cx - from.cx) * part, cy: from.cy + (to.cy - from.cy) * part };
}
