import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * Runs steps side by side, so many at once, each as soon as those it comes after are done; among several, the first of the
 * list. What they print stands behind their names, line by line. After the first that fails none begins any more, and those
 * that run come to their end.
 *
 * A step is { name, args, after }: arguments of `script`, and names of other steps. `started` is given each child, and
 * answers with its exit code. Answers with the exit code of the first step that failed, else 0.
 */
export async function sideBySide(script, steps, { atOnce, started }) {
  const width = Math.max(...steps.map(({ name }) => name.length));
  const say = (name, text) => console.log(`${name.padEnd(width)} │ ${text}`);
  const waiting = new Set(steps);
  const running = new Map();
  const done = new Set();
  let failed = 0;
  for (;;) {
    for (const step of waiting) {
      if (failed || running.size === atOnce) break;
      if (!step.after.every((name) => done.has(name))) continue;
      waiting.delete(step);
      running.set(step, runStep(script, step, say, started));
    }
    if (running.size === 0) {
      if (failed || waiting.size === 0) return failed;
      throw new Error(`${[...waiting].map(({ name }) => name).join(', ')} cannot begin: no step has the name of what they come after`);
    }
    const { step, code } = await Promise.race(running.values());
    running.delete(step);
    done.add(step.name);
    failed ||= code;
  }
}

async function runStep(script, step, say, started) {
  const { name, args } = step;
  say(name, '▸ begins');
  const begun = performance.now();
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = started(child);
  for (const output of [child.stdout, child.stderr]) createInterface({ input: output }).on('line', (line) => say(name, line));
  const code = await ended;
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  say(name, code === 0 ? `✔ done in ${seconds} s` : `✘ failed (exit code ${code}) after ${seconds} s`);
  return { step, code };
}
