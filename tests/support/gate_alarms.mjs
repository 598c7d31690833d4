// What a phone shows of a double that two tell of: its own scan's answer, and the list of alarms. Run by
// tests/gate/test_gate_phone.py; prints, for each order they come in, the scans and gates of the alarms.
import { Scanner } from "../../static/js/gate/scanner.js";

const OWN = { own: true, id: "b", scan: "b", hash: "h", kind: "double", gate: "F", first_gate: "C" };
// The phone's scan came late and was the first: the list calls the other one the double.
const LISTED = { id: 7, scan: "a", hash: "h", kind: "double", gate: "C", first_gate: "F" };
const OTHER = { id: 8, scan: "c", hash: "other", kind: "double", gate: "C", first_gate: "F" };
const AGAIN = { id: 9, scan: "d", hash: "h", kind: "double", gate: "C", first_gate: "F" };

function shown(...alarms) {
  const rung = [];
  const scanner = new Scanner({ store: {}, on: (what, alarm) => what === "alarm" && rung.push(alarm.scan) });
  for (const alarm of alarms) {
    scanner.raise(alarm);
    if (alarm.look) scanner.acknowledge(scanner.alarms[0]);
  }
  return {
    rung,
    alarms: scanner.alarms.map(({ scan, gate, seen }) => [scan, gate, Boolean(seen)]),
  };
}

console.log(
  JSON.stringify({
    own_first: shown(OWN, LISTED),
    list_first: shown(LISTED, OWN),
    looked_at: shown({ ...OWN, look: true }, LISTED),
    three_people: shown(OWN, LISTED, AGAIN),
    two_tickets: shown(OWN, OTHER),
  }),
);
