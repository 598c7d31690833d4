// What a fan has chosen and not yet held: one set for the map and for the lists. No page in here, so that Node can test it.

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
    const gone = ids.map(Number).filter((id) => this.has(id)).map((id) => this.#seats.get(id));
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

/* Writes minor units as the server does; `pattern` is one minor unit in its words ("A$0.01", "¥1"). */
export function moneyLike(pattern) {
  const figures = /[\d.,]+/.exec(pattern)?.[0] ?? "0.01";
  const digits = /[.,](\d+)$/.exec(figures)?.[1].length ?? 0;
  const plain = new Intl.NumberFormat("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return (minor) => pattern.replace(figures, () => plain.format(minor / 10 ** digits));
}

export function plural(n, one) {
  return `${n} ${n === 1 ? one : `${one}s`}`;
}

/* id → index by the layout's runs [[first id, count], …], and −1 for an id of another ground. */
export function indexer(runs) {
  let at = 0;
  const sorted = runs.map(([first, count]) => ({ first, count, at: (at += count) - count })).sort((a, b) => a.first - b.first);
  return (id) => {
    let low = 0;
    let high = sorted.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const run = sorted[middle];
      if (id < run.first) high = middle - 1;
      else if (id >= run.first + run.count) low = middle + 1;
      else return run.at + id - run.first;
    }
    return -1;
  };
}

/* index → the value of its run, for runs [[value, count], …] in index order ("bands"). */
export function valueAt(runs, index) {
  let end = 0;
  for (const [value, count] of runs) {
    end += count;
    if (index < end) return value;
  }
  return null;
}
