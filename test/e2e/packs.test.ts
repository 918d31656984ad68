import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { assertWhole, digestIn, done, file, keyOf, PROJECT, record, run, scratch } from './support.ts';

/** A pack of a language of its own, with one desk. */
const DUTCH = join(PROJECT, 'test', 'fixtures', 'packs', 'nl');

const SPEC = {
  messages: 300,
  organisation: { employees: 40, desks: [{ id: 'treasury' }], offices: [{ city: 'Utrecht', zone: 'Europe/Amsterdam', locale: 'nl-NL' }] },
  content: { languages: { nl: 1 }, packs: ['my packs/nl'] },
  execution: { workers: 1 },
};

describe("a user's own pack", () => {
  const path = scratch();

  /** A folder with a job file and, beside it, the pack it names. */
  function folderOf(name: string, spec: object = SPEC): string {
    mkdirSync(path(name, 'my packs'), { recursive: true });
    cpSync(DUTCH, path(name, 'my packs', 'nl'), { recursive: true });
    file(path(name, 'dutch.mailwright.json'), spec);
    return path(name);
  }

  it('gives a corpus its language', async () => {
    const folder = folderOf('works');
    // From elsewhere: the pack's path is relative to the job file.
    const { stdout } = await done(['generate', join(folder, 'dutch.mailwright.json'), '--out', path('job')], { cwd: path() });
    await assertWhole(path('job'), digestIn(stdout));
    const mails = Array.from({ length: SPEC.messages }, (_, index) => readFileSync(path('job', keyOf(path('job'), index)), 'latin1'));
    const subjects = mails.filter((mail) => /^Subject: .*(Kaspositie|tekort|gat van|Deposito|Rente van de dag)/m.test(mail));
    assert.ok(subjects.length > 100, `${subjects.length} subjects of the pack`);
    assert.ok(mails.every((mail) => !/^Subject: .*[{}[\]|<>]/m.test(mail)));
    assert.deepEqual(
      record(path('job')).packs.map(({ pack, language }) => [pack, language]),
      [['nl-treasury', 'nl']],
    );
  });

  it('stays with the job: it goes on, and is verified, without the folder', async () => {
    const folder = folderOf('moved');
    const job = path('moved-job');
    const { stdout } = await done(['generate', join(folder, 'dutch.mailwright.json'), '--out', job]);
    for (const name of ['manifest.json', 'attempts', 'shards/000001.json']) rmSync(join(job, name), { recursive: true });
    renameSync(folder, path('elsewhere'));
    const again = await done(['generate', '--out', job]);
    assert.equal(digestIn(again.stdout), digestIn(stdout));
    await assertWhole(job, digestIn(stdout));
  });

  it('of a language without a weight changes nothing, now or when the job goes on', async () => {
    const english = {
      ...SPEC,
      organisation: { ...SPEC.organisation, desks: [{ id: 'risk' }] },
      content: { ...SPEC.content, languages: { en: 1, nl: 0 } },
    };
    const folder = folderOf('unused', english);
    rmSync(join(folder, 'my packs', 'nl', 'common.yaml'));
    const job = path('unused-job');
    const { stdout } = await done(['generate', join(folder, 'dutch.mailwright.json'), '--out', job]);
    for (const name of ['manifest.json', 'attempts', 'shards/000001.json']) rmSync(join(job, name), { recursive: true });
    const again = await done(['generate', '--out', job]);
    assert.equal(digestIn(again.stdout), digestIn(stdout));

    const without = await done([
      'generate',
      file(path('without.json'), { ...english, content: { languages: { en: 1 } } }),
      '-l',
      'none',
      '--out',
      path('without'),
    ]);
    assert.equal(digestIn(without.stdout), digestIn(stdout));
  });

  const BROKEN: Readonly<Record<string, readonly [file: string, from: string | RegExp, to: string, says: RegExp]>> = {
    'a choice that is never closed': [
      'desks/treasury.yaml',
      'is [dubbel|twee keer] geboekt',
      'is [dubbel|twee keer geboekt',
      /desks\/treasury\.yaml: topics\.0\.detail\.0: '\[' is never closed \(character 32\)/,
    ],
    'a slot that is no fact': [
      'desks/treasury.yaml',
      '["{ref} kan dicht."]',
      '["{reef} kan dicht."]',
      /desks\/treasury\.yaml: topics\.0\.close\.0: \{reef\} is not among the topic's facts: .*\bref\b/,
    ],
    'a fact that cannot be read': [
      'desks/treasury.yaml',
      'int 5..90 step 5',
      'whole 5..90',
      /desks\/treasury\.yaml: topics\.0\.facts\.amount: not a fact: whole 5\.\.90\. Write one of /,
    ],
    'a phrase of the wrong kind': ['common.yaml', /^delegated: .*$/m, 'delegated: 5', /common\.yaml: delegated: /],
    'YAML that cannot be read': ['common.yaml', /^acks:$/m, 'acks: [', /common\.yaml: .* line \d+, column \d+/],
  };
  for (const [what, [name, from, to, says]] of Object.entries(BROKEN)) {
    it(`with ${what} is refused: file, place, character`, async () => {
      const folder = folderOf(what);
      const broken = join(folder, 'my packs', 'nl', name);
      const before = readFileSync(broken, 'utf8');
      file(broken, before.replace(from, to));
      assert.notEqual(readFileSync(broken, 'utf8'), before);
      const { code, stderr, stdout } = await run(['generate', 'dutch.mailwright.json', '--out', path('never')], { cwd: folder });
      assert.equal(code, 2, stderr);
      assert.match(stderr, /^mailwright: .*my packs\/nl: /);
      assert.match(stderr, says);
      assert.doesNotMatch(stderr, / at .*:\d+:\d+/, 'no stack trace');
      assert.equal(stdout, '');
    });
  }

  it('with two errors has both named', async () => {
    const folder = folderOf('two');
    const desk = join(folder, 'my packs', 'nl', 'desks', 'treasury.yaml');
    file(desk, readFileSync(desk, 'utf8').replace('{ref} kan dicht.', '{ref kan dicht.').replace('desk: treasury', 'desk: Treasury'));
    const { code, stderr } = await run(['generate', 'dutch.mailwright.json', '--out', path('never')], { cwd: folder });
    assert.equal(code, 2);
    assert.match(
      stderr,
      /2 problems\n.*desks\/treasury\.yaml: desk: lower-case letters.*\n.*topics\.0\.close\.0: a slot is written \{name\} or \{name\.part\} \(character 1\)/,
    );
  });
});
