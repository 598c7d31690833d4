/* Live messages for every page: connects, joins again after each reconnect, fetches what was missed, and hands things
on in order.

Load it after the vendored Socket.IO, as plain scripts or as modules (it has no import and no export):
    <script defer src="/static/vendor/socket.io/socket.io.min.js"></script>
    <script defer src="/static/js/realtime_client.js"></script>

One connection serves the page; it is made with the first subscription. Each call returns a function that ends the
subscription.

    CricVerseLive.subscribeMatch(id, {seq, onPatch, onReset, onState, onWatching, onRefused})
        seq                       the seq of the view that the page shows now
        onPatch(message)          {seq, patch, kind, replay}: exactly seq + 1 each time, never one twice; apply
                                  the merge patch to the view
        onReset({seq, view})      take this whole view instead (too far behind, or a patch that was too large to send)
        A handler that throws makes the client fetch the whole view.
    CricVerseLive.subscribeEvent(id, {version, onSeats, onOccupancy, onReset, onState, onWatching, onRefused})
        onSeats({version, seats: [[id, state], …]})      newer than everything handed on before
        onOccupancy({version, stands: [{id, left}, …]})
        onReset()                 something may have been missed (a reconnect, polling): fetch
                                  /api/events/<id>/seats again. Return the promise of it, so that a page without a
                                  network knows that it is out of date.
    CricVerseLive.subscribeStadium(id, {staff, onOccupancy, onBooking, onAnnouncement, onReset, onState, onRefused})
        staff: true               asks for the room of this ground's staff too; only there do bookings arrive
        gates: true               asks for the room of those who run its gates: hints that people came in or went out
    onState({state, since, via, words})
        state   "live", "reconnecting" or "out of date"
        since   Date of the last moment that was surely current, or null
        via     "websocket" or "polling"
        words   "Live", "Reconnecting", "Out of date since 14:05"
        The document also gets the event "cricverse:live" with the same as its detail, and "cricverse:announcement".
    onWatching(n)                 how many connections watch the same match or event
    onRefused({code, message})    the server does not let this page join

    CricVerseLive.state()         the newest state
    CricVerseLive.create(surroundings)   makes a connection of one's own, for tests
*/
(function (root) {
  "use strict";

  const POLL_MS = 5000; // where websockets are blocked
  const LATE_MS = 10000; // without word from the server for so long the page says "out of date"
  const STEADY_MS = 10000; // a connection that held for so long counts as good: the next wait begins small again

  // --- logic without a page ----------------------------------------------------------------------

  /* Milliseconds before the next try: at most 2 s doubling to 15 s, each from a tenth of that on, so that a crowd whose
     server has gone spreads out and does not come back as one. */
  function backoff(attempt, random) {
    const most = Math.min(15000, 2000 * 2 ** Math.min(attempt, 10));
    return Math.round(most * (0.1 + 0.9 * random()));
  }

  /* A pause of `ms`, a fifth shorter or longer. */
  function jitter(ms, random) {
    return Math.round(ms * (0.8 + 0.4 * random()));
  }

  function clock(date) {
    return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
  }

  function wordsFor(state, since, via) {
    if (state === "live") return via === "polling" ? "Live, every few seconds" : "Live";
    if (state === "reconnecting") return "Reconnecting";
    return since ? `Out of date since ${clock(since)}` : "Out of date";
  }

  /* The state of a page: is there word from the server, and since when not? */
  function judge({ connected, polled, current, now }) {
    if (connected) return { state: "live", via: "websocket", since: null };
    if (polled) return { state: "live", via: "polling", since: null };
    const late = current !== null && now - current > LATE_MS;
    return {
      state: late ? "out of date" : "reconnecting",
      via: "websocket",
      since: current === null ? null : new Date(current),
    };
  }

  /* Keeps the messages of one match in order. Everything may arrive twice, late or not at all; what is handed on is
     seq + 1, once.

     fetchSince(seq) → Promise of {seq, reset, more, events: [{seq, patch, kind}]}
     fetchWhole() → Promise of {seq, view}
     apply(message) and reset({seq, view}) hand on; later(fn, attempt) calls fn after a pause. */
  function sequence({ seq, apply, reset, fetchSince, fetchWhole, later }) {
    let have = seq;
    let fetching = false;
    let ended = false;
    let failures = 0;
    let spoilt = false; // a patch was begun and not finished: nothing more fits on that view
    let known = seq; // the newest number that we have heard of
    const waiting = new Map(); // messages that came before their turn

    function hand(message) {
      try {
        apply(message);
      } catch (error) {
        root.console?.warn("A live message could not be applied; the whole view is fetched.", error);
        spoilt = true;
        return false;
      }
      have = message.seq;
      waiting.delete(have);
      return true;
    }

    /* Hands on what is next in line. False when a patch is missing or could not be applied. */
    function drain() {
      while (waiting.has(have + 1)) {
        const next = waiting.get(have + 1);
        if (!next.patch || !hand(next)) return false;
      }
      for (const number of waiting.keys()) if (number <= have) waiting.delete(number);
      return true;
    }

    async function whole() {
      const fresh = await fetchWhole();
      if (ended || fresh.seq < have) return;
      reset(fresh);
      spoilt = false;
      have = fresh.seq;
      known = Math.max(known, have);
      drain();
    }

    async function some() {
      if (spoilt) return whole();
      const page = await fetchSince(have);
      if (ended) return;
      known = Math.max(known, page.seq);
      if (page.reset) return whole();
      for (const event of page.events) {
        if (event.seq <= have) continue;
        if (event.seq !== have + 1 || !event.patch || !hand(event)) return whole();
      }
      if (!drain()) return whole();
    }

    async function catchUp() {
      if (fetching || ended) return;
      fetching = true;
      try {
        let before;
        do {
          before = have;
          await some();
          failures = 0;
        } while (have < known && have > before && !ended);
      } catch {
        failures += 1;
      }
      fetching = false;
      // No answer, or one of a cache that is behind: ask again a little later.
      if (!ended && (have < known || failures)) later(() => (have < known || failures ? catchUp() : null), failures);
    }

    return {
      get seq() {
        return have;
      },
      get isBehind() {
        return have < known || failures > 0;
      },
      /* A live message: {seq, patch or null, …}. */
      offer(message) {
        if (ended || !Number.isInteger(message.seq) || message.seq <= have) return;
        known = Math.max(known, message.seq);
        waiting.set(message.seq, message);
        if (fetching) return;
        if (!drain() || have < known) catchUp();
      },
      /* The server says that this is the newest number. */
      note(newest) {
        if (ended || !Number.isInteger(newest)) return;
        known = Math.max(known, newest);
        if (have < known) catchUp();
      },
      /* Ask, whatever we know. Returns when answered; false if there was no answer. */
      async check() {
        await catchUp();
        return failures === 0;
      },
      end() {
        ended = true;
        waiting.clear();
      },
    };
  }

  // --- the connection ----------------------------------------------------------------------------

  function create(given) {
    const env = {
      io: root.io,
      fetch: (...args) => root.fetch(...args),
      now: () => Date.now(),
      random: Math.random,
      setTimeout: (fn, ms) => root.setTimeout(fn, ms),
      clearTimeout: (id) => root.clearTimeout(id),
      document: root.document,
      window: root.document ? root : null,
      url: "",
      ...given,
    };
    const rooms = new Map(); // room → Set of subscriptions
    let socket = null;
    let connected = false;
    let connectedAt = 0;
    let attempt = 0;
    let dueConnect = null;
    let duePoll = null;
    let dueLate = null;
    let polled = false;
    let current = env.now(); // the page came from the server just now
    let told = "";
    let newest = { state: "reconnecting", since: null, via: "websocket", words: "Reconnecting" };

    const each = function* (room) {
      for (const [name, all] of rooms) if (!room || name === room) yield* all;
    };

    // The timers of Node keep a process alive; a page's do not know unref().
    function timer(fn, ms) {
      const id = env.setTimeout(fn, ms);
      id?.unref?.();
      return id;
    }

    function tell() {
      const judged = judge({ connected, polled, current, now: env.now() });
      newest = { ...judged, words: wordsFor(judged.state, judged.since, judged.via) };
      if (told === newest.words + newest.via) return;
      told = newest.words + newest.via;
      for (const one of each()) safely(one.onState, newest);
      announce("cricverse:live", newest);
    }

    function announce(name, detail) {
      if (env.document?.dispatchEvent && root.CustomEvent)
        env.document.dispatchEvent(new root.CustomEvent(name, { detail }));
    }

    function safely(fn, ...args) {
      try {
        fn?.(...args);
      } catch (error) {
        root.console?.error(error);
      }
    }

    function lost() {
      if (connected || polled) current = env.now();
      connected = false;
      env.clearTimeout(dueLate);
      dueLate = timer(tell, LATE_MS + 100);
      tell();
      again();
      poll(POLL_MS);
    }

    /* Connect again, later. */
    function again() {
      if (!socket || dueConnect !== null || connected) return;
      if (connectedAt && env.now() - connectedAt > STEADY_MS) attempt = 0;
      connectedAt = 0;
      dueConnect = timer(
        () => {
          dueConnect = null;
          if (!connected) socket.connect();
        },
        backoff(attempt++, env.random),
      );
    }

    /* Connect at once: the network or the page is back. */
    function now() {
      if (!socket || connected || !rooms.size) return;
      env.clearTimeout(dueConnect);
      dueConnect = null;
      attempt = 0;
      socket.connect();
      poll(0);
    }

    function open() {
      if (socket) return;
      if (!env.io) {
        socket = { connect() {}, emit() {} };
        poll(0);
        return;
      }
      socket = env.io(env.url, { transports: ["websocket"], reconnection: false, timeout: 8000, autoConnect: false });
      socket.on("connect", () => {
        connected = true;
        connectedAt = env.now();
        polled = false;
        env.clearTimeout(duePoll);
        duePoll = null;
        for (const room of rooms.keys()) join(room);
        tell();
      });
      socket.on("disconnect", lost);
      socket.on("connect_error", (error) => {
        // The server's reason may say how long to stay away (too many connections from here).
        if (error?.data?.code) attempt = Math.max(attempt, 4);
        lost();
      });
      socket.on("subscription_status", (status) => {
        if (/^(staff|gates):/.test(status.room) && status.ok) return;
        for (const one of [...each(status.room.replace(/^(staff|gates):/, "stadium:"))]) {
          if (status.ok === false && status.code === "TRY_AGAIN")
            timer(() => join(status.room.replace(/^(staff|gates):/, "stadium:")), jitter(3000, env.random));
          else if (status.ok === false) safely(one.onRefused, status);
          else {
            if (Number.isInteger(status.watching)) safely(one.onWatching, status.watching);
            one.joined(status);
          }
        }
      });
      socket.on("match_update", (message) => {
        for (const one of [...each(`match:${message.match_id}`)]) one.order.offer(message);
      });
      socket.on("seats_changed", (message) => {
        for (const one of [...each(`event:${message.event_id}`)]) one.seats(message);
      });
      socket.on("occupancy_update", (message) => {
        for (const one of [...each()]) if (one.occupied) one.occupied(message);
      });
      socket.on("booking_notification", (message) => {
        for (const one of [...each(`stadium:${message.stadium_id}`)]) safely(one.onBooking, message);
      });
      socket.on("announcement", (message) => {
        for (const one of [...each(`stadium:${message.stadium_id}`)]) safely(one.onAnnouncement, message);
        announce("cricverse:announcement", message);
      });
      socket.on("error", (problem) => announce("cricverse:problem", problem));
      socket.connect();
    }

    function join(room) {
      const one = rooms.get(room)?.values().next().value;
      if (connected && one) socket.emit(one.join, { ...one.asks, ...(one.order ? { seq: one.order.seq } : {}) });
    }

    /* Asks over HTTP until the socket stands. */
    function poll(ms) {
      if (connected || !rooms.size || (duePoll !== null && ms > 0)) return;
      env.clearTimeout(duePoll);
      duePoll = timer(
        async () => {
          if (env.document?.hidden) {
            duePoll = null;
            poll(POLL_MS);
            return;
          }
          let answered = true;
          for (const one of [...each()]) answered = (await one.poll()) && answered;
          duePoll = null;
          if (connected || !rooms.size) return;
          polled = answered;
          if (answered) current = env.now();
          else {
            env.clearTimeout(dueLate);
            dueLate = timer(tell, LATE_MS + 100);
          }
          tell();
          poll(POLL_MS);
        },
        ms && jitter(ms, env.random),
      );
    }

    async function ask(path) {
      const answer = await env.fetch(env.url + path, {
        headers: { Accept: "application/json" },
        credentials: "same-origin",
      });
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
      return answer.json();
    }

    /* Whether the page's own fetch came through. */
    async function asked(fetchAgain) {
      try {
        await fetchAgain?.();
        return true;
      } catch {
        return false;
      }
    }

    function add(room, one) {
      const alone = !rooms.has(room);
      if (alone) rooms.set(room, new Set());
      rooms.get(room).add(one);
      const fresh = !socket;
      open();
      if (!fresh) join(room);
      if (told) safely(one.onState, newest);
      if (!connected) poll(POLL_MS);
      return function unsubscribe() {
        const all = rooms.get(room);
        if (!all?.delete(one)) return;
        one.end?.();
        if (all.size) return;
        rooms.delete(room);
        if (connected) socket.emit(one.leave, one.asks);
      };
    }

    function subscribeMatch(id, handlers) {
      const one = {
        ...handlers,
        join: "join_match",
        leave: "leave_match",
        asks: { match_id: id },
        order: sequence({
          seq: handlers.seq ?? 0,
          apply: (message) => handlers.onPatch?.(message),
          reset: (fresh) => safely(handlers.onReset, fresh),
          fetchSince: (seq) => ask(`/api/matches/${id}/view/events?after=${seq}`),
          fetchWhole: () => ask(`/api/matches/${id}/view`),
          later: (fn, failures) => timer(fn, failures ? backoff(failures, env.random) : jitter(500, env.random)),
        }),
        joined: (status) => one.order.note(status.seq),
        poll: () => one.order.check(),
        end: () => one.order.end(),
      };
      return add(`match:${id}`, one);
    }

    function subscribeEvent(id, handlers) {
      let version = handlers.version ?? 0;
      let joins = 0;
      const one = {
        ...handlers,
        join: "join_event",
        leave: "leave_event",
        asks: { event_id: id },
        seats(message) {
          if (message.version <= version) return;
          version = message.version;
          if (message.seats) safely(handlers.onSeats, message);
          else one.missed();
        },
        occupied: (message) => message.event_id === id && safely(handlers.onOccupancy, message),
        // The first join may come long after the page was made, later ones follow a gap.
        joined(status) {
          const behind = Number.isInteger(status.version) && status.version > version;
          if (status.reset || (status.version !== undefined && (joins++ > 0 || behind))) one.missed();
        },
        missed: () => timer(() => asked(handlers.onReset), jitter(400, env.random)),
        poll: () => asked(handlers.onReset),
      };
      return add(`event:${id}`, one);
    }

    function subscribeStadium(id, handlers) {
      let joins = 0;
      const one = {
        ...handlers,
        join: "join_stadium",
        leave: "leave_stadium",
        asks: {
          stadium_id: id,
          ...(handlers.staff ? { staff: true } : {}),
          ...(handlers.gates ? { gates: true } : {}),
        },
        occupied: (message) => message.stadium_id === id && safely(handlers.onOccupancy, message),
        joined(status) {
          if (status.reset || (status.version !== undefined && joins++ > 0))
            timer(() => asked(handlers.onReset), jitter(400, env.random));
        },
        poll: () => asked(handlers.onReset),
      };
      return add(`stadium:${id}`, one);
    }

    env.window?.addEventListener("online", now);
    env.window?.addEventListener("offline", tell);
    env.document?.addEventListener("visibilitychange", () => {
      if (!env.document.hidden) now();
    });

    return { subscribeMatch, subscribeEvent, subscribeStadium, state: () => newest, reconnect: now };
  }

  let page = null;
  const own = () => (page ??= create());
  root.CricVerseLive = {
    create,
    subscribeMatch: (...args) => own().subscribeMatch(...args),
    subscribeEvent: (...args) => own().subscribeEvent(...args),
    subscribeStadium: (...args) => own().subscribeStadium(...args),
    state: () => own().state(),
    logic: { backoff, jitter, judge, sequence, wordsFor },
  };
})(globalThis);
