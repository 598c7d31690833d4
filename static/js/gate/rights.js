// Every right of the event by its hash, as the server packed them (gate/bundle.py): columns of bytes, looked up where
// they lie.

export class Rights {
  // `body` is the ArrayBuffer of GET /api/gate/rights; `states` what changed since, {hash: [status, at, gate]} by the
  // hash's base64url.
  constructor(body) {
    const view = new DataView(body);
    if (body.byteLength < 12 || view.getUint32(0) !== 0x43565231) throw new Error("This is no list of rights.");
    this.size = view.getUint32(4);
    const length = view.getUint32(8);
    Object.assign(this, JSON.parse(new TextDecoder().decode(new Uint8Array(body, 12, length))));
    this.view = view;
    let at = 12 + length;
    const column = (width) => {
      const begin = at;
      at += width * this.size;
      return begin;
    };
    this.at = {
      hash: column(8),
      status: column(1),
      flags: column(1),
      type: column(1),
      zone: column(1),
      group: column(4),
      row: column(2),
      seat: column(2),
    };
    if (at !== body.byteLength) throw new Error("This list of rights is cut off.");
    this.groups = null;
  }

  // The number of the first right whose hash is not before these bytes.
  from(bytes) {
    const wanted = new Uint8Array(8);
    wanted.set(bytes);
    const value = new DataView(wanted.buffer).getBigUint64(0);
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.view.getBigUint64(this.at.hash + 8 * middle) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  // The number of the right with this hash, or of the only one whose hash begins so; -1 where there is none.
  find(bytes) {
    const n = this.from(bytes);
    const begins = (k) => k < this.size && bytes.every((byte, at) => byte === this.hash(k)[at]);
    return begins(n) && !(bytes.length < 8 && begins(n + 1)) ? n : -1;
  }

  hash(n) {
    return new Uint8Array(this.view.buffer, this.at.hash + 8 * n, 8);
  }
  status(n) {
    return this.view.getUint8(this.at.status + n);
  }
  flags(n) {
    return this.view.getUint8(this.at.flags + n);
  }
  zone(n) {
    return this.view.getUint8(this.at.zone + n);
  }
  group(n) {
    return this.view.getUint32(this.at.group + 4 * n);
  }
  isPass(n) {
    return (this.flags(n) & 1) === 1;
  }
  type(n) {
    return this.isPass(n) ? null : (this.types[this.view.getUint8(this.at.type + n)] ?? null);
  }

  label(n) {
    const row = this.view.getUint16(this.at.row + 2 * n);
    if (this.isPass(n)) return { carPark: this.car_parks[row] };
    const [stand, bay, name] = this.rows[row] ?? ["", "", ""];
    const seat = this.seats[this.view.getUint16(this.at.seat + 2 * n)] ?? "";
    return { stand, bay, row: seat ? name : "", seat };
  }

  // The other tickets of its booking.
  others(n) {
    if (!this.groups) {
      this.groups = new Map();
      for (let k = 0; k < this.size; k += 1) {
        const group = this.group(k);
        if (this.groups.has(group)) this.groups.get(group).push(k);
        else this.groups.set(group, [k]);
      }
    }
    return this.groups.get(this.group(n)).filter((k) => k !== n && !this.isPass(k) && this.status(k) !== 4);
  }
}
