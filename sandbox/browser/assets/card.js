// What can be said about card fields without asking anybody. No DOM here.

const BRANDS = [
  ["amex", /^3[47]/, 15, 4],
  ["visa", /^4/, 16, 3],
  ["mastercard", /^(5[1-5]|2[2-7])/, 16, 3],
  ["discover", /^6(011|5)/, 16, 3],
  ["diners", /^3(0|6|8)/, 14, 3],
  ["jcb", /^35/, 16, 3],
  ["unionpay", /^62/, 16, 3],
];

/** The brand of a number and how long its number and security code are. */
export function brandOf(number) {
  const found = BRANDS.find(([, start]) => start.test(number));
  return found ? { brand: found[0], length: found[2], cvc: found[3] } : { brand: "unknown", length: 16, cvc: 3 };
}

/** Digits in the groups that are printed on the card. */
export function groupNumber(text) {
  const digits = text.replace(/\D/g, "");
  const amex = brandOf(digits).brand === "amex";
  const groups = amex ? digits.match(/^(\d{1,4})(\d{1,6})?(\d{1,5})?/)?.slice(1) : digits.match(/\d{1,4}/g);
  return (groups || []).filter(Boolean).join(" ");
}

/** `1234`, `12/34` or `12 / 2034` as "12 / 34". */
export function groupExpiry(text) {
  const [left, right] = text.includes("/") ? text.split("/") : [text, ""];
  let digits = left.replace(/\D/g, "");
  const slashed = text.includes("/");
  if (slashed) digits = digits.padStart(2, "0").slice(0, 2) + right.replace(/\D/g, "");
  else if (/^[2-9]/.test(digits)) digits = `0${digits}`;
  if (digits.length === 6) digits = digits.slice(0, 2) + digits.slice(4);
  digits = digits.slice(0, 4);
  return digits.length > 2 ? `${digits.slice(0, 2)} / ${digits.slice(2)}` : digits;
}

/** ISO/IEC 7812-1's check digit. */
export function passesLuhn(digits) {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place]) * (place % 2 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return digits.length > 0 && sum % 10 === 0;
}

/** The first thing wrong with each field: `{number?: {code, message}, expiry?: …, cvc?: …}`. */
export function problemsOf(values, today = new Date()) {
  const problems = {};
  const number = values.number.replace(/\D/g, "");
  const brand = brandOf(number);
  if (number.length < brand.length)
    problems.number = { code: "incomplete_number", message: "Your card number is incomplete." };
  else if (!passesLuhn(number)) problems.number = { code: "invalid_number", message: "Your card number is invalid." };
  const { month, year } = readExpiry(values.expiry);
  const monthsLeft = (year - today.getFullYear()) * 12 + (month - 1 - today.getMonth());
  if (values.expiry.replace(/\D/g, "").length < 4)
    problems.expiry = { code: "incomplete_expiry", message: "Your card's expiration date is incomplete." };
  else if (month < 1 || month > 12)
    problems.expiry = { code: "invalid_expiry_month", message: "Your card's expiration date is invalid." };
  else if (monthsLeft < 0)
    problems.expiry = { code: "invalid_expiry_year_past", message: "Your card's expiration date is in the past." };
  else if (monthsLeft > 600)
    problems.expiry = { code: "invalid_expiry_year", message: "Your card's expiration year is invalid." };
  if (values.cvc.replace(/\D/g, "").length < brand.cvc)
    problems.cvc = { code: "incomplete_cvc", message: "Your card's security code is incomplete." };
  return problems;
}

/** Month and four-digit year of "12 / 34". */
export function readExpiry(text) {
  const digits = text.replace(/\D/g, "");
  return { month: Number(digits.slice(0, 2)), year: 2000 + Number(digits.slice(2, 4)) };
}
