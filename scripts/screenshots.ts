import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { encode } from 'modern-gif';
import { ROOT } from '../test/vscode/places.ts';
import { Session } from '../test/vscode/session.ts';
import type { Workbench } from '../test/vscode/workbench.ts';

/**
 * Takes the pictures of the README from the running extension, as it is packaged: docs/images/mailwright.png, and the way
 * from a preset to an opened message as docs/images/mailwright.gif.
 *
 *   npm run screenshots
 */

const FOLDER = join(ROOT, 'docs/images');
const SIZE = { width: 1280, height: 760 };
const SETTINGS = {
  'workbench.colorTheme': 'Default Dark Modern',
  'editor.minimap.enabled': false,
  'editor.wordWrap': 'on',
  'breadcrumbs.enabled': false,
  'workbench.layoutControl.enabled': false,
};
/** How long a frame stays, in milliseconds. */
const SHORT = 500;
const LONG = 2500;

interface Frame {
  readonly png: Uint8Array;
  readonly delay: number;
}

const say = (text: string): void => console.error(`mailwright: ${text}`);

async function play(session: Session): Promise<{ readonly frames: readonly Frame[]; readonly still: Uint8Array }> {
  const frames: Frame[] = [];
  const workbench: Workbench = await session.open();
  const { page } = workbench;
  const take = async (delay: number): Promise<void> => void frames.push({ png: await page.screenshot(), delay });
  const settle = (): Promise<void> => page.waitForTimeout(1500); // what is drawn, and how far it has got, nobody tells

  say('asking for a corpus');
  await workbench.show();
  const form = await workbench.webviewWith('[data-testid=preset-smoke]');
  await form.locator('.estimate dl').waitFor();
  await settle();
  await take(LONG);
  await form.getByTestId('preset-functional').click();
  await form.locator('.estimate dl').filter({ hasText: '50,000' }).waitFor();
  await take(LONG);
  await form.getByRole('button', { name: 'Run', exact: true }).click();
  say('watching it');
  const ready = workbench.toast('Corpus ready');
  while (!(await ready.isVisible())) {
    await take(SHORT);
    await page.waitForTimeout(SHORT);
  }
  await settle();
  await take(LONG);
  say('opening a message');
  await workbench.press('Corpus ready', 'Open a Message');
  await workbench.tab(/\.eml/).waitFor();
  await settle();
  await take(LONG);
  await workbench.run('Open Mail Preview to the Side');
  const preview = await workbench.webviewWith('[role=tablist]');
  await preview.locator('.truth').first().waitFor();
  await workbench.row('50,000 messages').first().click();
  await workbench.row('Ground Truth').locator('.monaco-tl-twistie').click(); // a click on the row would open the file
  await workbench.row('positive').first().waitFor();
  await settle();
  await take(2 * LONG);
  return { frames, still: frames.at(-1)!.png };
}

/** The same picture one after the other is one frame that stays longer. */
function distinct(frames: readonly Frame[]): Frame[] {
  const kept: Frame[] = [];
  for (const frame of frames) {
    const last = kept.at(-1);
    if (last && Buffer.compare(last.png, frame.png) === 0) kept[kept.length - 1] = { png: last.png, delay: last.delay + frame.delay };
    else kept.push(frame);
  }
  return kept;
}

function rgbaOf(png: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const { data, channels, width, height } = decode(png);
  if (channels === 4) return Uint8ClampedArray.from(data);
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0, from = 0; i < rgba.length; i += 4, from += channels) rgba.set(data.subarray(from, from + 3), i);
  return rgba;
}

mkdirSync(FOLDER, { recursive: true });
const session = await Session.start({ ...SIZE, theme: 'dark', settings: SETTINGS });
try {
  const { frames, still } = await play(session);
  writeFileSync(join(FOLDER, 'mailwright.png'), still);
  const shown = distinct(frames);
  say(`an animation of ${shown.length} frames`);
  const gif = await encode({ ...SIZE, maxColors: 128, frames: shown.map(({ png, delay }) => ({ data: rgbaOf(png), delay })) });
  writeFileSync(join(FOLDER, 'mailwright.gif'), new Uint8Array(gif));
} finally {
  await session.close();
}
