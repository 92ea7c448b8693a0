// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of a Dockerfile
import { cases } from './case.ts';

/** RUN. */
export const runCases = cases({
  'run: shell form': 'FROM busybox\nRUN echo one > /one; mkdir -p /d/e; echo two > /d/e/two',
  'run: exec form': 'FROM busybox\nRUN ["sh", "-c", "echo \\"$HOME\\" > /home-of"]',
  "run: variables are the shell's": 'FROM busybox\nENV A=env\nRUN A=shell; echo $A ${A} "$A" \'$A\' > /a',
  'run: user and directory':
    'FROM busybox\nWORKDIR /w\nRUN chown 33:33 /w\nUSER www-data\nRUN id -u > u; id -g > g; pwd > p; echo $HOME > h',
  'run: removed files': 'FROM busybox\nRUN echo x > /x; mkdir /y; echo z > /y/z\nRUN rm -r /x /y',
  'run: removed and made anew':
    'FROM busybox\nRUN mkdir /y; echo z > /y/z\nRUN rm -r /y; mkdir /y; echo w > /y/w',
  'run: file becomes a folder': 'FROM busybox\nRUN echo x > /x\nRUN rm /x; mkdir /x; echo y > /x/y',
  'run: folder becomes a link': 'FROM busybox\nRUN mkdir /x; echo y > /x/y\nRUN rm -r /x; ln -s /tmp /x',
  'run: modes and owners':
    'FROM busybox\nRUN echo x > /x; chmod 4751 /x; chown 12:34 /x; mkdir -m 1777 /t; chown 5:6 /etc',
  'run: links': 'FROM busybox\nRUN echo x > /x; ln /x /y; ln -s x /z; ln -s /nowhere /dangling',
  'run: fifo': 'FROM busybox\nRUN mkfifo /fifo',
  'run: no output of mounts':
    'FROM busybox\nRUN cat /etc/hosts /etc/resolv.conf > /dev/null; hostname > /dev/null; ls /proc /sys /dev > /dev/null',
  'run: write to /dev/shm and /tmp': 'FROM busybox\nRUN echo x > /dev/shm/x; echo y > /tmp/y',
  'run: nothing written': 'FROM busybox\nRUN true',
  'run: names': `FROM busybox\nRUN touch "/a b" '/c"d' "/ü" "/-x"`,
  'run: continued with a comment':
    'FROM busybox\nRUN echo one > /one && \\\n  # comment\n  echo two > /two && \\\n\n  echo three > /three',
  'run: hash in the command': 'FROM busybox\nRUN echo "# not a comment" > /x # but this is',
  'run: entrypoint of the base is not used': 'FROM busybox\nENTRYPOINT ["/nosuch"]\nRUN echo x > /x',
  'run: fails': [
    'FROM busybox\nRUN echo before; exit 3',
    { error: /^The command '\/bin\/sh -c echo before; exit 3' returned a non-zero code: 3/ },
  ],
  'run: fails, exec form': [
    'FROM busybox\nRUN ["sh", "-c", "exit 4"]',
    { error: /^The command 'sh -c exit 4' returned a non-zero code: 4/ },
  ],
  'run: no such program': ['FROM busybox\nRUN ["/nosuch"]', { error: /no such file or directory/ }],
  'run: large output': 'FROM busybox\nRUN yes | head -n 200000',
  'run: binary output': 'FROM busybox\nRUN head -c 10000 /dev/urandom',
  'run: network none': [
    'FROM busybox\nRUN ip -o link | grep -c . > /links',
    { query: { networkmode: 'none' }, tree: { links: '1\n' } },
  ],
  'run: extra hosts': [
    'FROM busybox\nRUN grep -c "1.2.3.4.*somewhere" /etc/hosts > /n',
    { query: { extrahosts: 'somewhere:1.2.3.4' }, tree: { n: '1\n' } },
  ],
  'run: ulimits': [
    'FROM busybox\nRUN ulimit -n > /n',
    { query: { ulimits: '[{"Name":"nofile","Soft":100,"Hard":200}]' }, tree: { n: '100\n' } },
  ],
  'run: shm size': [
    "FROM busybox\nRUN df -k /dev/shm | tail -1 | awk '{print $2}' > /n",
    { query: { shmsize: '16777216' }, tree: { n: '16384\n' } },
  ],
  'run: memory': ['FROM busybox\nRUN true', { query: { memory: '67108864', memswap: '-1' } }],
  'onbuild: run by the child': 'FROM busybox AS base\nONBUILD RUN echo x > /x\nFROM base\nRUN echo y > /y',
  'heredoc: script': [
    'FROM busybox\nRUN <<EOF\nset -e\necho "a $HOME"  > /a\nif true; then\n  echo b > /b\nfi\nEOF',
    { own: true, tree: { a: 'a /root\n', b: 'b\n' } },
  ],
  'heredoc: input of a command': [
    'FROM busybox\nRUN cat <<EOF > /a\nx $HOME\nEOF',
    { own: true, tree: { a: 'x /root\n' } },
  ],
  'heredoc: quoted name': [
    'FROM busybox\nRUN cat <<"EOF" > /a\nx $HOME\nEOF',
    { own: true, tree: { a: 'x $HOME\n' } },
  ],
  'heredoc: tabs are taken off': [
    'FROM busybox\nRUN cat <<-EOF > /a\n\tx\n\t\ty\n\tEOF',
    { own: true, tree: { a: 'x\ny\n' } },
  ],
  'heredoc: two': [
    'FROM busybox\nRUN cat <<A > /a && cat <<B > /b\none\nA\ntwo\nB',
    { own: true, tree: { a: 'one\n', b: 'two\n' } },
  ],
  'heredoc: instructions inside': [
    'FROM busybox\nRUN cat <<EOF > /a\nFROM nosuch\n# no comment\nEOF\nENV X=1',
    { own: true, tree: { a: 'FROM nosuch\n# no comment\n' } },
  ],
  'heredoc: shebang': [
    'FROM busybox\nRUN <<EOF\n#!/bin/awk -f\nBEGIN { print "awk" > "/a" }\nEOF',
    { own: true, tree: { a: 'awk\n' } },
  ],
  'heredoc: not closed': [
    'FROM busybox\nRUN <<EOF\nx',
    { own: true, error: /line 2: unterminated heredoc EOF/ },
  ],
  'mount: bind of the context': [
    'FROM busybox\nRUN --mount=type=bind,target=/ctx cat /ctx/a.txt > /a; touch /ctx/no || echo refused > /r',
    { own: true, tree: { a: 'a\n', r: 'refused\n', ctx: null } },
  ],
  'mount: bind of a file': [
    'FROM busybox\nRUN --mount=source=a.txt,target=/in/a cat /in/a > /a',
    { own: true, tree: { a: 'a\n', 'in/a': null } },
  ],
  'mount: bind that can be written': [
    'FROM busybox\nRUN --mount=type=bind,target=/ctx,rw echo changed > /ctx/a.txt; true\nRUN --mount=target=/ctx cat /ctx/a.txt > /a',
    { own: true, tree: { a: 'a\n' } },
  ],
  'mount: bind from a stage': [
    'FROM busybox AS b\nRUN mkdir /o; echo x > /o/x\nFROM busybox\nRUN --mount=from=b,source=/o,target=/m cat /m/x > /a',
    { own: true, tree: { a: 'x\n', m: null } },
  ],
  'mount: bind from an image': [
    'FROM busybox\nRUN --mount=from=busybox,target=/m ls /m/bin/busybox > /a',
    { own: true, tree: { a: '/m/bin/busybox\n' } },
  ],
  'mount: tmpfs': [
    'FROM busybox\nRUN --mount=type=tmpfs,target=/t echo x > /t/x; grep -c " /t tmpfs" /proc/mounts > /n',
    { own: true, tree: { n: '1\n', t: null } },
  ],
  'mount: cache is kept from step to step': [
    'FROM busybox\nRUN --mount=type=cache,target=/c,id=kept echo x > /c/x\nRUN --mount=type=cache,target=/other,id=kept cat /other/x > /a',
    { own: true, tree: { a: 'x\n', c: null, other: null } },
  ],
  'mount: cache with a mode and an owner': [
    'FROM busybox\nRUN --mount=type=cache,target=/c,id=owned,mode=0711,uid=33,gid=34 stat -c "%a %u %g" /c > /a',
    { own: true, tree: { a: '711 33 34\n' } },
  ],
  'mount: cache begins with a stage': [
    'FROM busybox AS s\nRUN mkdir /o; echo first > /o/f\nFROM busybox\nRUN --mount=type=cache,target=/c,id=begun,from=s,source=/o cat /c/f > /a',
    { own: true, tree: { a: 'first\n' } },
  ],
  'mount: secret that is not there': [
    'FROM busybox\nRUN --mount=type=secret,id=s ls /run/secrets/s > /a 2>&1 || true',
    { own: true },
  ],
  'mount: secret that must be there': [
    'FROM busybox\nRUN --mount=type=secret,id=s,required true',
    { own: true, error: /secret s: not found/ },
  ],
  'mount: unknown type': [
    'FROM busybox\nRUN --mount=type=nosuch,target=/x true',
    { own: true, error: /unsupported mount type "nosuch"/ },
  ],
  'mount: place in a folder that is there': [
    'FROM busybox\nRUN --mount=type=tmpfs,target=/usr/new/deep touch /usr/own',
    { own: true, tree: { 'usr/new': null, 'usr/own': '' } },
  ],
  'network: none': [
    'FROM busybox\nRUN --network=none ip -o link | grep -c . > /n',
    { own: true, tree: { n: '1\n' } },
  ],
  'network: host is refused': [
    'FROM busybox\nRUN --network=host true',
    { own: true, error: /network\.host is not allowed/ },
  ],
  'security: insecure is refused': [
    'FROM busybox\nRUN --security=insecure true',
    { own: true, error: /security\.insecure is not allowed/ },
  ],
  'security: sandbox': [
    'FROM busybox\nRUN --security=sandbox echo x > /x',
    { own: true, tree: { x: 'x\n' } },
  ],
});
