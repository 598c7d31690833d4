import { plural } from "./figures.js";

// A row of seats can be ticked at once, and Shift ticks all between two seats.
const rows = document.querySelector("[data-pick-rows]");
if (rows) {
  const told = rows.querySelector("[data-picked]");
  const show = () => {
    const ticked = rows.querySelectorAll("input[type=checkbox]:checked").length;
    told.textContent = ticked ? `${plural(ticked, "seat")} ticked` : "";
  };
  for (const row of rows.querySelectorAll(".pick-row")) {
    const boxes = [...row.querySelectorAll("input[type=checkbox]:enabled")];
    if (!boxes.length) continue;
    const all = document.createElement("button");
    all.type = "button";
    all.className = "button is-plain";
    all.textContent = `Whole row ${row.querySelector("legend").textContent.replace("Row ", "")}`;
    all.addEventListener("click", () => {
      const full = boxes.every((box) => box.checked);
      for (const box of boxes) box.checked = !full;
      show();
    });
    row.append(all);
    let last = -1;
    row.addEventListener("click", (event) => {
      const at = boxes.indexOf(event.target);
      if (at < 0) return;
      if (event.shiftKey && last >= 0) {
        for (const box of boxes.slice(Math.min(at, last), Math.max(at, last) + 1)) box.checked = event.target.checked;
      }
      last = at;
      show();
    });
  }
  rows.addEventListener("change", show);
  show();
}
