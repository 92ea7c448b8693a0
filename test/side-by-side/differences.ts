/** What is compared: two clients with the same engine, or two engines with the same client. */
export type Subject = 'clients' | 'engines';

/** Lines that are answered differently, and why they may be. */
export interface Difference {
  readonly between: Subject;
  readonly lane: string;
  readonly lines: readonly string[];
  readonly reason: string;
}

/**
 * The versions that the list was made with; other ones have other words. The lists of lines of `engines` are about
 * this dockerd, those of `clients` about this docker.
 */
export const versions: Record<Subject, RegExp> = { clients: /^28\./, engines: /^20\.10\./ };

/** Everything else is answered in the same way, and all of this is not. */
export const differences: readonly Difference[] = [
  {
    between: 'clients',
    lane: 'images',
    lines: ['docker load < /dev/null'],
    reason: 'dockerd 20.10 tells the name of a temporary file, which is another one each time',
  },
  {
    between: 'clients',
    lane: 'habits',
    lines: ['docker stop --help', 'docker --help | head -3'],
    reason: 'davit has words of its own for it, options by subject, and examples at the end',
  },
  {
    between: 'clients',
    lane: 'habits',
    lines: [
      `echo '{"auths":{"127.0.0.1:1":{"auth":"YTpi"}},"other":1}' > config.json; docker --config . logout 127.0.0.1:1; cat config.json`,
    ],
    reason: 'docker drops what it does not know from config.json; davit leaves it to those who do',
  },
  {
    between: 'clients',
    lane: 'habits',
    lines: ["env -u DOCKER_HOST docker context ls --format '{{.DockerEndpoint}}'"],
    reason: 'where nothing is said of an engine, davit talks to its own',
  },
  {
    between: 'clients',
    lane: 'habits',
    lines: ["docker version --format '{{.Client.DefaultAPIVersion}}'"],
    reason: 'davit speaks a later version of the API than docker 28.2',
  },
  {
    between: 'clients',
    lane: 'habits',
    lines: ['docker run --rm --mac-address 02:42:ac:11:00:99 busybox cat /sys/class/net/eth0/address'],
    reason: 'docker sends no addresses to older engines; davit does it in their way',
  },
  {
    between: 'engines',
    lane: 'habits',
    lines: ['docker run --rm --mac-address 02:42:ac:11:00:99 busybox cat /sys/class/net/eth0/address'],
    reason: 'docker sends no addresses to engines as old as dockerd 20.10',
  },
  {
    between: 'clients',
    lane: 'habits',
    lines: [
      "mkdir empty; echo 'FROM scratch' > empty/Dockerfile; echo 'LABEL a=b' >> empty/Dockerfile; DOCKER_BUILDKIT=1 docker build -q empty | cut -d: -f1",
    ],
    reason: 'docker needs the plugin buildx for what davit does by itself',
  },
  {
    between: 'clients',
    lane: 'habits',
    lines: [
      'docker run -d --name habits-up --network none busybox sleep 1000; docker attach --detach-keys no habits-up; docker rm -f habits-up',
    ],
    reason: 'docker hides why the engine refuses',
  },
  {
    between: 'clients',
    lane: 'habits',
    lines: ['docker checkpoint ls x'],
    reason: 'davit has no checkpoints, and says why',
  },
  {
    between: 'engines',
    lane: 'exec',
    lines: [
      'docker exec exec-up nosuchprogram',
      'docker exec -w /nosuch exec-up true',
      'docker exec -w relative exec-up true',
    ],
    reason: 'newer dockerds say 127 for what is not there, as `run` does; crun has other words than runc',
  },
  {
    between: 'engines',
    lane: 'images',
    lines: ['docker image inspect nosuch'],
    reason: 'newer dockerds say once that there is no such image',
  },
  {
    between: 'engines',
    lane: 'inspect',
    lines: ['docker inspect --type image inspect-made'],
    reason: 'newer dockerds say once that there is no such image',
  },
  {
    between: 'engines',
    lane: 'images',
    lines: ['docker save nosuch | wc -c'],
    reason: 'davitd names the tag that was looked for, as in its other answers',
  },
  {
    between: 'engines',
    lane: 'images',
    lines: ['docker load < /dev/null'],
    reason: 'dockerd 20.10 tells of a temporary file, davitd what is missing in the archive',
  },
  {
    between: 'engines',
    lane: 'networks',
    lines: ['docker network rm networks-one'],
    reason: 'newer dockerds name the containers that are in the way',
  },
  {
    between: 'engines',
    lane: 'ps',
    lines: ['docker ps --filter since=nosuch'],
    reason: 'davitd says it as everywhere else',
  },
  {
    between: 'engines',
    lane: 'rm',
    lines: ['docker rm rm-up'],
    reason: 'newer dockerds say it in these words',
  },
  {
    between: 'engines',
    lane: 'run-errors',
    lines: [
      'docker run --rm busybox nosuchprogram',
      'docker run --rm busybox /etc/passwd',
      'docker run --rm -v /nosuch busybox nosuchprogram',
    ],
    reason: 'newer dockerds begin with "failed to create task for container"',
  },
  {
    between: 'engines',
    lane: 'stop',
    lines: ['docker update --restart nosuch stop-named'],
    reason: 'newer dockerds say which policies there are',
  },
];
