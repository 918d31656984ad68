import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import type { Services } from '../services.ts';
import { Generation } from './generation.ts';
import { Specs } from './specs.ts';

/** What all that shows generated messages shares: the thread that makes them, and the specs they are of. */
export interface Previews {
  readonly generation: Generation;
  readonly specs: Specs;
}

const made = new WeakMap<Services, Previews>();

export function previewsOf(services: Services): Previews {
  const known = made.get(services);
  if (known) return known;
  const { context, installation } = services;
  const generation = new Generation({ thread: pathToFileURL(join(installation.folder, 'generation.mjs')), packs: installation.packs });
  context.subscriptions.push(generation);
  const previews = { generation, specs: new Specs(context.workspaceState) };
  made.set(services, previews);
  return previews;
}
