import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ArcLine } from '../../src/corpus/truth/line.ts';
import { digestIn, done, file, PROJECT, run, scratch } from './support.ts';

/** The example of docs/scenarios.md, done as the page says: a user's own scenario in a folder beside the job file. */

const PAGE = readFileSync(join(PROJECT, 'docs', 'scenarios.md'), 'utf8');
const [PACK, SCENARIO, JOB] = [...PAGE.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text]) => text!) as [string, string, string];
const LINES = /^```sh\n([\s\S]*?)^```$/m.exec(PAGE)![1]!.trim().split('\n');

describe("a user's own scenario", () => {
  const path = scratch();

  /** The folder of the page's example. */
  function folderOf(name: string, scenario = SCENARIO): string {
    for (const [place, text] of [
      ['loans/pack.yaml', PACK],
      ['loans/scenarios/client-loan.yaml', scenario],
      ['job.yaml', JOB],
    ] as const) {
      mkdirSync(dirname(path(name, place)), { recursive: true });
      file(path(name, place), text);
    }
    return path(name);
  }

  it('is checked, shown and planted by the commands of the page', async () => {
    const cwd = folderOf('example');
    const said = new Map<string, string>();
    for (const line of LINES) {
      const [program, ...args] = line.split(' ');
      assert.equal(program, 'mailwright');
      said.set(args.join(' '), (await done(args, { cwd })).stdout);
    }
    assert.match(said.get('pack lint loans')!, /^loans: no errors\. .*nothing to advise\.$/m);
    const headlines = (options: string): string[] =>
      said
        .get(`preview job.yaml --scenario client-loan${options}`)!
        .split('\n')
        .filter((line) => line.startsWith('=====') && line.includes(': phase '));
    assert.deepEqual(headlines(''), [
      '===== client-loan, explicit: phase ask by adviser, positive, alert required',
      '===== client-loan, explicit: phase lend by client, positive, alert required',
    ]);
    assert.deepEqual(headlines(' --evasion code'), [
      '===== client-loan, code: phase ask by adviser, positive, alert required',
      '===== client-loan, code: phase lend by client, positive, alert required',
    ]);
    for (const line of headlines(' --near-miss'))
      assert.match(line, /near miss (bank-loan|offer-declined|real-boat): .*, near miss, alert none$/);
    assert.equal(headlines(' --near-miss').length, 2);

    const arcs = readFileSync(join(cwd, 'loan-corpus', 'truth', 'arcs.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as ArcLine);
    assert.deepEqual(arcs.map(({ scenario, label }) => `${scenario} ${label}`).sort(), [
      ...Array<string>(12).fill('client-loan near_miss'),
      ...Array<string>(6).fill('client-loan positive'),
    ]);
  });

  it('stays with the job: it goes on without the folder, to the same digest', async () => {
    const cwd = folderOf('moved');
    const first = await done(['generate', 'job.yaml', '--out', 'corpus'], { cwd });
    for (const name of ['manifest.json', 'attempts', 'shards/000001.json', 'truth/000001.jsonl'])
      rmSync(join(cwd, 'corpus', name), { recursive: true });
    renameSync(join(cwd, 'loans'), path('elsewhere'));
    const again = await done(['generate', '--out', 'corpus'], { cwd });
    assert.equal(digestIn(again.stdout), digestIn(first.stdout));
  });

  it('that is broken is refused: file, place, character', async () => {
    const cases: [from: string, to: string, says: string][] = [
      [
        '[a bank|my own bank]',
        '[a bank|my own bank',
        "scenarios/client-loan.yaml: phases.0.explicit.0: '[' is never closed (character 114)",
      ],
      ['by {paid}, and yours', 'by {payday}, and yours', 'scenarios/client-loan.yaml: phases.0.code.0: {payday} is not among the facts: '],
      ['to: adviser', 'to: advisor', "scenarios/client-loan.yaml: phases.1.to: 'advisor' is not one of the roles: adviser, client"],
    ];
    for (const [i, [from, to, says]] of cases.entries()) {
      assert.ok(SCENARIO.includes(from), from);
      const { code, stderr } = await run(['generate', 'job.yaml', '--out', path('never')], {
        cwd: folderOf(`broken-${i}`, SCENARIO.replace(from, to)),
      });
      assert.equal(code, 2, stderr);
      assert.ok(stderr.includes(`loans: ${says}`), stderr);
    }
  });
});
