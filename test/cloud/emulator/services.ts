import type { Access } from './access.ts';
import type { Callers } from './callers.ts';
import type { EventSource } from './event-sources.ts';
import type { Faults } from './faults.ts';
import type { HttpApis } from './http-apis.ts';
import type { LambdaHost } from './lambda-host.ts';
import type { Random } from './random.ts';
import type { Rules } from './rules.ts';
import type { StateMachines } from './state-machines.ts';
import type { Storage } from './storage.ts';

/** What the resources of a template are built in. */
export interface Services {
  readonly region: string;
  readonly account: string;
  readonly endpoint: string;
  readonly scale: number;
  /** A folder for the code of functions. */
  readonly folder: string;
  readonly access: Access;
  readonly callers: Callers;
  readonly storage: Storage;
  readonly lambda: LambdaHost;
  readonly eventSources: Map<string, EventSource>;
  readonly machines: StateMachines;
  readonly rules: Rules;
  readonly httpApis: HttpApis;
  readonly faults: () => Faults;
  readonly random: Random;
}
