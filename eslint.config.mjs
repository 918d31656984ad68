import { isBuiltin } from 'node:module';
import { dirname, relative, resolve, sep } from 'node:path';
import { defineConfig } from 'eslint/config';
import { builtinRules } from 'eslint/use-at-your-own-risk';
import tseslint from 'typescript-eslint';

/** Who may import whom: each folder itself, and these. Imports point one way: corpus ← job ← engine ← cli, extension, lambda. */
const MAY_IMPORT = {
  'src/corpus': [],
  'src/job': ['src/corpus'],
  'src/engine': ['src/job', 'src/corpus'],
  'src/protocol': ['src/job'],
  'src/cli': ['src/engine', 'src/job', 'src/corpus', 'src/protocol'],
  'src/extension': ['src/engine', 'src/job', 'src/corpus', 'src/protocol'],
  lambda: ['src/engine', 'src/job', 'src/corpus'],
  webview: ['src/job', 'src/protocol'],
  infra: ['src/job', 'src/corpus'],
};

/** Packages that only some folders may import. */
const KEPT_TO = {
  '@aws-sdk': ['src/engine/aws', 'src/extension/aws', 'lambda'],
  vscode: ['src/extension'],
  '@vscode/webview-ui-toolkit': ['webview/controls'],
};

/** Pure folders, and all they may import of Node: no files, net, processes, clock, and no zlib (its bytes differ between versions of Node). */
const PURE = ['src/corpus', 'src/job'];
const PURE_MODULES = ['node:buffer', 'node:crypto'];

const within = (path, folder) => path === folder || path.startsWith(`${folder}/`);

/** A local rule, for it has to resolve relative imports: core's no-restricted-imports sees only how they are written, and no `import()`. */
const imports = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      direction: '{{from}} must not import {{to}}: it may import {{allowed}}',
      keptTo: 'only {{allowed}} may import {{name}}',
      pure: '{{from}} is pure: of Node it may import only {{allowed}}',
    },
  },
  create(context) {
    const inProject = (path) => relative(import.meta.dirname, path).replaceAll(sep, '/');
    const file = inProject(context.filename);
    const from = Object.keys(MAY_IMPORT).find((folder) => within(file, folder));
    const report = (node, messageId, data) =>
      context.report({ node, messageId, data: { ...data, from, allowed: data.allowed.join(', ') } });

    function check(node) {
      const name = node?.value;
      if (typeof name !== 'string') return;
      if (/^[./]/.test(name)) {
        if (from === undefined) return;
        const to = inProject(resolve(dirname(context.filename), name));
        const allowed = [from, ...MAY_IMPORT[from]];
        if (!allowed.some((folder) => within(to, folder))) report(node, 'direction', { to, allowed });
      } else if (isBuiltin(name)) {
        if (PURE.includes(from) && !PURE_MODULES.includes(name)) report(node, 'pure', { allowed: PURE_MODULES });
      } else {
        const kept = Object.keys(KEPT_TO).find((folder) => within(name, folder));
        if (kept && !KEPT_TO[kept].some((folder) => within(file, folder))) report(node, 'keptTo', { name, allowed: KEPT_TO[kept] });
      }
    }

    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source),
    };
  },
};

const syntax = (selector, message) => ({ selector, message });
const NO_DEFAULT_EXPORT = [
  syntax('ExportDefaultDeclaration', 'Name what you export: a default export is called something else in every file.'),
  syntax('ExportSpecifier[exported.name="default"]', 'Name what you export: a default export is called something else in every file.'),
];

const OUTSIDE = 'It comes in from outside: this folder is pure.';
const IMPURE_GLOBALS = [
  'process',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'fetch',
  'crypto',
  'navigator',
  'globalThis',
].map((name) => ({ name, message: OUTSIDE }));
const NO_RANDOM_BYTES = {
  paths: [
    {
      name: 'node:crypto',
      allowImportNames: ['createHash', 'createHmac', 'hash', 'Hash', 'Hmac'],
      message: 'Only hashes: randomness comes from the seed.',
    },
  ],
};

const EXACT_MATH = ['abs', 'ceil', 'clz32', 'floor', 'fround', 'imul', 'max', 'min', 'round', 'sign', 'sqrt', 'trunc'];
const INEXACT =
  'Its last digits differ between processors and versions of Node, or it is random: use integer tables, or the streams of random.ts.';
const NO_DATE = 'Times are seconds of clock.ts and calendar.ts: Date knows the machine, its clock and its zone.';
const LOCALE_METHODS = [
  'localeCompare',
  'normalize',
  'toLocaleString',
  'toLocaleDateString',
  'toLocaleTimeString',
  'toLocaleUpperCase',
  'toLocaleLowerCase',
];
const UNICODE = 'It depends on the Unicode and locale data of the Node that runs it.';

// What eslint recommends; the usual way to this list is one more dependency, @eslint/js.
const recommended = Object.fromEntries([...builtinRules].filter(([, rule]) => rule.meta.docs.recommended).map(([name]) => [name, 'error']));

export default defineConfig(
  { ignores: ['dist/', '.cache/', 'corpora/'] },
  { rules: recommended },
  tseslint.configs.strict,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/no-non-null-assertion': 'off', // `!` states what building a table has made sure of
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: { console: 'readonly', performance: 'readonly', process: 'readonly', URL: 'readonly' } },
  },
  {
    files: ['src/**', 'lambda/**', 'webview/**', 'infra/**'],
    plugins: { mailwright: { rules: { imports } } },
    rules: { 'mailwright/imports': 'error' },
  },
  { files: ['src/**'], rules: { 'no-restricted-syntax': ['error', ...NO_DEFAULT_EXPORT] } },
  {
    files: ['src/job/**'],
    rules: {
      'no-restricted-globals': ['error', ...IMPURE_GLOBALS],
      'no-restricted-imports': ['error', NO_RANDOM_BYTES],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: OUTSIDE },
        { object: 'Math', property: 'random', message: OUTSIDE },
      ],
      'no-restricted-syntax': [
        'error',
        ...NO_DEFAULT_EXPORT,
        syntax('NewExpression[callee.name="Date"][arguments.length=0]', OUTSIDE),
        syntax('CallExpression[callee.name="Date"]', OUTSIDE),
      ],
    },
  },
  {
    files: ['src/corpus/**'],
    rules: {
      'no-restricted-globals': ['error', ...IMPURE_GLOBALS, { name: 'Date', message: NO_DATE }, { name: 'Intl', message: UNICODE }],
      'no-restricted-imports': ['error', NO_RANDOM_BYTES],
      'no-restricted-properties': [
        'error',
        { object: 'Math', allowProperties: EXACT_MATH, message: INEXACT },
        ...LOCALE_METHODS.map((property) => ({ property, message: UNICODE })),
      ],
      'no-restricted-syntax': [
        'error',
        ...NO_DEFAULT_EXPORT,
        syntax('BinaryExpression[operator="**"]', INEXACT),
        syntax('AssignmentExpression[operator="**="]', INEXACT),
      ],
    },
  },
);
