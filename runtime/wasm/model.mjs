// A compiled model in a browser or in node. `dlc compile --target=wasm32 MODEL -o digits.wasm`
// writes this file beside the module, as digits.mjs:
//
//   import { load } from './digits.mjs';
//   const model = await load();                        // digits.wasm, beside this file
//   model.seed(7);
//   model.run('initialize');                           // or model.loadWeights(bytes)
//   const sums = model.run('train_step', { x, y });    // typed arrays; their lengths tell B
//   const bytes = model.saveWeights();                 // safetensors, as the other runtimes read
//
// A module is checked whole before it is compiled: one that was cut or altered is refused.
// Everything runs on the calling thread and in the module's own memory. Mistakes throw an Error
// that names the entry and the input.

const TYPES = [ // in the order of DLC_F32, ... (runtime/abi/dtype.h)
  { name: 'f32', safe: 'F32', array: Float32Array },
  { name: 'f64', safe: 'F64', array: Float64Array },
  { name: 'f16', safe: 'F16', array: Uint16Array }, // the bits
  { name: 'bf16', safe: 'BF16', array: Uint16Array }, // the bits
  { name: 'i64', safe: 'I64', array: BigInt64Array },
  { name: 'i32', safe: 'I32', array: Int32Array },
  { name: 'i8', safe: 'I8', array: Int8Array },
  { name: 'u8', safe: 'U8', array: Uint8Array },
  { name: 'i1', safe: 'BOOL', array: Uint8Array },
];
const ABI = 2; // DLC_ABI_VERSION (runtime/abi/program.h)
const ROLES = ['weight', 'slot', 'statistic', 'hyperparameter', 'rng', 'cache'];
const ERRORS = [
  '', 'a size is missing, out of its bounds, or more than 2^31 bytes', 'there is not enough memory',
  'the module is malformed', 'called out of order',
];

/** Loads a model: a URL, a Response, a module's bytes; without any, the one beside this file. */
export async function load(source = import.meta.url.replace(/\.mjs(\?.*)?$/, '.wasm')) {
  let bytes = source;
  if (typeof source === 'string' || source instanceof URL) bytes = await read(new URL(source));
  else if (typeof Response !== 'undefined' && source instanceof Response)
    bytes = await source.arrayBuffer();
  checkBytes(ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes));
  const { instance } = await WebAssembly.instantiate(bytes);
  return new Model(instance.exports);
}

async function read(url) {
  if (url.protocol === 'file:') return (await import('node:fs/promises')).readFile(url);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return response.arrayBuffer();
}

// Every artifact ends with a dlc_trailer (runtime/abi/program.h): magic number, size, version,
// length of the file, and a checksum of what stands before. What was cut or altered on its way is
// refused before any of it is compiled.
function checkBytes(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length), at = bytes.length - 32;
  if (at < 0 || view.getBigUint64(at, true) !== 0x31524c5254434c44n)
    fail("the module is damaged: it does not end with dlc's trailer: no artifact, or cut");
  const abi = view.getUint32(at + 12, true), written = view.getBigUint64(at + 16, true);
  if (abi !== ABI || view.getUint32(at + 8, true) !== 32)
    fail(`the module was made for runtime ABI ${abi}, this script has ${ABI}; compile it again`);
  if (written !== BigInt(bytes.length))
    fail(`the module is damaged: ${written} bytes were written, ${bytes.length} are there`);
  if (view.getBigUint64(at + 24, true) !== checksum(view, at))
    fail('the module is damaged: the checksum does not match the content');
}

// dlc_checksum (runtime/abi/program.h).
function checksum(view, length) {
  const prime = 0x9e3779b185ebca87n, lanes = [1n, 2n, 3n, 4n];
  const wrap = (number) => BigInt.asUintN(64, number);
  let at = 0, hash = BigInt(length);
  for (; at + 32 <= length; at += 32)
    for (let k = 0; k < 4; ++k) {
      const lane = wrap((lanes[k] ^ view.getBigUint64(at + 8 * k, true)) * prime);
      lanes[k] = wrap(lane << 29n) | lane >> 35n;
    }
  for (const lane of lanes) hash = wrap((hash ^ lane) * prime) ^ hash >> 31n;
  for (; at < length; ++at) hash = wrap((hash ^ BigInt(view.getUint8(at))) * prime);
  return hash ^ hash >> 29n;
}

export class Model {
  #core;
  #symbols;
  #open = false;

  constructor(core) {
    this.#core = core;
    this.#check('the module', core.dlc_begin());
    this.name = this.#text(core.dlc_name());
    this.#symbols = this.#list(core.dlc_symbol_count(), (i) => this.#text(core.dlc_symbol_name(i)));
    /** {name: {inputs: [{name, type, dims}], outputs: [...]}}; dims are numbers or symbols. */
    this.entries = {};
    for (let e = 0; e < core.dlc_entry_count(); ++e)
      this.entries[this.#text(core.dlc_entry_name(e))] = {
        number: e, inputs: this.#ports(e, 0), outputs: this.#ports(e, 1),
      };
    /** {name: {type, role, dims}} */
    this.variables = {};
    for (let v = 0; v < core.dlc_variable_count(); ++v)
      this.variables[this.#text(core.dlc_variable_name(v))] = {
        number: v,
        type: TYPES[core.dlc_variable_dtype(v)].name,
        role: ROLES[core.dlc_variable_role(v)],
        dims: this.#list(core.dlc_variable_rank(v), (d) => core.dlc_variable_dim(v, d)),
      };
  }

  /**
   * Runs an entry. `inputs` maps names to typed arrays (or plain ones) of dense row-major tensors;
   * `sizes` gives symbols that no input's length tells. Returns copies of the outputs by name.
   */
  run(entry, inputs = {}, sizes = {}) {
    const e = this.entries[entry] ??
      fail(`no entry is called "${entry}"; there are: ${Object.keys(this.entries).join(', ')}`);
    this.#openOnce(sizes);
    const arrays = e.inputs.map((port) => this.#array(entry, port, inputs));
    for (const name of Object.keys(inputs))
      if (!e.inputs.some((port) => port.name === name))
        fail(`entry "${entry}" has no input "${name}"; there are: ` +
             e.inputs.map((port) => port.name).join(', '));
    this.#bind(entry, e, arrays, sizes);
    const core = this.#core;
    this.#check(`entry "${entry}"`, core.dlc_prepare(e.number));
    e.inputs.forEach((port, i) => {
      this.#checkLength(entry, e, port, i, arrays[i]);
      const address = core.dlc_address(0, i);
      if (address) this.#view(port.type, address, arrays[i].length).set(arrays[i]);
    });
    this.#check(`entry "${entry}"`, core.dlc_run());
    return Object.fromEntries(e.outputs.map((port, i) => [
      port.name,
      this.#view(port.type, core.dlc_address(1, i), this.#count(e.number, 1, i)).slice(),
    ]));
  }

  /** Seeds the random numbers of a model that draws any. */
  seed(number) {
    for (const [name, { role }] of Object.entries(this.variables))
      if (role === 'rng') this.set(name, [BigInt(number), 0n]);
  }

  /** A copy of a variable's value. */
  get(name) {
    const v = this.#variable(name);
    return this.#view(v.type, this.#core.dlc_variable_address(v.number), size(v.dims)).slice();
  }

  /** Gives a variable a value. */
  set(name, values) {
    const v = this.#variable(name);
    const view = this.#view(v.type, this.#core.dlc_variable_address(v.number), size(v.dims));
    if (values.length !== view.length)
      fail(`variable "${name}" has ${view.length} elements, got ${values.length}`);
    view.set(values);
    this.#core.dlc_variable_changed(v.number);
  }

  /** Weights and statistics (or the variables of other roles) as a safetensors file. */
  saveWeights(roles = ['weight', 'statistic']) {
    const header = {}, parts = [];
    let offset = 0;
    for (const [name, v] of Object.entries(this.variables)) {
      if (!roles.includes(v.role)) continue;
      const values = this.get(name);
      header[name] = {
        dtype: typeOf(v.type).safe, shape: v.dims,
        data_offsets: [offset, offset += values.byteLength],
      };
      parts.push(new Uint8Array(values.buffer));
    }
    let text = JSON.stringify(header);
    text += ' '.repeat((8 - text.length % 8) % 8);
    const json = new TextEncoder().encode(text);
    const file = new Uint8Array(8 + json.length + offset);
    new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
    file.set(json, 8);
    let at = 8 + json.length;
    for (const part of parts) {
      file.set(part, at);
      at += part.length;
    }
    return file;
  }

  /** Gives every weight and statistic its value from a safetensors file. */
  loadWeights(bytes) {
    const file = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const length = file.length >= 8 ? Number(view.getBigUint64(0, true)) : Infinity;
    if (length > file.length - 8) fail('not a safetensors file, or cut');
    const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
    for (const [name, v] of Object.entries(this.variables)) {
      if (v.role !== 'weight' && v.role !== 'statistic') continue;
      const entry = header[name] ?? fail(`the weight file has no tensor "${name}"`);
      const { safe, array } = typeOf(v.type);
      if (entry.dtype !== safe || entry.shape.join() !== v.dims.join())
        fail(`tensor "${name}" is ${entry.dtype}[${entry.shape}], expected ${safe}[${v.dims}]`);
      const [begin, end] = entry.data_offsets;
      if (!(0 <= begin && begin <= end && 8 + length + end <= file.length))
        fail(`tensor "${name}" lies outside the weight file`);
      this.set(name, new array(file.slice(8 + length + begin, 8 + length + end).buffer));
    }
  }

  #text(address) {
    const memory = new Uint8Array(this.#core.memory.buffer);
    return new TextDecoder().decode(memory.subarray(address, memory.indexOf(0, address)));
  }

  #list(count, make) {
    return Array.from({ length: count }, (_, i) => make(i));
  }

  #ports(entry, output) {
    const core = this.#core;
    return this.#list(core.dlc_port_count(entry, output), (i) => ({
      name: this.#text(core.dlc_port_name(entry, output, i)),
      type: TYPES[core.dlc_port_dtype(entry, output, i)].name,
      dims: this.#list(core.dlc_port_rank(entry, output, i), (d) => {
        const symbol = core.dlc_port_symbol(entry, output, i, d);
        const dim = core.dlc_port_dim(entry, output, i, d);
        return symbol >= 0 ? this.#symbols[symbol] : dim >= 0 ? dim : '?';
      }),
    }));
  }

  #check(what, error) {
    if (error) fail(`${what}: ${ERRORS[error] ?? `error ${error}`}`);
  }

  // Memory moves when it grows, so views are made anew.
  #view(type, address, length) {
    return new (typeOf(type).array)(this.#core.memory.buffer, address, length);
  }

  #count(entry, output, i) {
    let count = 1;
    for (let d = 0; d < this.#core.dlc_port_rank(entry, output, i); ++d)
      count *= this.#core.dlc_port_dim(entry, output, i, d);
    return count;
  }

  // Variables may be sized by symbols: these are bound before, and stay.
  #openOnce(sizes = {}) {
    if (this.#open) return;
    for (const [symbol, value] of Object.entries(sizes)) this.#bindOne(symbol, value);
    this.#check('the variables', this.#core.dlc_open());
    this.#open = true;
  }

  #variable(name) {
    this.#openOnce();
    return this.variables[name] ??
      fail(`no variable is called "${name}"; there are: ${Object.keys(this.variables).join(', ')}`);
  }

  #array(entry, port, inputs) {
    const values = inputs[port.name] ?? fail(`entry "${entry}": input "${port.name}" is missing`);
    const type = typeOf(port.type).array;
    if (values instanceof type) return values;
    if (ArrayBuffer.isView(values))
      fail(`entry "${entry}": input "${port.name}" takes a ${type.name}, got a ` +
           values.constructor.name);
    return type.from(values);
  }

  #bindOne(symbol, value) {
    const number = this.#symbols.indexOf(symbol);
    if (number < 0)
      fail(`no size is called "${symbol}"; there are: ${this.#symbols.join(', ') || 'none'}`);
    if (this.#core.dlc_bind(number, value)) fail(`${symbol} = ${value} is out of its bounds`);
  }

  // A symbol that is the only unknown dimension of an input follows from the input's length.
  #bind(entry, e, arrays, sizes) {
    const known = { ...sizes };
    e.inputs.forEach((port, i) => {
      const open = port.dims.filter((dim) => typeof dim === 'string' && !(dim in known));
      if (open.length !== 1 || open[0] === '?') return;
      const rest = port.dims.reduce(
        (product, dim) => product * (dim === open[0] ? 1 : known[dim] ?? dim), 1);
      if (arrays[i].length % rest)
        fail(`entry "${entry}": input "${port.name}" is ${port.type}[${port.dims}], which cannot ` +
             `have ${arrays[i].length} elements`);
      known[open[0]] = arrays[i].length / rest;
    });
    for (const [symbol, value] of Object.entries(known)) this.#bindOne(symbol, value);
  }

  #checkLength(entry, e, port, i, array) {
    const count = this.#count(e.number, 0, i);
    if (array.length !== count)
      fail(`entry "${entry}": input "${port.name}" is ${port.type}[${port.dims}], ${count} ` +
           `elements here, got ${array.length}`);
  }
}

function typeOf(name) {
  return TYPES.find((type) => type.name === name);
}

function size(dims) {
  return dims.reduce((product, dim) => product * dim, 1);
}

function fail(message) {
  throw new Error(message);
}
