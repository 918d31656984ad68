import { readFileSync, writeFileSync } from 'node:fs';
import { Browser, installChromium } from '../test/vscode/chromium.ts';

/**
 * Draws media/icon.png from media/icon.svg: VS Code takes no SVG for an extension's icon.
 *
 *   node scripts/icon.ts
 */

const SIZE = 256;

const at = (name: string): URL => new URL(`../media/${name}`, import.meta.url);
const svg = readFileSync(at('icon.svg'), 'utf8');
const browser = await Browser.launch({ executable: await installChromium(console.error), width: SIZE, height: SIZE });
try {
  const page = await browser.page();
  await page.setContent(`<style>* { margin: 0 } svg { display: block }</style>${svg}`);
  writeFileSync(at('icon.png'), await page.screenshot({ omitBackground: true }));
} finally {
  await browser.close();
}
