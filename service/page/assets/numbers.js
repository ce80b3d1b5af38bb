// What is typed where a number belongs. Fields of the type "number" drop a comma in silence: 1,5 would be asked as 15.

import { parse } from "./requests.js";

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Write a number as JSON has it: no plus, no zeros in front, digits around the point. */
function literalOf(text) {
  return text
    .trim()
    .replace(/^\+/, "")
    .replace(/^(-?)0+(?=\d)/, "$1")
    .replace(/^(-?)\./, (match, sign) => `${sign}0.`)
    .replace(/\.(?=e|$)/i, "");
}

/** Turn a literal into a BigInt, whichever way it is written; null if it is no whole number. */
function wholeOf(literal) {
  if (/^-?\d+$/.test(literal)) return BigInt(literal);
  return Number.isSafeInteger(Number(literal)) ? BigInt(Number(literal)) : null;
}

function problemOfWhole(whole, { minimum, maximum }) {
  if (whole === null) return "A whole number belongs here.";
  if (whole < BigInt(minimum)) return `The smallest number here is ${minimum}.`;
  return whole > BigInt(maximum) ? `The largest number here is ${maximum}.` : "";
}

/** Say what is wrong with the text of a field of numbers, which its data attributes describe; nothing if it is right. */
export function problemOfNumber(text, field) {
  const typed = text.trim();
  if (!typed) return field.nullable === undefined ? "A number belongs here." : "";
  if (typed.includes(",")) return "A comma is not understood: write 1.5 with a point, and 1500 without a separator.";
  if (/\s/.test(typed)) return "Write the number without spaces, such as 1500.";
  if (!NUMBER.test(typed)) return "This is no number: write one such as 1500, -0.5 or 1e-3.";
  const literal = literalOf(typed);
  if (field.kind === "integer") return problemOfWhole(wholeOf(literal), field);
  return Number.isFinite(Number(literal)) ? "" : "This number is too large.";
}

/** Turn the text of a field of numbers, in which nothing is wrong, into a JSON value; null if it is empty. */
export function numberOf(text, { kind }) {
  if (!text.trim()) return null;
  const literal = literalOf(text);
  return parse(kind === "integer" ? wholeOf(literal).toString() : literal);
}
