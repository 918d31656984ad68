import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, file, filesBelow, idOf, keyOf, manifest, output, scratch, sha256 } from './support.ts';

/** Prints name and SHA-256 of each member of the archives named: what Python's own readers find in them. */
const READ_ZIP = `
import hashlib, sys, zipfile
for path in sys.argv[1:]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for info in archive.infolist():
            print(info.filename, hashlib.sha256(archive.read(info)).hexdigest())
`;

/** The same for mbox, whose members have no names: lines end in CRLF again, and quoted From lines lose their mark. */
const READ_MBOX = `
import hashlib, mailbox, re, sys
for path in sys.argv[1:]:
    box = mailbox.mbox(path, create=False)
    for key in box.keys():
        text = re.sub(rb'(?m)^>(>*From )', rb'\\1', box.get_bytes(key))
        print(box.get_message(key).get_from().split()[0], hashlib.sha256(text.replace(b'\\n', b'\\r\\n')).hexdigest())
`;

const MESSAGES = 700;

describe('one message', () => {
  const path = scratch();
  let spec = '';
  /** SHA-256 of each message's file, by index. */
  let hashes: string[] = [];

  before(async () => {
    spec = file(path('spec.yaml'), `messages: ${MESSAGES}\nseed: harbour\nexecution: { shardBlocks: 2, workers: 1 }\n`);
    await done(['generate', spec, '--out', path('eml')]);
    hashes = Array.from({ length: MESSAGES }, (_, index) => sha256(readFileSync(path('eml', keyOf(path('eml'), index)))));
    assert.equal(new Set(hashes).size, MESSAGES);
  });

  for (const index of [0, 1, 255, 256, 511, MESSAGES - 1]) {
    it(`previewed is the file of it: ${index}`, async () => {
      const { stdout } = await done(['preview', spec, '--index', String(index)]);
      assert.equal(stdout, readFileSync(path('eml', keyOf(path('eml'), index)), 'utf8'));
    });
  }

  async function members(layout: 'zip' | 'mbox', script: string): Promise<(readonly [name: string, hash: string])[]> {
    const job = path(layout);
    await done(['generate', spec, '--layout', layout, '--out', job]);
    const archives = filesBelow(join(job, 'messages'));
    assert.deepEqual(archives, [`000000.${layout}`, `000001.${layout}`]);
    assert.equal(manifest(job).objects, MESSAGES);
    const lines = await output('python3', ['-c', script, ...archives.map((name) => join(job, 'messages', name))]);
    return lines
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]);
  }

  const hasPython = (): boolean => spawnSync('python3', ['--version']).status === 0; // Mailwright itself has no need of it

  it('in a zip is the file of it, by name', async function () {
    if (!hasPython()) this.skip();
    assert.deepEqual(
      await members('zip', READ_ZIP),
      hashes.map((hash, index) => [`${idOf(path('eml'), index)}.eml`, hash]),
    );
  });

  it('in an mbox is the file of it, in order', async function () {
    if (!hasPython()) this.skip();
    const found = await members('mbox', READ_MBOX);
    assert.deepEqual(
      found.map(([, hash]) => hash),
      hashes,
    );
    for (const [sender] of found) assert.match(sender, /^[^@]+@[^@]+\.(example|test)$/);
  });
});
