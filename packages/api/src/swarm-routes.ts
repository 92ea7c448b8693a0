import { filters, flag, text, wholeNumber } from './query.ts';
import { bytes, json, logsQuery, none, nothing, route, value } from './routes.ts';
import type { Shape } from './shape.ts';
import type {
  Node,
  NodeSpec,
  Service,
  ServiceSpec,
  StoredFile,
  StoredFileSpec,
  Swarm,
  SwarmInitBody,
  SwarmJoinBody,
  SwarmSpec,
  Task,
} from './swarm.ts';

/** A body that only managers of a Swarm read: davit's engine is none, and carries it to nobody. */
const asIs = <T>() => json(((body: unknown) => body as T) as Shape<T>);
const version = { version: wholeNumber };

/** The endpoints of managers of a Swarm. */
export const swarmRoutes = {
  swarmInspect: route('GET', '/swarm', {}, none, value<Swarm>()),
  swarmInit: route('POST', '/swarm/init', {}, asIs<SwarmInitBody>(), value<string>()),
  swarmJoin: route('POST', '/swarm/join', {}, asIs<SwarmJoinBody>(), nothing),
  swarmLeave: route('POST', '/swarm/leave', { force: flag }, none, nothing),
  swarmUpdate: route(
    'POST',
    '/swarm/update',
    { ...version, rotateWorkerToken: flag, rotateManagerToken: flag, rotateManagerUnlockKey: flag },
    asIs<SwarmSpec>(),
    nothing,
  ),
  swarmUnlockKey: route('GET', '/swarm/unlockkey', {}, none, value<{ UnlockKey: string }>()),
  swarmUnlock: route('POST', '/swarm/unlock', {}, asIs<{ UnlockKey: string }>(), nothing),

  nodeList: route('GET', '/nodes', { filters }, none, value<Node[]>()),
  nodeInspect: route('GET', '/nodes/{id}', {}, none, value<Node>()),
  nodeRemove: route('DELETE', '/nodes/{id}', { force: flag }, none, nothing),
  nodeUpdate: route('POST', '/nodes/{id}/update', version, asIs<NodeSpec>(), nothing),

  serviceList: route('GET', '/services', { filters, status: flag }, none, value<Service[]>()),
  serviceCreate: route(
    'POST',
    '/services/create',
    {},
    asIs<ServiceSpec>(),
    value<{ ID: string; Warnings?: string[] | null }>(),
  ),
  serviceInspect: route('GET', '/services/{id}', { insertDefaults: flag }, none, value<Service>()),
  serviceRemove: route('DELETE', '/services/{id}', {}, none, nothing),
  serviceUpdate: route(
    'POST',
    '/services/{id}/update',
    { ...version, registryAuthFrom: text, rollback: text },
    asIs<ServiceSpec>(),
    value<{ Warnings?: string[] | null }>(),
  ),
  serviceLogs: route('GET', '/services/{id}/logs', logsQuery, none, bytes),
  taskList: route('GET', '/tasks', { filters }, none, value<Task[]>()),
  taskInspect: route('GET', '/tasks/{id}', {}, none, value<Task>()),
  taskLogs: route('GET', '/tasks/{id}/logs', logsQuery, none, bytes),

  secretList: route('GET', '/secrets', { filters }, none, value<StoredFile[]>()),
  secretCreate: route('POST', '/secrets/create', {}, asIs<StoredFileSpec>(), value<{ ID: string }>()),
  secretInspect: route('GET', '/secrets/{id}', {}, none, value<StoredFile>()),
  secretRemove: route('DELETE', '/secrets/{id}', {}, none, nothing),
  secretUpdate: route('POST', '/secrets/{id}/update', version, asIs<StoredFileSpec>(), nothing),
  configList: route('GET', '/configs', { filters }, none, value<StoredFile[]>()),
  configCreate: route('POST', '/configs/create', {}, asIs<StoredFileSpec>(), value<{ ID: string }>()),
  configInspect: route('GET', '/configs/{id}', {}, none, value<StoredFile>()),
  configRemove: route('DELETE', '/configs/{id}', {}, none, nothing),
  configUpdate: route('POST', '/configs/{id}/update', version, asIs<StoredFileSpec>(), nothing),
};
