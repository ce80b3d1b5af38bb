import { answer, problem } from "./answers.js";
import { numberOf, problemOfNumber } from "./numbers.js";
import { parse, parseAnswer, query, row, write } from "./requests.js";

const model = JSON.parse(document.body.dataset.model);
const base = new URL(document.body.dataset.base || ".", location.href).href;
const form = document.getElementById("form");
const area = document.getElementById("rows");
const controls = area ? [area] : [...form.querySelectorAll("[data-kind]")];
const result = document.getElementById("result");
const text = document.getElementById("text");
const copy = document.getElementById("copy");
const copied = document.getElementById("copied");
const unwritten = document.getElementById("unwritten");
let asking = null;

function isNumber({ dataset: { kind } }) {
  return kind === "number" || kind === "integer";
}

/** Say what is wrong with a field, in its own words or the browser's; nothing if it is right. */
function problemOf(control) {
  if (isNumber(control)) return problemOfNumber(control.value, control.dataset);
  if (!control.checkValidity()) return control.validationMessage;
  if (control !== area) return "";
  try {
    const rows = parse(control.value);
    return Array.isArray(rows) && rows.length ? "" : "A list with at least one row belongs here: [ … ].";
  } catch (error) {
    return `This is no JSON: ${error.message}`;
  }
}

function check(control) {
  const found = problemOf(control);
  const place = document.getElementById(`${control.id}-problem`);
  place.textContent = found;
  place.hidden = !found;
  if (found) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
  return !found;
}

function valueOf(control) {
  const { kind, nullable } = control.dataset;
  if (isNumber(control)) return numberOf(control.value, control.dataset);
  if (control.value === "" && nullable !== undefined) return null;
  return kind === "boolean" ? control.value === "true" : control.value;
}

function rowsOf() {
  return area ? parse(area.value) : [row(model, controls.map(valueOf))];
}

function writeRequest() {
  const wrong = controls.find(problemOf);
  unwritten.hidden = !wrong;
  text.parentElement.hidden = Boolean(wrong);
  copy.disabled = Boolean(wrong);
  copied.textContent = "";
  if (wrong) {
    unwritten.textContent = `There is none: ${wrong.labels[0].firstChild.textContent} needs another value.`;
    return;
  }
  const way = document.querySelector("input[name=style]:checked").value;
  text.textContent = write(way, model, base, rowsOf());
}

async function refusalOf(response) {
  const said = await response.json().then((body) => body.detail, () => null);
  const after = response.headers.get("retry-after");
  const words = said ? `${said[0].toUpperCase()}${said.slice(1)}.` : `The answer was ${response.status} ${response.statusText}.`;
  return after ? `${words} Try again in ${after} s.` : words;
}

async function ask() {
  asking?.abort();
  const mine = (asking = new AbortController());
  result.ariaBusy = "true";
  let shown;
  try {
    const begin = performance.now();
    const response = await fetch(`${base}predict${query(model)}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ instances: rowsOf() }),
      signal: mine.signal,
    });
    shown = response.ok
      ? answer(model, parseAnswer(await response.text()), Math.round(performance.now() - begin))
      : problem(await refusalOf(response));
  } catch (error) {
    if (mine.signal.aborted) return;
    shown = problem("The service did not answer. Is it still running?");
  }
  result.replaceChildren(...shown);
  result.ariaBusy = "false";
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const wrong = controls.filter((control) => !check(control));
  if (wrong.length) {
    wrong[0].focus();
    result.replaceChildren(...problem("Nothing was asked: a field needs another value."));
  } else {
    ask();
  }
});
form.addEventListener("input", ({ target }) => {
  if (target.hasAttribute("aria-invalid")) check(target);
  writeRequest();
});
form.addEventListener("reset", () => {
  // The fields have their values back only after this event.
  setTimeout(() => {
    controls.forEach(check);
    writeRequest();
  });
});
document.querySelectorAll("input[name=style]").forEach((choice) => choice.addEventListener("change", writeRequest));
copy.addEventListener("click", async () => {
  try {
    // There is a clipboard only over https and on localhost.
    await navigator.clipboard.writeText(text.textContent);
  } catch {
    getSelection().selectAllChildren(text);
    document.execCommand("copy");
  }
  copied.textContent = "Copied.";
});
document.getElementById("request").hidden = false;
writeRequest();
