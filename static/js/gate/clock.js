// The server's time as this phone can know it. From the last contact on it is counted by the browser's monotonic
// clock, which nobody can set. The wall clock is asked for two things only: how long the phone has slept, for some
// browsers' monotonic clocks stand still then, and what time it is after a reload, when there is nothing else. Neither
// is certain, so the clock also says between which times it surely is, and no ticket is refused for what may only be a
// wrong clock.

const LEAST = 1_000; // milliseconds by which the two clocks may differ between two looks
const TOLD = 60_000; // a wall clock that moved so far is told to the steward
const SURE = 5_000; // known to so many milliseconds, a code that changes every fifteen seconds can be judged

export class Clock {
  constructor({ wall = () => Date.now(), mono = () => performance.now() } = {}) {
    Object.assign(this, { wall, mono });
    this.lastWall = wall();
    this.lastMono = mono();
    this.said = this.lastWall; // the server's time at lastMono, as far as is known
    this.before = this.after = Infinity; // milliseconds by which it may be earlier, or later, than that
    this.away = false; // the page is not in sight: the phone may sleep
    this.jump = 0; // how far the wall clock was moved since the last contact
    this.farthest = 0; // and the farthest that it was moved since the page was opened
    this.era = Math.random(); // changes whenever what is known of the time does
  }

  // Count on, and notice where the wall clock went another way than the monotonic one.
  look() {
    const wall = this.wall();
    const mono = this.mono();
    const went = mono - this.lastMono;
    const drift = wall - this.lastWall - went;
    this.lastWall = wall;
    this.lastMono = mono;
    this.said += went;
    if (Math.abs(drift) < LEAST) return;
    this.era = Math.random();
    if (drift > 0 && this.away) {
      // It slept, or somebody set the clock forward meanwhile: the first is likelier.
      this.said += drift;
      this.before += drift;
    } else {
      // Forward in plain sight: moved by hand or by the network, or a computer that slept with its screen on.
      if (drift > 0) this.after += drift;
      else this.undo(-drift);
      this.moved(drift);
    }
  }

  // What was taken for sleep was a clock that has now been put right again, or it is now that it is wrong.
  undo(back) {
    const taken = Math.min(back, this.before);
    if (!Number.isFinite(taken) || taken < LEAST) return;
    this.said -= taken;
    this.before -= taken;
    this.after += taken;
  }

  moved(by) {
    this.jump += by;
    if (Math.abs(this.jump) > Math.abs(this.farthest)) this.farthest = this.jump;
  }

  now() {
    this.look();
    return this.said;
  }

  // {at, from, to} in seconds: the likeliest time, and between which it surely is.
  span() {
    const at = this.now();
    return { at: at / 1000, from: (at - this.before) / 1000, to: (at + this.after) / 1000 };
  }

  get isSure() {
    this.look();
    return this.before + this.after < SURE;
  }

  // The jump to tell the steward of, in milliseconds, or 0.
  get told() {
    this.look();
    return Math.abs(this.jump) < TOLD ? 0 : this.jump;
  }

  // The page went out of sight, or came back.
  show(inSight) {
    this.look();
    this.away = !inSight;
  }

  // A contact: the server's time now, to within `margin` milliseconds. Returns {era, error}: by how much what was said
  // in that era was wrong. A slow answer tells less than a quick one did before, and is passed over.
  heard(server, margin) {
    const was = this.now();
    this.jump = 0;
    if (margin > Math.max(LEAST, this.before + this.after)) return { era: this.era, error: 0 };
    const { era } = this;
    this.said = server;
    this.before = this.after = margin;
    this.era = Math.random();
    return { era, error: server - was };
  }

  // What outlasts a reload: what was known, and what the wall clock said then.
  kept() {
    const now = this.now();
    return { now, from: now - this.before, wall: this.lastWall };
  }

  // After a reload the wall clock is all there is. It cannot be before what was known, nor, for a phone that still has
  // its token, after `limit`, when that is over: a wall clock that says so was moved.
  take({ now, from, wall }, limit) {
    this.look();
    const guess = now + (this.lastWall - wall);
    this.said = guess < now || guess > limit ? now : guess;
    if (this.said !== guess) this.moved(guess - now);
    this.before = this.said - from;
    this.after = Math.max(0, limit - this.said);
    this.era = Math.random();
  }
}
