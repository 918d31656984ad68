import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { specReference } from '../../scripts/spec-reference.ts';
import { Generator } from '../../src/corpus/generator.ts';
import { parseFact } from '../../src/corpus/pack/facts.ts';
import { lintPack } from '../../src/corpus/pack/lint.ts';
import { scenarioSchema } from '../../src/corpus/pack/scenario.ts';
import { deskSchema, packSchema } from '../../src/corpus/pack/schema.ts';
import { checkPack } from '../../src/corpus/pack/source.ts';
import { PROFILES, type ProfileName } from '../../src/corpus/profiles/index.ts';
import { CLIENTS } from '../../src/corpus/profiles/profile.ts';
import { Quantiles, Weights } from '../../src/corpus/random.ts';
import { parseSpec } from '../../src/job/spec.ts';
import { tinyPack } from './tiny-pack.ts';

/** What the README and docs/ say, held to the code. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const folder = (path: string): string[] =>
  readdirSync(join(ROOT, path))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${path}/${name}`);
const PAGES = ['README.md', 'CHANGELOG.md', ...folder('docs'), ...folder('docs/decisions')];

interface Block {
  readonly where: string;
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a page, and the page without them. */
function split(page: string): { blocks: Block[]; prose: string } {
  const blocks: Block[] = [];
  const prose = textOf(page).replace(/^```(\w*)\n([\s\S]*?)^```$/gm, (_, language: string, text: string) => {
    blocks.push({ where: `${page}, the ${language} block that begins '${text.split('\n')[0]}'`, language, text });
    return '';
  });
  return { blocks, prose };
}

const blocksIn = (language: string): Block[] => PAGES.flatMap((page) => split(page).blocks).filter((block) => block.language === language);

describe('the documentation', () => {
  it('has an up-to-date job spec reference', () => {
    assert.equal(textOf('docs/job-spec.md'), specReference(), 'docs/job-spec.md is stale: run `node scripts/spec-reference.ts`');
  });

  it('has job specs that can be used, in every block of JSON', () => {
    const blocks = blocksIn('json');
    assert.ok(blocks.length > 5);
    for (const { where, text } of blocks) assert.doesNotThrow(() => parseSpec(JSON.parse(text)), where);
  });

  it('has packs, facts and job specs that can be used, in every block of YAML', () => {
    const blocks = blocksIn('yaml');
    assert.ok(blocks.length > 3);
    for (const { where, text } of blocks) {
      const value = parse(text) as Record<string, unknown>;
      if ('pack' in value) assert.doesNotThrow(() => packSchema.parse(value), where);
      else if ('scenario' in value) assert.doesNotThrow(() => scenarioSchema.parse(value), where);
      else if ('desk' in value) assert.doesNotThrow(() => deskSchema.parse(value), where);
      else if ('facts' in value)
        for (const [name, fact] of Object.entries(value['facts'] as Record<string, string>))
          assert.notEqual(typeof parseFact(fact), 'string', `${where}: ${name}`);
      else assert.doesNotThrow(() => parseSpec(value), where);
    }
  });

  it('has links that lead somewhere', () => {
    for (const page of PAGES)
      for (const [, target] of split(page).prose.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https:/.test(target!)) continue;
        const [path, anchor] = target!.split('#');
        const file = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path!));
        assert.ok(existsSync(join(ROOT, file)), `${page}: ${target}`);
        if (anchor !== undefined) assert.ok(anchorsOf(file).includes(anchor), `${page}: ${target}: no such heading`);
      }
  });

  it('names every field of every record', () => {
    const source = textOf('src/job/records.ts');
    const guide = textOf('docs/guide.md');
    const records = {
      JobRecord: 'job.json',
      Progress: 'progress.json',
      Receipt: 'shards/<shard>.json',
      OutcomeRecord: 'attempts/<n>/outcome.json',
      Failure: 'attempts/<n>/failures/<shard>.json',
      Manifest: 'manifest.json',
    };
    for (const [name, file] of Object.entries(records)) {
      const body = new RegExp(`^export interface ${name} \\{\\n([\\s\\S]*?)^\\}`, 'm').exec(source)![1]!;
      const fields = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map((match) => match[1]);
      const section = guide.split(`### \`${file}\`\n`)[1]!.split(/^##/m)[0]!;
      const documented = rowsOf(section).flatMap(([first]) => [...first!.matchAll(/`(\w+)`/g)].map((match) => match[1]));
      assert.deepEqual(documented.sort(), fields.sort(), file);
    }
  });
});

describe('command lines in the documentation', () => {
  const commands = new Map<string, Usage>();

  before(async () => {
    const help = async (...args: string[]): Promise<string> =>
      (await promisify(execFile)(process.execPath, [join(ROOT, 'dist/mailwright.mjs'), ...args, '--help'])).stdout;
    const main = await help();
    commands.set('', usageOf(main));
    const look = async (text: string, ...above: string[]): Promise<void> => {
      const names = [...(text.split('Commands:')[1] ?? '').split('\n\n')[0]!.matchAll(/^ {2}(\w+)/gm)].map((match) => match[1]!);
      await Promise.all(
        names
          .filter((name) => name !== 'help')
          .map(async (name) => {
            const own = await help(...above, name);
            if (own.includes('Commands:')) await look(own, ...above, name);
            else commands.set([...above, name].join(' '), usageOf(own));
          }),
      );
    };
    await look(main);
  });

  it('name commands and options that exist', () => {
    let checked = 0;
    for (const page of PAGES) {
      const { blocks, prose } = split(page);
      const inProse = [...prose.matchAll(/`((?:mailwright|npm start) [^`]+)`/g)].map((match) => match[1]!);
      const inBlocks = blocks.filter((block) => block.language === 'sh').flatMap((block) => block.text.split('\n'));
      for (const [lines, named] of [
        [inProse, true],
        [inBlocks, false],
      ] as const)
        for (const line of lines.flatMap(pipeline)) {
          const args = argumentsOf(line);
          if (!args) continue;
          checked++;
          const fault = faultOf(args, commands);
          // Prose may name a command without what it works on, and an option without its value.
          const short = fault === 'too few arguments' || fault === `${args.at(-1)!} needs a value`;
          if (!(named && short)) assert.equal(fault, undefined, `${page}: ${line}: ${fault}`);
        }
    }
    assert.ok(checked > 20);
  });

  it('name scripts of package.json', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    for (const page of PAGES)
      for (const [line, run, short] of textOf(page).matchAll(/\bnpm (?:run ([\w:]+)|(start|test)\b)/g))
        assert.ok((run ?? short)! in scripts, `${page}: ${line}`);
  });

  it('are told from wrong ones', () => {
    const wrong = {
      'generate --colour': 'no option --colour',
      'generate --out': '--out needs a value',
      fly: 'no command fly',
      verify: 'too few arguments',
      'list a b': 'too many arguments',
      'preview --json': 'no option --json',
      'pack mend x': 'no command pack mend',
      'pack lint': 'too few arguments',
    };
    for (const [line, fault] of Object.entries(wrong)) assert.equal(faultOf(line.split(' '), commands), fault);
    for (const line of ['generate job.yaml -n 5 --json', 'pack lint own', 'preview --scenario x --near-miss'])
      assert.equal(faultOf(line.split(' '), commands), undefined);
  });
});

describe('docs/scenarios.md', () => {
  const [header, scenario, job] = split('docs/scenarios.md')
    .blocks.filter((block) => block.language === 'yaml')
    .map((block) => parse(block.text) as Record<string, unknown>);

  it('has an example that lint has nothing to say of', () => {
    assert.deepEqual(lintPack(checkPack({ header, desks: {}, scenarios: { 'client-loan.yaml': scenario } }, 'loans')), []);
  });

  it('has an example that is planted as its job asks for, and says the words of the page', () => {
    const spec = parseSpec({ ...job, organisation: { employees: 60, desks: [{ id: 'fx' }] } });
    const own = checkPack({ header, desks: {}, scenarios: { 'client-loan.yaml': scenario } }, 'loans');
    const generator = new Generator(spec, [checkPack(tinyPack(), 'tiny'), own]);
    const counts = { positive: 0, near_miss: 0 };
    const seen = new Set<string>();
    for (let block = 0; block < 4; block++)
      generator.block(
        block,
        ({ truth }) => {
          for (const { quote } of truth?.evidence ?? []) if (/lend you|borrow|planks|ring you tonight/.test(quote)) seen.add(truth!.label);
        },
        ({ label }) => counts[label]++,
      );
    assert.deepEqual(counts, { positive: 6, near_miss: 12 });
    assert.ok(seen.has('positive') && seen.has('near_miss'));
  });
});

describe('docs/profiles.md', () => {
  const page = textOf('docs/profiles.md');
  const names = Object.keys(PROFILES) as ProfileName[];
  const tables = page
    .split('\n\n')
    .filter((part) => part.startsWith('|'))
    .map(rowsOf);

  /** The numbers of a quantity, and the head of their table. */
  function row(quantity: string, profile: ProfileName): { head: string[]; numbers: number[] } {
    for (const [head, ...rows] of tables)
      for (const [label, ...cells] of rows)
        if (label === `\`${quantity}\` both` || label === `\`${quantity}\` ${profile}`)
          return { head: head!.slice(1), numbers: cells.filter((cell) => cell !== '').map(Number) };
    throw new Error(`docs/profiles.md has no row for ${quantity} of ${profile}`);
  }

  const shares = tables[0]!;
  const quantiles = (quantity: string, name: ProfileName): Quantiles => {
    const { head, numbers } = row(quantity, name);
    return new Quantiles(numbers.map((value, i) => [Number(head[i]) * 10, value] as const));
  };

  for (const name of names) {
    const profile = PROFILES[name];

    it(`has the shares of ${name}`, () => {
      const column = shares[0]!.indexOf(`\`${name}\``);
      const documented = Object.fromEntries(shares.slice(1).map((cells) => [cells[0]!.replaceAll('`', ''), Number(cells[column])]));
      assert.deepEqual(documented, Object.fromEntries(Object.entries(profile).filter(([, value]) => typeof value === 'number')));
    });

    it(`has the distributions of ${name}`, () => {
      for (const quantity of ['replyDelay', 'replyWords', 'openingWords'] as const)
        assert.deepEqual(profile[quantity], quantiles(quantity, name), quantity);
      for (const quantity of ['recipients', 'copied', 'hours', 'clients', 'outsideClients'] as const)
        assert.deepEqual(profile[quantity], new Weights(row(quantity, name).numbers), quantity);
      assert.deepEqual(profile.weekdays, row('weekdays', name).numbers);
      assert.deepEqual(row('clients', name).head, CLIENTS);
      assert.equal(row('recipients', name).head[0], '1');
      assert.equal(row('copied', name).head[0], '0');
    });

    it(`has the thread sizes of ${name}`, () => {
      const { head, numbers } = row('threadSizes', name);
      const sum = (text: string): number => {
        const [from, to = from] = text.split('-').map(Number) as [number, number?];
        return profile.threadSizes.filter(([size]) => size >= from && size <= to).reduce((total, [, weight]) => total + weight, 0);
      };
      assert.deepEqual(numbers, head.map(sum));
      const all = profile.threadSizes.reduce((total, [, weight]) => total + weight, 0);
      const messages = profile.threadSizes.reduce((total, [size, weight]) => total + size * weight, 0);
      assert.equal(sum('2-1000000'), all);
      const long = profile.threadSizes.reduce((total, [size, weight]) => total + (size > 20 ? weight : 0), 0);
      assert.ok(page.includes(`${((long * 100) / all).toFixed(1)} % of over 20 messages, and a mean of ${(messages / all).toFixed(2)}`));
    });
  }
});

/** The cells of a table's rows, without the line below the head. */
function rowsOf(markdown: string): string[][] {
  const lines = markdown.split('\n').filter((line) => line.startsWith('|') && !/^\|( --- \|)+$/.test(line));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

/** Headings as GitHub makes anchors of them. */
function anchorsOf(page: string): string[] {
  return [...split(page).prose.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** What a command takes, as its help says. */
interface Usage {
  /** Whether an option takes a value. */
  readonly options: ReadonlyMap<string, boolean>;
  readonly required: number;
  readonly most: number;
}

function usageOf(help: string): Usage {
  const options = new Map<string, boolean>();
  for (const [, short, long, value] of help.matchAll(/^ {2}(?:(-\w), )?(--[\w-]+)( <[^>]+>)?/gm))
    for (const name of [short, long]) if (name !== undefined) options.set(name, value !== undefined);
  const usage = /^Usage: mailwright(.*)$/m.exec(help)![1]!.replace('[options]', '');
  return { options, required: usage.match(/<[^>]+>/g)?.length ?? 0, most: usage.match(/<[^>]+>|\[[^\]]+\]/g)?.length ?? 0 };
}

/** The commands of a shell line: what stands between pipes, without comments and redirections. */
function pipeline(line: string): string[] {
  return line
    .replace(/(^|\s)#.*$/, '')
    .split(/\s(?:\||&&)\s/)
    .map((command) => command.replace(/\s[<>]\s.*$/, '').trim());
}

/** The arguments given to mailwright, where it is what a command runs. */
function argumentsOf(command: string): string[] | undefined {
  const [, rest, behind] = /^(?:mailwright (.*)|npm start(?: -- (.*))?)$/.exec(command) ?? [command];
  if (command.startsWith('npm start')) return ['generate', ...(behind?.split(/\s+/) ?? [])];
  return rest?.split(/\s+/);
}

/** What is wrong with a command line, if anything. */
function faultOf([first, ...rest]: readonly (string | undefined)[], commands: ReadonlyMap<string, Usage>): string | undefined {
  if (first?.startsWith('-')) return commands.get('')!.options.has(first) ? undefined : `no option ${first}`;
  // `pack lint` is a command of `pack`.
  const nested = [...commands.keys()].some((command) => command.startsWith(`${first} `));
  const [name, args] = nested ? [`${first} ${rest[0]}`, rest.slice(1)] : [first, rest];
  const usage = commands.get(name!);
  if (!usage) return `no command ${name}`;
  let positional = 0;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (!/^-./.test(arg)) positional++;
    else if (!usage.options.has(arg)) return `no option ${arg}`;
    else if (usage.options.get(arg) && args[++i] === undefined) return `${arg} needs a value`;
  }
  return positional > usage.most ? 'too many arguments' : positional < usage.required ? 'too few arguments' : undefined;
}
