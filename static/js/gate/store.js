// What the phone keeps: IndexedDB, two tables. `kept` holds the token, the bundle, the rights and the settings by name;
// `states` what changed of a right since; `queue` the scans that the server may not have yet. No name, no number plate,
// no secret of rotating codes.

const VERSION = 1;

export class Store {
  static open(name = "cricverse-gate") {
    return new Promise((resolve, reject) => {
      const opening = indexedDB.open(name, VERSION);
      opening.onupgradeneeded = () => {
        opening.result.createObjectStore("kept");
        opening.result.createObjectStore("states");
        opening.result.createObjectStore("queue", { keyPath: "id" });
      };
      opening.onsuccess = () => resolve(new Store(opening.result));
      opening.onerror = () => reject(opening.error);
      opening.onblocked = () => reject(new Error("Another page keeps an old version of the store open."));
    });
  }

  constructor(db) {
    this.db = db;
    db.onversionchange = () => db.close();
  }

  // One transaction, done when it is on the disk and not only asked for.
  run(tables, work, mode = "readwrite") {
    return new Promise((resolve, reject) => {
      const transaction = this.db.transaction(tables, mode, { durability: "strict" });
      const result = work(...[tables].flat().map((table) => transaction.objectStore(table)));
      transaction.oncomplete = () => resolve(result instanceof IDBRequest ? result.result : result);
      transaction.onabort = transaction.onerror = () =>
        reject(transaction.error ?? new Error("The phone cannot write to its storage."));
    });
  }

  get(name) {
    return this.run("kept", (kept) => kept.get(name), "readonly");
  }
  set(values) {
    return this.run("kept", (kept) => {
      for (const [name, value] of Object.entries(values)) kept.put(value, name);
    });
  }
  queue() {
    return this.run("queue", (queue) => queue.getAll(), "readonly");
  }
  put(scans) {
    return this.run("queue", (queue) => {
      for (const scan of scans) queue.put(scan);
    });
  }
  drop(ids) {
    return this.run("queue", (queue) => {
      for (const id of ids) queue.delete(id);
    });
  }
  putStates(states) {
    return this.run("states", (table) => {
      for (const [hash, state] of states) table.put(state, hash);
    });
  }

  async states() {
    const [names, values] = await Promise.all([
      this.run("states", (t) => t.getAllKeys(), "readonly"),
      this.run("states", (t) => t.getAll(), "readonly"),
    ]);
    return new Map(names.map((name, k) => [name, values[k]]));
  }

  // A new list of rights has all that changed before it: what is older goes, in the same transaction.
  replaceRights(values, hashes) {
    return this.run(["kept", "states"], (kept, states) => {
      for (const [name, value] of Object.entries(values)) kept.put(value, name);
      for (const hash of hashes) states.delete(hash);
    });
  }

  // Everything but the scans that were never sent: those are nobody's to lose.
  wipe() {
    return this.run(["kept", "states"], (kept, states) => {
      kept.clear();
      states.clear();
    });
  }
}
