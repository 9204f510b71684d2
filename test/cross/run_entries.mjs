// run_entries.cpp for WebAssembly: runs every entry of an artifact on inputs that are a formula of
// their place, and prints what comes out, in the same words.
//
//   node run_entries.mjs ARTIFACT.wasm [SYMBOL=N ...] [--save=FILE]
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [file, ...words] = process.argv.slice(2);
const url = pathToFileURL(file).href;
const { load } = await import(url.replace(/\.wasm$/, '.mjs'));
const saved = words.find((word) => word.startsWith('--save='))?.slice(7);
const sizes = Object.fromEntries(words.filter((word) => !word.startsWith('--'))
  .map((word) => word.split('=')).map(([symbol, value]) => [symbol, +value]));
const model = await load(url);
const bits = new DataView(new ArrayBuffer(8));

// Numbers between -1.5 and 1.5; as f16, whose bits are written as they are, between .5 and 2.
function value(type, i, seed) {
  const step = (Math.imul(i, 2654435761) + Math.imul(seed, 40503)) >>> 0;
  const f = Math.fround;
  const x = f(f(f((step >>> 8) / (1 << 24)) - 0.5) * 3);
  switch (type) {
    case 'f32':
    case 'f64':
      return x;
    case 'f16':
      return 0x3800 + (step >>> 21);
    case 'bf16':
      bits.setFloat32(0, x);
      return bits.getUint16(0);
    case 'i64':
      return BigInt(step >>> 30);
    case 'i32':
      return step >>> 30;
    default:
      return step >>> 31;
  }
}

function half(word) {
  const exponent = (word >> 10) & 31, fraction = word & 1023;
  const size = exponent === 31 ? (fraction ? NaN : Infinity)
    : exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
  return word & 0x8000 ? -size : size;
}

function brain(word) {
  bits.setUint32(0, word << 16);
  return bits.getFloat32(0);
}

// As C prints them.
function shown(type, number) {
  const x = type === 'f16' ? half(number) : type === 'bf16' ? brain(number) : number;
  if (typeof x === 'number' && !Number.isFinite(x))
    return Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf';
  return `${x}`;
}

function run(name) {
  const entry = model.entries[name], inputs = {};
  entry.inputs.forEach((port, i) => {
    const count = port.dims.reduce((product, dim) => product * (sizes[dim] ?? dim), 1);
    inputs[port.name] = Array.from({ length: count }, (_, at) => value(port.type, at, i + 1));
  });
  const outputs = model.run(name, inputs, sizes);
  for (const { name: output, type } of entry.outputs) {
    console.log(`${name} ${output} ${type} ${outputs[output].length}`);
    if (outputs[output].length)
      console.log(Array.from(outputs[output], (x) => shown(type, x)).join('\n'));
  }
}

function save(suffix) {
  const roles = ['weight', 'slot', 'statistic', 'hyperparameter', 'rng'];
  if (saved) writeFileSync(saved + suffix, model.saveWeights(roles));
}

model.seed(7);
const names = Object.keys(model.entries);
if (names.includes('initialize')) run('initialize');
save('.0');
for (const name of names) if (name !== 'initialize') run(name);
save('.1');
