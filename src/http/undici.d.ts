// undici's client alone: importing the package's main module would load all of fetch, WebSocket and caches.
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici';
  export default Client;
}
