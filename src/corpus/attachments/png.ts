import { zlibSync } from 'fflate';
import { crc32 } from '../zip.ts';

const WIDTH = 320;
const HEIGHT = 160;

/** White, grid grey, and two bar colours. */
const PALETTE = [0xff, 0xff, 0xff, 0xd9, 0xd9, 0xd9, 0x1f, 0x4e, 0x79, 0x70, 0xad, 0x47];

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
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header.set([2, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', Uint8Array.from(PALETTE)),
    chunk('iTXt', Buffer.from(`Title\0\0\0\0\0${title}`, 'utf8')),
    chunk('IDAT', zlibSync(raw, { level: 6, mem: 0 })),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}
