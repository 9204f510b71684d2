// The page: draws, asks the network, trains it. The network is digits.wasm, which
//
//   dlc compile examples/digits_convnet.cpp --target=wasm32 -o examples/web/digits.wasm
//
// makes, together with digits.mjs. Serve the folder `examples` by any web server and open web/:
//
//   python3 -m http.server -d examples
import { load } from './digits.mjs';
import { readDigits, shrink } from './images.mjs';

const BATCH = 32, EPOCHS = 5;
const at = (id) => document.getElementById(id);
const pad = at('pad').getContext('2d', { willReadFrequently: true });
const seen = at('seen').getContext('2d');
const history = [];
let model, training, testing, image = null, busy = false, dice = 1;

// ---- the network

// From 0 to 1; the same ones each time, so that what the page shows can be had again.
function random() {
  dice = (Math.imul(dice, 1664525) + 1013904223) >>> 0;
  return dice / 2 ** 32;
}

function initialize() {
  model.seed(1);
  dice = 1;
  model.run('initialize');
  history.length = 0;
  report();
  recognise();
}

function batchOf(rows) {
  const x = new Float32Array(rows.length * 64), y = new Int32Array(rows.length);
  rows.forEach((row, i) => {
    x.set(row.pixels, i * 64);
    y[i] = row.label;
  });
  return { x, y };
}

function shuffle(rows) {
  for (let i = rows.length - 1; i > 0; --i) {
    const j = Math.floor(random() * (i + 1));
    [rows[i], rows[j]] = [rows[j], rows[i]];
  }
}

const nextFrame = () => new Promise((resolve) => setTimeout(resolve));

// One epoch, in pieces of some 30 ms, so that the page stays alive.
async function trainEpoch(number) {
  shuffle(training);
  let loss = 0, count = 0, steps = 0, worked = 0, piece = performance.now();
  for (let from = 0; from < training.length; from += BATCH) {
    const begin = performance.now();
    const sums = model.run('train_step', batchOf(training.slice(from, from + BATCH)));
    worked += performance.now() - begin;
    ++steps;
    loss += sums['loss.total'][0];
    count += sums['loss.weight'][0];
    if (performance.now() - piece < 30) continue;
    at('status').textContent = `${number}: ${from} of ${training.length} images`;
    await nextFrame();
    piece = performance.now();
  }
  const sums = model.run('evaluate', batchOf(testing));
  history.push({
    loss: loss / count, accuracy: sums['accuracy.total'][0] / sums['accuracy.weight'][0],
    step: worked / steps,
  });
}

async function train(epochs = EPOCHS) {
  if (busy) return;
  setBusy(true);
  for (let i = 0; i < epochs; ++i) {
    await trainEpoch(`epoch ${history.length + 1}`);
    report();
    recognise();
    await nextFrame();
  }
  setBusy(false);
  at('status').textContent = 'Trained. Draw a digit.';
}

// ---- the answer

function softmax(logits) {
  const most = Math.max(...logits), powers = Array.from(logits, (x) => Math.exp(x - most));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((x) => x / sum);
}

function recognise() {
  const shares = image ? softmax(model.run('predict', { x: image }).y) : new Array(10).fill(0);
  const best = shares.indexOf(Math.max(...shares));
  at('answer').textContent = !image ? '–'
    : `${shares[best] < 0.6 ? 'Perhaps' : 'It is'} a ${best}`;
  shares.forEach((share, digit) => {
    at(`bar-${digit}`).style.width = `${100 * share}%`;
    at(`share-${digit}`).textContent = image ? `${(100 * share).toFixed(1)} %` : '';
  });
}

// ---- drawing

function clear() {
  pad.clearRect(0, 0, 280, 280);
  see(null);
}

function see(pixels) {
  image = pixels;
  const shown = seen.createImageData(8, 8);
  for (let i = 0; i < 64; ++i)
    shown.data.set([255, 255, 255, pixels ? 255 * pixels[i] : 0], 4 * i);
  seen.putImageData(shown, 0, 0);
  recognise();
}

function place(event) {
  const box = event.target.getBoundingClientRect();
  return [
    (event.clientX - box.left) * 280 / box.width,
    (event.clientY - box.top) * 280 / box.height,
  ];
}

function stroke(event, begin) {
  const [x, y] = place(event);
  if (begin) {
    pad.beginPath();
    pad.moveTo(x, y);
  }
  pad.lineTo(x, y);
  Object.assign(pad, { lineWidth: 26, lineCap: 'round', lineJoin: 'round', strokeStyle: '#fff' });
  pad.stroke();
  see(shrink(pad.getImageData(0, 0, 280, 280)));
}

function showSample() {
  clear();
  const row = testing[Math.floor(random() * testing.length)];
  for (let i = 0; i < 64; ++i) {
    pad.fillStyle = `rgb(255 255 255 / ${row.pixels[i]})`;
    pad.fillRect((i % 8) * 35, Math.floor(i / 8) * 35, 35, 35);
  }
  see(row.pixels);
}

// Eight copies, and steps on these among others: enough to be noticed, too little to forget.
async function teach() {
  if (!image || busy) return;
  setBusy(true);
  const row = { pixels: image, label: Number(at('label').value) };
  training.push(...new Array(8).fill(row));
  for (let step = 0; step < 12; ++step) {
    const others = Array.from({ length: 28 },
      () => training[Math.floor(random() * training.length)]);
    model.run('train_step', batchOf([row, row, row, row, ...others]));
  }
  setBusy(false);
  recognise();
}

// ---- the report

function line(values, kind, most) {
  const step = 560 / Math.max(values.length - 1, 4);
  const points = values.map((v, i) => `${20 + i * step},${150 - 130 * Math.min(v / most, 1)}`);
  return `<polyline class="${kind}" points="${points.join(' ')}"/>`;
}

function report() {
  const last = history.at(-1), percent = (x) => `${(100 * x).toFixed(1)} %`;
  at('accuracy').textContent = last ? percent(last.accuracy) : '–';
  at('loss').textContent = last ? last.loss.toFixed(3) : '–';
  at('epochs').textContent = history.length;
  at('speed').textContent = last ? `${last.step.toFixed(1)} ms` : '–';
  at('curve').innerHTML = `<line class="axis" x1="20" x2="580" y1="150" y2="150"/>
    <line class="axis" x1="20" x2="580" y1="20" y2="20"/>
    <text class="accuracy" x="20" y="14">accuracy (line: 100 %)</text>
    <text class="loss" x="180" y="14">loss (line: 2)</text><text x="20" y="168">epochs</text>` +
    line(history.map((h) => h.accuracy), 'accuracy', 1) +
    line(history.map((h) => h.loss), 'loss', 2);
}

function setBusy(now) {
  busy = now;
  for (const id of ['train', 'reset', 'teach', 'save']) at(id).disabled = now;
}

function saveWeights() {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([model.saveWeights()]));
  link.download = 'digits.safetensors';
  link.click();
  URL.revokeObjectURL(link.href);
}

async function loadWeights(file) {
  try {
    model.loadWeights(await file.arrayBuffer());
    at('status').textContent = `${file.name} loaded.`;
  } catch (error) {
    at('status').textContent = error.message;
  }
  recognise();
}

function connect() {
  for (let digit = 0; digit < 10; ++digit) {
    at('bars').insertAdjacentHTML('beforeend', `<div class="bar"><span>${digit}</span>
      <i><b id="bar-${digit}"></b></i><span id="share-${digit}"></span></div>`);
    at('label').add(new Option(digit));
  }
  at('pad').addEventListener('pointerdown', (event) => {
    event.target.setPointerCapture(event.pointerId);
    stroke(event, true);
  });
  at('pad').addEventListener('pointermove', (event) => event.buttons && stroke(event, false));
  at('clear').onclick = clear;
  at('sample').onclick = showSample;
  at('teach').onclick = teach;
  at('train').onclick = () => train();
  at('reset').onclick = initialize;
  at('save').onclick = saveWeights;
  at('load').onchange = (event) => event.target.files[0] && loadWeights(event.target.files[0]);
}

connect();
setBusy(true);
try {
  [model, { training, testing }] = await Promise.all([load(), readDigits('../data/digits.csv.gz')]);
  setBusy(false);
  at('status').textContent = `${training.length} images. Not trained yet.`;
  initialize();
} catch (error) {
  at('status').textContent = error.message;
}
document.body.dataset.ready = model ? 'yes' : 'no';
