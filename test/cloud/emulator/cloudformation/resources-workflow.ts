import { checkPattern } from '../rules.ts';
import { arn, nameOf, text, type ResourceKind, type Site } from './resource-kind.ts';
import { roleFor } from './resources-identity.ts';
import type { Properties } from './template.ts';

/** State machines, and the rules that their executions set off. */

/** The definition with its placeholders filled in. */
function definitionOf(properties: Properties): string {
  if (properties['DefinitionS3Location'] !== undefined) throw new Error('DefinitionS3Location: the emulator does not read it');
  const definition = text(properties, 'DefinitionString') ?? JSON.stringify(properties['Definition']);
  const substitutions = (properties['DefinitionSubstitutions'] ?? {}) as Record<string, unknown>;
  return definition.replace(/\$\{([^}]+)\}/g, (whole, name: string) => (name in substitutions ? String(substitutions[name]) : whole));
}

function put({ services }: Site, name: string, properties: Properties): string {
  if (text(properties, 'StateMachineType') === 'EXPRESS') throw new Error('EXPRESS: the emulator runs STANDARD state machines');
  return services.machines.put(name, definitionOf(properties), roleFor(services, text(properties, 'RoleArn')!, 'states.amazonaws.com'));
}

const stateMachine: ResourceKind = {
  replaceOn: ['StateMachineName', 'StateMachineType'],
  create(site, properties) {
    const name = nameOf(site, properties, 'StateMachineName');
    const machine = put(site, name, properties);
    return { physicalId: machine, attributes: { Arn: machine, Name: name, StateMachineRevisionId: 'INITIAL' } };
  },
  update(site, built, properties) {
    put(site, built.attributes['Name']!, properties);
    return built;
  },
  delete({ services }, { physicalId }) {
    services.machines.delete(physicalId);
  },
};

interface Target {
  readonly Arn: string;
  readonly Input?: unknown;
  readonly InputPath?: unknown;
  readonly InputTransformer?: unknown;
}

function putRule(site: Site, name: string, properties: Properties): string {
  const ruleArn = arn(site, 'events', `rule/${name}`);
  const pattern = properties['EventPattern'] as Parameters<typeof checkPattern>[0] | undefined;
  if (!pattern) throw new Error('Rules on a schedule: the emulator has none');
  checkPattern(pattern);
  const targets = (properties['Targets'] ?? []) as Target[];
  for (const target of targets)
    if (!target.Arn.startsWith('arn:aws:lambda:') || target.Input || target.InputPath || target.InputTransformer)
      throw new Error(`${target.Arn}: the emulator gives whole events to functions, nothing else`);
  const enabled = text(properties, 'State') !== 'DISABLED';
  site.services.rules.put(name, { arn: ruleArn, pattern, targets: enabled ? targets.map(({ Arn }) => Arn) : [] });
  return ruleArn;
}

const rule: ResourceKind = {
  replaceOn: ['Name'],
  create(site, properties) {
    const name = nameOf(site, properties, 'Name');
    return { physicalId: name, attributes: { Arn: putRule(site, name, properties) } };
  },
  update(site, built, properties) {
    putRule(site, built.physicalId, properties);
    return built;
  },
  delete({ services }, { physicalId }) {
    services.rules.delete(physicalId);
  },
};

export const workflowKinds: Readonly<Record<string, ResourceKind>> = {
  'AWS::StepFunctions::StateMachine': stateMachine,
  'AWS::Events::Rule': rule,
};
