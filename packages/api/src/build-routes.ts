import type { BuildInspect, BuildSummary } from './build.ts';
import { none, route, value } from './routes.ts';

/** What davit's engine tells of builds beyond the Engine API; see EXTENSIONS.md. */
export const buildRoutes = {
  buildHistory: route('GET', '/davit/builds', {}, none, value<BuildSummary[]>()),
  buildInspect: route('GET', '/davit/builds/{id}', {}, none, value<BuildInspect>()),
};
