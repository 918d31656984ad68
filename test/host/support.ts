import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something holds; says what it was at last where it never does. */
export async function until<T>(what: () => T | Promise<T>, holds: (value: T) => boolean, seconds = 20): Promise<T> {
  let value = await what();
  for (const deadline = Date.now() + seconds * 1000; !holds(value) && Date.now() < deadline;) {
    await sleep(50);
    value = await what();
  }
  assert.ok(holds(value), `never so: ${String(value)}`);
  return value;
}
