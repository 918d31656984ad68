import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { scratch, start } from './support.ts';

const MOST = 400 * 1024 * 1024;

describe('memory', () => {
  const path = scratch();

  it('stays under 400 MB with 20,000 messages and two workers', async function () {
    if (process.platform !== 'linux') this.skip(); // where the kernel keeps the peak in /proc
    const running = start(['generate', '-n', '20000', '-l', 'none', '--workers', '2', '--out', path('job')]);
    let peak = 0;
    let over = false;
    const ended = running.ended.finally(() => (over = true));
    while (!over) {
      peak = Math.max(peak, peakOf(running.pid));
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 25))]);
    }
    const { code, stderr } = await ended;
    assert.equal(code, 0, stderr);
    assert.ok(peak > 30 * 1024 * 1024, `a peak of ${peak} bytes is none`);
    assert.ok(peak < MOST, `${Math.round(peak / 1e6)} MB`);
  });
});

/** The most memory a process has had, in bytes; 0 where it is gone. */
function peakOf(pid: number): number {
  try {
    return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
