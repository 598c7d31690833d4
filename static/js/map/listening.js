// What the seat map hears: fingers, mouse and keys, and the window's size and colours.
import { SEATS_FROM } from "./paint.js";
import { UNRESERVED } from "./geometry.js";
import { forget } from "./labels.js";
import { listen } from "./gestures.js";
import { Painting } from "./painting.js";

export const FINGER = 22; // css px: how far a finger may miss
export const calm = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");

export class Listening extends Painting {
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
