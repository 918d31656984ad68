/** IAM policies: Allow and Deny statements with wildcards, and the conditions that a template of ours may hold. */

export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly RegExp[];
  readonly resources: readonly RegExp[];
  readonly conditions: readonly Condition[];
}

interface Condition {
  readonly key: string;
  readonly values: readonly RegExp[];
  /** It is met, too, where the request has no such key. */
  readonly ifExists: boolean;
}

export type ConditionKeys = Readonly<Record<string, string | undefined>>;

const list = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);

const literal = (text: string): string => text.replace(/[\\^$.+()[\]{}|]/g, '\\$&');
/** A pattern of policies: `*` is any text, `?` any letter. */
export const wildcard = (pattern: string, flags = ''): RegExp =>
  new RegExp(`^${literal(pattern).replaceAll('*', '[^]*').replaceAll('?', '[^]')}$`, flags);
const exactly = (text: string): RegExp => new RegExp(`^${literal(text).replaceAll('*', '\\*').replaceAll('?', '\\?')}$`);

const OPERATORS: Readonly<Record<string, (text: string) => RegExp>> = {
  StringEquals: exactly,
  StringLike: (text) => wildcard(text),
  ArnEquals: (text) => wildcard(text),
  ArnLike: (text) => wildcard(text),
  Bool: exactly,
};

/** The statements of a policy document; throws for what could not be judged: better no policy than a wrong one. */
export function statementsOf(document: unknown): Statement[] {
  const { Statement } = document as { Statement?: unknown };
  return (Array.isArray(Statement) ? Statement : [Statement]).map((each: Record<string, unknown>) => {
    for (const element of Object.keys(each))
      if (!['Sid', 'Effect', 'Action', 'Resource', 'Condition'].includes(element))
        throw new Error(`policy element ${element}: the emulator cannot judge it`);
    return {
      effect: each['Effect'] === 'Deny' ? 'Deny' : 'Allow',
      actions: list(each['Action']).map((action) => wildcard(action, 'i')),
      resources: list(each['Resource']).map((resource) => wildcard(resource)),
      conditions: Object.entries((each['Condition'] ?? {}) as Record<string, Record<string, unknown>>).flatMap(([operator, tests]) => {
        const pattern = OPERATORS[operator.replace(/IfExists$/, '')];
        if (!pattern) throw new Error(`policy condition ${operator}: the emulator cannot judge it`);
        return Object.entries(tests).map(([key, values]) => ({
          key,
          values: list(values).map(pattern),
          ifExists: operator.endsWith('IfExists'),
        }));
      }),
    };
  });
}

/** Whether a request meets a condition: one on a key that the request does not have is not met, unless it says so. */
const meets = (keys: ConditionKeys, { key, values, ifExists }: Condition): boolean =>
  keys[key] === undefined ? ifExists : values.some((pattern) => pattern.test(keys[key]!));

/** Whether these statements allow an action. */
export function allowed(statements: Iterable<Statement>, action: string, resource: string, keys: ConditionKeys): boolean {
  let allow = false;
  for (const { effect, actions, resources, conditions } of statements) {
    if (!actions.some((pattern) => pattern.test(action)) || !resources.some((pattern) => pattern.test(resource))) continue;
    if (!conditions.every((condition) => meets(keys, condition))) continue;
    if (effect === 'Deny') return false;
    allow = true;
  }
  return allow;
}
