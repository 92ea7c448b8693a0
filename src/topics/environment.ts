import type { Topic } from './topic.ts';

const topic: Topic = {
  summary: 'Environment variables that davit reads',
  sections: [
    {
      heading: 'Which engine',
      entries: [
        ['DOCKER_HOST', 'The engine to use, as --host.'],
        ['DOCKER_CONTEXT', 'The context to use, as --context; DOCKER_HOST goes before it.'],
        ['DOCKER_TLS_VERIFY', 'Use TLS and verify the engine, as --tlsverify, when it is not empty.'],
        ['DOCKER_TLS', 'Use TLS, as --tls, when it is not empty.'],
        ['DOCKER_CERT_PATH', 'Where ca.pem, cert.pem and key.pem are (~/.docker).'],
        ['DOCKER_API_VERSION', 'The version of the API to speak; nothing is negotiated then.'],
      ],
    },
    {
      heading: 'The engine that comes along',
      entries: [
        [
          'DAVIT_SOCKET',
          'Where it listens (/run/davit/davit.sock; for others than root below XDG_RUNTIME_DIR).',
        ],
        ['DAVIT_DATA_ROOT', 'Where a start on demand has it keep images and containers (/var/lib/davit).'],
        [
          'DAVIT_EXEC_ROOT',
          'Where a start on demand has it keep sockets, process files and its log (/run/davit).',
        ],
      ],
    },
    {
      heading: 'Everything else',
      entries: [
        ['DOCKER_CONFIG', 'The folder of config.json, contexts and plugins, as --config (~/.docker).'],
        ['NO_COLOR, CI', 'No colours, when one of them is not empty; nor with TERM=dumb.'],
        ['TZ', 'The time zone of times in lists and logs.'],
        ['XDG_CACHE_HOME', 'Where compiled code is kept, so that davit starts faster (~/.cache).'],
      ],
    },
  ],
};

export default topic;
