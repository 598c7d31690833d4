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
