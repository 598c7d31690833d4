// What a verdict says: of the phone's own lists, and then of the server's answer.
import { toBase64 } from "./code.js";

// The verdict on a scan of this phone, from what it knows: `judged` is the rule's first part, `key` the right's hash or
// null, `known` its [status, since, gate] or undefined.
export function verdictOf(scanner, scan, outcome, judged, key, known) {
  const { rights, bundle } = scanner;
  const n = key ? scanner.number(key) : -1;
  const all = judged.kind === "pass" ? bundle.car_parks : bundle.gates;
  const right = outcome === "wrong_gate" ? all.find((each) => each.zone === judged.zone) : null;
  return {
    id: scan.id,
    at: scanner.link.serverNow,
    outcome,
    kind: scan.kind,
    mode: scan.mode,
    text: scan.code,
    key,
    letIn: outcome === "admitted",
    local: false,
    double: false,
    label: n >= 0 ? rights.label(n) : null,
    type: n >= 0 ? rights.type(n) : null,
    flags: n >= 0 ? rights.flags(n) : 0,
    plate: null,
    firstAt: outcome === "already_used" ? (known?.[1] ?? null) : null,
    firstGate: outcome === "already_used" ? (known?.[2] ?? null) : null,
    right: right ? { code: right.code ?? null, name: right.name } : null,
    booking: n >= 0 && scan.kind === "entry" ? rights.others(n).map((k) => other(scanner, k)) : [],
  };
}

function other(scanner, k) {
  const { rights } = scanner;
  const hash = toBase64(rights.hash(k));
  return {
    hash,
    label: rights.label(k),
    type: rights.type(k),
    flags: rights.flags(k),
    status: scanner.stateOf(hash)?.[0] ?? 0,
  };
}

// The server's word counts for all but what only the phone knows.
export function withAnswer(verdict, answer) {
  const own = new Map(verdict.booking.map((each) => [each.hash, each]));
  return {
    ...verdict,
    outcome: answer.outcome,
    letIn: answer.let_in,
    double: answer.double,
    label: answer.label ?? verdict.label,
    type: answer.type ?? verdict.type,
    plate: answer.plate ?? null,
    firstAt: answer.at ?? null,
    firstGate: answer.gate ?? null,
    right: answer.right ?? verdict.right,
    key: answer.hash ?? verdict.key,
    booking: (answer.booking ?? verdict.booking).map((each) => ({
      label: null,
      flags: 0,
      ...own.get(each.hash),
      ...each,
    })),
  };
}
