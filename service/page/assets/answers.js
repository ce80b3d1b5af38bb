// Answers as elements. Every text of the model or the server becomes a text node, never markup.

const MOST_SHOWN = 12;

/** Make an element of children, which are elements or texts. */
export function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function show(value) {
  if (value === null) return "missing";
  if (typeof value === "object") return JSON.stringify(value);
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(6)));
  return String(value);
}

function percent(share) {
  if (share > 0 && share < 0.001) return "< 0.1 %";
  if (share < 1 && share > 0.999) return "> 99.9 %";
  return `${(share * 100).toFixed(1)} %`;
}

function areProbabilities(values) {
  if (values.length < 2 || !values.every((value) => typeof value === "number" && value >= 0 && value <= 1)) return false;
  return Math.abs(values.reduce((sum, value) => sum + value, 0) - 1) < 0.001;
}

function bar({ label, value }) {
  const fill = element("span", { className: "fill" });
  fill.style.width = `${value * 100}%`;
  return element(
    "li",
    {},
    element("bdi", { className: "label" }, label),
    element("span", { className: "track", ariaHidden: "true" }, fill),
    element("span", { className: "value" }, percent(value)),
  );
}

function line({ label, value }) {
  return element("li", {}, element("bdi", { className: "label" }, label), element("span", { className: "value" }, show(value)));
}

function list(className, cells, make) {
  const items = cells.map(make);
  const shown = element("ul", { className }, ...items.slice(0, MOST_SHOWN));
  if (items.length <= MOST_SHOWN) return [shown];
  const rest = element("ul", { className }, ...items.slice(MOST_SHOWN));
  return [shown, element("details", {}, element("summary", {}, `${items.length - MOST_SHOWN} more`), rest)];
}

function cells(values, labels) {
  return values.map((value, i) => ({ label: String(labels[i] ?? i), value }));
}

/** Take a lone value out of its list. */
function plain(value, labels) {
  return Array.isArray(value) && value.length === 1 && !labels.length ? value[0] : value;
}

function output({ name, labels }, given) {
  const value = plain(given, labels);
  const title = element("h3", {}, element("bdi", {}, name));
  if (!Array.isArray(value)) return [title, element("p", { className: "scalar" }, show(value))];
  if (!areProbabilities(value)) return [title, ...list("lines", cells(value, labels), line)];
  const sorted = cells(value, labels).sort((one, other) => other.value - one.value);
  return [title, ...list("bars", sorted, bar)];
}

function prediction({ labels }, given) {
  const value = plain(given, labels);
  if (Array.isArray(value)) return list("lines", cells(value, labels), line);
  return [element("p", { className: "prediction" }, element("bdi", {}, show(value)))];
}

/** Show an answer: the one row with all of its outputs, or the predictions of several rows. */
export function answer(model, body, milliseconds) {
  const [first, ...others] = model.outputs;
  const shown = [];
  if (body.predictions.length === 1) {
    shown.push(...prediction(first, body.predictions[0]));
    const given = others.filter(({ name }) => Object.hasOwn(body.outputs ?? {}, name));
    shown.push(...given.flatMap((spec) => output(spec, body.outputs[spec.name][0])));
  } else {
    shown.push(...list("lines", cells(body.predictions, []), line));
  }
  shown.push(element("p", { className: "hint" }, `Answered in ${milliseconds} ms.`));
  return shown;
}

/** Show why there is no answer. */
export function problem(text) {
  return [element("p", { className: "problem" }, text)];
}
