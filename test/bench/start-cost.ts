import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Starts the built extension once, with a stand-in for VS Code's API, and prints what that takes of the processor, in
 * milliseconds: a figure that a busy machine disturbs less than the time on the clock.
 */

// An extension host has loaded these long before.
for (const name of ['child_process', 'crypto', 'events', 'fs/promises']) await import(`node:${name}`);

/** Whatever it is asked for: a function, a class, a list without members, an object with every property. */
const anything: unknown = new Proxy(function () {}, {
  get: (target, key): unknown => {
    if (key === Symbol.iterator) return () => [].values();
    if (key === Symbol.toPrimitive) return () => '';
    if (key === 'prototype') return Reflect.get(target, key);
    return key === 'then' ? undefined : anything;
  },
  set: () => true,
  apply: () => anything,
  construct: () => anything as object,
});

const script = new URL('../../dist/extension.mjs', import.meta.url);
const names = new Set([...readFileSync(script, 'utf8').matchAll(/\bvscode\d*\.(\w+)/g)].map(([, name]) => name));
const api = [...names].map((name) => `export const ${name} = globalThis.anything;`).join('');
Object.assign(globalThis, { anything });
const url = `data:text/javascript,${encodeURIComponent(api)}`;
registerHooks({ resolve: (name, context, next) => (name === 'vscode' ? { url, shortCircuit: true } : next(name, context)) });
await import(url);

const folder = mkdtempSync(join(tmpdir(), 'mailwright-start-'));
const context = { subscriptions: [], extensionPath: fileURLToPath(new URL('../..', script)), globalStorageUri: { fsPath: folder } };

const before = process.cpuUsage();
const { activate } = (await import(script.href)) as { readonly activate: (context: object) => object };
activate(context);
const { user, system } = process.cpuUsage(before);

process.stdout.write(JSON.stringify({ milliseconds: (user + system) / 1000 }));
rmSync(folder, { recursive: true });
process.exit(); // what follows a start is no part of it
