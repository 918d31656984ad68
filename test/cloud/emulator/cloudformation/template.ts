import { AwsError } from '../aws-error.ts';

/** A template, and what its intrinsic functions come to. */

export interface Template {
  readonly Description?: string;
  readonly Parameters?: Readonly<Record<string, TemplateParameter>>;
  readonly Mappings?: Readonly<Record<string, Record<string, Record<string, unknown>>>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<
    Record<
      string,
      { readonly Value: unknown; readonly Description?: string; readonly Condition?: string; readonly Export?: { Name: unknown } }
    >
  >;
}

export interface TemplateParameter {
  readonly Type: string;
  readonly Default?: string | number;
  readonly AllowedValues?: readonly (string | number)[];
  readonly AllowedPattern?: string;
  readonly ConstraintDescription?: string;
  readonly MinLength?: number | string;
  readonly MaxLength?: number | string;
  readonly MinValue?: number | string;
  readonly MaxValue?: number | string;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export type Properties = Readonly<Record<string, unknown>>;

/** What Ref and Fn::GetAtt of a resource give. */
export interface Built {
  readonly physicalId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const invalid = (message: string): AwsError => new AwsError(400, 'ValidationError', message);

export function parseTemplate(text: string): Template {
  try {
    const template = JSON.parse(text) as Template;
    if (Object.keys(template.Resources).length > 0) return template;
  } catch {
    // YAML, or nothing of the kind.
  }
  throw invalid('Template format error: the emulator takes JSON with at least one Resources member');
}

/** The parameters' values: given, as before, or by default; throws where one breaks its own rules. */
export function parameterValues(
  template: Template,
  given: ReadonlyMap<string, string>,
  before: Readonly<Record<string, string>>,
  asBefore: ReadonlySet<string>,
): Record<string, string> {
  const declared = template.Parameters ?? {};
  const unknown = [...given.keys(), ...asBefore].filter((name) => !(name in declared));
  if (unknown.length > 0) throw invalid(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  const values: Record<string, string> = {};
  const missing: string[] = [];
  for (const [name, parameter] of Object.entries(declared)) {
    const value = asBefore.has(name) ? before[name] : (given.get(name) ?? parameter.Default);
    if (value === undefined) missing.push(name);
    else checkParameter(name, parameter, (values[name] = String(value)));
  }
  if (missing.length > 0) throw invalid(`Parameters: [${missing.join(', ')}] must have values`);
  return values;
}

function checkParameter(name: string, of: TemplateParameter, value: string): void {
  const broken = (rule: string): AwsError => invalid(`Parameter '${name}' ${of.ConstraintDescription ?? rule}`);
  if (of.AllowedValues && !of.AllowedValues.map(String).includes(value))
    throw invalid(`Template error: Parameter '${name}' must be one of AllowedValues`);
  if (of.AllowedPattern !== undefined && !new RegExp(`^(?:${of.AllowedPattern})$`).test(value))
    throw broken(`must match pattern ${of.AllowedPattern}`);
  if (value.length < Number(of.MinLength ?? 0)) throw broken(`must contain at least ${of.MinLength} characters`);
  if (value.length > Number(of.MaxLength ?? Infinity)) throw broken(`must contain at most ${of.MaxLength} characters`);
  if (of.Type !== 'Number') return;
  if (value.trim() === '' || !Number.isFinite(Number(value))) throw broken('must be a number');
  if (Number(value) < Number(of.MinValue ?? -Infinity)) throw broken(`must be a number not less than ${of.MinValue}`);
  if (Number(value) > Number(of.MaxValue ?? Infinity)) throw broken(`must be a number not greater than ${of.MaxValue}`);
}

/** Says that a value needs a resource that is not there yet. */
export class NotBuilt extends Error {}

const NO_VALUE = Symbol('AWS::NoValue');

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The one entry of `{"Fn::…": …}`, `{"Ref": …}` or `{"Condition": …}`. */
function intrinsic(value: Record<string, unknown>): [string, unknown] | undefined {
  const entries = Object.entries(value);
  const [name] = entries[0] ?? [''];
  return entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::')) ? entries[0] : undefined;
}

export class Evaluation {
  private readonly template: Template;
  /** Parameters and pseudo parameters. */
  private readonly values: Readonly<Record<string, unknown>>;
  private readonly built: (logicalId: string) => Built | undefined;

  constructor(
    template: Template,
    parameters: Readonly<Record<string, string>>,
    pseudo: Readonly<Record<string, unknown>>,
    built: (logicalId: string) => Built | undefined,
  ) {
    this.template = template;
    this.values = { ...pseudo, ...Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, this.typed(name, value)])) };
    this.built = built;
  }

  value(value: unknown): unknown {
    const result = this.evaluate(value);
    return result === NO_VALUE ? undefined : result;
  }

  properties(resource: TemplateResource): Properties {
    return this.value(resource.Properties ?? {}) as Properties;
  }

  /** Whether a resource or an output is made at all. */
  exists({ Condition }: { readonly Condition?: string }): boolean {
    return Condition === undefined || this.condition(Condition);
  }

  private condition(name: string): boolean {
    const condition = this.template.Conditions?.[name];
    if (condition === undefined) throw invalid(`Template error: unresolved condition dependency ${name}`);
    return this.test(condition);
  }

  private test(value: unknown): boolean {
    const [[name, argument]] = Object.entries(value as Record<string, unknown>) as [[string, unknown]];
    const list = argument as unknown[];
    switch (name) {
      case 'Condition':
        return this.condition(argument as string);
      case 'Fn::Equals':
        return String(this.evaluate(list[0])) === String(this.evaluate(list[1]));
      case 'Fn::Not':
        return !this.test(list[0]);
      case 'Fn::And':
        return list.every((each) => this.test(each));
      case 'Fn::Or':
        return list.some((each) => this.test(each));
      default:
        throw invalid(`Template error: ${name} in a condition: the emulator does not know it`);
    }
  }

  private typed(name: string, value: string): unknown {
    const type = this.template.Parameters?.[name]?.Type ?? 'String';
    return type.startsWith('List<') || type === 'CommaDelimitedList' ? value.split(',') : value;
  }

  private evaluate(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.evaluate(item)).filter((item) => item !== NO_VALUE);
    if (!isObject(value)) return value;
    const call = intrinsic(value);
    if (call) return this.call(call[0], call[1]);
    return Object.fromEntries(
      Object.entries(value)
        .map(([name, item]) => [name, this.evaluate(item)] as const)
        .filter(([, item]) => item !== NO_VALUE),
    );
  }

  private call(name: string, argument: unknown): unknown {
    const list = argument as [unknown, unknown, unknown];
    switch (name) {
      case 'Ref':
        return this.reference(argument as string);
      case 'Fn::GetAtt': {
        const [id, ...attribute] = typeof argument === 'string' ? argument.split('.') : (argument as string[]);
        return this.attribute(id!, attribute.join('.'));
      }
      case 'Fn::Join':
        return (this.evaluate(list[1]) as unknown[]).join(list[0] as string);
      case 'Fn::Split':
        return String(this.evaluate(list[1])).split(list[0] as string);
      case 'Fn::Select':
        return (this.evaluate(list[1]) as unknown[])[Number(this.evaluate(list[0]))];
      case 'Fn::Sub':
        return Array.isArray(argument)
          ? this.substitute(list[0] as string, this.evaluate(list[1]))
          : this.substitute(argument as string, {});
      case 'Fn::If':
        return this.evaluate(this.condition(list[0] as string) ? list[1] : list[2]);
      case 'Fn::FindInMap': {
        const [map, top, second] = list.map((each) => String(this.evaluate(each)));
        const found = this.template.Mappings?.[map!]?.[top!]?.[second!];
        if (found === undefined) throw invalid(`Template error: Unable to get mapping for ${map}::${top}::${second}`);
        return found;
      }
      default:
        throw invalid(`Template error: ${name}: the emulator does not know it`);
    }
  }

  private reference(name: string): unknown {
    if (name === 'AWS::NoValue') return NO_VALUE;
    if (name in this.values) return this.values[name];
    return this.resource(name).physicalId;
  }

  private attribute(id: string, name: string): string {
    const value = this.resource(id).attributes[name];
    if (value === undefined) throw invalid(`Template error: resource ${id} does not support attribute type ${name} in Fn::GetAtt`);
    return value;
  }

  private resource(id: string): Built {
    if (!(id in this.template.Resources)) throw invalid(`Template format error: Unresolved resource dependencies [${id}]`);
    const built = this.built(id);
    if (!built) throw new NotBuilt(id);
    return built;
  }

  private substitute(text: string, names: unknown): string {
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal !== '') return `\${${name}}`;
      const own = (names as Record<string, unknown>)[name];
      if (own !== undefined) return String(own);
      const [id, ...attribute] = name.split('.');
      return String(attribute.length > 0 && !name.startsWith('AWS::') ? this.attribute(id!, attribute.join('.')) : this.reference(name));
    });
  }
}

/** The resources that a part of a template speaks of. */
function mentions(value: unknown, found: Set<string>): Set<string> {
  if (Array.isArray(value)) for (const item of value) mentions(item, found);
  else if (isObject(value)) {
    const [name, argument] = intrinsic(value) ?? [];
    if (name === 'Ref') found.add(argument as string);
    else if (name === 'Fn::GetAtt') found.add(typeof argument === 'string' ? argument.split('.')[0]! : (argument as [string])[0]);
    else if (name === 'Fn::Sub')
      for (const [, id] of String(Array.isArray(argument) ? argument[0] : argument).matchAll(/\$\{([^!}.]+)[^}]*\}/g)) found.add(id!);
    for (const item of Object.values(value)) mentions(item, found);
  }
  return found;
}

/** The ids of the resources that are made, each after those that it needs. */
export function inOrder(template: Template, evaluation: Evaluation): string[] {
  const ids = Object.keys(template.Resources).filter((id) => evaluation.exists(template.Resources[id]!));
  const there = new Set(ids);
  const order = new Set<string>();
  const visit = (id: string, path: readonly string[]): void => {
    if (order.has(id)) return;
    if (path.includes(id)) throw invalid(`Circular dependency between resources: [${[...path, id].join(', ')}]`);
    const { Properties, DependsOn = [] } = template.Resources[id]!;
    for (const other of mentions(Properties, new Set([DependsOn].flat() as string[]))) if (there.has(other)) visit(other, [...path, id]);
    order.add(id);
  };
  for (const id of ids) visit(id, []);
  return [...order];
}
