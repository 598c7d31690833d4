// The signed code of a ticket or pass, read on the phone: the same reading as qr_codes.py, whose page says what stands
// in it. Bytes are Uint8Array; ids of rights stay bytes, for nothing here needs their spelling.

export const STATIC_LENGTH = 150;
const PREFIX = "CV1:";
const SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const HEAD = 33;
const LENGTH = HEAD + 64;
const KINDS = { 1: "ticket", 2: "pass" };
const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const words = new TextEncoder();
const PURPOSE = words.encode("cricverse entry code v1\0");

export function join(...parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

// Base 45 (RFC 9285), one text for each bytes: a group that is too large is no code. Null when it is none.
export function decode45(text) {
  const digits = [];
  for (const sign of text) {
    const digit = SIGNS.indexOf(sign);
    if (digit < 0) return null;
    digits.push(digit);
  }
  if (digits.length % 3 === 1) return null;
  const out = [];
  for (let i = 0; i + 2 < digits.length; i += 3) {
    const n = digits[i] + digits[i + 1] * 45 + digits[i + 2] * 2025;
    if (n > 65535) return null;
    out.push(n >> 8, n & 255);
  }
  if (digits.length % 3 === 2) {
    const n = digits.at(-2) + digits.at(-1) * 45;
    if (n > 255) return null;
    out.push(n);
  }
  return Uint8Array.from(out);
}

export function encode45(bytes) {
  let out = "";
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    const n = bytes[i] * 256 + bytes[i + 1];
    out += SIGNS[n % 45] + SIGNS[Math.floor(n / 45) % 45] + SIGNS[Math.floor(n / 2025)];
  }
  if (bytes.length % 2) out += SIGNS[bytes.at(-1) % 45] + SIGNS[Math.floor(bytes.at(-1) / 45)];
  return out;
}

// What the text says, unverified: {kind, key, event, right, seq, zone, notBefore, expires, text, digits, message,
// signature}, or {problem}; `text` is the static code.
export function parse(text) {
  let digits = null;
  if (text.length === STATIC_LENGTH + 9 && text[STATIC_LENGTH] === "/") {
    digits = text.slice(STATIC_LENGTH + 1);
    text = text.slice(0, STATIC_LENGTH);
  }
  if (!text.startsWith(PREFIX)) return { problem: "unknown" };
  const raw = decode45(text.slice(PREFIX.length));
  if (raw?.length !== LENGTH || !(raw[0] in KINDS)) return { problem: "unreadable" };
  const at = new DataView(raw.buffer);
  return {
    kind: KINDS[raw[0]],
    key: at.getUint16(1),
    event: at.getUint32(3),
    right: raw.slice(7, 23),
    seq: raw[23],
    zone: raw[24],
    notBefore: at.getUint32(25),
    expires: at.getUint32(29),
    text,
    digits,
    message: join(PURPOSE, raw.slice(0, HEAD)),
    signature: raw.slice(HEAD),
  };
}

const keys = new Map(); // a public key's base64 → what verifies with it

// Ed25519 by the browser where it can, by noble where the phone is older. `publicKey` is base64url of 32 bytes.
export async function verify(publicKey, signature, message) {
  let check = keys.get(publicKey);
  if (!check) {
    check = await verifier(fromBase64(publicKey));
    keys.set(publicKey, check);
  }
  return check(signature, message);
}

async function verifier(raw) {
  try {
    const key = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
    return (signature, message) => crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
  } catch {
    const noble = await import("../../vendor/noble-ed25519/ed25519.js");
    return (signature, message) => noble.verifyAsync(signature, message, raw, { zip215: false }).catch(() => false);
  }
}

async function sha8(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts))).slice(0, 8);
}

// The 8 bytes by which the gate knows an issue of a right (issue_hash in qr_codes.py says why so), and by which that
// issue stands on the signed list of revoked ones.
export function issueHash({ right, seq, text }) {
  return sha8(words.encode("cricverse right v1"), right, words.encode(seq === 1 ? "" : text));
}
export function revokedHash(right, seq) {
  return sha8(words.encode("cricverse revoked v1"), right, Uint8Array.of(seq));
}

// The first 5 bytes of the hash that a typed code means, or null: O is 0, I and L are 1, and dashes do not matter.
export function readShort(text) {
  const signs = [
    ...text
      .toUpperCase()
      .replace(/[^A-Z0-9]/g, "")
      .replace(/O/g, "0")
      .replace(/[IL]/g, "1"),
  ];
  if (signs.length !== 8 || signs.some((sign) => !CROCKFORD.includes(sign))) return null;
  let number = 0n;
  for (const sign of signs) number = (number << 5n) | BigInt(CROCKFORD.indexOf(sign));
  return Uint8Array.from({ length: 5 }, (_, k) => Number((number >> BigInt(32 - 8 * k)) & 255n));
}

export function toBase64(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}

export function fromBase64(text) {
  return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
}
