import { suffix } from '../random.ts';
import { text, type ResourceKind } from './resource-kind.ts';

/** HTTP APIs of API Gateway: one that a caller signs for with IAM, and that gives all to a function. */

const api: ResourceKind = {
  create({ services }) {
    const physicalId = suffix(services.random, 10);
    services.httpApis.create(physicalId);
    return { physicalId, attributes: { ApiId: physicalId, ApiEndpoint: `${services.endpoint}${services.httpApis.path(physicalId)}` } };
  },
  update: (_site, built) => built,
  delete({ services }, { physicalId }) {
    services.httpApis.delete(physicalId);
  },
};

const integration: ResourceKind = {
  create({ services }, properties) {
    if (text(properties, 'IntegrationType') !== 'AWS_PROXY') throw new Error('IntegrationType: the emulator knows AWS_PROXY');
    const physicalId = suffix(services.random, 7);
    // The ARN may stand within the URI of an invocation.
    const [uri] = /arn:aws:lambda:[^/]+/.exec(text(properties, 'IntegrationUri')!) ?? [''];
    services.httpApis.get(text(properties, 'ApiId')!).integrations.set(physicalId, uri);
    return { physicalId, attributes: { IntegrationId: physicalId } };
  },
  delete({ services }, { physicalId }, properties) {
    services.httpApis.get(text(properties, 'ApiId')!).integrations.delete(physicalId);
  },
};

const route: ResourceKind = {
  create({ services }, properties) {
    if (text(properties, 'AuthorizationType') !== 'AWS_IAM') throw new Error('AuthorizationType: the emulator knows AWS_IAM');
    const physicalId = suffix(services.random, 7);
    const routes = services.httpApis.get(text(properties, 'ApiId')!).routes;
    routes.set(physicalId, { key: text(properties, 'RouteKey')!, target: text(properties, 'Target')! });
    return { physicalId, attributes: { RouteId: physicalId } };
  },
  delete({ services }, { physicalId }, properties) {
    services.httpApis.get(text(properties, 'ApiId')!).routes.delete(physicalId);
  },
};

const stage: ResourceKind = {
  create(_site, properties) {
    if (text(properties, 'StageName') !== '$default') throw new Error('StageName: the emulator knows $default');
    return { physicalId: '$default', attributes: {} };
  },
  update: (_site, built) => built,
  delete: () => undefined,
};

export const apiKinds: Readonly<Record<string, ResourceKind>> = {
  'AWS::ApiGatewayV2::Api': api,
  'AWS::ApiGatewayV2::Integration': integration,
  'AWS::ApiGatewayV2::Route': route,
  'AWS::ApiGatewayV2::Stage': stage,
};
