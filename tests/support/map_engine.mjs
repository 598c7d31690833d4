// What the map's arithmetic promises, on a made-up ground; run by tests/seating/test_map_engine.py under Node. Prints
// one line a promise.
import assert from "node:assert/strict";
import { HELD, TAKEN, decode, inside, point, unpack } from "../../static/js/map/geometry.js";
import { Model } from "../../static/js/map/model.js";
import { View, between } from "../../static/js/map/view.js";
import { moneyLike } from "../../static/js/figures.js";
import { listen } from "../../static/js/map/gestures.js";
import { makeGround, makePrices, makeStates } from "../../bench/map_page/ground.js";

const json = makeGround(6000);
const ground = decode(json);
const near = (a, b, by) => assert.ok(Math.abs(a - b) <= by, `${a} is not ${b}`);

const promises = {
  "a seat lies on its row's arc, as the server computes it"() {
    // t = 1/2 of a straight row from (0,0) to (100,0); then bulging away from the field, which is above a row that runs
    // to the right
    assert.deepEqual(point([0, 0, 100, 0, 0], 10, 5.5), [50, 0]);
    assert.deepEqual(point([0, 0, 100, 0, 20], 10, 5.5), [50, -20]);
    const [x, y] = point([0, 0, 0, 100, 10], 4, 1); // t = 1/8, n = (1, 0)
    near(x, 10 * 4 * 0.125 * 0.875, 1e-9);
    near(y, 12.5, 1e-9);
    for (let i = 0; i < ground.count; i += 97) {
      const row = ground.row[i],
        [px, py] = point(json.rows.shape.slice(5 * row, 5 * row + 5), ground.rows.span[row], ground.position(i));
      near(ground.x[i], px, 0.01);
      near(ground.y[i], py, 0.01);
    }
  },
  "gaps, numbers and runs of ids are kept"() {
    const small = decode({
      layout: 1,
      stadium_id: 1,
      seats: 5,
      field: [100, 100],
      stands: [{ id: 7, code: "A", name: "A", note: "" }],
      levels: [{ stand: 0, name: "L", roof: 0 }],
      bays: [{ id: 9, level: 0, name: "1", gate: "A", view: "" }],
      rows: {
        id: [1, 2],
        bay: [0, 0],
        name: ["A", "B"],
        count: [3, 2],
        shape: [-50, -200, 50, -200, 0, -50, -208, 50, -208, 0],
      },
      spans: { 0: 6 },
      positions: { 0: [1, 3, 6] },
      numbers: { 1: ["12A", "12B"] },
      notes: {},
      ids: [
        [40, 3],
        [90, 2],
      ],
      kinds: { restricted: [[1, 2]] },
      bands: [
        ["A", 4],
        ["E", 1],
      ],
      gates: [],
    });
    assert.deepEqual([...small.ids], [40, 41, 42, 90, 91]);
    assert.deepEqual(
      [40, 42, 91, 43, 39].map((id) => small.indexOf(id)),
      [0, 2, 4, -1, -1],
    );
    assert.deepEqual(
      [0, 1, 2, 3].map((i) => small.position(i)),
      [1, 3, 6, 1],
    );
    assert.deepEqual(
      [1, 3, 4].map((i) => small.number(i)),
      ["3", "12A", "12B"],
    );
    near(small.x[1], -50 + 100 * (2.5 / 6), 1e-4);
    assert.deepEqual([...small.kind], [0, 3, 3, 0, 0]);
    assert.deepEqual([...small.band], [0, 0, 0, 0, 4]);
    assert.equal(small.nearest(small.x[2], small.y[2], 3), 2);
    assert.equal(small.nearest(small.x[1] + 8, small.y[1], 3), -1); // a gap between two seats
  },
  "the seat under a point is found, and another when that one is not to be had"() {
    for (let i = 0; i < ground.count; i += 13) assert.equal(ground.nearest(ground.x[i] + 0.6, ground.y[i] - 0.6, 3), i);
    assert.equal(ground.nearest(0, 0, 3), -1);
    const i = ground.rows.first[30] + 5,
      other = ground.nearest(ground.x[i], ground.y[i], 12, (k) => k !== i);
    assert.ok(other >= 0 && other !== i);
    const far = (k) => Math.hypot(ground.x[k] - ground.x[i], ground.y[k] - ground.y[i]);
    for (let k = 0; k < ground.count; k += 1) if (k !== i) assert.ok(far(k) >= far(other) - 1e-6);
  },
  "a bay's outline holds its seats, and a bay is found by any of them"() {
    for (let i = 0; i < ground.count; i += 7) {
      const b = ground.bayOf(i);
      assert.ok(inside(ground.bays[b].outline, ground.x[i], ground.y[i]), `seat ${i}`);
      assert.equal(ground.bayAt(ground.x[i], ground.y[i]), b);
    }
    for (const level of ground.levels)
      for (const b of level.bays) assert.ok(inside(level.outline, ...ground.bays[b].middle));
    assert.equal(ground.bayAt(0, 0), -1);
  },
  "a box finds every seat in it"() {
    const box = [200, -900, 420, -700],
      found = new Set();
    ground.seatsIn(box, (row, from, to) => {
      for (let i = from; i <= to; i += 1) found.add(i);
    });
    let all = 0;
    for (let i = 0; i < ground.count; i += 1)
      if (ground.x[i] > box[0] && ground.x[i] < box[2] && ground.y[i] > box[1] && ground.y[i] < box[3]) {
        all += 1;
        assert.ok(found.has(i));
      }
    assert.ok(all > 50 && found.size < all * 2);
  },
  "states are unpacked two bits a seat"() {
    assert.deepEqual([...unpack(new Uint8Array([0b11100100, 0b10]).buffer, 5)], [0, 1, 2, 3, 2]);
  },
  "what is left is counted by bay, and changes by the seat"() {
    const model = new Model(ground, { prices: makePrices(json), states: unpack(makeStates(json), json.seats) });
    const count = () => model.left.reduce((sum, v) => sum + v, 0);
    const by = () => {
      let sum = 0;
      for (let i = 0; i < ground.count; i += 1) if (model.counts(i)) sum += 1;
      return sum;
    };
    assert.equal(count(), by());
    const free = [...Array(ground.count).keys()].find((i) => model.isOpen(i)),
      b = ground.bayOf(free),
      before = model.left[b];
    assert.equal(model.change(free, TAKEN), true);
    assert.equal(model.change(free, TAKEN), false);
    assert.equal(model.left[b], before - 1);
    assert.equal(count(), by());
  },
  "members' seats are open to members only"() {
    const k = json.kinds.members[0][0],
      states = new Uint8Array(ground.count),
      prices = makePrices(json);
    assert.equal(new Model(ground, { prices, states }).isOpen(k), false);
    assert.equal(new Model(ground, { prices, states, isMember: true }).isOpen(k), true);
    assert.equal(new Model(ground, { prices, states }).describe(k).state, "members");
  },
  "a companion's seat goes with the space beside it until none is left or the ground opens it"() {
    const withSpaces = { ...json, kinds: { ...json.kinds, accessible: [[10, 1]], companion: [[11, 1]] } },
      prices = makePrices(withSpaces),
      together = "Companion seat, with the space beside it";
    const words = (more, state = 0) => {
      const states = new Uint8Array(ground.count);
      states[10] = state;
      return new Model(decode(withSpaces), { prices: { ...prices, ...more }, states }).describe(11).kindWords;
    };
    assert.equal(words({}), together);
    assert.equal(words({ companions_alone_from: "2999-01-01T00:00:00+00:00" }), together);
    assert.equal(words({ companions_alone_from: "2020-01-01T00:00:00+00:00" }), "Companion seat");
    assert.equal(words({}, HELD), together);
    assert.equal(words({}, TAKEN), "Companion seat");
  },
  "a seat is told with row, number, price and what is special"() {
    const model = new Model(ground, {
      prices: makePrices(json),
      states: new Uint8Array(ground.count),
      money: moneyLike("A$0.01"),
    });
    const i = json.kinds.restricted[0][0],
      told = model.describe(i);
    assert.equal(told.price, { A: "A$95.00", B: "A$65.00", C: "A$48.00", D: "A$35.00", E: "A$25.00" }[told.band]);
    assert.equal(told.number, "1");
    assert.match(model.sentence(i), /Row .*, seat 1, bay .*Part of the view is hidden/);
  },
  "a pinch keeps the point between the fingers"() {
    const view = Object.assign(new View(ground.box), { width: 390, height: 500, dpr: 3, most: 10 });
    view.look({ scale: 1.2, cx: 300, cy: -600 });
    const acts = new Map(),
      stop = listen(
        {
          addEventListener: (name, act) => acts.set(name, act),
          getBoundingClientRect: () => ({ left: 0, top: 0 }),
          setPointerCapture() {},
        },
        {
          grip() {},
          halt() {},
          hover() {},
          hold() {},
          tap() {},
          twice() {},
          fling() {},
          canPan: () => true,
          pan: (dx, dy) => view.pan(dx, dy),
          zoom: (by, x, y) => view.zoom(by, x, y),
        },
      );
    const send = (name, id, x, y) =>
      acts.get(name)({
        type: name,
        pointerId: id,
        pointerType: "touch",
        clientX: x,
        clientY: y,
        timeStamp: 0,
        button: 0,
      });
    send("pointerdown", 1, 100, 200);
    send("pointerdown", 2, 200, 300);
    const before = view.toWorld(150, 250),
      scale = view.scale;
    for (let k = 1; k <= 10; k += 1) {
      send("pointermove", 1, 100 - 4 * k, 200 - 3 * k);
      send("pointermove", 2, 200 + 4 * k + 2 * k, 300 + 3 * k);
    }
    const after = view.toWorld((60 + 260) / 2, (170 + 330) / 2);
    near(before[0], after[0], 0.5);
    near(before[1], after[1], 0.5);
    near(view.scale / scale, Math.hypot(200, 160) / Math.hypot(100, 100), 1e-6);
    stop();
  },
  "the look never leaves the ground and rests on levels"() {
    const view = Object.assign(new View(ground.box), { width: 390, height: 500, dpr: 2, most: 10 });
    view.look({ scale: 0, cx: 1e6, cy: 0 });
    assert.ok(view.isWhole && view.scale <= view.fit(ground.box).scale);
    near(Math.log2(view.scale * 2) * 8, Math.round(Math.log2(view.scale * 2) * 8), 1e-6);
    const way = between({ scale: 1, cx: 0, cy: 0 }, { scale: 4, cx: 100, cy: 50 }, 1);
    near(way.scale, 4, 1e-9);
    near(way.cx, 100, 1e-6);
  },
};

for (const [words, keep] of Object.entries(promises)) {
  try {
    keep();
    console.log(`kept ${words}`);
  } catch (error) {
    console.log(`BROKEN ${words}: ${error.message.split("\n").slice(0, 4).join(" ")}`);
  }
}
