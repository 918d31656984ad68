import type { Range } from '../conversation/dialogue.ts';
import { type Bytes, lengthOf, type Run, runOf } from '../mime/bytes.ts';
import type { Client } from '../profiles/profile.ts';
import type { Watch } from '../truth/watch.ts';
import { LAYOUTS, type Letter, quoteHead } from './letter.ts';

/** Writes the HTML of a letter with what it quotes, in the manner of its author's client. UTF-8, lines by \n. */
export function htmlBody(out: Bytes, letter: Letter, client: Client, charset: string, watch?: Watch): void {
  const style = STYLES[client];
  out.put(HEAD);
  out.ascii(charset);
  out.put(style.head);
  fragment(out, letter, client, LAYOUTS[client].depth, watch);
  out.put(TAIL);
}

const HEAD = runOf('<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html; charset=');
const TAIL = runOf('</body>\n</html>\n');

interface Style {
  /** From behind the charset to the start of the body. */
  readonly head: Run;
  /** Before, between and after paragraphs. */
  readonly open: Run;
  readonly close: Run;
}

function style(css: string, body: string, open: string, close: string): Style {
  return { head: runOf(`">\n${css}</head>\n<body${body}>\n`), open: runOf(open), close: runOf(close) };
}

const SANS = 'font-family:Calibri,Arial,sans-serif';
const OUTLOOK = `<style><!--\np.MsoNormal, li.MsoNormal, div.MsoNormal\n\t{margin:0cm;\n\tfont-size:11.0pt;\n\t${SANS};}\na:link, span.MsoHyperlink\n\t{color:#0563C1;\n\ttext-decoration:underline;}\n--></style>\n`;
const DIV = ['<div>', '</div>\n<div><br></div>\n'] as const;
const STYLES: Readonly<Record<Client, Style>> = {
  outlook: style(OUTLOOK, ' link="#0563C1" vlink="#954F72"', '<p class="MsoNormal">', '</p>\n<p class="MsoNormal">&nbsp;</p>\n'),
  phone: style('', ' dir="auto"', ...DIV),
  apple: style('', ' style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;"', ...DIV),
  webmail: style('', ' dir="ltr"', ...DIV),
  thunderbird: style('', '', '<p>', '</p>\n'),
  notes: style('', '', '<p><font size="2" face="sans-serif">', '</font></p>\n'),
};

const SIGNATURE = [runOf('<div style="color:#555555;font-size:10pt">'), runOf('</div>\n<br>\n')] as const;
const DISCLAIMER = [runOf('<p style="font-size:8pt;color:#808080">'), runOf('</p>\n')] as const;
const ATTRIBUTION = [
  runOf('<div class="quote_attribution">'),
  runOf('</div>\n<blockquote type="cite" style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex">\n'),
] as const;
const QUOTE_END = runOf('</blockquote>\n');
const BLOCK = [runOf('<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">\n'), runOf('</div>\n')] as const;

function fragment(out: Bytes, letter: Letter, client: Client, depth: number, watch: Watch | undefined): void {
  const { text, parent } = letter;
  if (!text.quotes || !parent || depth === 0) return own(out, letter, client, watch);

  const layout = LAYOUTS[client];
  const { open, close } = STYLES[client];
  const head = quoteHead(letter, parent, layout.quote);
  const source = letter.words.view;
  if (head.fields.length === 0) {
    if (!layout.below) own(out, letter, client, watch);
    out.put(ATTRIBUTION[0]);
    characters(out, source, head.line);
    out.put(ATTRIBUTION[1]);
    fragment(out, parent, client, depth - 1, watch);
    out.put(QUOTE_END);
    if (layout.below) own(out, letter, client, watch);
    return;
  }
  own(out, letter, client, watch);
  out.put(BLOCK[0]);
  if (client !== 'outlook') {
    out.put(open);
    characters(out, head.label.view, head.label);
    out.put(close);
  }
  out.put(open);
  head.fields.forEach(({ name, value }, i) => {
    if (i > 0) out.put(BREAK);
    out.put(BOLD[0]);
    characters(out, name.view, { from: name.from, to: name.to - 2 });
    out.put(BOLD[1]);
    characters(out, source, value);
  });
  out.put(close);
  out.put(BLOCK[1]);
  fragment(out, parent, client, depth - 1, watch);
}

const BOLD = [runOf('<b>'), runOf(':</b> ')] as const;
const BREAK = runOf('<br>\n');

function own(out: Bytes, letter: Letter, client: Client, watch: Watch | undefined): void {
  const { text, words } = letter;
  const { open, close } = STYLES[client];
  const source = words.view;
  // Paragraphs are separated by an empty line.
  let from = text.authored.from;
  for (let i = from; i <= text.authored.to; i++) {
    if (i < text.authored.to && !(source.getUint8(i) === 10 && source.getUint8(i + 1) === 10)) continue;
    out.put(open);
    watch?.copied(from, i, out.length, (a, b) => escapedLength(source, a, b));
    characters(out, source, { from, to: i });
    out.put(close);
    from = i + 2;
    i++;
  }
  framed(out, source, text.signature, SIGNATURE);
  framed(out, source, text.disclaimer, DISCLAIMER);
}

function framed(out: Bytes, source: DataView, range: Range, [before, after]: readonly [Run, Run]): void {
  if (range.to === range.from) return;
  out.put(before);
  characters(out, source, range);
  out.put(after);
}

const AMP = runOf('&amp;');
const LT = runOf('&lt;');
const GT = runOf('&gt;');
const QUOT = runOf('&quot;');

/** Text as character data; a line break as <br>. */
function characters(out: Bytes, source: DataView, { from, to }: Range): void {
  out.reserve((to - from) * 6);
  for (let i = from; i < to; i++) {
    const c = source.getUint8(i);
    if (c === 10) out.put(BREAK);
    else if (c === 38) out.put(AMP);
    else if (c === 60) out.put(LT);
    else if (c === 62) out.put(GT);
    else if (c === 34) out.put(QUOT);
    else out.array[out.length++] = c;
  }
}

/** How long text is as character data. */
function escapedLength(source: DataView, from: number, to: number): number {
  let length = to - from;
  for (let i = from; i < to; i++) {
    const c = source.getUint8(i);
    const escape = c === 10 ? BREAK : c === 38 ? AMP : c === 60 ? LT : c === 62 ? GT : c === 34 ? QUOT : undefined;
    if (escape) length += lengthOf(escape) - 1;
  }
  return length;
}
