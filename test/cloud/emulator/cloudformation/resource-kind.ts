import { suffix } from '../random.ts';
import type { Services } from '../services.ts';
import type { Built, Properties } from './template.ts';

/** Where a resource is being built. */
export interface Site {
  readonly services: Services;
  readonly stack: string;
  readonly logicalId: string;
}

/** How resources of a type are made, changed and removed. */
export interface ResourceKind {
  create(site: Site, properties: Properties): Built | Promise<Built>;
  /** Without it, a change makes another resource in its place; so does a change of one of `replaceOn`. */
  update?(site: Site, built: Built, properties: Properties): Built | Promise<Built>;
  readonly replaceOn?: readonly string[];
  delete(site: Site, built: Built, properties: Properties): void | Promise<void>;
}

/** A physical name as CloudFormation makes them. */
export const generatedName = ({ stack, logicalId, services }: Site): string =>
  `${stack}-${logicalId}-${suffix(services.random).toUpperCase()}`;

export const text = (properties: Properties, name: string): string | undefined => properties[name] as string | undefined;

export const number = (properties: Properties, name: string): number | undefined =>
  properties[name] === undefined ? undefined : Number(properties[name]);

/** The name that a template gives, or one that is made up. */
export const nameOf = (site: Site, properties: Properties, property: string): string => text(properties, property) ?? generatedName(site);

/** An ARN of this account and region. */
export const arn = ({ services }: Site, service: string, resource: string): string =>
  `arn:aws:${service}:${services.region}:${services.account}:${resource}`;
