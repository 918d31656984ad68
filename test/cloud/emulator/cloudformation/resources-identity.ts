import type { Caller } from '../callers.ts';
import { statementsOf } from '../policy.ts';
import type { Services } from '../services.ts';
import { nameOf, text, type ResourceKind, type Site } from './resource-kind.ts';
import type { Properties } from './template.ts';

/** Roles and their policies: what callers are held to. */

interface InlinePolicy {
  readonly PolicyName: string;
  readonly PolicyDocument: unknown;
}

const roleArn = ({ account }: Services, name: string): string => `arn:aws:iam::${account}:role/${name}`;

/** Trust policies of roles, by their ARN. */
const trusts = new WeakMap<Services, Map<string, string>>();

/** Who acts in a role; throws where the role does not let that service take it. */
export function roleFor(services: Services, roleArnText: string, service: string): Caller {
  const trust = trusts.get(services)?.get(roleArnText);
  if (!trust?.includes(`"${service}"`)) throw new Error(`The role ${roleArnText} is not there, or cannot be assumed by ${service}`);
  const principal = roleArnText.split('/').at(-1)!;
  return { principal, kind: 'role', arn: `arn:aws:sts::${services.account}:assumed-role/${principal}` };
}

function putRole({ services }: Site, name: string, properties: Properties): void {
  let mine = trusts.get(services);
  if (!mine) trusts.set(services, (mine = new Map()));
  mine.set(roleArn(services, name), JSON.stringify(properties['AssumeRolePolicyDocument']));
  for (const { PolicyName, PolicyDocument } of (properties['Policies'] ?? []) as InlinePolicy[])
    services.access.attach(name, PolicyName, statementsOf(PolicyDocument));
  for (const managed of (properties['ManagedPolicyArns'] ?? []) as string[])
    // The one of AWS's own that says nothing of what is judged here: logs.
    if (!managed.endsWith(':policy/service-role/AWSLambdaBasicExecutionRole'))
      throw new Error(`${managed}: the emulator does not have this managed policy`);
}

const role: ResourceKind = {
  replaceOn: ['RoleName'],
  create(site, properties) {
    const name = nameOf(site, properties, 'RoleName');
    putRole(site, name, properties);
    return { physicalId: name, attributes: { Arn: roleArn(site.services, name), RoleId: `AROA${name}` } };
  },
  update(site, built, properties) {
    this.delete(site, built, properties);
    putRole(site, built.physicalId, properties);
    return built;
  },
  delete({ services }, { physicalId, attributes }, properties) {
    trusts.get(services)?.delete(attributes['Arn']!);
    for (const { PolicyName } of (properties['Policies'] ?? []) as InlinePolicy[]) services.access.detach(physicalId, PolicyName);
  },
};

const holders = (properties: Properties): string[] => (properties['Roles'] ?? []) as string[];

const policy: ResourceKind = {
  create({ services, stack, logicalId }, properties) {
    const statements = statementsOf(properties['PolicyDocument']);
    for (const holder of holders(properties)) services.access.attach(holder, text(properties, 'PolicyName')!, statements);
    return { physicalId: `${stack}-${logicalId}`, attributes: {} };
  },
  delete({ services }, _built, properties) {
    for (const holder of holders(properties)) services.access.detach(holder, text(properties, 'PolicyName')!);
  },
};

/** The one named `<stack>-user` is what the principal `user` has: here somebody has attached it. */
const managedPolicy: ResourceKind = {
  replaceOn: ['ManagedPolicyName', 'Description', 'Path'],
  create(site, properties) {
    const name = nameOf(site, properties, 'ManagedPolicyName');
    put(site, name, properties);
    const policyArn = `arn:aws:iam::${site.services.account}:policy/${name}`;
    return { physicalId: policyArn, attributes: { PolicyArn: policyArn, PolicyId: `ANPA${name}` } };
  },
  update(site, built, properties) {
    put(site, built.physicalId.split('/').at(-1)!, properties);
    return built;
  },
  delete({ services, stack }, { physicalId }, properties) {
    const name = physicalId.split('/').at(-1)!;
    for (const holder of [...holders(properties), ...(name === `${stack}-user` ? ['user'] : [])]) services.access.detach(holder, name);
  },
};

function put({ services, stack }: Site, name: string, properties: Properties): void {
  const statements = statementsOf(properties['PolicyDocument']);
  for (const holder of [...holders(properties), ...(name === `${stack}-user` ? ['user'] : [])])
    services.access.attach(holder, name, statements);
}

export const identityKinds: Readonly<Record<string, ResourceKind>> = {
  'AWS::IAM::Role': role,
  'AWS::IAM::Policy': policy,
  'AWS::IAM::ManagedPolicy': managedPolicy,
};

/** The types that need a capability, and the property by which they are named. */
export const NAMED_IDENTITIES: Readonly<Record<string, string>> = {
  'AWS::IAM::Role': 'RoleName',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::Policy': '',
};
