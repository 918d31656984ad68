import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { setTimeout } from 'node:timers/promises';
import type { Services } from '../services.ts';
import type { ResourceKind, Site } from './resource-kind.ts';
import { KINDS } from './resources.ts';
import { Evaluation, inOrder, NotBuilt, type Built, type Properties, type Template } from './template.ts';

/** A stack: what it is made of, and how it gets there, or back. */

export interface StackEvent {
  readonly id: string;
  readonly at: Date;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason: string | undefined;
}

export interface StackResource {
  readonly type: string;
  readonly built: Built;
  readonly properties: Properties;
  readonly status: string;
  readonly at: Date;
}

export interface Change {
  readonly action: 'Add' | 'Modify' | 'Remove';
  readonly logicalId: string;
  readonly physicalId: string | undefined;
  readonly type: string;
  readonly replacement: 'True' | 'False' | 'Conditional' | undefined;
}

/** What a stack is to become. */
export interface Goal {
  readonly template: Template;
  /** As it was given. */
  readonly text: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Output {
  readonly name: string;
  readonly value: string;
  readonly description: string | undefined;
}

/** Milliseconds that each resource takes at least, so that there is something to follow. */
const PACE = 5;

class Cancelled extends Error {}

/** What goes wrong with resources, by their logical id: why they cannot be made or changed; until when that lasts. */
export interface StackFaults {
  readonly broken: ReadonlyMap<string, string>;
  readonly held: ReadonlyMap<string, Promise<void>>;
}

export class Stack {
  readonly id: string;
  readonly name: string;
  readonly created = new Date();
  status = 'REVIEW_IN_PROGRESS';
  reason: string | undefined;
  goal: Goal | undefined;
  /** Told from the start of its making on. */
  parameters: Goal['parameters'] = {};
  outputs: Output[] = [];
  readonly resources = new Map<string, StackResource>();
  /** Oldest first. */
  readonly events: StackEvent[] = [];
  private readonly services: Services;
  private readonly faults: StackFaults;
  private cancelled = false;
  /** Ends the wait for a resource that is held. */
  private interrupt: () => void = () => {};
  private work: Promise<void> = Promise.resolve();

  constructor(name: string, services: Services, faults: StackFaults) {
    this.name = name;
    this.id = `arn:aws:cloudformation:${services.region}:${services.account}:stack/${name}/${randomUUID()}`;
    this.services = services;
    this.faults = faults;
  }

  review(): void {
    this.set('REVIEW_IN_PROGRESS', 'User Initiated');
  }

  /** What would be done; undefined where nothing would. */
  changes(goal: Goal): Change[] | undefined {
    const changed = new Map<string, Change>();
    const evaluation = this.evaluation(goal, (id) => {
      // What will be another one has no name yet.
      const change = changed.get(id);
      return change?.action === 'Add' || change?.replacement === 'True' ? undefined : this.resources.get(id)?.built;
    });
    const order = inOrder(goal.template, evaluation);
    for (const logicalId of order) {
      const resource = goal.template.Resources[logicalId]!;
      const type = resource.Type;
      const before = this.resources.get(logicalId);
      if (!before) {
        changed.set(logicalId, { action: 'Add', logicalId, physicalId: undefined, type, replacement: undefined });
        continue;
      }
      const modify = (replacement: Change['replacement']): unknown =>
        changed.set(logicalId, { action: 'Modify', logicalId, physicalId: before.built.physicalId, type, replacement });
      try {
        const properties = evaluation.properties(resource);
        if (isDeepStrictEqual(properties, before.properties)) continue;
        modify(before.type !== type || replaces(KINDS[type], before.properties, properties) ? 'True' : 'False');
      } catch (error) {
        if (!(error instanceof NotBuilt)) throw error;
        modify(KINDS[type]?.update ? 'Conditional' : 'True');
      }
    }
    for (const [logicalId, { type, built }] of this.resources)
      if (!order.includes(logicalId))
        changed.set(logicalId, { action: 'Remove', logicalId, physicalId: built.physicalId, type, replacement: undefined });
    const same = changed.size === 0 && isDeepStrictEqual(goal.template.Outputs, this.goal?.template.Outputs);
    return same ? undefined : [...changed.values()];
  }

  create(goal: Goal, onFailure: string): void {
    this.parameters = goal.parameters;
    this.begin('CREATE_IN_PROGRESS', async () => {
      try {
        await this.build(goal);
        this.finish(goal, 'CREATE_COMPLETE');
      } catch (error) {
        const reason = `The following resource(s) failed to create: [${(error as Failure).logicalId}]. `;
        if (onFailure === 'DO_NOTHING') return this.set('CREATE_FAILED', reason);
        this.set(onFailure === 'DELETE' ? 'DELETE_IN_PROGRESS' : 'ROLLBACK_IN_PROGRESS', `${reason}Rollback requested by user.`);
        await this.removeAll([]);
        this.set(onFailure === 'DELETE' ? 'DELETE_COMPLETE' : 'ROLLBACK_COMPLETE');
      }
    });
  }

  update(goal: Goal): void {
    this.begin('UPDATE_IN_PROGRESS', async () => {
      const before = new Map(this.resources);
      const old: [string, StackResource][] = [];
      try {
        await this.build(goal, old);
      } catch (error) {
        const { logicalId } = error as Failure;
        this.set(
          'UPDATE_ROLLBACK_IN_PROGRESS',
          this.cancelled ? 'User Initiated' : `The following resource(s) failed to update: [${logicalId}]. `,
        );
        await this.restore(before);
        this.set('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
        return this.set('UPDATE_ROLLBACK_COMPLETE');
      }
      this.set('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
      const gone = [...this.resources].filter(([id]) => !this.isMade(goal, id)).reverse();
      for (const [logicalId, resource] of [...old.reverse(), ...gone])
        await this.remove(logicalId, resource, this.policy(logicalId, this.resources.get(logicalId) === resource));
      this.finish(goal, 'UPDATE_COMPLETE');
    });
  }

  delete(retain: readonly string[]): void {
    this.cancel(); // what goes on is called off; then it is deleted
    this.begin('DELETE_IN_PROGRESS', async () => {
      const failed = await this.removeAll(retain);
      if (failed.length === 0) this.set('DELETE_COMPLETE');
      else this.set('DELETE_FAILED', `The following resource(s) failed to delete: [${failed.join(', ')}]. `);
    });
  }

  /** Calls an update off: it is rolled back. */
  cancel(): void {
    this.cancelled = true;
    this.interrupt();
  }

  /** When what goes on now has ended. */
  settled(): Promise<void> {
    return this.work;
  }

  private begin(status: string, does: () => Promise<void>): void {
    const set = (): void => {
      this.cancelled = false;
      this.set(status, 'User Initiated');
    };
    if (!this.status.endsWith('_IN_PROGRESS') || this.status === 'REVIEW_IN_PROGRESS') {
      set();
      this.work = does();
    } else
      this.work = this.work.then(() => {
        set();
        return does();
      });
  }

  private set(status: string, reason?: string): void {
    this.status = status;
    this.reason = reason;
    this.record(this.name, this.id, 'AWS::CloudFormation::Stack', status, reason);
  }

  private record(logicalId: string, physicalId: string, type: string, status: string, reason?: string): void {
    this.events.push({ id: `${logicalId}-${status}-${randomUUID()}`, at: new Date(), logicalId, physicalId, type, status, reason });
  }

  private evaluation(goal: Goal, built: (id: string) => Built | undefined): Evaluation {
    const { region, account } = this.services;
    const pseudo = {
      'AWS::Region': region,
      'AWS::AccountId': account,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': this.name,
      'AWS::StackId': this.id,
    };
    return new Evaluation(goal.template, goal.parameters, pseudo, built);
  }

  private here(goal: Goal): Evaluation {
    return this.evaluation(goal, (id) => this.resources.get(id)?.built);
  }

  private isMade(goal: Goal, logicalId: string): boolean {
    const resource = goal.template.Resources[logicalId];
    return resource !== undefined && this.here(goal).exists(resource);
  }

  private site(logicalId: string): Site {
    return { services: this.services, stack: this.name, logicalId };
  }

  private note(logicalId: string, resource: Omit<StackResource, 'at'>, reason?: string): void {
    this.resources.set(logicalId, { ...resource, at: new Date() });
    this.record(logicalId, resource.built.physicalId, resource.type, resource.status, reason);
  }

  /** Makes and changes resources until they are as the goal has them; those that others take the place of go to `old`. */
  private async build(goal: Goal, old: [string, StackResource][] = []): Promise<void> {
    const evaluation = this.here(goal);
    for (const logicalId of inOrder(goal.template, evaluation)) {
      const resource = goal.template.Resources[logicalId]!;
      const type = resource.Type;
      const kind = KINDS[type];
      const before = this.resources.get(logicalId);
      let verb = before ? 'UPDATE' : 'CREATE';
      try {
        if (this.cancelled) throw new Cancelled(`Resource ${before ? 'update' : 'creation'} cancelled`);
        const properties = evaluation.properties(resource);
        if (before && before.type === type && isDeepStrictEqual(properties, before.properties)) continue;
        if (!kind) throw new Error(`Resource type ${type} is not supported by the emulator`);
        const replaced = before && (before.type !== type || replaces(kind, before.properties, properties));
        this.record(
          logicalId,
          before?.built.physicalId ?? '',
          type,
          `${verb}_IN_PROGRESS`,
          replaced ? 'Requested update requires the creation of a new physical resource; hence creating one.' : undefined,
        );
        await setTimeout(PACE);
        await this.hold(logicalId);
        const reason = this.faults.broken.get(logicalId);
        if (reason !== undefined) throw new Error(reason);
        const built =
          before && !replaced
            ? await kind.update!(this.site(logicalId), before.built, properties)
            : await kind.create(this.site(logicalId), properties);
        if (before && replaced) old.push([logicalId, before]);
        if (!before) this.record(logicalId, built.physicalId, type, 'CREATE_IN_PROGRESS', 'Resource creation Initiated');
        this.note(logicalId, { type, built, properties, status: `${verb}_COMPLETE` });
      } catch (error) {
        verb = before ? 'UPDATE' : 'CREATE';
        this.record(logicalId, before?.built.physicalId ?? '', type, `${verb}_FAILED`, failureReason(error as Error));
        throw new Failure(logicalId);
      }
    }
  }

  private async hold(logicalId: string): Promise<void> {
    const held = this.faults.held.get(logicalId);
    if (!held) return;
    const interrupted = new Promise<void>((resolve) => (this.interrupt = resolve));
    if (!this.cancelled) await Promise.race([held, interrupted]);
    if (this.cancelled) throw new Cancelled('Resource operation cancelled');
  }

  /** Puts everything back as it was before an update. */
  private async restore(before: ReadonlyMap<string, StackResource>): Promise<void> {
    for (const [logicalId, now] of [...this.resources].reverse()) {
      const then = before.get(logicalId);
      if (then === now) continue;
      if (then?.built.physicalId === now.built.physicalId) {
        this.record(logicalId, now.built.physicalId, now.type, 'UPDATE_IN_PROGRESS');
        const built = await KINDS[now.type]!.update!(this.site(logicalId), now.built, then.properties);
        this.note(logicalId, { ...then, built, status: 'UPDATE_COMPLETE' });
      } else {
        await this.remove(logicalId, now, 'Delete');
        if (then) this.resources.set(logicalId, then);
      }
    }
  }

  /** Removes what there is, the last first; answers with what could not be removed. */
  private async removeAll(retain: readonly string[]): Promise<string[]> {
    const failed: string[] = [];
    for (const [logicalId, resource] of [...this.resources].reverse())
      if (!(await this.remove(logicalId, resource, retain.includes(logicalId) ? 'Retain' : this.policy(logicalId, true))))
        failed.push(logicalId);
    return failed;
  }

  private policy(logicalId: string, deleted: boolean): string | undefined {
    const resource = this.goal?.template.Resources[logicalId];
    return deleted ? resource?.DeletionPolicy : resource?.UpdateReplacePolicy;
  }

  private async remove(logicalId: string, resource: StackResource, policy: string | undefined): Promise<boolean> {
    const { type, built, properties } = resource;
    const forget = (): void => {
      if (this.resources.get(logicalId) === resource) this.resources.delete(logicalId);
    };
    if (policy === 'Retain') {
      this.record(logicalId, built.physicalId, type, 'DELETE_SKIPPED');
      forget();
      return true;
    }
    this.record(logicalId, built.physicalId, type, 'DELETE_IN_PROGRESS');
    await setTimeout(PACE);
    try {
      await KINDS[type]!.delete(this.site(logicalId), built, properties);
    } catch (error) {
      this.record(logicalId, built.physicalId, type, 'DELETE_FAILED', failureReason(error as Error));
      return false;
    }
    forget();
    this.record(logicalId, built.physicalId, type, 'DELETE_COMPLETE');
    return true;
  }

  private finish(goal: Goal, status: string): void {
    this.goal = goal;
    this.parameters = goal.parameters;
    const evaluation = this.here(goal);
    this.outputs = Object.entries(goal.template.Outputs ?? {})
      .filter(([, output]) => evaluation.exists(output))
      .map(([name, { Value, Description }]) => ({ name, value: String(evaluation.value(Value)), description: Description }));
    this.set(status);
  }
}

class Failure extends Error {
  readonly logicalId: string;

  constructor(logicalId: string) {
    super(logicalId);
    this.logicalId = logicalId;
  }
}

const replaces = (kind: ResourceKind | undefined, before: Properties, after: Properties): boolean =>
  !kind?.update || (kind.replaceOn ?? []).some((name) => !isDeepStrictEqual(before[name], after[name]));

function failureReason(error: Error): string {
  if (error instanceof Cancelled) return error.message;
  return `Resource handler returned message: "${error.message}" (RequestToken: ${randomUUID()}, HandlerErrorCode: InvalidRequest)`;
}
