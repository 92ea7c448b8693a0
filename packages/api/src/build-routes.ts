import {
  type BuildCheck,
  type BuildContextAnswer,
  type BuildInspect,
  type BuildSummary,
  buildInputsBody,
} from './build.ts';
import { text, texts } from './query.ts';
import { bytes, hijack, json, lines, none, nothing, route, stream, value } from './routes.ts';

const checkQuery = {
  ...{ dockerfile: text, remote: text, target: text, platform: text, buildargs: text },
  /** Names that stand for other things than stages and images. */
  contexts: texts,
};

/** What davit's engine does for builds beyond the Engine API; see EXTENSIONS.md. */
export const buildRoutes = {
  buildHistory: route('GET', '/davit/builds', {}, none, value<BuildSummary[]>()),
  buildInspect: route('GET', '/davit/builds/{id}', {}, none, value<BuildInspect>()),
  buildInputs: route('POST', '/davit/build-inputs', {}, json(buildInputsBody), lines<{ ID: string }>()),
  buildInputsContext: route(
    'PUT',
    '/davit/build-inputs/{id}/contexts/{name}',
    { davitcontext: text },
    stream,
    nothing,
  ),
  buildInputsCache: route('GET', '/davit/build-inputs/{id}/caches/{name}', {}, none, bytes),
  buildInputsAgent: route('POST', '/davit/build-inputs/{id}/agents/{name}', {}, none, hijack),
  buildContext: route('POST', '/davit/build-contexts', {}, stream, lines<BuildContextAnswer>()),
  buildCheck: route('POST', '/davit/build-check', checkQuery, stream, value<BuildCheck>()),
  imageFiles: route('GET', '/davit/images/{name*}/files', {}, none, bytes),
};
