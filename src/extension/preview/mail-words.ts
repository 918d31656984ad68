import type { l10n as L10n } from 'vscode';
import type { Problem } from '../../protocol/mail-preview.ts';
import { ParseError } from './parse-mail.ts';

/** `vscode.l10n`, or what stands in for it in a test. */
export type Words = Pick<typeof L10n, 't'>;

/** A problem of a message, in the reader's language. */
export function problemText(l10n: Words, { code, part, value }: Problem): string {
  const what = sentence(l10n, code, value);
  return part === '' ? what : l10n.t('Part {0}: {1}', part, what);
}

function sentence(l10n: Words, code: Problem['code'], value: string | number): string {
  switch (code) {
    case 'fileCut':
      return l10n.t('the file is too large to be read whole: what is shown is of its first {0} MB.', mb(value));
    case 'empty':
      return l10n.t('the file is empty.');
    case 'headerLine':
      return l10n.t('a line among the headers is no header, and was passed over.');
    case 'headersCut':
      return l10n.t('there are more headers than are read ({0}): the rest is in the raw text.', value);
    case 'headerCut':
      return l10n.t('the header {0} is too long, and was cut.', value);
    case 'noHeaderEnd':
      return l10n.t('no empty line ends the headers: there is no body.');
    case 'duplicate':
      return l10n.t('the header {0} is there more than once; the first one counts.', value);
    case 'date':
      return value === '' ? l10n.t('there is no date.') : l10n.t('the date is no date: {0}', value);
    case 'noBoundary':
      return l10n.t('it says that it has parts, but not what stands between them (there is no boundary): shown as it stands.');
    case 'noParts':
      return l10n.t('its boundary {0} stands nowhere: shown as it stands.', value);
    case 'unclosed':
      return l10n.t('nothing ends its last part: the boundary {0} is missing there.', value);
    case 'depth':
      return l10n.t('parts are nested more than {0} deep: what lies deeper is not taken apart.', value);
    case 'parts':
      return l10n.t('there are more than {0} parts: the rest is in the raw text.', value);
    case 'encoding':
      return l10n.t('the transfer encoding {0} is unknown: shown as it stands.', value);
    case 'base64':
      return l10n.t('its base64 is damaged: what could be decoded is shown.');
    case 'quotedPrintable':
      return l10n.t('its quoted-printable is damaged: shown with the damage.');
    case 'charset':
      return l10n.t('the charset {0} is unknown: its letters are guessed.', value);
    case 'charsetBytes':
      return l10n.t('some bytes are not of its charset, {0}.', value);
    case 'nul':
      return l10n.t('there are NUL bytes in its text, shown as ␀.');
    case 'textCut':
      return l10n.t('its text is too long: the first {0} characters are shown.', value);
    case 'textsCut':
      return l10n.t('the texts are too long: {0} characters of them are shown.', value);
    case 'markupCut':
      return l10n.t('there is too much markup: its text is shown to tag {0}.', value);
    case 'imageCut':
      return l10n.t('the picture is too large to be shown in the text.');
    case 'digest':
      return l10n.t('the file is not the one that the ground truth tells of (its SHA-256 differs): marks may be off.');
  }
}

const mb = (bytes: string | number): number => Math.round(Number(bytes) / (1 << 20));

/** Why there is nothing to show but the raw text. */
export function troubleText(l10n: Words, error: unknown): string {
  const code = error instanceof ParseError ? error.code : undefined;
  const message = error instanceof Error ? error.message : String(error);
  switch (code) {
    case 'time':
      return l10n.t('This message took too long to read, and the reading was stopped ({0}). Its raw text is below.', message);
    case 'memory':
      return l10n.t('This message took too much memory to read, and the reading was stopped ({0}). Its raw text is below.', message);
    default:
      return l10n.t('This message could not be read: {0}. Its raw text is below.', message);
  }
}
