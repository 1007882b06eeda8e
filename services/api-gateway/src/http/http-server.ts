import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { Server, type Socket } from 'node:net';
import { type Component, isErrorCode } from '@golem-provider/service-kit';

/** A client that sends its request slower than this holds a connection for nothing. Answers may take as long as they do. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/** So that neither end takes a connection for alive on which one waits minutes for an answer. */
const TCP_KEEP_ALIVE_MS = 30_000;
/**
 * For how long connections that are idle are kept when the server stops: a request that is on its way meanwhile is answered,
 * where one that meets a closed connection fails, and its sender cannot know whether it was carried out.
 */
const IDLE_GRACE_MS = 300;
/** How long answers that are under way may take when the server stops. */
const STOP_GRACE_MS = 10_000;

/** Where to listen, and what answers. */
export interface HttpServerOptions {
  readonly host: string;
  /** Zero takes any free port. */
  readonly port: number;
  readonly listener: RequestListener;
  /** Aborted when the server stops: whoever makes a client wait ends the wait then. */
  readonly stopping: AbortController;
}

/** The HTTP server. */
export interface HttpServer extends Component {
  /** The port on which it listens. */
  port(): number;
}

function listenError(error: unknown, host: string, port: number): Error {
  if (isErrorCode(error, 'EADDRINUSE')) return new Error(`port ${port} of ${host} is in use by another program`);
  if (isErrorCode(error, 'EACCES')) return new Error(`port ${port} of ${host} may not be used by this user`);
  if (isErrorCode(error, 'EADDRNOTAVAIL')) return new Error(`${host} is not an address of this machine`);
  return new Error(`listening on ${host}, port ${port}`, { cause: error });
}

/** A server that ends its waits, finishes what it answers and lets idle connections go when it stops. */
export function createHttpServer({ host, port, listener, stopping }: HttpServerOptions): HttpServer {
  const connections = new Set<Socket>();
  const answering = new Set<ServerResponse>();
  const server = createServer({ keepAlive: true, keepAliveInitialDelay: TCP_KEEP_ALIVE_MS }, (request, response) => {
    answering.add(response);
    response.on('close', () => answering.delete(response));
    if (stopping.signal.aborted) response.setHeader('Connection', 'close');
    listener(request, response);
  });
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;

  return {
    name: 'http server',
    async start() {
      await new Promise<void>((resolve, reject) => {
        const refuse = (error: Error): void => reject(listenError(error, host, port));
        server.once('error', refuse);
        server.listen(port, host, () => {
          server.off('error', refuse);
          resolve();
        });
      });
    },
    async stop() {
      // Not the `close` of node:http, which ends idle connections at once.
      const closed = new Promise<void>((resolve) => Server.prototype.close.call(server, () => resolve()));
      const letIdleGo = (): void => {
        // Node counts a connection on which nothing was sent yet as busy, and would wait for it.
        const busy = new Set([...answering].map((response) => response.socket));
        for (const socket of connections) if (!busy.has(socket)) socket.destroy();
      };
      // A process that was held up comes to its timers before it reads: what has come meanwhile is read first.
      const letGo = setTimeout(() => setImmediate(letIdleGo), IDLE_GRACE_MS);
      for (const response of answering) if (!response.headersSent) response.setHeader('Connection', 'close');
      stopping.abort(new Error('the gateway is stopping'));
      const grace = setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS);
      await closed;
      clearTimeout(letGo);
      clearTimeout(grace);
    },
    port() {
      const address = server.address();
      return typeof address === 'object' && address !== null ? address.port : port;
    },
  };
}
