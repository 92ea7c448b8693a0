import { setTimeout as pause } from 'node:timers/promises';
import { type Swarm, swarmRoutes } from '@davit/api';
import type { CommandContext } from '../../context.ts';
import { CommandError } from '../../exit.ts';
import type { Client } from '../../http/client.ts';
import { defineCommand, flag, noArguments } from '../command.ts';
import { withManager } from './manager.ts';
import { certificateExpiry, externalCaFlag, readPem } from './options.ts';

const pemFile = (summary: string) =>
  flag.custom<string>({ type: 'pem-file', summary, default: '', parse: (path) => readPem(path) });

/** How often the nodes that have their new certificates are counted, in milliseconds. */
const interval = 200;

function rootOf({ TLSInfo }: Swarm): string {
  if (!TLSInfo?.TrustRoot) throw new CommandError('No CA information available');
  return TLSInfo.TrustRoot.trim();
}

/** Waits until all nodes have certificates of the new authority, and tells how many have. */
async function watchRotation(
  client: Client,
  quiet: boolean,
  { streams, signal }: CommandContext,
): Promise<void> {
  let told = '';
  for (;;) {
    const swarm = await client.call(swarmRoutes.swarmInspect);
    if (!swarm.RootRotationInProgress) return;
    const nodes = await client.call(swarmRoutes.nodeList, { query: {} });
    const ready = nodes.filter(
      ({ Description }) => Description.TLSInfo?.TrustRoot === swarm.TLSInfo?.TrustRoot,
    ).length;
    const line = `rotated CA certificates: ${ready}/${nodes.length} nodes`;
    if (!quiet && line !== told) await streams.out.line(line);
    told = line;
    await pause(interval, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'Display and rotate the root CA',
  description:
    'Prints the certificate that nodes of the Swarm trust; --rotate makes a new one and waits for all nodes.',
  examples: [{ command: 'swarm ca --rotate', explanation: 'Exchange the authority and all certificates' }],
  arguments: noArguments,
  flags: {
    caCert: pemFile('File with the certificate of the new authority'),
    caKey: pemFile('File with the key of the new authority'),
    certExpiry: certificateExpiry,
    detach: flag.boolean({ short: 'd', summary: 'Do not wait for the nodes' }),
    externalCa: externalCaFlag,
    quiet: flag.boolean({ short: 'q', summary: 'Do not tell of the progress' }),
    rotate: flag.boolean({ summary: 'Make a new authority, or take the given one' }),
  },
  run: ({ caCert, caKey, certExpiry, detach, externalCa, quiet, rotate }, _args, context) =>
    withManager(context, async (client) => {
      const { out } = context.streams;
      const before = await client.call(swarmRoutes.swarmInspect);
      if (!rotate) {
        for (const [name, value] of Object.entries({ 'ca-cert': caCert, 'ca-key': caKey })) {
          if (value !== '')
            throw new CommandError(`\`--${name}\` flag requires the \`--rotate\` flag to update the CA`);
        }
        if (certExpiry !== undefined || externalCa.length > 0)
          throw new CommandError(
            '`--cert-expiry` and `--external-ca` require the `--rotate` flag to update the CA',
          );
        await out.line(rootOf(before));
        return 0;
      }
      const authority = before.Spec.CAConfig ?? {};
      const body = {
        ...before.Spec,
        CAConfig: {
          ...authority,
          ...(certExpiry === undefined ? {} : { NodeCertExpiry: certExpiry }),
          ...(externalCa.length > 0 ? { ExternalCAs: externalCa } : {}),
          SigningCACert: caCert,
          SigningCAKey: caKey,
          ForceRotate: (authority.ForceRotate ?? 0) + 1,
        },
      };
      await client.call(swarmRoutes.swarmUpdate, { query: { version: before.Version.Index }, body });
      if (detach) return 0;
      await watchRotation(client, quiet, context);
      await out.line(rootOf(await client.call(swarmRoutes.swarmInspect)));
      return 0;
    }),
});
