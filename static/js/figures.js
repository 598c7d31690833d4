// How figures are written by scripts: the same words as the server's own filters.

/* 12345 → "12,345", as the server writes it. The browser's own formatter takes a phone tens of milliseconds to make. */
export const grouped = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

/* Writes minor units as the server does; `pattern` is one minor unit in its words ("A$0.01", "¥1"). Short: "A$48" where
   nothing is behind it. */
export function moneyLike(pattern) {
  const figures = /\d[\d.,]*/.exec(pattern)?.[0] ?? "0.01";
  const digits = /[.,](\d+)$/.exec(figures)?.[1].length ?? 0;
  return (minor, short = false) => {
    const part = minor % 10 ** digits;
    const behind = digits === 0 || (short && part === 0) ? "" : `.${String(part).padStart(digits, "0")}`;
    return pattern.replace(figures, () => grouped(Math.trunc(minor / 10 ** digits)) + behind);
  };
}

/* 4, "seat" → "4 seats". */
export function plural(n, one, many = `${one}s`) {
  return `${grouped(n)} ${n === 1 ? one : many}`;
}
