// The place in line is looked at again without moving whoever reads: the number changes where it stands. Whoever is let
// in has a pass by then, and the page loads. Without a script the page loads itself anew (meta refresh).
const PATIENCE = 10;

const shown = (page) => ["place", "rest"].map((name) => page.querySelector(`[data-${name}]`));

function wait(seconds) {
  setTimeout(look, (seconds || PATIENCE) * 1_000);
}

async function look() {
  let answer, words;
  try {
    answer = await fetch(location.href, { cache: "no-store" });
    words = await answer.text();
  } catch {
    wait(PATIENCE);
    return;
  }
  const found = answer.status === 503 ? shown(new DOMParser().parseFromString(words, "text/html")) : [];
  if (!found[0]) {
    location.reload();
    return;
  }
  for (const [n, place] of shown(document).entries()) place.textContent = found[n].textContent;
  wait(Number(answer.headers.get("Retry-After")));
}

wait(Number(shown(document)[1].textContent));
