// A scanner on a cable or by Bluetooth types what it reads, faster than any hand, and ends it with Enter.

const FAST = 60; // milliseconds between two characters
const SHORTEST = 8;

export function listen(target, onText, now = () => performance.now()) {
  let typed = "";
  let last = -Infinity;
  target.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const at = now();
      if (at - last > FAST) typed = "";
      last = at;
      if (event.key === "Enter") {
        const text = typed;
        typed = "";
        if (text.length < SHORTEST) return;
        event.preventDefault();
        event.stopPropagation();
        onText(text);
      } else if (event.key.length === 1) {
        typed += event.key;
        // What belongs to no field must press no button either.
        if (typed.length > 2 && !event.target.closest?.("input, textarea")) event.preventDefault();
      }
    },
    true,
  );
}
