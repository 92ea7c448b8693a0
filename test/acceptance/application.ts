import { mkdirSync, writeFileSync } from 'node:fs';

/** Name of the image that all three are made of. */
export const image = 'three-tier:1';

/** Makes the cluster on the first start, and becomes the server. */
const database = `#!/bin/sh
set -e
programs=$(echo /usr/lib/postgresql/*/bin)
folder=/var/lib/postgresql/data
as_postgres="setpriv --reuid=postgres --regid=postgres --init-groups"
chown postgres:postgres $folder
chmod 700 $folder
mkdir -p /run/postgresql
chown postgres /run/postgresql
if [ ! -s $folder/PG_VERSION ]; then
  $as_postgres $programs/initdb -D $folder --auth=trust --no-sync
  echo "host all all all trust" >> $folder/pg_hba.conf
fi
exec $as_postgres $programs/postgres -D $folder -c listen_addresses='*'
`;

/** Keeps one connection to the database, as long as that one lives, and serves what is asked of it. */
const application = `
import http.server, psycopg2, socket, threading, time
lock = threading.Lock()
connection = None

def connected():
    global connection
    if connection is None:
        connection = psycopg2.connect(host='db', user='postgres', connect_timeout=2)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute('CREATE TABLE IF NOT EXISTS orders (name text)')
    return connection

def ask(question, *values):
    global connection
    with lock:
        try:
            with connected().cursor() as cursor:
                cursor.execute(question, values)
                return [str(row[0]) for row in cursor.fetchall()]
        except psycopg2.OperationalError:
            connection = None
            raise

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.0'
    def do_GET(self):
        kind, _, rest = self.path[1:].partition('/')
        try:
            if kind == 'host': lines = [socket.gethostname()]
            elif kind == 'backend': lines = ask('SELECT pg_backend_pid()')
            elif kind == 'order': lines = ask('INSERT INTO orders VALUES (%s) RETURNING name', rest)
            elif kind == 'count': lines = (str(number) for number in range(int(rest)))
            else: lines = ask('SELECT name FROM orders ORDER BY name')
        except Exception as error:
            self.send_error(503, type(error).__name__)
            return
        self.send_response(200)
        self.end_headers()
        for line in lines:
            self.wfile.write((line + '\\n').encode())
            self.wfile.flush()
            if kind == 'count': time.sleep(0.05)
    def log_message(self, *words): print(self.command, self.path, flush=True)

print('ready', flush=True)
http.server.ThreadingHTTPServer(('', 8000), Handler).serve_forever()
`;

/** Asks for the application's name time and again, so that it finds all that answer to it. */
const server = `
daemon off;
error_log /dev/stderr;
events {}
http {
  access_log off;
  resolver 127.0.0.11 valid=1s;
  server {
    listen 80;
    location / {
      set $application http://app:8000;
      proxy_pass $application$request_uri;
      proxy_buffering off;
    }
  }
}
`;

/** What each tier runs, with the folder of `writeApplication` mounted on /application. */
export const commands = {
  db: ['sh', '/application/database.sh'],
  app: ['python3', '/application/application.py'],
  web: ['nginx', '-c', '/application/nginx.conf'],
};

/** Writes the application's files. */
export function writeApplication(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/database.sh`, database);
  writeFileSync(`${folder}/application.py`, application);
  writeFileSync(`${folder}/nginx.conf`, server);
}

/** The same application for docker-compose. */
export function composeFile(folder: string): string {
  const service = (name: keyof typeof commands, more: string) => `  ${name}:
    image: ${image}
    command: ${JSON.stringify(commands[name])}
    volumes: ["${folder}:/application:ro"${name === 'db' ? ', "data:/var/lib/postgresql/data"' : ''}]
${more}`;
  return `version: "3"
services:
${service('db', '    stop_signal: SIGINT\n    networks: [back]')}
${service('app', '    stop_signal: SIGKILL\n    depends_on: [db]\n    networks: [front, back]')}
${service('web', '    depends_on: [app]\n    networks: [front]\n    ports: ["8081:80"]')}
networks:
  front: {}
  back: {internal: true}
volumes:
  data: {}
`;
}
