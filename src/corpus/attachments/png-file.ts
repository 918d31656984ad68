import { zlibSync } from 'fflate';
import { COMPRESSION, crc32 } from '../zip.ts';

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits a pixel. */
  readonly depth: 1 | 2;
  /** What a pixel is: 0 a grey, 3 an entry of the palette. */
  readonly colour: 0 | 3;
}

/** A PNG (W3C PNG) of rows of pixels, each after a byte that names its filter, with a title and no other metadata. */
export function pngFile(title: string, { width, height, depth, colour }: PngHeader, rows: Uint8Array, palette?: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    ...(palette ? [chunk('PLTE', palette)] : []),
    chunk('iTXt', Buffer.from(`Title\0\0\0\0\0${title}`, 'utf8')),
    chunk('IDAT', zlibSync(rows, COMPRESSION)),
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
