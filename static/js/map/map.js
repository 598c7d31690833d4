// The seat map: a canvas that shows the ground, then its seats, and lets a fan choose with thumb, mouse or keys.
// The lists beside it say and do the same; the page keeps the one choice that both show.
import { SEATS_FROM, paint } from "./paint.js";
import { FREE, UNRESERVED, meets } from "./geometry.js";
import { drawOver, forget } from "./labels.js";
import { frame, legend } from "./frame.js";
import { listen } from "./gestures.js";
import { Model, grouped } from "./model.js";
import { readPalette } from "./palette.js";
import { Tiles } from "./tiles.js";
import { View, between } from "./view.js";
export { decode, unpack } from "./geometry.js";

// A frame may hold so many ms of painting, and so many pictures: the browser fills their shapes later than it is told
// to, which no clock shows. What a finger moves comes first; a flight may take longer frames to be sharp where it
// lands.
const MOVING = { ms: 6, tiles: 1 },
  FLYING = { ms: 14, tiles: 5 },
  STILL = { ms: 60, tiles: 20 };
const SHARP = 2; // device px a css px: a denser canvas costs twice the time and shows no more of a seat
const STRIPS = 8;
const BASE_MS = 3000; // the small picture of the whole ground is this old at least before it is made anew
const OPEN_PITCH = 6.5; // css px between two seats at least when a stand opens
const OPENS = 220; // ms an opening stand takes
const FINGER = 22,
  CLEAR = 14; // css px: how far a finger may miss, and how wide a seat must be to be chosen by one
const GLIDE = 300; // ms in which a fling loses most of its speed

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");
const HELP =
  "Plan of the ground. The lists beside it hold the same seats. Arrow keys move, " +
  "Enter opens a stand or chooses a seat, plus and minus zoom, Escape goes back.";

/**
 * createMap(root, ground, options) → map. Options: {prices, states, chosen, mine, isMember, legend (false: the page
 * makes it), controls (an element for the buttons), words, money(minor units, short), onChoose(id, on) (false refuses,
 * words are said after its own), onStand(index | null), onArea(bay index), onLost(id)}.
 */
export function createMap(root, ground, options = {}) {
  return new SeatMap(root, ground, options);
}

const contains = (outer, inner) =>
  inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3];

class SeatMap {
  constructor(root, ground, options) {
    this.root = root;
    this.ground = ground;
    this.options = options;
    this.off = new AbortController();
    const does = { zoomIn: () => this.step(1.6), zoomOut: () => this.step(1 / 1.6), back: () => this.overview() };
    this.parts = frame(root, does, options.words?.label || HELP, options.controls);
    this.g = this.parts.canvas.getContext("2d", { alpha: false });
    this.model = new Model(ground, options);
    this.model.palette = this.palette = readPalette(root);
    this.view = new View(ground.box);
    const known = (ids) => new Set([...(ids || [])].map((id) => ground.indexOf(id)).filter((i) => i >= 0));
    Object.assign(this, {
      known,
      chosen: known(options.chosen),
      mine: known(options.mine),
      ringed: [],
      stand: null,
      cursor: -1,
      standCursor: -1,
      showCursor: false,
    });
    Object.assign(this, {
      flight: null,
      glide: null,
      asked: 0,
      painted: false,
      seatsPainted: false,
      dirtyBays: new Set(),
      tipped: -1,
      base: null,
      draft: null,
      frames: 0,
    });
    this.watch();
    this.resize();
    if (options.legend !== false) this.root.append(this.makeKey());
  }

  // ---- what the page calls

  /** All states at once, after a fetch. */
  setStates(states) {
    const before = this.model.states;
    this.model.setStates(states);
    for (const i of this.chosen) if (!this.keeps(i) && before[i] !== this.model.states[i]) this.lose(i);
    this.repaint();
  }

  /** change([[id, 0…3], …]): seats that others took or gave back just now; only their own places are painted again. */
  change(pairs) {
    const { ground, model } = this;
    for (const [id, state] of pairs) {
      const i = ground.indexOf(id);
      if (i < 0 || !model.change(i, state)) continue;
      const b = ground.bayOf(i),
        bay = ground.bays[b];
      this.dirtyBays.add(b);
      if (!bay.area) this.mendSeat(i, bay);
      if (this.chosen.has(i) && !this.keeps(i)) this.lose(i);
      if (this.tipped === i) this.tell(i, false);
    }
    if (this.dirtyBays.size && !this.later) this.later = setTimeout(() => this.mendBays(), 250);
    this.ask();
  }

  setMine(ids) {
    this.mine = this.known(ids);
    this.ask();
  }
  setChosen(ids) {
    this.chosen = this.known(ids);
    this.ask();
  }

  showStand(id, near = null) {
    const s = this.ground.stands.findIndex((stand) => stand.id === id);
    if (s < 0 || !this.ground.stands[s].count) return;
    this.open(s, near);
  }

  showBay(id) {
    const bay = this.ground.bays.find((one) => one.id === id);
    if (!bay || !bay.count) return;
    this.setStand(bay.stand);
    this.fly(this.readable(this.view.fit(bay.box, 24), bay.middle, 9));
  }

  /** Brings seats into view and rings them until the next choice. */
  showSeats(ids) {
    const list = [...this.known(ids)];
    if (!list.length) return;
    this.ringed = list;
    this.setStand(this.ground.bays[this.ground.bayOf(list[0])].stand);
    const box = this.ground.boxOf(list),
      room = 4 * this.ground.seatPitch;
    const look = this.view.fit([box[0] - room, box[1] - room, box[2] + room, box[3] + room], 24);
    look.scale = Math.min(look.scale, 24 / this.ground.seatPitch);
    this.fly(look);
    this.showBar(list[0]);
  }

  overview() {
    this.setStand(null);
    this.cursor = -1;
    this.hideTip();
    this.fly({ ...this.view.fit(this.ground.box), scale: 0 });
  }

  describe(id) {
    const i = this.ground.indexOf(id);
    return i < 0 ? null : this.model.describe(i, this.mine.has(i));
  }

  /** Where a seat is in the window, in css px, or null when it is not on the stage. */
  pointOf(id) {
    const i = this.ground.indexOf(id);
    if (i < 0) return null;
    const [x, y] = this.view.toScreen(this.ground.x[i], this.ground.y[i]),
      box = this.parts.canvas.getBoundingClientRect();
    return x < 0 || y < 0 || x > this.view.width || y > this.view.height ? null : { x: box.left + x, y: box.top + y };
  }

  /** Is it flying, gliding or still painting? */
  get isMoving() {
    return Boolean(this.flight || this.glide || this.missing || !this.painted);
  }

  /** Dims what does not fit {bands: ["A"] | null, shade, accessible}; null shows all again. */
  setFilter(filter) {
    this.model.setFilter(filter);
    this.repaint();
  }

  /** A new legend: what this ground and this match have, drawn as on the canvas. */
  makeKey() {
    return legend(this.model.legend());
  }

  destroy() {
    this.off.abort();
    this.deaf?.();
    this.sized?.disconnect();
    cancelAnimationFrame(this.asked);
    clearTimeout(this.later);
    clearTimeout(this.resting);
    this.tiles?.clear();
    this.root.replaceChildren();
    this.root.classList.remove("map", "is-near", "is-zoomed");
  }

  /** How much has been painted so far: for measurements and tests. */
  get stats() {
    return {
      ...this.tiles.count,
      kept: this.tiles.kept.size,
      frames: this.frames,
      waiting: Boolean(this.missing),
      scale: this.view.scale,
    };
  }

  // ---- looking

  get css() {
    return this.ground.seatPitch * this.view.scale;
  }
  get isNear() {
    return this.css >= SEATS_FROM;
  }

  setStand(s) {
    if (this.stand === s) return;
    this.stand = s;
    this.options.onStand?.(s);
    this.ask();
  }

  // The look on a whole stand, but never so far off that its seats cannot be told apart.
  readable(look, near, least) {
    const scale = least / this.ground.seatPitch;
    if (look.scale >= scale) return { ...look, scale: Math.min(look.scale, 26 / this.ground.seatPitch) };
    return { scale, cx: near[0], cy: near[1] };
  }

  open(s, near) {
    const stand = this.ground.stands[s];
    this.setStand(s);
    this.hideTip();
    this.fly(this.readable(this.view.fit(stand.box, 16), near || stand.middle, OPEN_PITCH));
  }

  /** Moves the look there, in a moment; at once before the first painting and for those who asked for less motion. */
  fly(look) {
    this.glide = null;
    const to = Object.assign(new View(this.ground.box), this.view);
    to.look({ ...look, scale: look.scale && to.snap(look.scale) });
    if (!this.painted || calm.matches) {
      this.flight = null;
      this.view.look(to.centre);
      this.moved();
      return;
    }
    this.flight = { from: this.view.centre, to: to.centre, at: performance.now(), aim: to };
    this.ask();
  }

  // After a zoom by fingers or wheel the look comes to rest on the next level, around the same point.
  settle() {
    const { view } = this,
      scale = view.snap(view.scale),
      [x, y] = this.around || [view.width / 2, view.height / 2];
    if (this.flight || Math.abs(scale / view.scale - 1) < 1e-6) {
      this.ask();
      return;
    }
    view.zoom(scale / view.scale, x, y);
    this.moved();
  }

  soon() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.settle(), 90);
  }

  step(by) {
    const { width, height, scale } = this.flight ? { ...this.view, scale: this.flight.to.scale } : this.view;
    const aim = Object.assign(new View(this.ground.box), this.view);
    if (this.flight) aim.look(this.flight.to);
    aim.zoom(
      scale * by > 2.4 / this.ground.seatPitch && scale < 2.4 / this.ground.seatPitch && by > 1
        ? Math.max(by, 4 / this.ground.seatPitch / scale)
        : by,
      width / 2,
      height / 2,
    );
    this.fly(aim.centre);
  }

  moved() {
    const { view, root } = this;
    root.classList.toggle("is-near", this.isNear);
    root.classList.toggle("is-zoomed", !view.isWhole);
    this.parts.back.disabled = view.isWhole;
    this.parts.smaller.disabled = view.isWhole;
    this.parts.larger.disabled = view.scale >= view.most * 0.999;
    if (view.isWhole && !this.flight && this.stand !== null) this.setStand(null);
    if (this.tipped >= 0) this.placeTip();
    this.ask();
  }

  // ---- painting

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

  // ---- choosing

  keeps(i) {
    return this.mine.has(i) || this.model.states[i] === FREE;
  }

  lose(i) {
    this.chosen.delete(i);
    if (this.options.onLost) this.options.onLost(this.ground.idAt(i));
    else
      this.say(`Row ${this.ground.rows.name[this.ground.row[i]]}, seat ${this.ground.number(i)} has just been taken.`);
  }

  /** Choose or give back one seat, if the page agrees. */
  toggle(i) {
    const on = !this.chosen.has(i);
    if (this.mine.has(i) && on) {
      this.tell(i);
      return;
    }
    if (on && !this.model.isOpen(i)) {
      this.tell(i);
      return;
    }
    this.ringed = [];
    const answer = this.options.onChoose?.(this.ground.idAt(i), on);
    if (answer === false) {
      this.tell(i, false);
      return;
    } // the page has said why
    if (on) this.chosen.add(i);
    else this.chosen.delete(i);
    this.cursor = i;
    this.tell(i, true, typeof answer === "string" ? answer : "");
    this.ask();
  }

  tap(px, py, touch) {
    const { ground, model, view } = this,
      [x, y] = view.toWorld(px, py);
    this.showCursor = false;
    const b = ground.bayAt(x, y, 14 / view.scale);
    if (!this.isNear) {
      if (b >= 0) {
        this.standCursor = ground.bays[b].stand;
        this.open(ground.bays[b].stand, [x, y]);
      }
      return;
    }
    if (b >= 0 && ground.bays[b].area) {
      this.setStand(ground.bays[b].stand);
      this.options.onArea?.(b);
      return;
    }
    if (this.css < (touch ? CLEAR : 7)) {
      if (b < 0) return;
      this.setStand(ground.bays[b].stand);
      this.fly({ scale: 24 / ground.seatPitch, cx: x, cy: y });
      return;
    }
    const takes = (i) => model.isOpen(i) || this.chosen.has(i);
    let i = ground.nearest(x, y, ground.seatPitch * 0.62);
    if (touch && (i < 0 || !takes(i))) {
      const free = ground.nearest(x, y, Math.min(FINGER / view.scale, ground.seatPitch * 1.4), takes);
      if (free >= 0) i = free;
    }
    if (i < 0) {
      this.hideTip();
      return;
    }
    this.cursor = i;
    this.setStand(ground.bays[ground.bayOf(i)].stand);
    this.toggle(i);
  }

  twice(px, py) {
    if (!this.isNear || this.css >= CLEAR) return this.isNear ? false : this.zoomTo(px, py, 2.4);
    return this.zoomTo(px, py, 2.4);
  }

  zoomTo(px, py, by) {
    const aim = Object.assign(new View(this.ground.box), this.view);
    if (this.flight) aim.look(this.flight.to);
    else aim.zoom(by, px, py);
    this.fly(aim.centre);
    return true;
  }

  // ---- telling

  say(words) {
    this.parts.live.textContent = words;
  }

  tell(i, aloud = true, more = "") {
    this.tipped = i;
    if (aloud)
      this.say(
        [this.model.sentence(i, this.mine.has(i)), this.chosen.has(i) ? "Chosen" : "", more].filter(Boolean).join(". "),
      );
    this.fillTip(i);
    this.showBar(i);
  }

  lines(i) {
    const d = this.model.describe(i, this.mine.has(i)),
      { words } = this.model;
    const state = this.chosen.has(i) ? words.chosen : d.state === "free" ? "" : words[d.state];
    const first = d.kind === "unreserved" ? "Unreserved" : `Row ${d.row}, seat ${d.number}`;
    return [
      first,
      [d.price, state].filter(Boolean).join(", "),
      [d.kindWords, d.note === d.kindWords ? "" : d.note, d.shade ? words.shade : ""].filter(Boolean).join(". "),
    ];
  }

  fillTip(i) {
    this.write(this.parts.tip, this.lines(i));
    this.placeTip();
  }

  write(tip, lines) {
    [...tip.children].forEach((node, k) => {
      node.textContent = lines[k];
      node.hidden = !lines[k];
    });
    tip.hidden = false;
  }

  placeTip() {
    const { tip } = this.parts,
      { ground, view } = this,
      i = this.tipped;
    if (tip.hidden) return;
    const [x, y] = view.toScreen(ground.x[i], ground.y[i]);
    if (x < 0 || y < 0 || x > view.width || y > view.height) {
      this.hideTip();
      return;
    }
    this.lay(x, y, Math.max(10, this.css * 0.7));
  }

  // Puts the tip above a point of the stage, or below it where there is no room.
  lay(x, y, gap) {
    const { tip } = this.parts,
      { view } = this,
      w = tip.offsetWidth,
      h = tip.offsetHeight;
    const left = Math.min(view.width - w - 6, Math.max(6, x - w / 2)),
      above = y - gap - h >= 4;
    tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(above ? y - gap - h : y + gap)}px)`;
  }

  showBar(i) {
    const { bar } = this.parts,
      lines = this.lines(i),
      bay = this.ground.bays[this.ground.bayOf(i)];
    bar.firstChild.textContent = lines[0];
    bar.lastChild.textContent = [lines[1], `Bay ${bay.name}`, lines[2]].filter(Boolean).join(" · ");
    bar.hidden = false;
  }

  hideTip() {
    this.tipped = -1;
    this.parts.tip.hidden = true;
    this.parts.bar.hidden = true;
  }

  hover(px, py) {
    if (px === null || !this.isNear || this.css < 6) {
      if (this.tipped >= 0 && !this.showCursor) this.hideTip();
      this.point(px, py);
      return;
    }
    const [x, y] = this.view.toWorld(px, py),
      i = this.ground.nearest(x, y, this.ground.seatPitch * 0.62);
    this.parts.canvas.classList.toggle("is-over", i >= 0 && (this.model.isOpen(i) || this.chosen.has(i)));
    if (i < 0) {
      this.hideTip();
      return;
    }
    if (i !== this.tipped) {
      this.tipped = i;
      this.fillTip(i);
    }
  }

  // From afar the mouse is told the stand, what is left there, and from what price.
  point(px, py) {
    const { canvas, tip } = this.parts,
      b = px === null ? -1 : this.ground.bayAt(...this.view.toWorld(px, py));
    canvas.classList.toggle("is-over", b >= 0);
    if (b < 0) {
      tip.hidden = true;
      return;
    }
    const { name, words } = this.describeStand(this.ground.bays[b].stand);
    this.write(tip, [name, words, ""]);
    this.lay(px, py, 18);
  }

  /** A stand by its index: {id, name, left, from (minor units or null), words}. */
  describeStand(s) {
    const { model, ground } = this,
      { id, name } = ground.stands[s],
      left = model.standLeft[s],
      from = model.from(s);
    const words = left
      ? `${grouped(left)} left${from === null ? "" : `, from ${model.money(from, true)}`}`
      : "Sold out";
    return { id, name, left, from, words };
  }

  // ---- listening

  watch() {
    const { canvas } = this.parts,
      on = { signal: this.off.signal },
      redo = () => this.recolour();
    addEventListener("themechange", redo, on);
    dark.addEventListener("change", redo, on);
    // What was painted before the page's own fonts came is painted again.
    if (document.fonts && document.fonts.status !== "loaded")
      document.fonts.ready.then(() => {
        if (!this.off.signal.aborted && this.painted) {
          forget();
          this.repaint();
        }
      });
    this.sized = new ResizeObserver(() => this.resize());
    this.sized.observe(this.parts.stage);
    this.deaf = listen(canvas, {
      canPan: () => !this.view.isWhole,
      pan: (dx, dy) => {
        this.view.pan(dx, dy);
        this.moved();
      },
      zoom: (by, x, y) => {
        this.view.zoom(by, x, y);
        this.around = [x, y];
        this.moved();
        if (!this.touched) this.soon();
      },
      fling: (vx, vy) => {
        if (!calm.matches && Math.hypot(vx, vy) > 0.1) {
          this.glide = { vx, vy, at: performance.now() };
          this.ask();
        }
      },
      halt: () => {
        this.glide = null;
        if (this.flight) {
          this.view.look(this.flight.to);
          this.flight = null;
          this.moved();
        }
      },
      grip: (on) => {
        this.touched = on;
        if (!on) this.settle();
      },
      tap: (x, y, touch) => this.tap(x, y, touch),
      twice: (x, y) => this.twice(x, y),
      hover: (x, y) => this.hover(x, y),
      hold: (px, py) => {
        if (!this.isNear) return;
        const [x, y] = this.view.toWorld(px, py),
          i = this.ground.nearest(x, y, FINGER / this.view.scale);
        if (i >= 0) {
          this.cursor = i;
          this.tell(i);
        }
      },
    });
    canvas.addEventListener("keydown", (event) => this.press(event), on);
    canvas.addEventListener(
      "blur",
      () => {
        this.showCursor = false;
        this.ask();
      },
      on,
    );
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const act = way
      ? () => this.moveCursor(...way)
      : {
          "+": () => this.step(1.6),
          "=": () => this.step(1.6),
          "-": () => this.step(1 / 1.6),
          0: () => this.overview(),
          Home: () => this.overview(),
          Enter: () => this.enter(),
          " ": () => this.enter(),
        }[event.key] || (event.key === "Escape" && !this.view.isWhole ? () => this.overview() : null);
    if (!act) return;
    event.preventDefault();
    this.showCursor = true;
    act();
    this.ask();
  }

  enter() {
    if (!this.isNear) {
      if (this.standCursor >= 0) this.open(this.standCursor);
      return;
    }
    if (this.cursor < 0) {
      this.moveCursor(0, 0);
      return;
    }
    const b = this.ground.bayOf(this.cursor);
    if (this.ground.kind[this.cursor] === UNRESERVED) this.options.onArea?.(b);
    else this.toggle(this.cursor);
  }

  moveCursor(dx, dy) {
    const { ground, view } = this;
    if (!this.isNear && !(this.flight && ground.seatPitch * this.flight.to.scale >= SEATS_FROM)) {
      this.moveStand(dx, dy);
      return;
    }
    const { cx, cy } = this.flight ? this.flight.to : view.centre;
    if (this.cursor < 0) this.cursor = ground.nearest(cx, cy, 1e5);
    else this.cursor = this.neighbour(this.cursor, dx, dy);
    const i = this.cursor,
      scale = Math.max(view.scale, 16 / ground.seatPitch);
    if (this.flight) {
      this.view.look(this.flight.to);
      this.flight = null;
    }
    const [x, y] = view.toScreen(ground.x[i], ground.y[i]),
      edge = 48;
    if (x < edge || y < edge || x > view.width - edge || y > view.height - edge || scale > view.scale)
      this.view.look({ scale, cx: ground.x[i], cy: ground.y[i] });
    this.setStand(ground.bays[ground.bayOf(i)].stand);
    this.moved();
    this.tell(i);
  }

  /**
   * The seat next to another in a direction of the screen: beside it in its row, or in the rows before and behind, or
   * across an aisle.
   */
  neighbour(i, dx, dy) {
    const { ground } = this,
      { rows } = ground,
      row = ground.row[i],
      x = ground.x[i],
      y = ground.y[i];
    let best = -1,
      least = Infinity;
    const weigh = (k) => {
      if (k < 0 || k === i) return;
      const ox = ground.x[k] - x,
        oy = ground.y[k] - y,
        ahead = ox * dx + oy * dy,
        aside = Math.abs(ox * dy - oy * dx);
      if (ahead <= 0.2 * Math.hypot(ox, oy)) return;
      const cost = ahead + 2.2 * aside;
      if (cost < least) {
        least = cost;
        best = k;
      }
    };
    const last = rows.first[row] + rows.size[row] - 1;
    weigh(i > rows.first[row] ? i - 1 : -1);
    weigh(i < last ? i + 1 : -1);
    for (const other of [row - 1, row + 1]) {
      if (other < 0 || other >= rows.count || rows.bay[other] !== rows.bay[row] || !rows.size[other]) continue;
      weigh(rows.first[other] + ground.slot(other, Math.round(ground.along(other, x, y) * rows.span[other] + 0.5)));
    }
    if (best >= 0 && least < 6 * ground.bays[rows.bay[row]].depth) return best;
    for (let far = 2; far <= 40; far *= 1.5)
      weigh(
        ground.nearest(
          x + dx * far * ground.seatPitch,
          y + dy * far * ground.seatPitch,
          far * ground.seatPitch * 0.6,
          (k) => k !== i && (ground.x[k] - x) * dx + (ground.y[k] - y) * dy > 0,
        ),
      );
    return best < 0 ? i : best;
  }

  moveStand(dx, dy) {
    const { stands } = this.ground,
      now = stands[this.standCursor];
    const full = stands.map((stand, s) => s).filter((s) => stands[s].count);
    let best = now ? this.standCursor : full[0],
      least = Infinity;
    if (now)
      for (const s of full) {
        const ox = stands[s].middle[0] - now.middle[0],
          oy = stands[s].middle[1] - now.middle[1],
          ahead = ox * dx + oy * dy;
        if (s === this.standCursor || ahead <= 0.3 * Math.hypot(ox, oy)) continue;
        const cost = Math.hypot(ox, oy) + Math.abs(ox * dy - oy * dx);
        if (cost < least) {
          least = cost;
          best = s;
        }
      }
    this.standCursor = best;
    const { name, words } = this.describeStand(best);
    this.say(`${name}. ${words}`);
  }
}
