import type { ScoreCalls, ScoreState } from '../../src/protocol/score.ts';
import { openChannel } from '../channel.ts';
import './page.css';

/** The host has made the page: what is left is to say what was pressed, and to look as before when it is shown again. */

const vscode = acquireVsCodeApi<ScoreState>();
const { host } = openChannel<ScoreCalls>(vscode);
const report = document.body.dataset['report'] ?? '';

/** What a button asks of the host. */
function press({ call, open, line }: DOMStringMap): Promise<undefined> | undefined {
  if (open !== undefined) return host.open({ key: open });
  if (line !== undefined) return host.line({ number: Number(line) });
  switch (call) {
    case 'again':
      return host.again();
    case 'compare':
      return host.compare();
    case 'threshold':
      return host.threshold();
    default:
      return undefined;
  }
}

document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element ? target.closest('button') : null;
  // What went wrong, the host has said already.
  if (button) press(button.dataset)?.catch(() => {});
});

const sections = [...document.querySelectorAll('details')];

function remember(): void {
  const open = sections.flatMap((section, i) => (section.open ? [i] : []));
  vscode.setState({ report, open, top: window.scrollY });
}

const before = vscode.getState();
if (before?.report === report) {
  for (const i of before.open) sections[i]?.setAttribute('open', '');
  window.scrollTo(0, before.top);
}
remember();
document.addEventListener('toggle', remember, true);
document.addEventListener('scrollend', remember);
