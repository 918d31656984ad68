import assert from 'node:assert/strict';
import { isReservedDomain } from '../../src/corpus/content.ts';
import { defaultCorpus, generatorOf, type Made, some, table } from './support.ts';

/**
 * The rules of RFC 5322 and MIME on the bytes themselves, by code that shares nothing with the writer: lines, tokens, encodings, boundaries, ids and
 * dates. Bytes are looked at as latin1 strings, one character each.
 */

interface Field {
  readonly name: string;
  /** Lines as they stand, the name in front of the first. */
  readonly lines: readonly string[];
  /** Unfolded (RFC 5322 §2.2.3), without the name. */
  readonly value: string;
}

/** An entity: its header fields, its body as it stands, and the entities in it. */
interface Entity {
  readonly fields: readonly Field[];
  readonly type: string;
  readonly parameters: string;
  readonly encoding: string;
  readonly body: string;
  readonly boundary: string | undefined;
  readonly children: readonly Entity[];
}

function fieldsOf(head: string): Field[] {
  const fields: string[][] = [];
  for (const line of head.split('\r\n')) {
    if (/^[ \t]/.test(line)) fields.at(-1)!.push(line);
    else fields.push([line]);
  }
  return fields.map((lines) => {
    const whole = lines.join('');
    const colon = whole.indexOf(':');
    assert.ok(/^[\x21-\x39\x3b-\x7e]+$/.test(whole.slice(0, Math.max(0, colon))), `no field name: ${whole.slice(0, 60)}`);
    return { name: whole.slice(0, colon), lines, value: whole.slice(colon + 1).trim() };
  });
}

const valueOf = (fields: readonly Field[], name: string): string | undefined => fields.find((f) => f.name.toLowerCase() === name)?.value;

function entityOf(text: string): Entity {
  const end = text.indexOf('\r\n\r\n');
  const fields = fieldsOf(text.slice(0, end));
  const body = text.slice(end + 4);
  const [type = '', ...parameters] = (valueOf(fields, 'content-type') ?? 'text/plain').split(';');
  const boundary = type.startsWith('multipart/') ? /boundary="([^"]+)"/.exec(parameters.join(';'))?.[1] : undefined;
  let children: Entity[] = [];
  if (boundary !== undefined) {
    const pieces = `\r\n${body}`.split(`\r\n--${boundary}`);
    assert.match(pieces.at(-1)!, /^--(\r\n)?$/, 'the last boundary closes, and nothing stands behind it');
    assert.equal(pieces[0], '', 'nothing stands before the first boundary');
    children = pieces.slice(1, -1).map((piece) => {
      assert.ok(piece.startsWith('\r\n'), 'a boundary has a line to itself');
      return entityOf(piece.slice(2));
    });
  }
  return {
    fields,
    type: type.toLowerCase(),
    parameters: parameters.join(';'),
    encoding: (valueOf(fields, 'content-transfer-encoding') ?? '7bit').toLowerCase(),
    body,
    boundary,
    children,
  };
}

const leaves = (entity: Entity): Entity[] => (entity.boundary === undefined ? [entity] : entity.children.flatMap(leaves));
const entities = (entity: Entity): Entity[] => [entity, ...entity.children.flatMap(entities)];

const IS_ASCII = /^[\x00-\x7f]*$/; // eslint-disable-line no-control-regex

/** Quoted-printable by the book (RFC 2045 §6.7): throws at anything it does not allow. */
function fromQuotedPrintable(body: string): string {
  return body
    .split('\r\n')
    .map((line) => {
      assert.match(line, /^([\x21-\x3c\x3e-\x7e \t]|=[0-9A-F]{2})*=?$/, 'quoted-printable');
      assert.doesNotMatch(line, /[ \t]$/, 'quoted-printable: white space at the end of a line');
      return line.endsWith('=') ? line.slice(0, -1) : `${line}\r\n`;
    })
    .join('')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    .slice(0, -2);
}

/** Base64 by the book: whole groups, padding at the end only, nothing else on a line. */
function fromBase64(body: string): Buffer {
  const lines = body.replace(/\r\n$/, '').split('\r\n');
  lines.forEach((line, i) => {
    assert.match(line, /^[A-Za-z0-9+/]+={0,2}$/, 'base64');
    assert.ok(i === lines.length - 1 ? line.length % 4 === 0 : !line.endsWith('='), 'base64: padding');
  });
  return Buffer.from(lines.join(''), 'base64');
}

function contentOf({ encoding, body }: Entity): Buffer {
  if (encoding === 'base64') return fromBase64(body);
  return Buffer.from(encoding === 'quoted-printable' ? fromQuotedPrintable(body) : body, 'latin1');
}

/** The text of each message as latin1, with its tree; made when first asked for. */
const parsed = new Map<string, { readonly text: string; readonly tree: Entity }>();

describe('raw rules', () => {
  const { spec, all, sample } = defaultCorpus();

  /** Runs a check on every message of the sample; what it answers are faults. */
  function check(rule: (text: string, tree: Entity, made: Made) => readonly string[]): void {
    const faults = sample.flatMap((made) => {
      const { text, tree } = parsed.get(made.id)!;
      try {
        return rule(text, tree, made).map((fault) => `${made.id} (index ${made.index}): ${fault}`);
      } catch (error) {
        return [`${made.id} (index ${made.index}): ${(error as Error).message}`];
      }
    });
    assert.equal(faults.length, 0, some(faults));
  }

  it('is made of entities, down to the last part', () => {
    const faults = sample.flatMap(({ id, bytes }) => {
      const text = bytes.toString('latin1');
      try {
        parsed.set(id, { text, tree: entityOf(text) });
        return [];
      } catch (error) {
        return [`${id}: ${(error as Error).message}`];
      }
    });
    assert.equal(faults.length, 0, some(faults));
  });

  it('is the same made alone, by another generator and in another order', () => {
    const generator = generatorOf(spec);
    const faults = [...sample]
      .reverse()
      .filter(({ index, bytes }) => !bytes.equals(generator.message(index).bytes))
      .map(({ index, topic }) => `message ${index}, ${topic}`);
    assert.equal(faults.length, 0, some(faults));
  });

  it('ends lines with CRLF only, of at most 998 bytes', () => {
    check((text) => [
      ...(/[^\r]\n|\r[^\n]|^\n|\r$/.test(text) ? ['a bare CR or LF'] : []),
      ...(text.endsWith('\r\n') ? [] : ['the last line is not ended']),
      ...text
        .split('\r\n')
        .filter((line) => line.length > 998)
        .map((line) => `a line of ${line.length} bytes`),
      ...(text.includes('\0') ? ['NUL'] : []),
    ]);
  });

  it('keeps headers to ASCII and to 78 characters, but for single tokens', () => {
    const long = new Map<string, { count: number; longest: number; sample: string }>();
    check((_, tree) =>
      entities(tree).flatMap(({ fields }) =>
        fields.flatMap(({ name, lines }) =>
          lines.flatMap((line, i) => {
            if (!IS_ASCII.test(line)) return [`${name} is not ASCII`];
            if (line.trim() === '') return [`${name}: a line of white space alone`];
            if (line.length <= 78) return [];
            // What can be folded is white space inside the line, outside a quoted string, not just behind the name.
            const content = i === 0 ? line.slice(name.length + 1) : line;
            if (/\s/.test(content.trim().replace(/"[^"]*"/g, 'q')))
              return [`${name}: ${line.length} characters that could be folded: ${line}`];
            const entry = long.get(name) ?? { count: 0, longest: 0, sample: '' };
            long.set(name, {
              count: entry.count + 1,
              longest: Math.max(entry.longest, line.length),
              sample: entry.sample || content.trim(),
            });
            return [];
          }),
        ),
      ),
    );
    console.log(
      long.size === 0
        ? '      no header line is over 78 characters'
        : table([
            ['single tokens over 78', 'lines', 'longest', 'such as'],
            ...[...long].map(([name, e]) => [name, e.count, e.longest, e.sample]),
          ]),
    );
  });

  it('keeps encoded words to 75 characters, whole, and apart (RFC 2047)', () => {
    check((_, tree) =>
      entities(tree).flatMap(({ fields }) =>
        fields.flatMap(({ name, value, lines }) => {
          const tokens = value.split(/[\s,<>]+/).filter((token) => token.includes('=?') || token.includes('?='));
          return [
            ...tokens
              .filter((token) => !/^=\?[A-Za-z0-9-]+\?(Q\?[!->@-~]+|B\?[A-Za-z0-9+/]+={0,2})\?=$/.test(token))
              .map((token) => `${name}: not an encoded word: ${token}`),
            ...tokens.filter((token) => token.length > 75).map((token) => `${name}: an encoded word of ${token.length} characters`),
            // RFC 2047 §2: a line with an encoded word has at most 76 characters.
            ...lines
              .filter((line) => line.includes('=?') && line.length > 76)
              .map((line) => `${name}: a line of ${line.length} with an encoded word`),
            ...(/"[^"]*=\?[^"]*"/.test(value) ? [`${name}: an encoded word in a quoted string`] : []),
          ];
        }),
      ),
    );
  });

  it('declares each transfer encoding and keeps to it', () => {
    const seen = new Map<string, number>();
    check((_, tree) =>
      entities(tree).flatMap((entity) => {
        const { encoding, body, type, boundary } = entity;
        const over76 = body.split('\r\n').filter((line) => line.length > 76).length;
        if (boundary !== undefined) {
          // RFC 2045 §6.4: a multipart has no encoding of its own, and is 8bit where a part is.
          if (!/^(7bit|8bit)$/.test(encoding)) return [`${type} in ${encoding}`];
          return encoding === '7bit' && !IS_ASCII.test(body) ? [`${type} is 7bit and holds a part that is not`] : [];
        }
        seen.set(encoding, (seen.get(encoding) ?? 0) + 1);
        if (valueOf(entity.fields, 'content-transfer-encoding') === undefined) return [`${type} declares no encoding`];
        switch (encoding) {
          case '7bit':
            return IS_ASCII.test(body) ? [] : [`${type}: bytes over 127 in 7bit`];
          case '8bit':
            return IS_ASCII.test(body) ? [`${type}: 8bit, and nothing that needs it`] : [];
          case 'quoted-printable':
          case 'base64':
            contentOf(entity); // throws where it is not
            return over76 > 0 ? [`${type}: ${over76} lines of ${encoding} over 76 characters`] : [];
          default:
            return [`${type}: ${encoding}`];
        }
      }),
    );
    for (const encoding of ['7bit', '8bit', 'quoted-printable', 'base64']) assert.ok(seen.get(encoding)! > 0, `no part in ${encoding}`);
  });

  it('declares each charset, and holds only what it has', () => {
    const seen = new Set<string>();
    check((_, tree) =>
      leaves(tree)
        .filter((leaf) => leaf.type.startsWith('text/') && !leaf.fields.some((f) => f.name.toLowerCase() === 'content-disposition'))
        .flatMap((leaf) => {
          const charset = /charset="?([^";\s]+)"?/.exec(leaf.parameters)?.[1];
          if (charset === undefined) return [`${leaf.type} names no charset`];
          seen.add(charset);
          const content = contentOf(leaf);
          if (charset === 'us-ascii') return content.every((byte) => byte < 128) ? [] : [`${leaf.type}: not ASCII`];
          // WHATWG reads iso-8859-1 as windows-1252: the difference is the range that the former leaves to controls.
          if (charset === 'iso-8859-1' && content.some((byte) => byte >= 0x80 && byte < 0xa0))
            return [`${leaf.type}: control characters in iso-8859-1`];
          const text = new TextDecoder(charset, { fatal: true }).decode(content);
          return /[\u0080-\u009f\ufffd\ufeff]/.test(text) ? [`${leaf.type}: a character nobody means`] : [];
        }),
    );
    for (const charset of ['us-ascii', 'utf-8', 'iso-8859-1']) assert.ok(seen.has(charset), `nothing in ${charset}`);
  });

  it('keeps boundaries out of content', () => {
    check((text, tree) =>
      entities(tree)
        .filter((entity) => entity.boundary !== undefined)
        .flatMap(({ boundary, children }) => {
          // Once in the parameter, once before each part, once at the end; RFC 2046 §5.1.1 allows 70 characters.
          const found = text.split(boundary!).length - 1;
          return [
            ...(found === children.length + 2 ? [] : [`${boundary} occurs ${found} times around ${children.length} parts`]),
            ...(/^[\w'()+,\-./:=? ]{0,69}[\w'()+,\-./:=?]$/.test(boundary!) ? [] : [`${boundary} is no boundary`]),
          ];
        }),
    );
  });

  it('has each header once where it may stand once', () => {
    check((_, { fields }) => {
      const count = (name: string): number => fields.filter((f) => f.name.toLowerCase() === name.toLowerCase()).length;
      return [
        ...['From', 'Date', 'Message-ID', 'Subject', 'MIME-Version', 'Content-Type', 'To']
          .filter((name) => count(name) !== 1)
          .map((name) => `${name}: ${count(name)} of them`),
        ...['Cc', 'Bcc', 'Sender', 'Reply-To', 'In-Reply-To', 'References', 'Content-Transfer-Encoding']
          .filter((name) => count(name) > 1)
          .map((name) => `${name}: ${count(name)} of them`),
        ...fields.filter((f) => f.value === '').map((f) => `${f.name} is empty`),
      ];
    });
  });

  it('uses each Message-ID once, and writes it as RFC 5322 §3.6.4 has it', () => {
    const ids = new Set<string>();
    const faults = all.flatMap(({ head, index }) => {
      const id = valueOf(fieldsOf(head), 'message-id')!;
      const twice = ids.has(id);
      ids.add(id);
      return [
        ...(twice ? [`${index}: ${id} a second time`] : []),
        ...(/^<[\w!#$%&'*+\-/=?^`{|}~]+(\.[\w!#$%&'*+\-/=?^`{|}~]+)*@[a-z0-9-]+(\.[a-z0-9-]+)+>$/.test(id)
          ? []
          : [`${index}: ${id} is no message id`]),
      ];
    });
    assert.equal(faults.length, 0, some(faults));
    assert.equal(ids.size, 10_000);
  });

  it("dates each message on the clock of its sender's office", () => {
    const formats = spec.organisation.offices.map(
      ({ zone }) => new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }),
    );
    const offsets = new Set<string>();
    const faults = all.flatMap(({ head, index, turn }) => {
      const date = valueOf(fieldsOf(head), 'date')!;
      const match =
        /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d ([+-]\d{4})$/.exec(
          date,
        );
      if (!match) return [`${index}: ${date} is no date`];
      const instant = Date.parse(date);
      const office = formats[turn.author.office]!.formatToParts(instant).find((p) => p.type === 'timeZoneName')!.value;
      const right = office === 'GMT' ? '+0000' : office.replace('GMT', '').replace(':', '');
      offsets.add(right);
      const weekday = new Date(Date.parse(date.replace(/[+-]\d{4}$/, '+0000'))).toUTCString().slice(0, 3);
      return [
        ...(match[3] === right ? [] : [`${index}: ${date}, where the office is at ${right}`]),
        ...(weekday === match[1] ? [] : [`${index}: ${date} was a ${weekday}`]),
        ...(instant / 1000 === turn.instant ? [] : [`${index}: ${date} is not ${turn.instant}`]),
      ];
    });
    assert.equal(faults.length, 0, some(faults));
    // Winter and summer of London, Frankfurt and New York, and Singapore.
    assert.deepEqual([...offsets].sort(), ['+0000', '+0100', '+0200', '+0800', '-0400', '-0500']);
  });

  it('has every References chain whole, and no answer before its question', () => {
    const known = new Map(
      all.map(({ head, subject, begun }) => {
        const fields = fieldsOf(head);
        const ids = (name: string): string[] => (valueOf(fields, name) ?? '').split(/\s+/).filter((id) => id !== '');
        return [
          valueOf(fields, 'message-id')!,
          {
            references: ids('references'),
            inReplyTo: ids('in-reply-to'),
            date: Date.parse(valueOf(fields, 'date')!),
            subject,
            begun,
          },
        ] as const;
      }),
    );
    let answers = 0;
    let deepest = 0;
    const faults = [...known].flatMap(([id, { references, inReplyTo, date, subject, begun }]) => {
      if (inReplyTo.length === 0 && references.length === 0) return [];
      answers++;
      deepest = Math.max(deepest, references.length);
      if (inReplyTo.length !== 1) return [`${id} answers ${inReplyTo.length} messages`];
      const parent = known.get(inReplyTo[0]!);
      // What stands before the corpus is only ever the first of a chain.
      if (!parent && begun && references.join() === inReplyTo[0]) return [];
      if (!parent) return [`${id} answers ${inReplyTo[0]}, which is not there`];
      // RFC 5322 §3.6.4: the parent's references, then the parent. Long chains keep the first and the latest 29.
      const whole = [...parent.references, inReplyTo[0]!];
      const wanted = whole.length > 30 ? [whole[0]!, ...whole.slice(-29)] : whole;
      return [
        ...(references.join() === wanted.join() ? [] : [`${id}: references ${references.join(' ')} against ${wanted.join(' ')}`]),
        ...references.filter((r, i) => !known.has(r) && !(begun && i === 0)).map((r) => `${id} refers to ${r}, which is not there`),
        ...(parent.date > date ? [`${id} of ${new Date(date).toISOString()} answers ${new Date(parent.date).toISOString()}`] : []),
        ...(parent.subject === subject ? [] : [`${id}: another subject than its parent`]),
      ];
    });
    assert.equal(faults.length, 0, some(faults));
    assert.ok(answers > 3000 && deepest > 10, `${answers} answers, at most ${deepest} references`);
  });

  it('names only domains that are reserved (RFC 2606, RFC 6761)', () => {
    check((text, tree) => {
      const domains = new Set<string>();
      for (const match of text.slice(0, text.indexOf('\r\n\r\n')).matchAll(/@([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+)/g)) domains.add(match[1]!);
      // What the texts name: addresses, and hosts of links.
      for (const leaf of leaves(tree).filter((l) => l.type.startsWith('text/'))) {
        const content = contentOf(leaf).toString('latin1');
        for (const match of content.matchAll(/[\w.+-]+@([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+)|(?:https?:\/\/|www\.)([A-Za-z0-9.-]+)/g))
          domains.add((match[1] ?? match[3])!.replace(/\.$/, ''));
      }
      for (const field of tree.fields.filter((f) => f.name === 'Received')) {
        const hosts = /^from (\S+) \((\S+) \[[\d.]+\]\) by (\S+) with ESMTPS id \w+;/.exec(field.value);
        if (!hosts) return [`Received: ${field.value}`];
        for (const host of hosts.slice(1)) domains.add(host);
      }
      return [...domains]
        .filter((domain) => !isReservedDomain(domain) || !/\.(example|test)$/.test(domain))
        .map((domain) => `${domain} may be somebody's`);
    });
  });
});
