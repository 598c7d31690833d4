// What a fan has chosen and not yet held: one set for the map and for the lists. No page in here, so that Node can test
// it.

export class Choice extends EventTarget {
  #seats = new Map();

  constructor(limit) {
    super();
    this.limit = limit;
  }

  get size() {
    return this.#seats.size;
  }

  get ids() {
    return [...this.#seats.keys()];
  }

  /* [{id, name, price (minor units or null)}] in the order they were chosen. */
  get seats() {
    return [...this.#seats.values()];
  }

  get total() {
    return this.seats.reduce((sum, seat) => sum + (seat.price ?? 0), 0);
  }

  has(id) {
    return this.#seats.has(Number(id));
  }

  /* Returns false when the limit is reached. */
  add(seat) {
    if (this.has(seat.id)) return true;
    if (this.size >= this.limit) return false;
    this.#seats.set(Number(seat.id), { ...seat, id: Number(seat.id) });
    this.#tell();
    return true;
  }

  /* Returns those that were in the choice. */
  remove(ids) {
    const gone = ids
      .map(Number)
      .filter((id) => this.has(id))
      .map((id) => this.#seats.get(id));
    for (const seat of gone) this.#seats.delete(seat.id);
    if (gone.length) this.#tell();
    return gone;
  }

  replace(seats) {
    this.#seats = new Map(seats.map((seat) => [Number(seat.id), { ...seat, id: Number(seat.id) }]));
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

/* 12345 → "12,345", as the server writes it. The browser's own formatter takes a phone tens of milliseconds to make. */
export const grouped = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

/* Writes minor units as the server does; `pattern` is one minor unit in its words ("A$0.01", "¥1"). Short: "A$48" where
   nothing is behind it. */
export function moneyLike(pattern) {
  const figures = /[\d.,]+/.exec(pattern)?.[0] ?? "0.01";
  const digits = /[.,](\d+)$/.exec(figures)?.[1].length ?? 0;
  return (minor, short = false) => {
    const part = minor % 10 ** digits;
    const behind = digits === 0 || (short && part === 0) ? "" : `.${String(part).padStart(digits, "0")}`;
    return pattern.replace(figures, () => grouped(Math.trunc(minor / 10 ** digits)) + behind);
  };
}

export function plural(n, one) {
  return `${n} ${n === 1 ? one : `${one}s`}`;
}
