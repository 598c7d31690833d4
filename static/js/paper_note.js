// A name that a printed ticket cannot show as it is typed is told of at its field, before it is sent. The server has
// the fonts; it is not asked for letters that every ticket has.
const PLAIN = /^[\u0020-\u024f\u1e00-\u1eff\u2018\u2019]*$/;

for (const input of document.querySelectorAll("[data-paper]")) {
  const note = document.createElement("p");
  note.className = "hint";
  note.id = `${input.id}-paper`;
  note.setAttribute("aria-live", "polite");
  // What the server wrote there when it drew the page is said by this one from now on.
  const written = document.getElementById(`${input.id}-hint`);
  note.textContent = written?.textContent ?? "";
  if (written) written.replaceWith(note);
  else input.before(note);
  const told = (input.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== written?.id);
  input.setAttribute("aria-describedby", [...told, note.id].join(" "));

  input.addEventListener("change", async () => {
    const name = input.value;
    note.textContent = "";
    if (PLAIN.test(name)) return;
    const answer = await fetch(input.dataset.paper, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": input.form.elements.csrf_token.value },
      body: JSON.stringify({ name }),
    }).catch(() => null);
    const said = answer?.ok ? (await answer.json()).note : null;
    if (input.value === name) note.textContent = said ?? "";
  });
}
