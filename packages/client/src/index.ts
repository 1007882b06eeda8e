import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './api.ts';

/**
 * A schema of the API by its name in the OpenAPI document, such as `Schema<'Vm'>`.
 *
 * @public
 */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name];

/**
 * The API as methods: `client.GET('/vms/{id}', { params: { path: { id } } })`. Each resolves with `{ data, response }`, or with
 * `{ error, response }` where `error` is a problem document; it rejects only where there was no answer. See `openapi-fetch`.
 */
export type ProviderClient = Client<paths>;

/** Which provider is called, and as whom. */
export interface ProviderClientOptions {
  /** Such as `http://provider.example.org:7466`; without the API's prefix. */
  readonly baseUrl: string;
  /** An owner's token, an API key or the operator's token; left out where the API knows the caller by its address. */
  readonly token?: string | undefined;
}

/** The client of a provider. */
export function createProviderClient({ baseUrl, token }: ProviderClientOptions): ProviderClient {
  return createClient<paths>({
    baseUrl: `${baseUrl.replace(/\/+$/, '')}/api/v1`,
    ...(token !== undefined && { headers: { Authorization: `Bearer ${token}` } }),
  });
}
