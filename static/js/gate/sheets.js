// The sheets that come up from below: type a code, search, reasons, who of a booking came, and the phone's own
// settings.
import { button, h, icon } from "../scorer/dom.js";
import { readShort } from "./code.js";
import { seatWords, whoWords } from "./verdict.js";

const SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export const REASONS = {
  wrong_gate: ["Cannot walk that far", "Their own gate is closed", "With a group that is let in here"],
  check_identity: ["Identity card matches", "Known to the supervisor"],
  old_picture: ["Identity card matches", "Their phone is broken, supervisor agreed"],
  disputed: ["Supervisor agreed"],
  already_used: ["Went out without a scan", "Scanned by mistake before", "Supervisor agreed"],
  not_yet_valid: ["Doors open early today", "Supervisor agreed"],
  undo: ["Wrong person scanned", "Turned round at the gate", "Scanned twice by mistake"],
};

const opened = new Map(); // each open sheet, and what closes it

export const isSheetOpen = () => opened.size > 0;

// What comes from elsewhere is never said behind a sheet. Whoever opened one goes on as if it had been closed by hand.
export async function closeSheets() {
  for (const close of opened.values()) close();
  await new Promise((done) => setTimeout(done));
}

// Opens a sheet and gives what it was closed with, or null.
function open(build, label) {
  return new Promise((done) => {
    const dialog = h("dialog.gate-sheet", { "aria-label": label });
    const close = (value = null) => {
      opened.delete(dialog);
      dialog.close();
      done(value);
      dialog.remove();
    };
    opened.set(dialog, close);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      close();
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) close();
    });
    dialog.append(...build(close));
    document.body.append(dialog);
    dialog.showModal();
    dialog.querySelector("[data-first]")?.focus();
  });
}

// Enter does what the button beside the field does, and nothing else: left to the browser it would also press what has
// the focus once the sheet is gone, which opens the sheet again over the verdict.
export function onEnter(input, act) {
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    act();
  });
}

const cancel = (close, words = "Close") => button(words, () => close(), { kind: "is-plain" });

export function typeCode() {
  return open((close) => {
    const input = h("input", {
      type: "text",
      inputmode: "none",
      autocomplete: "off",
      autocapitalize: "characters",
      spellcheck: false,
      maxLength: 9,
      "aria-label": "The code below the QR code",
      "data-first": true,
    });
    const wrong = h("p.error", { id: "typed-wrong", role: "alert", hidden: true });
    const done = () => {
      if (readShort(input.value)) return close(input.value);
      wrong.hidden = false;
      wrong.textContent = "That is not a whole code. It has eight letters and digits.";
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", wrong.id);
      return input.focus();
    };
    const put = (sign) => {
      if (input.value.replace(/-/g, "").length < 8)
        input.value = (input.value.replace(/-/g, "") + sign).replace(/^(.{4})(.+)/, "$1-$2");
    };
    onEnter(input, done);
    return [
      h("h2", {}, "Type the code"),
      h("p", {}, "Eight letters and digits, below the QR code or on the printed list."),
      input,
      wrong,
      h(
        "div.gate-keys",
        {},
        [...SIGNS].map((sign) => h("button", { type: "button", onclick: () => put(sign) }, sign)),
      ),
      h(
        "div.gate-row",
        {},
        button("Delete", () => {
          input.value = input.value.replace(/-?.$/, "");
        }),
        button("Check it", done, { kind: "is-main" }),
      ),
      cancel(close),
    ];
  }, "Type the code");
}

export function search(find) {
  return open((close) => {
    const input = h("input.is-words", {
      type: "search",
      autocomplete: "off",
      "aria-label": "Name, booking or seat",
      placeholder: "Name, booking or seat",
      "data-first": true,
    });
    const list = h("div.gate-pick", { role: "status" });
    const go = async () => {
      list.replaceChildren(h("p", {}, "Searching."));
      try {
        const found = await find(input.value);
        list.replaceChildren(
          ...found.map((each) =>
            h(
              "button",
              { type: "button", onclick: () => close(each) },
              icon(each.status === 1 ? "check" : "ticket"),
              h(
                "span",
                {},
                h("b", {}, each.name ?? "No name"),
                h("br"),
                h(
                  "small",
                  {},
                  [seatWords(each.label), whoWords(each), each.reference, each.status === 1 ? "already in" : null]
                    .filter(Boolean)
                    .join(" · "),
                ),
              ),
            ),
          ),
        );
        if (!found.length)
          list.append(
            h(
              "p",
              {},
              "Nothing found. Try a part of the name, the booking's eight characters, or row and seat, as in “M 9”.",
            ),
          );
      } catch (error) {
        list.replaceChildren(
          h(
            "p",
            {},
            error.status ? error.message : "Searching needs the network. Type the code below the QR code instead.",
          ),
        );
      }
    };
    onEnter(input, go);
    return [
      h("h2", {}, "Search"),
      h("p", {}, "Look at an identity card before you let somebody in who has no code."),
      input,
      button("Search", go, { kind: "is-main", sign: "search" }),
      list,
      cancel(close),
    ];
  }, "Search");
}

export function askReason(title, sentence, reasons) {
  return open((close) => {
    const input = h("input.is-words", {
      type: "text",
      maxLength: 120,
      "aria-label": "Another reason",
      placeholder: "Another reason",
    });
    const done = () => {
      if (input.value.trim().length > 2) close(input.value.trim());
      else input.focus();
    };
    onEnter(input, done);
    return [
      h("h2", {}, title),
      h("p", {}, sentence),
      h(
        "div.gate-pick",
        {},
        reasons.map((reason, k) =>
          h("button", { type: "button", "data-first": k === 0, onclick: () => close(reason) }, reason),
        ),
      ),
      input,
      button("Use this reason", done),
      cancel(close),
    ];
  }, title);
}

export function whoCame(others) {
  return open((close) => {
    const boxes = others.map((other) => h("input", { type: "checkbox", checked: true, value: other.hash }));
    const go = button("", () => close(boxes.filter((box) => box.checked).map((box) => box.value)), {
      kind: "is-main",
      sign: "users",
    });
    const count = () => {
      go.lastChild.textContent = `Admit these ${boxes.filter((box) => box.checked).length}`;
    };
    for (const box of boxes) box.addEventListener("change", count);
    go.append("");
    count();
    return [
      h("h2", {}, "Who came?"),
      h("p", {}, "The ticket that was scanned is in already."),
      h(
        "fieldset.gate-pick",
        {},
        h("legend.visually-hidden", {}, "Tickets of this booking"),
        others.map((other, k) =>
          h(
            "label",
            {},
            boxes[k],
            h("span", {}, h("b", {}, seatWords(other.label)), h("br"), h("small", {}, whoWords(other))),
          ),
        ),
      ),
      go,
      cancel(close, "Not now"),
    ];
  }, "Who came?");
}

export function chooseScan(recent, zone, clockOf) {
  return open(
    (close) => [
      h("h2", {}, "Undo"),
      h(
        "p",
        {},
        recent.length
          ? "Which scan? The newest is first."
          : "Nothing has been scanned on this phone since the page was opened.",
      ),
      h(
        "div.gate-pick",
        {},
        recent.map((verdict, k) =>
          h(
            "button",
            { type: "button", "data-first": k === 0, onclick: () => close(verdict) },
            icon("undo"),
            h(
              "span",
              {},
              h("b", {}, verdict.plate ?? (seatWords(verdict.label) || "A ticket")),
              h("br"),
              h("small", {}, `${verdict.kind === "exit" ? "Out" : "In"} at ${clockOf(verdict.at, zone)}`),
            ),
          ),
        ),
      ),
      cancel(close),
    ],
    "Undo",
  );
}

// What this phone does: {name, pressed?} rows that close the sheet with their name.
export function menu(rows, title, sentence) {
  return open(
    (close) =>
      [
        h("h2", {}, title),
        sentence ? h("p", {}, sentence) : null,
        h(
          "div.gate-pick",
          {},
          rows.filter(Boolean).map(([value, sign, words, small, pressed], k) =>
            h(
              "button",
              {
                type: "button",
                "data-first": k === 0,
                "aria-pressed": pressed === undefined ? null : String(pressed),
                onclick: () => close(value),
              },
              icon(sign),
              h("span", {}, h("b", {}, words), small ? [h("br"), h("small", {}, small)] : null),
            ),
          ),
        ),
        cancel(close),
      ].filter(Boolean),
    title,
  );
}
