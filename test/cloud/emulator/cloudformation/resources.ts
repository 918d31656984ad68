import { apiKinds } from './resources-api.ts';
import { identityKinds } from './resources-identity.ts';
import type { ResourceKind } from './resource-kind.ts';
import { lambdaKinds } from './resources-lambda.ts';
import { messagingKinds } from './resources-messaging.ts';
import { recordKinds } from './resources-recorded.ts';
import { workflowKinds } from './resources-workflow.ts';

/** The types of resources that are built, by their name; a resource of any other type fails. */
export const KINDS: Readonly<Record<string, ResourceKind>> = {
  ...messagingKinds,
  ...lambdaKinds,
  ...workflowKinds,
  ...identityKinds,
  ...apiKinds,
  ...recordKinds,
};
