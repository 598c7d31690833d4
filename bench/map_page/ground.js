// A made-up bowl of about `seats` seats in the shape of /api/layouts/<id>, with prices and states beside it. Steady:
// the same numbers every time.
const noise = (n) => {
  const x = Math.sin(n * 127.1) * 43758.5453;
  return x - Math.floor(x);
};

export function makeGround(seats, { first = 1000 } = {}) {
  const many = Math.max(6, Math.min(18, Math.round(Math.sqrt(seats) / 18))),
    tiers = seats > 20000 ? 3 : 1,
    rx = 640,
    ry = 720,
    depth = 8.5,
    pitch = 5;
  const stands = [],
    levels = [],
    bays = [],
    bands = [],
    spans = {},
    notes = {},
    kinds = { accessible: [], companion: [], restricted: [], members: [], unreserved: [] };
  const rows = { id: [], bay: [], name: [], count: [], shape: [] };
  const around = (out) => Math.PI * (rx + ry + 2 * out);
  const deep = [];
  let total = 0,
    tier = 0,
    out = 50;
  // As many rows as it takes: tiers of up to 34 rows with a walkway between.
  const perTier = [];
  while (total < seats) {
    perTier[tier] = (perTier[tier] || 0) + 1;
    deep.push([tier, out]);
    total += ((around(out) * 0.9) / pitch) * (14 / 15);
    out += depth;
    if (perTier[tier] >= Math.ceil(34 * (tiers === 1 ? 9 : 1)) && tier < 4) {
      tier += 1;
      out += 30;
    }
  }
  const angleAt = (k) => (k / many) * 2 * Math.PI;
  let index = 0;
  for (let s = 0; s < many; s += 1) {
    const hill = s === Math.floor(many * 0.6);
    stands.push({
      id: 10 + s,
      code: `S${s}`,
      name: [
        "Cooper Stand",
        "Ropewalk",
        "Signal Stand",
        "Mill End",
        "The Hill",
        "Pavilion",
        "Lantern Stand",
        "River End",
        "Ferry Stand",
      ][hill ? 4 : [0, 1, 2, 3, 5, 6, 7, 8][s % 8]],
      note: "",
    });
    for (let t = 0; t <= tier; t += 1) {
      levels.push({ stand: s, name: ["Lower", "Upper", "Gallery", "Top", "Sky"][t], roof: t ? 6 : 0 });
      const inTier = deep.filter(([k]) => k === t),
        pieces = hill ? 1 : Math.max(2, Math.round(around(inTier[0][1]) / many / 110));
      for (let b = 0; b < pieces; b += 1) {
        const gap = (0.006 * 2 * Math.PI) / 6,
          a0 = angleAt(s) + ((angleAt(s + 1) - angleAt(s)) * b) / pieces + gap,
          a1 = angleAt(s) + ((angleAt(s + 1) - angleAt(s)) * (b + 1)) / pieces - gap;
        bays.push({
          id: 100 + bays.length,
          level: levels.length - 1,
          name: String(bays.length + 1),
          gate: "ABCDEFGH"[Math.floor((s / many) * 8)],
          view: b % 3 ? "Side on, over square leg" : "",
        });
        inTier.forEach(([, o], r) => {
          const at = (a) => [(rx + o) * Math.sin(a), -(ry + o) * Math.cos(a)];
          const [x0, y0] = at(a0).map(Math.round),
            [x1, y1] = at(a1).map(Math.round),
            [mx, my] = at((a0 + a1) / 2);
          const length = Math.hypot(x1 - x0, y1 - y0),
            nx = (y1 - y0) / length,
            ny = -(x1 - x0) / length;
          const bend = Math.round((mx - (x0 + x1) / 2) * nx + (my - (y0 + y1) / 2) * ny),
            count = Math.floor(length / pitch);
          rows.id.push(5000 + rows.id.length);
          rows.bay.push(bays.length - 1);
          rows.name.push("ABCDEFGHJKLMNPQRSTUVWXYZ"[r % 24] + (r >= 24 ? "ABCDEFGHJKLMNPQRSTUVWXYZ"[r % 24] : ""));
          rows.count.push(count);
          rows.shape.push(x0, y0, x1, y1, bend);
          const side = Math.abs(Math.sin((a0 + a1) / 2)),
            band = hill ? "E" : t ? (t > 1 ? "E" : "D") : s === 0 ? "A" : side < 0.5 ? "B" : "C";
          if (bands.length && bands[bands.length - 1][0] === band) bands[bands.length - 1][1] += count;
          else bands.push([band, count]);
          if (hill) kinds.unreserved.push([index, count]);
          else if (r === 8 && t === 0 && b === 0)
            for (let k = 0; k < 8; k += 1) kinds[k % 2 ? "companion" : "accessible"].push([index + k, 1]);
          else if (b === 0 && r > 4 && r !== 8) kinds.restricted.push([index, 2]);
          else if (s === 0 && t === 0 && b === pieces - 1) kinds.members.push([index, count]);
          if (r === 3 && b === 1) notes[rows.id.length - 1] = "The sight screen stands close by.";
          index += count;
        });
      }
    }
  }
  const far = rx + out + 60;
  const gates = [..."ABCDEFGH"].map((code, k) => ({
    code,
    name: `Gate ${code}`,
    x: Math.round(far * Math.sin(((k + 0.5) / 8) * 2 * Math.PI)),
    y: Math.round(-(far + 80) * Math.cos(((k + 0.5) / 8) * 2 * Math.PI)),
  }));
  return {
    layout: seats,
    stadium_id: 1,
    seats: index,
    box: [-far - 20, -far - 100, far + 20, far + 100],
    field: [rx, ry],
    stands,
    levels,
    bays,
    rows,
    spans,
    positions: {},
    numbers: {},
    notes,
    ids: [[first, index]],
    kinds,
    bands,
    gates,
  };
}

export function makePrices(ground) {
  const adult = (face) => ({ adult: { face, fee: 0, tax: 0, total: face } });
  const shade = [];
  ground.rows.bay.forEach((bay, row) => {
    if (ground.levels[ground.bays[bay].level].stand % 3 === 1) shade.push([row, 1]);
  });
  return {
    event_id: 1,
    version: "1",
    currency: "AUD",
    money: "A$0.01",
    tax_inside: true,
    limit: 8,
    guards_singles: true,
    bands: { A: adult(9500), B: adult(6500), C: adult(4800), D: adult(3500), E: adult(2500) },
    shade,
    sun: "",
  };
}

/** Two bits a seat, sold in clumps; `gone` closes one stand. */
export function makeStates(ground, gone = -1) {
  const bytes = new Uint8Array(Math.ceil(ground.seats / 4));
  let i = 0;
  ground.rows.bay.forEach((bay, row) => {
    const { stand } = ground.levels[ground.bays[bay].level],
      share = 0.15 + 0.8 * noise(bay * 3.7);
    for (let k = 0; k < ground.rows.count[row]; k += 1, i += 1) {
      let state = noise(Math.floor(i / 3) * 3.1 + row) < share ? 2 : 0;
      if (noise(i * 1.7) > 0.985) state = 1;
      if (stand === gone) state = 2;
      if (stand === 2 && ground.rows.name[row] === "A") state = 3;
      bytes[i >> 2] |= state << ((i & 3) << 1);
    }
  });
  return bytes.buffer;
}
