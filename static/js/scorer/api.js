// The scorer's requests. A refusal is an Error with the server's `code`, `message` and `details`; no answer at all is
// one without a code.
const PATIENCE = 12_000;
let form = document.querySelector("meta[name=csrf-token]")?.content ?? null;

async function ask(path, { method = "GET", body = null, lock = null, again = true } = {}) {
  const headers = { Accept: "application/json" };
  if (lock) headers["X-Scoring-Lock"] = lock;
  if (body !== null) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRF-Token"] = await token();
  const answer = await fetch(path, {
    method,
    headers,
    body: body === null ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE),
    cache: "no-store",
  });
  const found = await answer.json().catch(() => null);
  if (answer.ok && found !== null) return found;
  if (answer.status === 204) return {};
  const told = found?.error ?? {};
  if (told.code === "FORM_EXPIRED" && again) {
    form = null;
    return ask(path, { method, body, lock, again: false });
  }
  const error = new Error(told.message ?? `The server answered ${answer.status}.`);
  if (answer.status < 500 && answer.status !== 429)
    error.code = told.code ?? (answer.status === 401 ? "SIGN_IN_FIRST" : "MALFORMED");
  error.status = answer.status;
  error.details = told;
  throw error;
}

async function token() {
  if (!form) {
    const answer = await fetch("/api/csrf-token", {
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(PATIENCE),
    });
    form = (await answer.json()).token;
  }
  return form;
}

export const api = {
  open: (match, lock, after = 0) => ask(`/api/scorer/matches/${match}${after ? `?after=${after}` : ""}`, { lock }),
  take: (match, knowingly) => ask(`/api/scorer/matches/${match}/lock`, { method: "POST", body: { take: knowingly } }),
  leave: (match, lock) => ask(`/api/scorer/matches/${match}/lock`, { method: "DELETE", lock }),
  record: (match, lock, after, events) =>
    ask(`/api/scorer/matches/${match}/events`, { method: "POST", body: { after, events }, lock }),
  checks: (match) => ask(`/api/scorer/matches/${match}/checks`),
  check: (match, body) => ask(`/api/scorer/matches/${match}/checks`, { method: "POST", body }),
  stopChecking: (match) => ask(`/api/scorer/matches/${match}/checks`, { method: "DELETE" }),
};
