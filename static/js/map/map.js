// The seat map: a canvas that shows the ground, then its seats, and lets a fan choose with thumb, mouse or keys.
// The lists beside it say and do the same; the page keeps the one choice that both show.
import { SEATS_FROM } from "./paint.js";
import { FREE } from "./geometry.js";
import { frame, legend } from "./frame.js";
import { grouped } from "../figures.js";
import { Model } from "./model.js";
import { readPalette } from "./palette.js";
import { View } from "./view.js";
import { FINGER, Listening, calm } from "./listening.js";
import { OPEN_PITCH } from "./painting.js";
export { decode, unpack } from "./geometry.js";

const CLEAR = 24; // css px: how far apart seats must be to be chosen by a finger
const CLEAR_TO_A_MOUSE = 7;
const HELP =
  "Plan of the ground. The lists beside it hold the same seats. Arrow keys move, " +
  "Enter opens a stand or chooses a seat, plus and minus zoom, Escape goes back.";

/**
 * createMap(root, ground, options) → map. Options: {prices, states, chosen, mine, isMember, legend (false: the page
 * makes it), controls (an element for the buttons), words, money(minor units, short), onChoose(id, on) (false refuses,
 * words are said after its own), onStand(index | null), onArea(bay index), onLost(id), opensParts(button, band) makes a
 * price open its parts}.
 */
export function createMap(root, ground, options = {}) {
  return new SeatMap(root, ground, options);
}

class SeatMap extends Listening {
  constructor(root, ground, options) {
    super();
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
    look.scale = Math.min(look.scale, this.clearScale(this.ground.bayOf(list[0]), CLEAR)); // a finger can choose there
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
    const clear = this.clearScale(b, touch ? CLEAR : CLEAR_TO_A_MOUSE);
    if (view.scale < clear * 0.999) {
      if (b < 0) return;
      this.setStand(ground.bays[b].stand);
      this.fly({ scale: this.clearScale(b, CLEAR), cx: x, cy: y });
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

  /** The level from which the seats of a bay are this far apart on the screen, or the nearest look there is. */
  clearScale(b, px) {
    const { ground, view } = this,
      bay = ground.bays[b],
      pitch = bay && !bay.area ? Math.min(bay.pitch, bay.depth) : ground.seatPitch;
    return Math.min(view.most, view.snap(px / pitch, Math.ceil));
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
    return {
      name: d.kind === "unreserved" ? "Unreserved" : `Row ${d.row}, seat ${d.number}`,
      price: d.price,
      state,
      more: [d.kindWords, d.note === d.kindWords ? "" : d.note, d.shade ? words.shade : ""].filter(Boolean).join(". "),
    };
  }

  fillTip(i) {
    const { name, price, state, more } = this.lines(i);
    this.write(this.parts.tip, [name, [price, state].filter(Boolean).join(", "), more]);
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
      [name, price, more] = bar.children,
      said = this.lines(i),
      bay = this.ground.bays[this.ground.bayOf(i)];
    name.textContent = said.name;
    price.textContent = said.price;
    price.hidden = !said.price;
    price.disabled = true;
    this.options.opensParts?.(price, this.model.describe(i).band);
    more.textContent = [said.state, `Bay ${bay.name}`, said.more].filter(Boolean).join(" · ");
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
}
