// The signed list of revoked codes. Only a list that our key signed is taken, and none that is older than what the
// phone has.
import { fromBase64, join, toBase64, verify } from "./code.js";

const PURPOSE = new TextEncoder().encode("cricverse revocations v1\0");

// {version, issuedAt, hashes: Set of base64url} after adding `list`, or a reason why it was not taken (a string).
export async function take(kept, list, keys, event) {
  const key = keys.get(list.key);
  if (!key || key.revoked || (key.event !== event && key.event !== 0) || list.event !== event) return "foreign";
  const head = new DataView(new ArrayBuffer(28));
  head.setUint32(0, list.event);
  [list.since, list.version, list.issued_at].forEach((value, k) => head.setBigUint64(4 + 8 * k, BigInt(value)));
  const raw = fromBase64(list.hashes);
  if (!(await verify(key.public, fromBase64(list.signature), join(PURPOSE, new Uint8Array(head.buffer), raw))))
    return "forged";
  if (kept && list.version < kept.version) return "older";
  if (list.since > (kept?.version ?? 0)) return "gap";
  const hashes = new Set(list.since === 0 ? [] : kept?.hashes);
  for (let k = 0; k + 8 <= raw.length; k += 8) hashes.add(toBase64(raw.slice(k, k + 8)));
  return { version: list.version, issuedAt: list.issued_at, hashes };
}
