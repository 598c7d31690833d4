// The arithmetic of the hold's clock, without a page.

// 581.2 → "9:41"; never below "0:00".
export function shown(left) {
  const whole = Math.max(0, Math.ceil(left));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// How much of the seam is left, 0 … 100, as the x of the rectangle that covers the unpicked part.
export function share(left, span) {
  return Math.min(100, Math.max(0, (100 * left) / span)).toFixed(1);
}

// What is said aloud, once each: at two minutes and at one. `told` is the mark of what was said last.
export function spoken(left, told) {
  if (left <= 0 || left > 120) return null;
  const mark = left > 60 ? "2" : "1";
  if (told === mark || told === "1") return null;
  return {
    mark,
    text:
      mark === "2" ? "Two minutes are left to pay for what you hold." : "One minute is left. You can hold it longer.",
  };
}
