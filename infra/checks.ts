import { type App, CloudFormationValidatePlugin, type PolicyViolation, type Stack } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { partsOf } from './names.ts';

/** What cdk-nag, or the validator of CloudFormation templates, found: a rule, and the construct or the resource it is about. */
export interface Finding {
  readonly rule: string;
  readonly at: string;
  readonly text: string;
}

/** A finding that may stay, and why. */
interface Suppression {
  readonly rule: string;
  /** Where: construct paths in the stack, or logical ids. */
  readonly at: readonly string[];
  readonly reason: string;
}

/** All of them, in one place. One that no longer has a finding is an error, too. */
const SUPPRESSIONS: readonly Suppression[] = [
  {
    rule: 'AwsSolutions-S1',
    at: ['CorporaBucket'],
    reason:
      'No server access log: it would have a line for each of millions of puts, and cost more than the workers. The mail is synthetic and can be made again; who wants to know who read it turns on data events of CloudTrail.',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::<CorporaBucket.Arn>/corpora/*]',
    at: ['CoordinatorRole', 'DispatcherRole', 'WorkerRole', 'SupervisorRole', 'DeadletterRole', 'UserAccess'],
    reason: 'Jobs are made while the stack runs: a policy cannot name their objects, only the prefix that all of them have.',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::*]',
    at: ['AttemptsRole'],
    reason: 'The actions with which Step Functions sets up the log of a state machine know no resources (AWS documents "*" for them).',
  },
  {
    rule: 'AwsSolutions-SF2',
    at: ['AttemptsMachine'],
    reason:
      'No X-Ray: it would need permissions on "*". The log of the state machine holds every step with its data, and the supervisor writes each look.',
  },
];

const findingsOf = (violations: readonly PolicyViolation[]): Finding[] =>
  violations.flatMap(({ ruleName, description, violatingResources }) =>
    violatingResources.map(({ constructPath, resourceLogicalId }) => ({
      rule: ruleName,
      at: resourceLogicalId ?? partsOf(constructPath ?? '').join('/'),
      text: description,
    })),
  );

/** What cdk-nag has against the stack. */
export const nagFindings = (app: App, stack: Stack): Finding[] => findingsOf(new AwsSolutionsChecks(app).validateScope(stack).violations);

/** One for all templates: making its engine takes seconds. */
const validator = new CloudFormationValidatePlugin();

/** What AWS's validator has against the template of the stack, a file. */
export function validatorFindings(app: App, stack: Stack, templatePath: string): Finding[] {
  const { violations } = validator.validate({
    templatePaths: [templatePath],
    stackTemplates: [{ stackConstructPath: stack.node.path, templatePath, accountId: undefined, region: undefined }],
    appConstruct: app,
  });
  return findingsOf(violations);
}

/** What is wrong: findings without a suppression, and suppressions without a finding. */
export function problemsOf(found: readonly Finding[], suppressions: readonly Suppression[] = SUPPRESSIONS): string[] {
  const isOf = (suppression: Suppression, finding: Finding): boolean =>
    suppression.rule === finding.rule && suppression.at.includes(finding.at);
  return [
    ...found
      .filter((finding) => !suppressions.some((suppression) => isOf(suppression, finding)))
      .map(({ rule, at, text }) => `${at}: ${rule}: ${text}`),
    ...suppressions.flatMap((suppression) =>
      suppression.at
        .filter((at) => !found.some((finding) => isOf({ ...suppression, at: [at] }, finding)))
        .map((at) => `${at}: ${suppression.rule} is suppressed, but not found any more: take it out of infra/checks.ts`),
    ),
  ];
}
