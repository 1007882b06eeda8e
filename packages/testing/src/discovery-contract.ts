/** The generations of the discovery service that are in use. */
export type DiscoveryGeneration = 'older' | 'newer';

/** A request to a discovery service. A body that is a string is sent as it is. */
export interface DiscoveryRequest {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'PUT';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** One sentence of the contract: what is asked, after what, and what the answer is. */
export interface DiscoveryCase {
  readonly name: string;
  /** Those of which it holds. */
  readonly generations: readonly DiscoveryGeneration[];
  readonly before?: readonly DiscoveryRequest[];
  readonly request: DiscoveryRequest;
  readonly status: number;
  /** The parts of the body that the contract names; a pattern stands for any text that fits it. */
  readonly body: unknown;
}

/** Stands for a time without a zone in the body of a case. */
export const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{6})?$/;
/** Stands for any text in the body of a case. */
const WORDS = /./;

const BOTH: readonly DiscoveryGeneration[] = ['older', 'newer'];
const PATH = '/api/v1/advertisements';
const resources = { cpu: 4, memory: 8, storage: 80 };
const AD = { ip_address: '203.0.113.7', country: 'SE', resources };
const PRICING = { usd_per_core_month: 5, glm_per_gb_ram_month: 1.5 };
const SHOWN = { provider_id: 'p1', ...AD, created_at: TIME, updated_at: TIME };
const as = (id: string, signature = 'c2ln'): Record<string, string> => ({
  'X-Provider-ID': id,
  'X-Provider-Signature': signature,
});
const post = (body: unknown, headers = as('p1')): DiscoveryRequest => ({ method: 'POST', path: PATH, headers, body });
const get = (path: string): DiscoveryRequest => ({ method: 'GET', path: PATH + path });
const remove = (path: string, headers: Record<string, string>): DiscoveryRequest => ({
  method: 'DELETE',
  path: PATH + path,
  headers,
});
const refused = (code: string): unknown => ({ detail: { code, message: WORDS } });
const invalid = (...entries: [loc: readonly (string | number)[], type: string][]): unknown => ({
  detail: entries.map(([loc, type]) => ({ loc, msg: WORDS, type })),
});
const missing = (...names: string[]): unknown =>
  invalid(...names.map((name): [string[], string] => [['header', name], 'missing']));

const ADVERTISING: readonly DiscoveryCase[] = [
  {
    name: 'is healthy',
    generations: BOTH,
    request: { method: 'GET', path: '/health' },
    status: 200,
    body: { status: 'healthy' },
  },
  { name: 'takes an advertisement', generations: BOTH, request: post(AD), status: 200, body: SHOWN },
  {
    name: 'keeps platform and pricing',
    generations: ['newer'],
    request: post({ ...AD, platform: 'arm64', pricing: PRICING }),
    status: 200,
    body: { ...SHOWN, platform: 'arm64', pricing: PRICING },
  },
  {
    name: 'ignores what it does not know',
    generations: ['older'],
    before: [post({ ...AD, platform: 'riscv', pricing: 'free', surprise: 1 })],
    request: get('/p1'),
    status: 200,
    body: SHOWN,
  },
  {
    name: 'replaces an advertisement',
    generations: BOTH,
    before: [post(AD), post({ ...AD, resources: { ...resources, cpu: 2 } })],
    request: get(''),
    status: 200,
    body: [{ ...SHOWN, resources: { ...resources, cpu: 2 } }],
  },
  ...(
    [
      ['no address', { country: 'SE', resources }, invalid([['body', 'ip_address'], 'missing'])],
      ['no country', { ip_address: AD.ip_address, resources }, invalid([['body', 'country'], 'missing'])],
      ['no resources', { ...AD, resources: undefined }, invalid([['body', 'resources'], 'missing'])],
      [
        'a host name',
        { ...AD, ip_address: 'host.example.org' },
        invalid([['body', 'ip_address'], 'string_pattern_mismatch']),
      ],
      [
        'an IPv6 address',
        { ...AD, ip_address: '2001:db8::1' },
        invalid([['body', 'ip_address'], 'string_pattern_mismatch']),
      ],
      ['a country of one letter', { ...AD, country: 'S' }, invalid([['body', 'country'], 'string_too_short'])],
      ['a country of three letters', { ...AD, country: 'SWE' }, invalid([['body', 'country'], 'string_too_long'])],
      [
        'no core',
        { ...AD, resources: { ...resources, cpu: 0 } },
        invalid([['body', 'resources', 'cpu'], 'greater_than_equal']),
      ],
      [
        'no memory',
        { ...AD, resources: { ...resources, memory: 0 } },
        invalid([['body', 'resources', 'memory'], 'greater_than_equal']),
      ],
      [
        'half a core',
        { ...AD, resources: { ...resources, cpu: 1.5 } },
        invalid([['body', 'resources', 'cpu'], 'int_from_float']),
      ],
      [
        'words for storage',
        { ...AD, resources: { ...resources, storage: 'much' } },
        invalid([['body', 'resources', 'storage'], 'int_type']),
      ],
      [
        'several faults',
        { country: 'SWE', resources },
        invalid([['body', 'ip_address'], 'missing'], [['body', 'country'], 'string_too_long']),
      ],
      ['rubbish', '{"ip_address":', invalid([['body', 0], 'json_invalid'])],
    ] as const
  ).map(([name, body, answer]): DiscoveryCase => ({
    name: `refuses an advertisement with ${name}`,
    generations: BOTH,
    request: post(body),
    status: 422,
    body: answer,
  })),
  {
    name: 'refuses a platform that it does not know',
    generations: ['newer'],
    request: post({ ...AD, platform: 'riscv64' }),
    status: 422,
    body: invalid([['body', 'platform'], 'enum']),
  },
  {
    name: 'refuses an address that has the form of one only',
    generations: BOTH,
    request: post({ ...AD, ip_address: '999.1.1.1' }),
    status: 400,
    body: refused('ADV_001'),
  },
];

const PROVIDERS: readonly DiscoveryCase[] = [
  {
    name: 'wants both headers',
    generations: BOTH,
    request: post(AD, {}),
    status: 422,
    body: missing('X-Provider-ID', 'X-Provider-Signature'),
  },
  {
    name: 'wants the id',
    generations: BOTH,
    request: post(AD, { 'X-Provider-Signature': 'x' }),
    status: 422,
    body: missing('X-Provider-ID'),
  },
  {
    name: 'wants the signature',
    generations: BOTH,
    request: post(AD, { 'X-Provider-ID': 'p1' }),
    status: 422,
    body: missing('X-Provider-Signature'),
  },
  { name: 'refuses an empty id', generations: BOTH, request: post(AD, as('')), status: 401, body: refused('AUTH_003') },
  {
    name: 'refuses an empty signature',
    generations: BOTH,
    request: post(AD, as('p1', '')),
    status: 401,
    body: refused('AUTH_003'),
  },
  {
    name: 'removes an advertisement',
    generations: BOTH,
    before: [post(AD)],
    request: remove('/p1', as('p1')),
    status: 200,
    body: { status: 'success' },
  },
  {
    name: 'has forgotten what was removed',
    generations: BOTH,
    before: [post(AD), remove('/p1', as('p1'))],
    request: get('/p1'),
    status: 404,
    body: refused('ADV_004'),
  },
  {
    name: 'cannot remove what is not there',
    generations: BOTH,
    request: remove('/p1', as('p1')),
    status: 404,
    body: refused('ADV_004'),
  },
  {
    name: 'lets nobody remove what is not his',
    generations: BOTH,
    before: [post(AD)],
    request: remove('/p1', as('p2')),
    status: 401,
    body: refused('AUTH_004'),
  },
  {
    name: 'wants both headers for a removal',
    generations: BOTH,
    request: remove('/p1', {}),
    status: 422,
    body: missing('X-Provider-ID', 'X-Provider-Signature'),
  },
  {
    name: 'refuses a removal with an empty id',
    generations: BOTH,
    request: remove('/p1', as('')),
    status: 401,
    body: refused('AUTH_003'),
  },
];

const FINDING: readonly DiscoveryCase[] = [
  { name: 'finds nothing where there is nothing', generations: BOTH, request: get(''), status: 200, body: [] },
  { name: 'shows one', generations: BOTH, before: [post(AD)], request: get('/p1'), status: 200, body: SHOWN },
  {
    name: 'does not show what is not there',
    generations: BOTH,
    request: get('/p1'),
    status: 404,
    body: refused('ADV_004'),
  },
  ...(
    [
      ['?cpu=4&memory=8&storage=80&country=SE', true],
      ['?cpu=5', false],
      ['?memory=9', false],
      ['?storage=81', false],
      ['?country=DE', false],
    ] as const
  ).map(([query, isFound]): DiscoveryCase => ({
    name: `${isFound ? 'finds' : 'does not find'} with ${query}`,
    generations: BOTH,
    before: [post(AD)],
    request: get(query),
    status: 200,
    body: isFound ? [SHOWN] : [],
  })),
  ...(['cpu', 'memory', 'storage'] as const).map((name): DiscoveryCase => ({
    name: `refuses to look for less than one of ${name}`,
    generations: BOTH,
    request: get(`?${name}=0`),
    status: 400,
    body: refused('ADV_002'),
  })),
  {
    name: 'refuses to look for words',
    generations: BOTH,
    request: get('?cpu=many'),
    status: 422,
    body: invalid([['query', 'cpu'], 'int_parsing']),
  },
  {
    name: 'finds by platform',
    generations: ['newer'],
    before: [post({ ...AD, platform: 'arm64' }), post({ ...AD, platform: 'x86_64' }, as('p2'))],
    request: get('?platform=x86_64'),
    status: 200,
    body: [{ ...SHOWN, provider_id: 'p2', platform: 'x86_64' }],
  },
  {
    name: 'finds whatever the platform',
    generations: ['older'],
    before: [post(AD)],
    request: get('?platform=x86_64'),
    status: 200,
    body: [SHOWN],
  },
];

/** The contract of a discovery service, request by request; each case begins with an empty one. */
export const DISCOVERY_CONTRACT: readonly DiscoveryCase[] = [...ADVERTISING, ...PROVIDERS, ...FINDING];
