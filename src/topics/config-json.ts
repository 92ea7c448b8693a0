import type { Topic } from './topic.ts';

const topic: Topic = {
  summary: 'What davit reads and writes in config.json',
  sections: [
    {
      heading: 'The file',
      text: [
        'It is docker’s own, ~/.docker/config.json (or below --config or DOCKER_CONFIG): what is set up for docker works ' +
          'for davit. Keys that davit does not know stay as they are when it writes. A file that cannot be read is ' +
          'told of, and counts as empty.',
      ],
      code: [
        '{',
        '  "currentContext": "box",',
        '  "psFormat": "table {{.Names}}\\t{{.Status}}",',
        '  "credHelpers": { "registry.example": "pass" },',
        '  "aliases": { "l": "container ls" }',
        '}',
      ].join('\n'),
    },
    {
      heading: 'Connections',
      entries: [
        ['currentContext', 'Name of the context in use; davit context use writes it.'],
        ['HttpHeaders', 'Headers that are sent with every request, by their names.'],
      ],
    },
    {
      heading: 'Registries',
      entries: [
        ['auths', 'Logins by registry; davit login writes them, in clear, where no helper keeps them.'],
        ['credsStore', 'Keeps all logins: NAME stands for the program docker-credential-NAME.'],
        ['credHelpers', 'The same for single registries, by their names.'],
      ],
    },
    {
      heading: 'Containers',
      entries: [
        ['detachKeys', 'Keys that leave a container running, as in ctrl-p,ctrl-q.'],
        [
          'proxies',
          'Proxies that new containers and builds are told of: by the address of the engine, or default, the keys ' +
            'httpProxy, httpsProxy, ftpProxy, noProxy and allProxy.',
        ],
      ],
    },
    {
      heading: 'Output',
      text: ['Templates that are used where --format is not given: see davit help templates.'],
      entries: [
        ['psFormat', 'Of davit ps.'],
        ['imagesFormat', 'Of davit images.'],
        ['networksFormat', 'Of davit network ls.'],
        ['volumesFormat', 'Of davit volume ls.'],
        ['statsFormat', 'Of davit stats.'],
        ['nodesFormat', 'Of davit node ls.'],
        ['servicesFormat', 'Of davit service ls.'],
        ['tasksFormat', 'Of davit service ps and davit node ps.'],
        ['secretFormat', 'Of davit secret ls.'],
        ['configFormat', 'Of davit config ls.'],
      ],
    },
    {
      heading: 'Commands',
      entries: [
        ['aliases', 'Words that stand for others. builder, as in docker, builds in place of davit build.'],
        ['cliPluginsExtraDirs', 'Folders with plugins, which are looked into before all others.'],
      ],
    },
  ],
};

export default topic;
