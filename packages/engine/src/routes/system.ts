import { routes } from '@davit/api';
import type { AddRoute, Exchange } from '../server/router.ts';
import { encodeEvent } from '../system/events.ts';
import type { SystemService } from '../system/service.ts';

/** The engine as a whole: ping, version, info and events. */
export function registerSystemRoutes(add: AddRoute, service: SystemService): void {
  add(routes.ping, async (exchange) => {
    answerPing(exchange);
    return 'OK';
  });
  add(
    routes.pingHead,
    async (exchange) => {
      answerPing(exchange);
      exchange.header('Content-Type', 'text/plain; charset=utf-8');
      exchange.header('Content-Length', '0');
      return undefined;
    },
    200,
  );
  add(routes.version, () => service.version());
  add(routes.info, () => service.info());
  add(routes.diskUsage, ({ query, version }) => service.diskUsage(query.type, version));
  add(routes.events, async ({ query, signal, begin, send }) => {
    const events = service.events(query, signal);
    begin();
    for await (const event of events) await send(encodeEvent(event));
    return undefined;
  });
}

function answerPing({ header }: Pick<Exchange<'/', Record<never, never>, undefined>, 'header'>): void {
  // The classic builder is the one that clients are to use.
  header('Builder-Version', '1');
  header('Swarm', 'inactive');
  header('Cache-Control', 'no-cache, no-store, must-revalidate');
  header('Pragma', 'no-cache');
}
