import type { Range } from '../conversation/dialogue.ts';
import { type Bytes, bytesOf } from '../mime/bytes.ts';
import type { Client } from '../profiles/profile.ts';
import { LAYOUTS, type Letter, quoteHead } from './letter.ts';

/** Writes the HTML of a letter with what it quotes, in the manner of its author's client. UTF-8, lines by \n. */
export function htmlBody(out: Bytes, letter: Letter, client: Client, charset: string): void {
  const style = STYLES[client];
  out.put(HEAD);
  out.ascii(charset);
  out.put(style.head);
  fragment(out, letter, client, LAYOUTS[client].depth);
  out.put(TAIL);
}

const HEAD = bytesOf('<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html; charset=');
const TAIL = bytesOf('</body>\n</html>\n');

interface Style {
  /** From behind the charset to the start of the body. */
  readonly head: Uint8Array;
  /** Before, between and after paragraphs. */
  readonly open: Uint8Array;
  readonly close: Uint8Array;
}

function style(css: string, body: string, open: string, close: string): Style {
  return { head: bytesOf(`">\n${css}</head>\n<body${body}>\n`), open: bytesOf(open), close: bytesOf(close) };
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

const SIGNATURE = [bytesOf('<div style="color:#555555;font-size:10pt">'), bytesOf('</div>\n<br>\n')] as const;
const DISCLAIMER = [bytesOf('<p style="font-size:8pt;color:#808080">'), bytesOf('</p>\n')] as const;
const ATTRIBUTION = [
  bytesOf('<div class="quote_attribution">'),
  bytesOf('</div>\n<blockquote type="cite" style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex">\n'),
] as const;
const QUOTE_END = bytesOf('</blockquote>\n');
const BLOCK = [
  bytesOf('<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">\n'),
  bytesOf('</div>\n'),
] as const;

function fragment(out: Bytes, letter: Letter, client: Client, depth: number): void {
  const { text, parent } = letter;
  if (!text.quotes || !parent || depth === 0) return own(out, letter, client);

  const layout = LAYOUTS[client];
  const { open, close } = STYLES[client];
  const head = quoteHead(letter, parent, layout.quote);
  const source = letter.words.array;
  if (head.fields.length === 0) {
    if (!layout.below) own(out, letter, client);
    out.put(ATTRIBUTION[0]);
    characters(out, source, head.line);
    out.put(ATTRIBUTION[1]);
    fragment(out, parent, client, depth - 1);
    out.put(QUOTE_END);
    if (layout.below) own(out, letter, client);
    return;
  }
  own(out, letter, client);
  out.put(BLOCK[0]);
  if (client !== 'outlook') {
    out.put(open);
    characters(out, source, head.line);
    out.put(close);
  }
  out.put(open);
  head.fields.forEach(({ name, value }, i) => {
    if (i > 0) out.put(BREAK);
    out.put(BOLD[0]);
    characters(out, source, name);
    out.put(BOLD[1]);
    characters(out, source, value);
  });
  out.put(close);
  out.put(BLOCK[1]);
  fragment(out, parent, client, depth - 1);
}

const BOLD = [bytesOf('<b>'), bytesOf(':</b> ')] as const;
const BREAK = bytesOf('<br>\n');

function own(out: Bytes, letter: Letter, client: Client): void {
  const { text, words } = letter;
  const { open, close } = STYLES[client];
  const source = words.array;
  // Paragraphs are separated by an empty line.
  let from = text.authored.from;
  for (let i = from; i <= text.authored.to; i++) {
    if (i < text.authored.to && !(source[i] === 10 && source[i + 1] === 10)) continue;
    out.put(open);
    characters(out, source, { from, to: i });
    out.put(close);
    from = i + 2;
    i++;
  }
  framed(out, source, text.signature, SIGNATURE);
  framed(out, source, text.disclaimer, DISCLAIMER);
}

function framed(out: Bytes, source: Uint8Array, range: Range, [before, after]: readonly [Uint8Array, Uint8Array]): void {
  if (range.to === range.from) return;
  out.put(before);
  characters(out, source, range);
  out.put(after);
}

const AMP = bytesOf('&amp;');
const LT = bytesOf('&lt;');
const GT = bytesOf('&gt;');
const QUOT = bytesOf('&quot;');

/** Text as character data; a line break as <br>. */
function characters(out: Bytes, source: Uint8Array, { from, to }: Range): void {
  out.reserve((to - from) * 6);
  for (let i = from; i < to; i++) {
    const c = source[i]!;
    if (c === 10) out.put(BREAK);
    else if (c === 38) out.put(AMP);
    else if (c === 60) out.put(LT);
    else if (c === 62) out.put(GT);
    else if (c === 34) out.put(QUOT);
    else out.array[out.length++] = c;
  }
}
