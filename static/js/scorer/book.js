// A second scorer's book (Law 3.1: there are two). It begins with the match's log as it is, goes on with what is
// entered here, and stays on this device: no entry of it is ever sent to the log. No DOM: the store and the fold are
// handed in.
//
// Kept per match under a prefix of its own: `begun` {base, head}: the log that it began with, and where; and `entries`:
// what came since, in the order in which it counts.
import { totals } from "./totals.js";

// Who plays, and who won the toss, is told to both scorers; the rest each writes down.
const TOLD = new Set(["setup", "lineup", "toss", "officials"]);

export class Book {
  // The book of this match that the device keeps, or null.
  static open(options) {
    const { match, store } = options;
    const begun = store.get(`${match}:begun`);
    if (!begun) return null;
    const book = new Book(options);
    Object.assign(book, begun);
    Object.assign(book, store.get(`${match}:entries`) ?? {});
    return book;
  }

  constructor({ match, store, fold, onChange = () => {} }) {
    Object.assign(this, {
      match,
      store,
      fold,
      onChange,
      base: [],
      head: { innings: 0, over: 0 },
      entries: [],
      seen: 0,
    });
    this.kept = true;
  }

  get events() {
    return [...this.base, ...this.entries];
  }
  // What the second scorer entered: undo goes back through this, to the book's beginning.
  get own() {
    return this.entries.filter((event) => !event.told);
  }

  // Begin, or begin again, with the match's log: up to there both books are the same.
  begin(events) {
    const innings = this.fold(events).innings.at(-1);
    this.base = events;
    this.head = innings ? { innings: innings.index, over: totals(innings).length } : { innings: 0, over: 0 };
    this.entries = [];
    this.seen = events.at(-1)?.seq ?? 0;
    this.kept = this.store.set(`${this.match}:begun`, { base: this.base, head: this.head }) !== false;
    this.keep();
  }

  add(events) {
    const at = new Date().toISOString();
    this.entries.push(...events.map((event) => ({ at, ...event })));
    this.keep();
  }

  // What is new in the match's log: line-ups and the like. What is undone or corrected there counts here where it is
  // about something that came from the log; the balls that this book has of its own have other keys, and stay.
  hear(events) {
    const news = events.filter((event) => event.seq > this.seen);
    if (!news.length) return;
    this.seen = news.at(-1).seq;
    const told = news.filter(
      ({ kind, body }) =>
        TOLD.has(kind) || kind === "undo" || kind === "correction" || (kind === "replacement" && body.type === "match"),
    );
    this.entries.push(...told.map((event) => ({ ...event, told: true })));
    this.keep();
  }

  // What is compared: {begun, overs: the finished overs of each innings, totals: those since the beginning}.
  totals(state = this.fold(this.events)) {
    const each = state.innings.map(totals);
    const { innings, over } = this.head;
    return {
      begun: this.head,
      overs: each.map((lines) => lines.length),
      totals: each.flat().filter((line) => line.innings > innings || (line.innings === innings && line.over > over)),
    };
  }

  close() {
    this.store.drop(`${this.match}:begun`);
    this.store.drop(`${this.match}:entries`);
  }

  keep() {
    const kept = this.store.set(`${this.match}:entries`, { entries: this.entries, seen: this.seen });
    this.kept = kept !== false;
    this.onChange();
  }
}

// Carries totals to the server, and brings back how the books stand: {checks} of GET …/checks. One turn at a time; what
// did not arrive goes with the next one. A turn of somebody without a book only looks.
const BATCH = 50;

export class Checker {
  constructor({ match, api, book = () => null, onChange = () => {} }) {
    Object.assign(this, { match, api, book, onChange, checks: [], seq: 0, problem: null, failures: 0 });
    this.running = null;
    this.due = false;
    this.forget();
  }

  // Everything is sent again: the server may have it already, and then nothing changes.
  forget() {
    this.sent = new Map();
    this.head = "";
  }

  // What is asked for while a turn is under way needs one more.
  async turn() {
    this.due = true;
    this.running ??= this.run();
    await this.running;
  }

  async run() {
    while (this.due) {
      this.due = false;
      try {
        const answer = await this.ask(this.book());
        Object.assign(this, { checks: answer.checks, seq: answer.seq, problem: null, failures: 0 });
      } catch (error) {
        this.problem = error.code ? error.message : null;
        this.failures += 1;
      }
    }
    this.running = null;
    this.onChange();
  }

  async ask(book) {
    if (!book) return this.api.checks(this.match);
    const { begun, overs, totals: lines } = book.totals();
    const head = JSON.stringify([begun, overs]);
    let left = lines.filter((line) => this.sent.get(`${line.innings}.${line.over}`) !== JSON.stringify(line));
    if (!left.length && head === this.head) return this.api.checks(this.match);
    let answer;
    do {
      const batch = left.slice(0, BATCH);
      left = left.slice(BATCH);
      answer = await this.api.check(this.match, { begun, overs, totals: batch });
      for (const line of batch) this.sent.set(`${line.innings}.${line.over}`, JSON.stringify(line));
    } while (left.length);
    this.head = head;
    return answer;
  }
}
