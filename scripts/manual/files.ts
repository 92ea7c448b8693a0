import { describeFlags } from '@davit/engine/flags';
import { foreignSettings, kindNames, longFlag, settings } from '@davit/engine/settings';
import configJson from '../../src/topics/config-json.ts';
import templates from '../../src/topics/templates.ts';
import { bold, entry, head, italic, page, roff, section, seeAlso } from './roff.ts';

/** davit-config(5). */
export function configPage(): string {
  return page(
    head('davit-config', 5, configJson.summary),
    configJson.sections.flatMap((part, index) =>
      section(index === 0 ? { ...part, heading: 'Description' } : part),
    ),
    seeAlso(['davit', 1], ['davit-templates', 7]),
  );
}

/** davit-templates(7). */
export function templatesPage(): string {
  return page(
    head('davit-templates', 7, templates.summary),
    templates.sections.flatMap(section),
    seeAlso(['davit', 1], ['davit-config', 5]),
  );
}

/** A flag as in `-H, --host <address>`: names in bold, the value's in italics. */
function flagTerm(flags: string): string {
  const [, names = '', value = ''] = /^([^<[]*?)\s*(?:[<[](.*)[>\]])?$/.exec(flags) ?? [];
  const all = names.split(', ').map(bold).join(', ');
  return value ? `${all} ${italic(value)}` : all;
}

const sentence = (text: string) => (text.endsWith('.') ? text : `${text}.`);

/** davitd(8). */
export function daemonPage(): string {
  return page(
    head('davitd', 8, 'the engine of davit: runs containers and keeps images and networks'),
    ['.SH SYNOPSIS', `${bold('davitd')} [OPTIONS]`, '.SH DESCRIPTION'],
    [
      'davitd answers the Docker Engine API on a Unix socket, and over TCP when it is told to. It runs containers with conmon and crun or runc, stores images with overlayfs, and connects containers with bridges and nftables.',
      'davit starts it when it is needed; systemd starts it with davit.socket and davit.service.',
      '.PP',
      'Containers outlive an engine that is killed: the next one finds them, their output and their exit codes.',
      'Engines with different roots run side by side.',
      '.SH OPTIONS',
    ],
    describeFlags().flatMap(({ flags, help }) => ['.TP', flagTerm(flags), roff(sentence(help))]),
    [
      '.SH CONFIGURATION',
      '\\fI/etc/davit/daemon.json\\fR, or the file of \\fB\\-\\-config\\-file\\fR, is an object with these keys.',
    ],
    ['What is said by a flag must not be said there, too.'],
    settings.flatMap(({ key, kind, help, flags }) =>
      entry(
        key,
        `${sentence(help.replace(/ \(may be repeated\)/, ''))} In the file: ${kindNames[kind]}.${flags ? ` As --${longFlag({ flags })}.` : ''}`,
      ),
    ),
    [
      '.SH "SETTINGS OF DOCKERD"',
      'These flags and keys of dockerd are taken with the value that they have anyway, and refused with any other:',
    ],
    foreignSettings.flatMap(({ key, flags, value, why }) => {
      const has = value === undefined ? '' : ` Its value is ${JSON.stringify(value)}.`;
      return entry(
        `--${longFlag({ flags })}, ${key}`,
        `${sentence(why.charAt(0).toUpperCase() + why.slice(1))}${has}`,
      );
    }),
    ['.SH SIGNALS'],
    entry(
      'SIGTERM, SIGINT',
      'End: containers are stopped first, unless --live-restore is on. The third ends at once.',
    ),
    entry('SIGHUP', 'Read the settings again: labels, log level, registries and timeouts.'),
    ['.SH ENVIRONMENT'],
    entry(
      'DOCKER_CERT_PATH',
      'Where ca.pem, cert.pem and key.pem are, for --tls and --tlsverify (~/.docker).',
    ),
    entry(
      'LISTEN_FDS, NOTIFY_SOCKET',
      'Set by systemd: sockets for fd://, and where to tell that it is ready.',
    ),
    entry(
      'DAVITD_MOUNT_NAMESPACE',
      'private: the service has a mount namespace of its own already, so none is made.',
    ),
    ['.SH "EXIT STATUS"'],
    entry('0', 'It was told to end, was idle, or did what it was asked for.'),
    entry('1', 'It could not start, or --check-store found something that is not mended.'),
    entry('125', 'The command line cannot be understood.'),
    ['.SH FILES'],
    entry('/run/davit/davit.sock', 'Where it listens.'),
    entry('/var/lib/davit', 'Images, containers, volumes and state.'),
    entry('/etc/davit/daemon.json', 'Settings.'),
    seeAlso(['davit', 1], ['davit-system-check', 1]),
  );
}
