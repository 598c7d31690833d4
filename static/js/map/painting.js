// How the seat map is painted: what lies in tiles, what is missing of them, and what moves while it flies or glides.
import { SEATS_FROM, paint } from "./paint.js";
import { meets } from "./geometry.js";
import { drawOver, forget } from "./labels.js";
import { readPalette } from "./palette.js";
import { Tiles } from "./tiles.js";
import { between } from "./view.js";

// A frame may hold so many ms of painting, and so many pictures: the browser fills their shapes later than it is told
// to, which no clock shows. What a finger moves comes first; a flight may take longer frames to be sharp where it
// lands.
const MOVING = { ms: 6, tiles: 1 },
  FLYING = { ms: 14, tiles: 5 },
  STILL = { ms: 60, tiles: 20 };
const SHARP = 2; // device px a css px: a denser canvas costs twice the time and shows no more of a seat
const STRIPS = 8;
const BASE_MS = 3000; // the small picture of the whole ground is this old at least before it is made anew
export const OPEN_PITCH = 6.5; // css px between two seats at least when a stand opens
const OPENS = 220; // ms an opening stand takes
const GLIDE = 300; // ms in which a fling loses most of its speed
const contains = (outer, inner) =>
  inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3];

export class Painting {
  resize() {
    const { canvas, stage } = this.parts,
      width = stage.clientWidth,
      height = stage.clientHeight,
      dpr = Math.min(SHARP, window.devicePixelRatio || 1);
    if (!width || !height) return;
    const { view } = this,
      before = this.painted && !view.isWhole ? view.centre : null;
    if (this.dpr !== dpr) {
      this.dpr = dpr;
      this.tiles = new Tiles(this.model, dpr);
      this.base = this.draft = null;
    }
    if (width !== view.width || height !== view.height) this.base = this.draft = null;
    canvas.width = Math.round(width * dpr);
    canvas.height = Math.round(height * dpr);
    Object.assign(view, { width, height, dpr });
    view.most = view.snap(46 / this.ground.seatPitch);
    view.look(before ? { ...before, scale: view.snap(before.scale) } : { ...view.fit(this.ground.box), scale: 0 });
    this.flight = null;
    this.moved();
  }

  repaint() {
    this.tiles?.clear();
    this.base = this.draft = null;
    this.rested = undefined;
    this.dirtyBays.clear();
    this.ask();
  }

  recolour() {
    this.model.palette = this.palette = readPalette(this.root);
    forget();
    this.repaint();
  }

  ask() {
    if (!this.asked && !this.off.signal.aborted)
      this.asked = requestAnimationFrame((now) => {
        this.asked = 0;
        this.draw(now);
      });
  }

  draw(now) {
    if (!this.dpr) return;
    this.frames += 1;
    this.fling(now);
    this.soar(now);
    const { g, view, tiles, dpr } = this,
      level = tiles.levelFor(view.scale),
      seen = view.seen();
    const aim = this.flight ? this.flight.aim : view,
      aimed = tiles.levelFor(aim.scale);
    const pace = this.glide || this.touched ? MOVING : this.flight ? FLYING : STILL;
    // While it flies only what it flies to is worth painting, and while fingers zoom nothing is; on the way the
    // pictures of before do.
    const exact = Math.abs(tiles.density(level) / (view.scale * dpr) - 1) < 1e-4;
    this.missing = (exact || this.flight) && this.supply(aimed, aim.seen(), pace);
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.imageSmoothingEnabled = !exact;
    const gaps = exact ? this.gaps(level, seen) : [seen];
    if (gaps.length) this.patch(gaps, level);
    g.imageSmoothingEnabled = !exact;
    const holes = this.blit(level, seen);
    if (exact && !holes) this.rested = level;
    g.setTransform(dpr, 0, 0, dpr, 0, 0);
    if (exact && !this.flight && !this.missing && !holes) this.complete();
    drawOver(g, this);
    if (!this.painted) {
      this.painted = true;
      performance.mark("map:overview");
    }
    if (this.missing || this.flight || this.glide) this.ask();
    else if (exact && !this.touched) this.foresee(level);
  }

  // Paints missing pictures until the time is over: one at least, so that it always comes to an end. True if some are
  // still missing.
  supply(level, box, { ms, tiles: most }) {
    const { tiles } = this,
      until = performance.now() + ms;
    let made = 0;
    for (const [column, row] of tiles.covering(level, box)) {
      if (!meets(tiles.boxOf(level, column, row), this.ground.box)) continue;
      if (tiles.get(level, column, row)) continue;
      if (made >= most || (made && performance.now() >= until)) return true;
      tiles.make(level, column, row);
      made += 1;
    }
    return false;
  }

  // The boxes that no picture of a level covers yet, or that reach over the edge of the plan.
  gaps(level, seen) {
    const { tiles, ground } = this;
    return tiles
      .covering(level, seen)
      .filter(([c, r]) => !tiles.has(level, c, r) || !contains(ground.box, tiles.boxOf(level, c, r)))
      .map(([c, r]) => tiles.boxOf(level, c, r));
  }

  // Fills gaps, and nothing beside them, with what there is: the pictures it rested on before, over the small picture
  // of the whole ground.
  patch(gaps, level) {
    const { g, view, dpr, palette } = this,
      k = view.scale * dpr,
      left = Math.round(view.x * dpr),
      top = Math.round(view.y * dpr);
    g.save();
    g.beginPath();
    for (const [l, t, r, b] of gaps)
      g.rect(Math.floor(left + l * k), Math.floor(top + t * k), Math.ceil((r - l) * k) + 1, Math.ceil((b - t) * k) + 1);
    g.clip();
    g.fillStyle = palette.back;
    g.fillRect(0, 0, this.parts.canvas.width, this.parts.canvas.height);
    g.imageSmoothingEnabled = true;
    g.imageSmoothingQuality = "low";
    const before = this.rested !== level ? this.rested : undefined,
      seen = view.seen();
    if (before === undefined || this.gaps(before, seen).length) this.fromBase();
    if (before !== undefined) this.blit(before, seen);
    g.restore();
  }

  // Copies the pictures of a level to where they belong; returns how many were not there.
  blit(level, seen) {
    const { g, tiles, view, dpr } = this,
      density = tiles.density(level),
      k = (view.scale * dpr) / density,
      size = tiles.side * k;
    const left = Math.round(view.x * dpr),
      top = Math.round(view.y * dpr);
    let holes = 0;
    for (const [column, row] of tiles.covering(level, seen)) {
      if (!meets(tiles.boxOf(level, column, row), this.ground.box)) continue;
      const tile = tiles.get(level, column, row);
      if (!tile) {
        holes += 1;
        continue;
      }
      if (Math.abs(k - 1) < 1e-4) g.drawImage(tile.canvas, left + column * tiles.side, top + row * tiles.side);
      else g.drawImage(tile.canvas, left + column * size, top + row * size, size + 0.5, size + 0.5);
    }
    return holes;
  }

  // A small picture of the whole ground: what shows where nothing else has been painted yet. It may be a little behind.
  fromBase() {
    if (!this.base) return;
    const { g, ground, view, dpr } = this,
      [l, t, r, b] = ground.box,
      k = view.scale * dpr;
    g.drawImage(this.base, view.x * dpr + l * k, view.y * dpr + t * k, (r - l) * k, (b - t) * k);
  }

  // One strip of it at a time: a finger that lands meanwhile waits for no more than that.
  makeBase() {
    const { ground, view } = this,
      [l, t, r, b] = ground.box;
    if (!this.draft) {
      const { scale } = view.fit(ground.box, 0);
      this.draft = {
        scale,
        strip: 0,
        g: new OffscreenCanvas(Math.ceil((r - l) * scale), Math.ceil((b - t) * scale)).getContext("2d", {
          alpha: false,
        }),
      };
    }
    const { g, scale, strip } = this.draft,
      [top, bottom] = [strip, strip + 1].map((k) => t + ((b - t) * k) / STRIPS);
    g.save();
    g.beginPath();
    g.rect(0, Math.floor((top - t) * scale), g.canvas.width, Math.ceil((bottom - top) * scale) + 1);
    g.clip();
    paint(g, this.model, ground.box, scale, 1, this.palette, [l, top - 1 / scale, r, bottom + 1 / scale]);
    g.restore();
    this.draft.strip += 1;
    if (this.draft.strip < STRIPS) return;
    Object.assign(this, { base: g.canvas, baseAt: performance.now(), baseStale: false, draft: null });
  }

  prepare(stand) {
    const { tiles, ground } = this,
      density = tiles.density(tiles.levelFor(OPEN_PITCH / ground.seatPitch)),
      half = tiles.side / density / 2,
      [x, y] = stand.middle;
    tiles.prepare([x - half, y - half, x + half, y + half], density);
  }

  // While nothing moves, what may soon be wanted is painted too, one piece at a time, so that a finger finds it ready:
  // the pictures around the screen, then the small one of the whole ground.
  foresee(level) {
    if (this.idle) return;
    const { tiles, view, ground } = this,
      around = tiles
        .covering(level, view.seen(110))
        .filter(([c, r]) => meets(tiles.boxOf(level, c, r), ground.box) && !tiles.has(level, c, r));
    const isBaseDue = !this.base || (this.baseStale && performance.now() - this.baseAt > BASE_MS);
    // From the whole ground the next thing is a stand: its sheets are laid ready.
    const next = !this.isNear && ground.stands.find((stand) => stand.count);
    if (!around.length && !isBaseDue && !(next && tiles.isShort)) return;
    const later = window.requestIdleCallback || ((act) => setTimeout(act, 60));
    this.idle = later(() => {
      this.idle = 0;
      if (this.off.signal.aborted || this.touched || this.flight || this.glide || tiles !== this.tiles) return;
      if (around.length) tiles.make(level, ...around[0]);
      else if (isBaseDue) this.makeBase();
      else this.prepare(next);
      this.foresee(level);
    });
  }

  complete() {
    if (this.isNear && !this.seatsPainted) {
      this.seatsPainted = true;
      performance.mark("map:seats");
    }
    if (this.opened) {
      performance.mark("map:stand");
      this.opened = false;
    }
  }

  soar(now) {
    const { flight } = this;
    if (!flight) return;
    const k = Math.min(1, Math.max(0, (now - flight.at) / OPENS)),
      eased = 1 - (1 - k) ** 3;
    if (k >= 1) {
      this.flight = null;
      this.opened = true;
    }
    this.view.look(k >= 1 ? flight.to : between(flight.from, flight.to, eased));
    this.moved();
  }

  fling(now) {
    const { glide } = this;
    if (!glide) return;
    const time = Math.min(64, now - glide.at),
      slower = Math.exp(-time / GLIDE),
      way = GLIDE * (1 - slower);
    const { x, y } = this.view;
    this.view.pan(glide.vx * way, glide.vy * way);
    Object.assign(glide, { at: now, vx: glide.vx * slower, vy: glide.vy * slower });
    if (Math.hypot(glide.vx, glide.vy) < 0.02 || (x === this.view.x && y === this.view.y && time > 0))
      this.glide = null;
    this.moved();
  }

  mendSeat(i, bay) {
    if (!this.tiles) return;
    const { x, y } = this.ground,
      pad = bay.size * 0.75,
      pitch = this.ground.seatPitch,
      level = this.tiles.levelFor(this.view.scale);
    this.tiles.mend([x[i] - pad, y[i] - pad, x[i] + pad, y[i] + pad], (tile) => {
      if ((pitch * this.tiles.density(tile.level)) / this.dpr < SEATS_FROM) return "leave";
      return tile.level === level ? "mend" : "drop";
    });
  }

  // What is left of a bay changes its colour from afar: done a few times a second at most, however many seats went.
  mendBays() {
    this.later = 0;
    const pitch = this.ground.seatPitch;
    for (const b of this.dirtyBays) {
      const bay = this.ground.bays[b];
      this.tiles.mend(bay.box, (tile) =>
        bay.area || (pitch * this.tiles.density(tile.level)) / this.dpr < SEATS_FROM ? "mend" : "leave",
      );
    }
    this.dirtyBays.clear();
    this.baseStale = true;
    this.ask();
  }
}
