import { type SwarmInitBody, swarmRoutes } from '@davit/api';
import { defineCommand, flag, noArguments } from '../command.ts';
import { withManager } from './manager.ts';
import { availability, availabilityFlag, listenAddress, swarmFlags, withSettings } from './options.ts';
import { joinText, unlockKey, unlockText } from './texts.ts';

export default defineCommand({
  usage: '[OPTIONS]',
  summary: 'Initialize a swarm',
  description: 'Makes the engine the first manager of a new Swarm, and prints how other machines join it.',
  examples: [
    { command: 'swarm init --advertise-addr 10.0.0.1', explanation: 'Begin a Swarm on this address' },
  ],
  arguments: noArguments,
  flags: {
    advertiseAddr: flag.string({ summary: 'Address for other nodes, as IP|INTERFACE[:PORT]', default: '' }),
    autolock: flag.boolean({ summary: 'Ask for a key when a manager starts again' }),
    availability: availabilityFlag,
    dataPathAddr: flag.string({ summary: "Address for containers' traffic", since: '1.31', default: '' }),
    dataPathPort: flag.integer({
      summary: 'Port for data path traffic, 1024 to 49151; 0 for 4789',
      value: 'uint32',
      since: '1.40',
      default: 0,
    }),
    defaultAddrPool: flag.list({ summary: 'Pools of addresses for networks, as CIDR', since: '1.39' }),
    defaultAddrPoolMaskLength: flag.integer({
      summary: 'Length of the masks of networks from the pools',
      value: 'uint32',
      since: '1.39',
      default: 24,
    }),
    forceNewCluster: flag.boolean({ summary: 'Make a new Swarm from the state of this node' }),
    listenAddr: listenAddress,
    ...swarmFlags,
  },
  run: (options, _args, context) =>
    withManager(context, async (client) => {
      const { streams, program } = context;
      const body: SwarmInitBody = {
        ListenAddr: options.listenAddr,
        AdvertiseAddr: options.advertiseAddr,
        DataPathAddr: options.dataPathAddr,
        DataPathPort: options.dataPathPort,
        DefaultAddrPool: options.defaultAddrPool,
        SubnetSize: options.defaultAddrPoolMaskLength,
        ForceNewCluster: options.forceNewCluster,
        Availability: availability(options.availability),
        AutoLockManagers: options.autolock,
        Spec: withSettings({ EncryptionConfig: { AutoLockManagers: options.autolock } }, options),
      };
      const id = await client.call(swarmRoutes.swarmInit, { body });
      await streams.out.write(`Swarm initialized: current node (${id}) is now a manager.\n\n`);
      await streams.out.write(await joinText(client, context, { worker: true, manager: false }));
      await streams.out.write(
        `To add a manager to this swarm, run '${program} swarm join-token manager' and follow the instructions.\n\n`,
      );
      if (options.autolock) await streams.out.write(unlockText(program, await unlockKey(client)));
      return 0;
    }),
});
