import { pngFile } from './png-file.ts';

const WIDTH = 320;
const HEIGHT = 160;

/** White, grid grey, and two bar colours. */
const PALETTE = Uint8Array.of(0xff, 0xff, 0xff, 0xd9, 0xd9, 0xd9, 0x1f, 0x4e, 0x79, 0x70, 0xad, 0x47);

/** A bar chart as a PNG (W3C PNG, 2 bits a pixel, palette): one bar a value, values from 0 to 1000. */
export function png(title: string, values: readonly number[]): Uint8Array {
  const stride = WIDTH / 4 + 1;
  const raw = new Uint8Array(stride * HEIGHT);
  const set = (x: number, y: number, colour: number): void => {
    raw[y * stride + 1 + (x >> 2)]! |= colour << (6 - 2 * (x & 3));
  };
  for (let y = 19; y < HEIGHT; y += 20) for (let x = 0; x < WIDTH; x++) set(x, y, 1);
  const width = Math.floor((WIDTH - 20) / values.length);
  values.forEach((value, i) => {
    const top = HEIGHT - 10 - Math.floor((value * (HEIGHT - 20)) / 1000);
    for (let y = top; y < HEIGHT - 10; y++)
      for (let x = 10 + i * width; x < 10 + (i + 1) * width - 3; x++) {
        raw[y * stride + 1 + (x >> 2)]! &= ~(3 << (6 - 2 * (x & 3)));
        set(x, y, i === values.length - 1 ? 3 : 2);
      }
  });
  return pngFile(title, { width: WIDTH, height: HEIGHT, depth: 2, colour: 3 }, raw, PALETTE);
}
