import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIPv4 } from 'node:net';
import { z } from 'zod';

/** The newer one keeps `platform` and `pricing`, the older one drops what it does not know. */
export type Generation = 'older' | 'newer';

/** Answers in place of the service's own, for a request that reached it. */
export type Misbehaviour = (request: IncomingMessage, response: ServerResponse) => void;

/** What was sent with an advertisement that was accepted, beside what is kept. */
export interface AcceptedCall {
  readonly body: string;
  readonly signature: string;
}

/**
 * A discovery service on the loopback that can fail in every way. It behaves to a provider as `DISCOVERY_CONTRACT` says, but
 * lets nobody search.
 */
export interface DiscoveryStub {
  readonly url: string;
  readonly port: number;
  /** What is advertised now, by provider. */
  readonly advertisements: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Loses every advertisement, as a service without a memory does when it is started again. */
  forget(): void;
  /** Calls as `POST 200`, in order. */
  readonly calls: readonly string[];
  readonly accepted: readonly AcceptedCall[];
  /** Undefined: behaves. */
  misbehave(how: Misbehaviour | undefined): void;
  stop(): Promise<void>;
}

const amount = z.int().min(1);
const common = {
  ip_address: z.string().regex(/^(\d{1,3}\.){3}\d{1,3}$/),
  country: z.string().length(2),
  resources: z.object({ cpu: amount, memory: amount, storage: amount }),
};
const SCHEMAS = {
  older: z.object(common),
  newer: z.object({
    ...common,
    platform: z.enum(['x86_64', 'arm64']).optional(),
    pricing: z.record(z.string(), z.number()).optional(),
  }),
};

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(z.instanceof(Buffer).parse(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const missing = (name: string): unknown => ({ loc: ['header', name], msg: 'Field required', type: 'missing' });
const refusal = (code: string, message: string): unknown => ({ detail: { code, message } });
/** A time as Python prints it: UTC without a zone. */
const now = (): string => new Date().toISOString().replace('Z', '000');

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return z.object({ port: z.number() }).parse(server.address()).port;
}

/** Starts one on `port`, or on a free one. */
export async function startDiscoveryStub(generation: Generation, port = 0): Promise<DiscoveryStub> {
  const advertisements = new Map<string, Record<string, unknown>>();
  const calls: string[] = [];
  const accepted: AcceptedCall[] = [];
  let misbehaviour: Misbehaviour | undefined;

  const answer = (request: IncomingMessage, body: string): [number, unknown] => {
    const path = request.url ?? '';
    if (path === '/health') return [200, { status: 'healthy' }];
    const named = /^\/api\/v1\/advertisements\/([^/?]+)$/.exec(path)?.[1];
    if (request.method === 'GET' && named !== undefined) {
      const found = advertisements.get(decodeURIComponent(named));
      return found === undefined ? [404, refusal('ADV_004', 'Not found')] : [200, found];
    }
    if (!path.startsWith('/api/v1/advertisements')) return [404, { detail: 'Not Found' }];
    const id = request.headers['x-provider-id'];
    const signature = request.headers['x-provider-signature'];
    if (typeof id !== 'string' || typeof signature !== 'string') {
      return [
        422,
        {
          detail: [
            ...(id === undefined ? [missing('X-Provider-ID')] : []),
            ...(signature === undefined ? [missing('X-Provider-Signature')] : []),
          ],
        },
      ];
    }
    if (id === '' || signature === '') return [401, refusal('AUTH_003', 'Invalid credentials')];
    if (request.method === 'POST' && path === '/api/v1/advertisements') {
      const parsed = SCHEMAS[generation].safeParse(parseJson(body));
      if (!parsed.success) {
        const detail = parsed.error.issues.map(({ path: loc, message: msg, code: type }) => ({
          loc: ['body', ...loc.map(String)],
          msg,
          type,
        }));
        return [422, { detail }];
      }
      if (!isIPv4(parsed.data.ip_address)) return [400, refusal('ADV_001', 'Not an address')];
      const before = advertisements.get(id);
      const kept = { ...parsed.data, provider_id: id, created_at: before?.['created_at'] ?? now(), updated_at: now() };
      advertisements.set(id, kept);
      accepted.push({ body, signature });
      return [200, kept];
    }
    if (request.method === 'DELETE' && named !== undefined) {
      if (decodeURIComponent(named) !== id) return [401, refusal('AUTH_004', 'Not your advertisement')];
      return advertisements.delete(id) ? [200, { status: 'success' }] : [404, refusal('ADV_004', 'Not found')];
    }
    return [404, { detail: 'Not Found' }];
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    response.once('finish', () => calls.push(`${request.method ?? ''} ${response.statusCode}`));
    if (misbehaviour !== undefined) {
      misbehaviour(request, response);
      return;
    }
    const [status, content] = answer(request, body);
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(content));
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  const boundPort = await listen(server, port);

  return {
    url: `http://127.0.0.1:${boundPort}`,
    port: boundPort,
    advertisements,
    calls,
    accepted,
    forget: () => advertisements.clear(),
    misbehave(how) {
      misbehaviour = how;
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
