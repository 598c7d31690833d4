// The disk: what was put stays, whatever becomes of the page.
export class Disk {
  kept = new Map();
  changed = new Map();
  waiting = new Map();

  async get(name) {
    return structuredClone(this.kept.get(name));
  }
  async set(values) {
    for (const [name, value] of Object.entries(values)) this.kept.set(name, structuredClone(value));
  }
  async queue() {
    return [...this.waiting.values()].map((scan) => structuredClone(scan));
  }
  async states() {
    return new Map(structuredClone([...this.changed]));
  }
  async put(scans) {
    for (const scan of scans) this.waiting.set(scan.id, structuredClone(scan));
  }
  async drop(ids) {
    for (const id of ids) this.waiting.delete(id);
  }
  async putStates(states) {
    for (const [hash, state] of states) this.changed.set(hash, state);
  }
  async replaceRights(values, hashes) {
    await this.set(values);
    for (const hash of hashes) this.changed.delete(hash);
  }
  async wipe() {
    this.kept.clear();
    this.changed.clear();
  }
  async run(tables, work) {
    const table = {
      queue: { put: (scan) => this.waiting.set(scan.id, structuredClone(scan)) },
      states: { put: (value, key) => this.changed.set(key, value) },
      kept: { put: (value, key) => this.kept.set(key, structuredClone(value)) },
    };
    work(...tables.map((name) => table[name]));
  }
}
