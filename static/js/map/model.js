// What is so right now: states, what is left per bay, prices, shade, and the words for a seat. No canvas and no page.
import { moneyLike } from "../figures.js";
import { ACCESSIBLE, BANDS, BLOCKED, COMPANION, FREE, HELD, KINDS, MEMBERS, UNRESERVED } from "./geometry.js";

export const WORDS = {
  free: "free",
  held: "someone is choosing it",
  taken: "sold",
  blocked: "not for sale",
  mine: "yours",
  chosen: "chosen",
  members: "for members only",
  accessible: "Space for a wheelchair",
  companion: "Companion seat",
  companionAlong: "Companion seat, with the space beside it",
  restricted: "Part of the view is hidden",
  membersKind: "Members’ seat",
  unreserved: "Unreserved place",
  standard: "",
  shade: "In the shade at the hour of play",
  sun: "",
};

export class Model {
  constructor(ground, { prices, states, money, isMember = false, words = {} } = {}) {
    Object.assign(this, {
      ground,
      prices: prices || { money: "0.01", bands: {}, shade: [] },
      isMember: Boolean(isMember),
      words: { ...WORDS, ...words },
    });
    this.money = money || moneyLike(this.prices.money);
    this.states = new Uint8Array(ground.count);
    this.left = new Int32Array(ground.bays.length);
    this.standLeft = new Int32Array(ground.stands.length);
    this.hue = new Uint8Array(ground.bays.length);
    this.price = BANDS.map((band) => this.priceOf(band));
    this.shade = new Uint8Array(ground.rows.count);
    for (const [first, count] of this.prices.shade || []) this.shade.fill(1, first, first + count);
    this.anyShade = this.shade.includes(1);
    this.lastOfLevel = new Uint8Array(ground.bays.length);
    for (const level of ground.levels) if (level.bays.length) this.lastOfLevel[level.bays[level.bays.length - 1]] = 1;
    this.filter = this.fitting = null;
    this.setStates(states || this.states);
  }

  priceOf(band) {
    const kinds = this.prices.bands?.[band];
    const one = kinds && (kinds.adult || Object.values(kinds)[0]);
    return one ? one.total : null;
  }

  counts(i) {
    return this.states[i] === FREE && (this.isMember || this.ground.kind[i] !== MEMBERS);
  }

  setStates(states) {
    const { ground } = this;
    this.states = new Uint8Array(states);
    this.standLeft.fill(0);
    for (let b = 0; b < ground.bays.length; b += 1) this.countBay(b);
    if (this.filter) this.setFilter(this.filter);
  }

  // What is left of a bay, and its hue: the band of most of it.
  countBay(b) {
    const {
        ground: { band, kind, bays },
        states,
      } = this,
      bay = bays[b],
      end = bay.first + bay.count,
      votes = [0, 0, 0, 0, 0];
    let left = 0;
    for (let i = bay.first; i < end; i += 1)
      if (states[i] === FREE && (this.isMember || kind[i] !== MEMBERS)) {
        votes[band[i]] += 1;
        left += 1;
      }
    if (!left) for (let i = bay.first; i < end; i += 1) votes[band[i]] += 1;
    this.left[b] = left;
    this.hue[b] = votes.indexOf(Math.max(...votes));
    this.standLeft[bay.stand] += left;
  }

  /** Does a seat fit the wishes of the moment? Without wishes all do. */
  fits(i) {
    const { filter: wish, ground } = this;
    if (!wish) return true;
    if (wish.bands && !wish.bands.includes(BANDS[ground.band[i]])) return false;
    if (wish.shade && !this.shade[ground.row[i]]) return false;
    return !wish.accessible || ground.kind[i] === ACCESSIBLE || ground.kind[i] === COMPANION;
  }

  setFilter(filter) {
    this.filter = filter && (filter.bands || filter.shade || filter.accessible) ? filter : null;
    this.fitting =
      this.filter &&
      Int32Array.from(this.ground.bays, (bay) => {
        let sum = 0;
        for (let i = bay.first; i < bay.first + bay.count; i += 1) if (this.counts(i) && this.fits(i)) sum += 1;
        return sum;
      });
  }

  /** One seat's new state; true when it differs from the old one. */
  change(i, state) {
    if (this.states[i] === state) return false;
    const before = this.counts(i),
      bay = this.ground.bayOf(i);
    this.states[i] = state;
    const step = Number(this.counts(i)) - Number(before);
    this.left[bay] += step;
    if (this.fitting && this.fits(i)) this.fitting[bay] += step;
    this.standLeft[this.ground.bays[bay].stand] += step;
    return true;
  }

  /** May the fan take this seat? */
  isOpen(i) {
    return this.counts(i) && this.ground.kind[i] !== UNRESERVED;
  }

  /** Is this a companion’s seat that is sold with the wheelchair space beside it? The server decides likewise: while
   * the stand has a space that is not sold, until the ground opens them. */
  goesAlong(i) {
    const { ground, prices } = this,
      from = prices.companions_alone_from;
    if (ground.kind[i] !== COMPANION || (from && Date.now() >= Date.parse(from))) return false;
    return ground.stands[ground.bays[ground.bayOf(i)].stand].bays.some((b) => {
      const { first, count } = ground.bays[b];
      for (let j = first; j < first + count; j += 1)
        if (ground.kind[j] === ACCESSIBLE && this.states[j] <= HELD) return true;
      return false;
    });
  }

  /** The lowest price of what is left in a stand, in minor units, or null. */
  from(stand) {
    let least = null;
    for (const b of this.ground.stands[stand].bays)
      if (this.left[b]) {
        const price = this.price[this.hue[b]];
        if (price !== null && (least === null || price < least)) least = price;
      }
    return least;
  }

  describe(i, mine = false) {
    const { ground, words } = this,
      row = ground.row[i],
      bay = ground.bays[ground.bayOf(i)],
      stand = ground.stands[bay.stand],
      kind = KINDS[ground.kind[i]];
    const price = this.price[ground.band[i]],
      state = ["free", "held", "taken", "blocked"][this.states[i]];
    return {
      id: ground.idAt(i),
      row: ground.rows.name[row],
      number: ground.number(i),
      bay: bay.name,
      level: ground.levels[bay.level].name,
      stand: stand.name,
      gate: bay.gate,
      kind,
      band: BANDS[ground.band[i]],
      price: price === null ? "" : this.money(price),
      minor: price,
      kindWords: kind === "members" ? words.membersKind : this.goesAlong(i) ? words.companionAlong : words[kind],
      note: ground.notes[row] || (kind === "restricted" ? words.restricted : bay.view || ""),
      shade: Boolean(this.shade[row]),
      state: mine ? "mine" : kind === "members" && !this.isMember && state === "free" ? "members" : state,
    };
  }

  /** The same as one sentence, for the ear and for the bar under the map. */
  sentence(i, mine = false) {
    const d = this.describe(i, mine),
      { words } = this;
    const place =
      d.kind === "unreserved"
        ? `Unreserved, bay ${d.bay}, ${d.stand}`
        : `Row ${d.row}, seat ${d.number}, bay ${d.bay}, ${d.stand}`;
    return [
      place,
      d.price,
      words[d.state],
      d.kindWords,
      d.note === d.kindWords ? "" : d.note,
      d.shade ? words.shade : "",
    ]
      .filter(Boolean)
      .join(". ");
  }

  /** What the legend has to explain here: only what this ground and match have. */
  legend() {
    const { ground } = this,
      kinds = KINDS.map((_, k) => k > 0 && ground.kind.includes(k)),
      list = ["free", "mine", "held", "sold"];
    KINDS.forEach((kind, k) => {
      if (kinds[k]) list.push(kind);
    });
    if (this.anyShade) list.push("shade");
    if (this.states.includes(BLOCKED)) list.push("blocked");
    return list;
  }
}
