// What the script beside a WebAssembly module promises: messages, weights, sizes, training.
//
//   node model_test.mjs DIGITS.wasm
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const url = pathToFileURL(process.argv[2]).href;
const { load } = await import(url.replace(/\.wasm$/, '.mjs'));
const model = await load(); // the module beside the script
const images = (count) => Float32Array.from({ length: count * 64 }, (_, i) => (i * 7 % 17) / 16);

assert.deepEqual(Object.keys(model.entries).sort(),
  ['evaluate', 'initialize', 'predict', 'train_step']);
assert.deepEqual(model.entries.predict.inputs, [{ name: 'x', type: 'f32', dims: ['B', 8, 8, 1] }]);
assert.deepEqual(model.variables['dense/kernel'].dims, [1024, 10]);

const fails = (message, call) => assert.throws(call, { message });
fails(/no entry is called "guess"; there are: .*predict/, () => model.run('guess'));
fails('entry "predict": input "x" is missing', () => model.run('predict'));
fails('entry "predict": input "x" takes a Float32Array, got a Float64Array',
  () => model.run('predict', { x: new Float64Array(64) }));
fails('entry "predict": input "x" is f32[B,8,8,1], which cannot have 65 elements',
  () => model.run('predict', { x: new Float32Array(65) }));
fails('entry "predict" has no input "y"; there are: x',
  () => model.run('predict', { x: images(1), y: [1] }));
fails('entry "train_step": input "y" is i32[B], 2 elements here, got 3',
  () => model.run('train_step', { x: images(2), y: [1, 2, 3] }, { B: 2 }));
fails('no size is called "Q"; there are: B', () => model.run('predict', { x: images(1) }, { Q: 1 }));
fails('B = 0 is out of its bounds', () => model.run('predict', { x: images(0) }));
fails(/no variable is called "dense"; there are: /, () => model.get('dense'));
fails('variable "dense/bias" has 10 elements, got 9',
  () => model.set('dense/bias', new Float32Array(9)));

// One entry's memory is the next one's: large and small batches in turn give the same.
model.seed(3);
model.run('initialize');
const small = model.run('predict', { x: images(1) }).y;
assert.equal(small.length, 10);
assert.deepEqual(model.run('predict', { x: images(200) }).y.slice(0, 10).length, 10);
assert.deepEqual(model.run('predict', { x: images(1) }).y, small);

// Weights move to another instance, and training goes on from there as it does here.
const file = model.saveWeights();
const other = await load(url);
other.seed(9);
other.run('initialize');
assert.notDeepEqual(other.run('predict', { x: images(1) }).y, small);
other.loadWeights(file);
assert.deepEqual(other.run('predict', { x: images(1) }).y, small);
fails(/safetensors/, () => other.loadWeights(file.subarray(0, 100)));
fails(/outside the weight file/, () => other.loadWeights(file.subarray(0, file.length - 4)));
const y = Int32Array.from({ length: 16 }, (_, i) => i % 10);
let first, last;
for (let step = 0; step < 100; ++step) {
  last = model.run('train_step', { x: images(16), y })['loss.total'][0];
  first ??= last;
}
assert(last < first / 2, `the loss went from ${first} to ${last}`);

// A module is checked whole before it is compiled: any byte that differs, any end that is missing.
const bytes = readFileSync(new URL(url));
const refuses = (message, altered) => assert.rejects(load(altered), { message });
const damaged = (at, bits = 0x10) => {
  const copy = Uint8Array.from(bytes);
  copy[at] ^= bits;
  return copy;
};
const end = bytes.length - 32;
for (let i = 0; i < 100; ++i)
  await refuses('the module is damaged: the checksum does not match the content',
    damaged(Math.floor(i * (end - 1) / 99)));
for (let at = end + 24; at < bytes.length; ++at)
  await refuses('the module is damaged: the checksum does not match the content', damaged(at));
for (const length of [0, 31, 100, end, bytes.length - 1])
  await refuses(/^the module is damaged: it does not end with dlc's trailer/,
    bytes.subarray(0, length));
await refuses(/^the module is damaged: it does not end with/, damaged(end));
for (const version of [1, 77]) // an older one, a newer one
  await refuses(`the module was made for runtime ABI ${version}, this script has 2; compile it again`,
    damaged(end + 12, 2 ^ version));
await refuses(`the module is damaged: ${bytes.length} bytes were written, ${end} are there`,
  Buffer.concat([bytes.subarray(0, end - 32), bytes.subarray(end)]));
await refuses(/^the module is damaged: it does not end with/, new TextEncoder().encode('<html>'));

// Bytes come in every form that a program may hold them in.
const shifted = new Uint8Array(bytes.length + 3);
shifted.set(bytes, 3);
for (const source of [bytes, Uint8Array.from(bytes).buffer, shifted.subarray(3),
                      new Response(bytes)])
  assert.equal((await load(source)).name, model.name);
