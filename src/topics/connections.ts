import type { Topic } from './topic.ts';

const topic: Topic = {
  summary: 'Which engine davit talks to, and how',
  sections: [
    {
      heading: 'What is asked first',
      text: [
        'The first of these that says something counts: --host, --context, DOCKER_HOST, DOCKER_CONTEXT, currentContext ' +
          'of config.json, and at last the engine that comes along, which is started when it is silent. --host and ' +
          '--context exclude each other.',
      ],
    },
    {
      heading: 'Addresses',
      entries: [
        ['unix:///run/davit/davit.sock', 'A socket of this machine.'],
        ['tcp://host:2376', 'Another machine; with --tlsverify both sides show who they are.'],
        ['ssh://user@host', 'Another machine through ssh, where docker or davit is installed.'],
      ],
    },
    {
      heading: 'Contexts',
      text: ['A context keeps an address and certificates by a name, in the store that docker has, too.'],
      code: [
        'davit context create box --docker host=ssh://root@box.example',
        'davit --context box ps',
        'davit context use box',
      ].join('\n'),
    },
    {
      heading: 'The engine that comes along',
      text: [
        'It needs Linux and root, listens on a socket of its own and ends by itself when it had nothing to do for five ' +
          'minutes and no container runs. davit system check tells what it lacks on this machine.',
      ],
    },
  ],
};

export default topic;
