// Shows how a plate will be kept while it is typed. The server makes the same of it.
const kept = (text) => text.toUpperCase().replace(/[^A-Z0-9]/g, "");

for (const field of document.querySelectorAll("[data-plate]")) {
  const place = field.parentElement.querySelector("[data-plate-kept]");
  const show = () => {
    place.querySelector("b").textContent = kept(field.value);
    place.hidden = !kept(field.value);
  };
  field.addEventListener("input", show);
  show();
}
