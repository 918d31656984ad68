/** Extensions for parts without a name. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  'text/plain': 'txt',
  'text/html': 'html',
  'text/csv': 'csv',
  'text/calendar': 'ics',
  'message/rfc822': 'eml',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'application/pdf': 'pdf',
  'application/zip': 'zip',
};

const LONGEST = 120;

/**
 * A name that a message gives, made fit to be a file's on every system: no folders, no control characters, none that turn
 * the direction of writing (so that "exe" does not read as "fdp"), none that Windows keeps for devices.
 */
export function fileNameOf(given: string, part: string, type: string): string {
  const name = given
    .split(/[/\\]/)
    .at(-1)!
    // eslint-disable-next-line no-control-regex -- these are what is taken out
    .replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g, '')
    .replace(/[<>:"|?*]/g, '_')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  if (name === '') return `part-${part || '0'}.${EXTENSIONS[type] ?? 'bin'}`;
  const safe = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name) ? `_${name}` : name;
  if (safe.length <= LONGEST) return safe;
  const dot = safe.lastIndexOf('.');
  const extension = dot > 0 && safe.length - dot <= 12 ? safe.slice(dot) : '';
  return safe.slice(0, LONGEST - extension.length).replace(/[\ud800-\udbff]$/, '') + extension;
}
