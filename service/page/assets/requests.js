// The bodies of requests, and the requests as text to copy.

// Numbers keep every digit that was typed, where the browser can.
const exact = JSON.rawJSON
  ? (key, value, context) => (typeof value === "number" ? JSON.rawJSON(context.source) : value)
  : undefined;

/** Parse JSON; throws a SyntaxError. */
export function parse(text) {
  return JSON.parse(text, exact);
}

/** Parse an answer; an integer that a JavaScript number cannot hold stays the text that it is. */
export function parseAnswer(text) {
  const isInexact = (value) => Number.isInteger(value) && !Number.isSafeInteger(value);
  return JSON.parse(text, (key, value, context) => (isInexact(value) ? (context?.source ?? value) : value));
}

/** Put the values of the fields in a row as /predict takes it. */
export function row(model, values) {
  if (model.inputs.length > 1) return Object.fromEntries(model.features.map((name, i) => [name, values[i]]));
  return model.inputs[0].isMatrix ? values : values[0];
}

function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !JSON.isRawJSON?.(value);
}

function shape(value) {
  return Array.isArray(value) ? [value.length, ...(value.length ? shape(value[0]) : [])] : [];
}

/** Write rows as a request of the Open Inference Protocol V2. */
function infer(model, rows) {
  const lists = rows.map((item) => {
    if (!isRecord(item)) return item;
    const values = model.features.map((name) => item[name]);
    return model.inputs.length > 1 || model.inputs[0].isMatrix ? values : values[0];
  });
  const inputs = model.inputs.map(({ name, datatype, dimensions }, i) => {
    const data = model.inputs.length > 1 ? lists.map((list) => list[i]) : lists;
    const sizes = shape(data);
    while (sizes.length < dimensions) sizes.push(1);
    return { name, shape: sizes, datatype, data };
  });
  return { inputs };
}

/** Name the outputs that are asked for beside the first one; a comma in a name would end it. */
export function query(model) {
  const names = model.outputs.slice(1).map(({ name }) => name).filter((name) => !name.includes(","));
  return names.length ? `?outputs=${names.map(encodeURIComponent).join(",")}` : "";
}

function curl(url, body) {
  const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  return `curl ${quote(url)} \\\n  -d ${quote(JSON.stringify(body))}`;
}

function python(url, body) {
  const words = { true: "True", false: "False", null: "None" };
  const literal = JSON.stringify(body.instances).replace(
    /"(?:[^"\\]|\\.)*"|true|false|null/g,
    (token) => words[token] ?? token,
  );
  return [
    "import json",
    "from urllib.request import urlopen",
    "",
    `rows = ${literal}`,
    'body = json.dumps({"instances": rows}).encode()',
    `with urlopen(${JSON.stringify(url)}, body) as response:`,
    "    print(json.load(response))",
  ].join("\n");
}

/** Write the request in one of the ways that the page offers. */
export function write(way, model, base, rows) {
  const body = { instances: rows };
  if (way === "curl") return curl(`${base}predict${query(model)}`, body);
  if (way === "Python") return python(`${base}predict${query(model)}`, body);
  if (way === "V1") return curl(`${base}v1/models/${model.name}:predict`, body);
  return curl(`${base}v2/models/${model.name}/infer`, infer(model, rows));
}
