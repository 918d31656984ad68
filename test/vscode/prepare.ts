import { installChromium } from './chromium.ts';
import { installCodeServer } from './install.ts';

/**
 * Sees to what the extension is tested in: Chromium, and VS Code for the browser.
 *
 *   node test/vscode/prepare.ts
 */

const say = (text: string): void => console.error(`mailwright: ${text}`);

try {
  await installChromium(say);
  await installCodeServer(say);
} catch (error) {
  say((error as Error).message);
  process.exitCode = 1;
}
