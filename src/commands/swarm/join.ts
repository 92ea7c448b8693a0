import { routes, swarmRoutes } from '@davit/api';
import { defineCommand, exactly, flag } from '../command.ts';
import { withManager } from './manager.ts';
import { availability, availabilityFlag, listenAddress } from './options.ts';

export default defineCommand({
  usage: '[OPTIONS] HOST:PORT',
  summary: 'Join a swarm as a node and/or manager',
  description:
    'Makes the engine a node of the Swarm whose manager has this address; the token decides on its role.',
  examples: [
    { command: 'swarm join --token TOKEN 10.0.0.1:2377', explanation: 'Join as swarm init has printed' },
  ],
  arguments: exactly(1),
  flags: {
    advertiseAddr: flag.string({ summary: 'Address for other nodes, as IP|INTERFACE[:PORT]', default: '' }),
    availability: availabilityFlag,
    dataPathAddr: flag.string({ summary: "Address for containers' traffic", since: '1.31', default: '' }),
    listenAddr: listenAddress,
    token: flag.string({ summary: 'What lets the node in', default: '' }),
  },
  run: (options, [remote = ''], context) =>
    withManager(context, async (client) => {
      await client.call(swarmRoutes.swarmJoin, {
        body: {
          ListenAddr: options.listenAddr,
          AdvertiseAddr: options.advertiseAddr,
          DataPathAddr: options.dataPathAddr,
          RemoteAddrs: [remote],
          JoinToken: options.token,
          Availability: availability(options.availability),
        },
      });
      const { Swarm: membership } = await client.call(routes.info);
      const role = membership?.ControlAvailable ? 'manager' : 'worker';
      await context.streams.out.line(`This node joined a swarm as a ${role}.`);
      return 0;
    }),
});
