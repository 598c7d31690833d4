// What a verdict sounds and feels like, so that a steward may look at the person and not at the phone.

const NOTES = {
  // [hertz, begins at ms, lasts ms, shape]
  rising: [
    [660, 0, 70, "sine"],
    [990, 80, 70, "sine"],
  ],
  buzz: [[110, 0, 500, "sawtooth"]],
  twice: [
    [520, 0, 110, "triangle"],
    [520, 170, 110, "triangle"],
  ],
  low: [[220, 0, 350, "triangle"]],
  alarm: [
    [880, 0, 180, "square"],
    [660, 200, 180, "square"],
    [880, 400, 180, "square"],
  ],
  none: [],
};

let context = null;
let isOn = true;

export function setSound(on) {
  isOn = on;
}

// Browsers give sound after a touch only: the first one opens it.
export function openSound() {
  const Context = globalThis.AudioContext ?? globalThis.webkitAudioContext;
  if (!Context) return false;
  context ??= new Context();
  if (context.state === "suspended") context.resume();
  return true;
}

export function play(name, vibration = []) {
  if (vibration.length) navigator.vibrate?.(vibration);
  if (!isOn || context?.state !== "running") return;
  for (const [hertz, begins, lasts, shape] of NOTES[name] ?? []) {
    const tone = context.createOscillator();
    const loud = context.createGain();
    const at = context.currentTime + begins / 1000;
    tone.type = shape;
    tone.frequency.value = hertz;
    loud.gain.setValueAtTime(0.0001, at);
    loud.gain.exponentialRampToValueAtTime(0.5, at + 0.01);
    loud.gain.exponentialRampToValueAtTime(0.0001, at + lasts / 1000);
    tone.connect(loud).connect(context.destination);
    tone.start(at);
    tone.stop(at + lasts / 1000 + 0.02);
  }
}
