import DOMPurify from 'dompurify';

/** HTML of a message with everything taken out that could run, load, send or lead away. The frame it goes into forbids all that once more. */
export interface Clean {
  readonly body: HTMLElement;
  /** Where its links lead, in order; each link in the body bears its number, from 1, as data-link. */
  readonly links: readonly Link[];
  /** Pictures and styles that would have been fetched from somewhere. */
  readonly remote: number;
}

export interface Link {
  readonly url: string;
  readonly text: string;
}

const FORBIDDEN_TAGS = [
  ...['script', 'noscript', 'template', 'slot', 'link', 'meta', 'base', 'title'],
  ...['iframe', 'frame', 'frameset', 'object', 'embed', 'applet', 'portal', 'fencedframe'],
  ...['audio', 'video', 'source', 'track', 'picture', 'canvas', 'map', 'area', 'dialog'],
  ...['form', 'input', 'button', 'select', 'option', 'optgroup', 'datalist', 'textarea', 'keygen', 'output'],
  ...['svg', 'math'],
];
const FORBIDDEN_ATTRIBUTES = [
  ...['srcset', 'sizes', 'background', 'poster', 'ping', 'action', 'formaction', 'usemap', 'longdesc', 'cite', 'lowsrc', 'dynsrc'],
  ...[
    'target',
    'rel',
    'download',
    'autofocus',
    'contenteditable',
    'tabindex',
    'accesskey',
    'popover',
    'popovertarget',
    'is',
    'slot',
    'part',
    'name',
  ],
];

/** Pictures that come with the message. */
const DATA_PICTURE = /^data:image\/(?:png|jpeg|gif|webp|bmp);base64,[A-Za-z0-9+/=\s]+$/i;
const REMOTE = /^\s*(?:[a-z][a-z0-9+.-]*:)?\/\//i;
const MOST_LINKS = 500;

/** `images` are data URLs by Content-ID. */
export function sanitize(html: string, images: Readonly<Record<string, string>>): Clean {
  const purify = DOMPurify(window);
  let remote = 0;
  purify.addHook('uponSanitizeElement', (node, { tagName }) => {
    if (tagName === 'style') node.textContent = harmlessStyle(node.textContent ?? '', () => remote++);
    else if (tagName === 'link' || tagName === 'picture' || tagName === 'video' || tagName === 'audio') remote++;
  });
  purify.addHook('uponSanitizeAttribute', (node, data) => {
    const { attrName, attrValue } = data;
    if (attrName === 'style') data.attrValue = harmlessStyle(attrValue, () => remote++);
    else if (attrName === 'src') {
      const picture = node.tagName === 'IMG' ? pictureOf(attrValue, images) : undefined;
      if (picture !== undefined) {
        data.attrValue = picture;
        return;
      }
      if (REMOTE.test(attrValue)) remote++;
      data.keepAttr = false;
    } else if (FORBIDDEN_ATTRIBUTES.includes(attrName)) {
      if (REMOTE.test(attrValue) && attrName !== 'action' && attrName !== 'formaction') remote++;
      data.keepAttr = false;
    }
  });
  const page = purify.sanitize(html, {
    USE_PROFILES: { html: true },
    FORBID_TAGS: FORBIDDEN_TAGS,
    FORBID_ATTR: FORBIDDEN_ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|data:image\/)/i,
    WHOLE_DOCUMENT: true,
    RETURN_DOM: true,
  }) as HTMLElement;
  const body = page.querySelector('body') ?? document.createElement('body');
  for (const style of [...page.querySelectorAll('head style')].reverse()) body.prepend(style);
  for (const picture of body.querySelectorAll('img:not([src])')) picture.setAttribute('data-blocked', '');
  return { body, links: takeLinks(body), remote };
}

function pictureOf(source: string, images: Readonly<Record<string, string>>): string | undefined {
  const id = /^\s*cid:(.*)$/is.exec(source)?.[1]?.trim();
  if (id === undefined) return DATA_PICTURE.test(source) ? source : undefined;
  const name = [id, unescaped(id)].find((one) => Object.hasOwn(images, one));
  return name === undefined ? undefined : images[name];
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Styles without what loads. An escape can spell any word (\75rl is url), so what has one goes whole; the comment marks around
 * old styles are no styles.
 */
function harmlessStyle(css: string, blocked: () => void): string {
  const plain = css.replace(/<!--|-->/g, '').replace(/\/\*[^]*?(?:\*\/|$)/g, '');
  if (
    !/\\|@import|@font-face|@charset|@namespace|url\s*\(|image-set\s*\(|image\s*\(|src\s*\(|expression\s*\(|-moz-binding|behavior\s*:/i.test(
      plain,
    )
  )
    return plain;
  blocked();
  if (plain.includes('\\')) return '';
  return plain
    .replace(/@(?:import|charset|namespace)[^;{}]*;?/gi, '')
    .replace(/@font-face[^{}]*\{[^{}]*\}?/gi, '')
    .replace(/[\w-]+\s*:\s*[^;{}]*(?:url|image-set|image|src|expression)\s*\([^;{}]*/gi, '')
    .replace(/(?:-moz-binding|behavior)\s*:[^;{}]*/gi, '')
    .replace(/(?:url|image-set|image|src|expression)\s*\(/gi, '(');
}

/** Makes links inert: they are listed beside the frame, where they can be opened once confirmed. */
function takeLinks(body: HTMLElement): Link[] {
  const links: Link[] = [];
  for (const anchor of body.querySelectorAll('[href]')) {
    const url = anchor.getAttribute('href')!;
    anchor.removeAttribute('href');
    if (anchor.tagName !== 'A' || links.length === MOST_LINKS || !/^(?:https?|mailto):/i.test(url)) continue;
    links.push({ url, text: (anchor.textContent ?? '').replace(/\s+/g, ' ').trim().slice(0, 200) });
    anchor.setAttribute('data-link', String(links.length));
    anchor.setAttribute('title', url);
  }
  return links;
}
