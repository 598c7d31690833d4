// Rotating codes: eight digits of a 15 second step (RFC 6238, SHA-1), from a secret of one ticket that comes from the
// event's (RFC 5869).
import { join } from "./code.js";

export const STEP = 15;
const ACCEPTED = [0, -1, -2, 1]; // a picture is refused when it is 45 s old; one step ahead, for a fan's clock that is
const INFO = new TextEncoder().encode("cricverse rotating v1\0");

export async function rightSecret(eventSecret, right, seq) {
  const key = await crypto.subtle.importKey("raw", eventSecret, "HKDF", false, ["deriveBits"]);
  const info = join(INFO, right, Uint8Array.of(seq));
  return new Uint8Array(
    await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info }, key, 160),
  );
}

// The digits that a ticket shows at a moment (seconds since 1970).
export async function digitsAt(secret, at) {
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);
  return digitsOf(key, Math.floor(at / STEP));
}

async function digitsOf(key, step) {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(Math.max(0, step)));
  const mac = new DataView(await crypto.subtle.sign("HMAC", key, counter.buffer));
  const number = mac.getUint32(mac.getUint8(19) & 15) & 0x7fffffff;
  return String(number % 100_000_000).padStart(8, "0");
}

export async function isCurrent(digits, secret, at) {
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);
  const step = Math.floor(at / STEP);
  for (const ago of ACCEPTED) if ((await digitsOf(key, step + ago)) === digits) return true;
  return false;
}
