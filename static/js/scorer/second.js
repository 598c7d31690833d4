// Scoring along: the second scorer's acts at the console, and the turns in which books are compared.
import { api } from "./api.js";
import { compared } from "./check.js";
import { Book, Checker } from "./book.js";
import { Store } from "./queue.js";

const EVERY = 4000;

export function makeSecond(app) {
  const store = new Store(globalThis.localStorage, "second:");
  const match = app.match.id;
  const options = { match, store, fold: (events) => app.fold(events), onChange: () => app.draw() };
  let last = "";

  const away = (error) =>
    app.say(error.code ? error.message : "The server does not answer just now. Try again in a moment.");

  async function begin(book) {
    second.beginning = true;
    try {
      const found = await app.load();
      app.queue.adopt(found.events);
      book.begin(found.events);
      app.book = book;
      app.checker.forget();
    } catch (error) {
      away(error);
    } finally {
      second.beginning = false;
    }
    app.draw();
    return second.turn();
  }

  const second = {
    beginning: false, // what is entered meanwhile would be lost, so nothing is

    open() {
      app.checker = new Checker({ match, api, book: () => app.book, onChange: () => app.draw() });
      app.book = Book.open(options);
    },

    start: () => begin(new Book(options)),

    again() {
      app.confirm(
        "Take the match’s score as it is?",
        "Your book begins again with the other scorer’s; what you entered and they did not is gone.",
        "Take the match’s score",
        () => begin(app.book),
      );
    },

    stop() {
      app.confirm(
        "Stop scoring along?",
        "Your book is put away, and nobody compares with it any more. The match’s score stays as it is.",
        "Stop scoring along",
        () => second.end(),
      );
    },

    takeOver() {
      app.confirm(
        "Take over the match?",
        `${app.lock?.name ?? "The other scorer"} can write no more. You go on with the match’s score as the ` +
          "server has it, not with your book’s.",
        "Take over",
        () => app.take(true),
      );
    },

    // The book is put away, here and at the server.
    async end() {
      app.book.close();
      app.book = null;
      app.draw();
      await app.checker.running;
      await api.stopChecking(match).catch(() => {});
      return second.turn();
    },

    async turn() {
      await app.checker.turn();
      const { book, checker } = app;
      if (!book || checker.seq <= book.seen) return;
      try {
        const found = await api.open(match, null, book.seen);
        app.lock = found.lock;
        book.hear(found.events);
      } catch {
        /* the next turn tries again */
      }
    },

    // A finished over is new or changed: both scorers hear of it at once, and not with the next turn.
    drawn() {
      const { book, checker, queue } = app;
      if (!book && (!checker.checks.length || !queue.token || queue.waiting.length)) return;
      const now = compared(app.state);
      if (now === last) return;
      last = now;
      second.turn();
    },
  };

  setInterval(() => {
    const looks = !document.hidden && (app.queue?.token || app.lock !== undefined);
    if (app.book || looks) second.turn();
  }, EVERY);
  addEventListener("online", () => second.turn());
  return second;
}
