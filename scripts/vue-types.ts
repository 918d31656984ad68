import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileScript, compileTemplate, parse } from 'vue/compiler-sfc';

/**
 * Writes what TypeScript is to see of the Vue components, to .cache/vue-types, where webview/tsconfig.json has it stand
 * beside them: the script as it is, on the same lines, and then the template as the code that Vue makes of it. So names and
 * expressions in templates are checked, and the props that components are given.
 *
 *   node scripts/vue-types.ts
 */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(ROOT, '.cache/vue-types');
/** What the code of a template calls the props. */
const PROPS = '__props';

/** What that code calls, in types that check the props of components and nothing else: Vue's own are at once looser and stricter. */
const HELPERS = `
type __Given<P> = { readonly [K in keyof P]: P[K] | (boolean extends P[K] ? '' : never) | (object extends Pick<P, K> ? undefined : never) };
type __Component<P> = { readonly __given: P };
type __Any = any;
declare function __make<P>(type: __Component<P>, props?: null | (NoInfer<__Given<P>> & { readonly [name: string]: __Any }), ...rest: __Any[]): __Any;
declare function __make(type: string | symbol | (object & { readonly __given?: never }), ...rest: __Any[]): __Any;
declare function __element(type: string | symbol | object, ...rest: __Any[]): __Any;
declare function __slot(slot: (props: __Any) => unknown): __Any;
declare function __anything(...values: (object | { readonly [name: string]: object | string | number | boolean | null | undefined | ((...given: __Any[]) => __Any) })[]): __Any;
`;
const REPLACED: Readonly<Record<string, string>> = {
  createVNode: '__make',
  createBlock: '__make',
  createElementVNode: '__element',
  createElementBlock: '__element',
  withCtx: '__slot',
  mergeProps: '__anything',
  normalizeProps: '__anything',
  guardReactiveProps: '__anything',
  createSlots: '__anything',
};

function typesOf(file: string, source: string): string {
  const { descriptor, errors } = parse(source, { filename: file });
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]!.message}`);
  const { scriptSetup, template } = descriptor;
  if (scriptSetup?.lang !== 'ts' || !template) throw new Error(`${file}: it needs a <script setup lang="ts"> and a <template>`);
  const { bindings = {} } = compileScript(descriptor, { id: file });
  const {
    code,
    preamble,
    errors: mistakes,
  } = compileTemplate({
    id: file,
    filename: file,
    source: template.content,
    ...(template.ast && { ast: template.ast }),
    compilerOptions: { inline: true, isTS: true, prefixIdentifiers: true, hoistStatic: false, bindingMetadata: bindings },
  });
  if (mistakes.length > 0) throw new Error(`${file}: ${String(mistakes[0])}`);
  const { content, loc } = scriptSetup;
  return [
    '\n'.repeat(loc.start.line - 1) + named(content),
    helped(preamble ?? ''),
    `type __Props = ${typeOfProps(content)};`,
    `void ${PROPS};`,
    ...withConstants(code, new Set(Object.keys(bindings))),
    'export default null as unknown as { readonly __given: __Props };',
    HELPERS,
  ].join('\n');
}

/** Gives the props the name that the template's code has for them. */
function named(script: string): string {
  const call = String.raw`(?:withDefaults\(\s*)?defineProps\b`;
  const name = new RegExp(String.raw`^const (\w+) = ${call}`, 'm').exec(script)?.[1];
  if (name !== undefined) return `${script}\nconst ${PROPS} = ${name};`;
  const bare = new RegExp(`^(?=${call})`, 'm');
  return bare.test(script) ? script.replace(bare, `const ${PROPS} = `) : `${script}\ndeclare const ${PROPS}: __Props;`;
}

/** The text of T in defineProps<T>(). */
function typeOfProps(script: string): string {
  const begin = script.indexOf('defineProps<');
  if (begin < 0) return 'object';
  const from = begin + 'defineProps<'.length;
  for (let at = from, depth = 1; at < script.length; at++) {
    if (script[at] === '<') depth++;
    else if (script[at] === '>' && script[at - 1] !== '=') depth--;
    if (depth === 0) return script.slice(from, at);
  }
  throw new Error('defineProps< has no end');
}

/**
 * The code, with a constant for each ref and prop that it reads: of a constant TypeScript knows, in a slot too, what a
 * condition before has made sure of. Props are called by their own names, which Vue finds from `error-of` as well.
 */
function withConstants(code: string, names: ReadonlySet<string>): string[] {
  const constants = new Map<string, string>();
  const read = /_unref\((\w+)\)|(?<![.\w])(\w+)\.value\b(?!\s*(?:[-+*/|&?]{0,2}=(?!=)|\+\+|--))|__props\.(\w+)/g;
  const text = code
    .replaceAll(read, (expression: string, unwrapped?: string, ref?: string, prop?: string) => {
      if (ref !== undefined && !names.has(ref)) return expression; // of a v-for
      const name = `__${prop === undefined ? 'value' : 'prop'}_${unwrapped ?? ref ?? prop}`;
      constants.set(name, expression);
      return name;
    })
    .replaceAll(
      /"((?!aria-|data-)[a-z]+(?:-[a-z]+)+)": /g,
      (_, name: string) => `${name.replaceAll(/-(.)/g, (__, c: string) => c.toUpperCase())}: `,
    );
  return [...[...constants].map(([name, expression]) => `const ${name} = ${expression};`), `export const __render = () => { ${text} };`];
}

/** Has the helpers above stand for Vue's. */
const helped = (preamble: string): string =>
  preamble
    .replaceAll(/(\w+) as (_\w+)(, )?/g, (whole, name: string) => (Object.hasOwn(REPLACED, name) ? '' : whole))
    .concat(
      [...preamble.matchAll(/(\w+) as (_\w+)/g)]
        .map(([, name, alias]) => (Object.hasOwn(REPLACED, name!) ? `\nconst ${alias} = ${REPLACED[name!]};` : ''))
        .join(''),
    );

rmSync(OUT, { recursive: true, force: true });
for (const name of readdirSync(join(ROOT, 'webview'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.vue'))) {
  const target = join(OUT, 'webview', `${name}.ts`);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, typesOf(`webview/${name}`, readFileSync(join(ROOT, 'webview', name), 'utf8')));
}
