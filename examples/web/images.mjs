// Images as the network takes them: 8 x 8 pixels from 0 to 1.

/** The data set, parted as `dlc train` parts it by ?except=5 and ?every=5. */
export async function readDigits(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  const packed = response.body.pipeThrough(new DecompressionStream('gzip'));
  const text = await new Response(packed).text();
  const rows = text.trim().split('\n').map((line) => {
    const numbers = line.split(',').map(Number);
    return { pixels: Float32Array.from(numbers.slice(0, 64), (n) => n / 16), label: numbers[64] };
  });
  return {
    training: rows.filter((_, i) => i % 5 !== 0),
    testing: rows.filter((_, i) => i % 5 === 0),
  };
}

/**
 * A drawing as the data's images were made: the ink is cut out, centred in 8 x 8 cells as high as
 * it, and each cell is as bright as it holds ink. Null where there is none.
 */
export function shrink({ width, height, data }) {
  const ink = (x, y) =>
    x >= 0 && x < width && y >= 0 && y < height ? data[4 * (y * width + x) + 3] / 255 : 0;
  let left = width, right = -1, top = height, bottom = -1;
  for (let y = 0; y < height; ++y)
    for (let x = 0; x < width; ++x)
      if (ink(x, y) > 0.2) {
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
      }
  if (right < 0) return null;
  const size = Math.max(bottom - top + 1, right - left + 1, 80);
  const x0 = (left + right + 1 - size) / 2, y0 = (top + bottom + 1 - size) / 2, cell = size / 8;
  return Float32Array.from({ length: 64 }, (_, i) => {
    const left = Math.round(x0 + (i % 8) * cell), top = Math.round(y0 + Math.floor(i / 8) * cell);
    let sum = 0, count = 0;
    for (let y = top; y < top + cell; ++y)
      for (let x = left; x < left + cell; ++x, ++count) sum += ink(x, y);
    return Math.min(1, 1.15 * sum / count);
  });
}
