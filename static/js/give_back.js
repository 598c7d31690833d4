// Giving back: the button says what comes back of all that is ticked, and how many that is is said beside it. Works
// without this file.
import { grouped, moneyLike } from "./figures.js";

for (const form of document.querySelectorAll("[data-refund]")) {
  const money = moneyLike(form.dataset.money);
  const words = form.querySelector("[data-refund-words]");
  const told = form.querySelector("[data-refund-total]");
  const plain = words.textContent;
  const show = () => {
    const ticked = [...form.querySelectorAll("[data-amount]:checked")];
    const sum = money(ticked.reduce((all, box) => all + Number(box.dataset.amount), 0));
    words.textContent = ticked.length ? `Give back ${sum}` : plain;
    told.textContent = ticked.length ? `${grouped(ticked.length)} ticked, ${sum}` : "";
  };
  form.addEventListener("change", show);
  // A browser that comes back to the page may bring the ticks along.
  addEventListener("pageshow", show);
  show();
}
