import { z } from 'zod';

/** The newer generation keeps `platform` and `pricing` and finds by platform; the older one ignores what it does not know. */
export const Generation = z.enum(['older', 'newer']);
export type Generation = z.infer<typeof Generation>;

const amount = z.int().min(1);
const Resources = z.object({ cpu: amount, memory: amount, storage: amount });
const Platform = z.enum(['x86_64', 'arm64']);
const price = z.number().min(0).nullish();
const Pricing = z.object({
  usd_per_core_month: price,
  usd_per_gb_ram_month: price,
  usd_per_gb_storage_month: price,
  glm_per_core_month: price,
  glm_per_gb_ram_month: price,
  glm_per_gb_storage_month: price,
});

const common = {
  ip_address: z.string().regex(/^(\d{1,3}\.){3}\d{1,3}$/),
  country: z.string().length(2),
  resources: Resources,
};
const OlderBody = z.object(common);
const NewerBody = z.object({
  ...common,
  platform: Platform.nullish().transform((platform) => platform ?? null),
  pricing: Pricing.nullish().transform((pricing) => pricing ?? null),
});

/** The body of an advertisement, by generation. Unknown fields are dropped. */
export function advertisementBody(generation: Generation): typeof OlderBody | typeof NewerBody {
  switch (generation) {
    case 'older':
      return OlderBody;
    case 'newer':
      return NewerBody;
  }
}

const kept = { provider_id: z.string(), created_at: z.string(), updated_at: z.string() };

/** An advertisement as it is kept and shown; times are UTC without a zone. */
export const KeptAdvertisement = z.union([
  z.object({ ...kept, ...common, platform: Platform.nullable(), pricing: Pricing.nullable() }),
  z.object({ ...kept, ...common }),
]);
export type KeptAdvertisement = z.infer<typeof KeptAdvertisement>;

const number = z
  .string()
  .regex(/^[+-]?\d+$/)
  .transform(Number)
  .optional();

/** What a requestor looks for; each part is a lower limit or a value to equal. */
export const Wanted = z.object({
  cpu: number,
  memory: number,
  storage: number,
  country: z.string().optional(),
  platform: z.string().optional(),
});
export type Wanted = z.infer<typeof Wanted>;

/** Whether an advertisement has at least what is wanted; the older generation knows no platform. */
export function fits(advertisement: KeptAdvertisement, wanted: Wanted, generation: Generation): boolean {
  const { resources, country } = advertisement;
  const platform = 'platform' in advertisement ? advertisement.platform : null;
  return (
    resources.cpu >= (wanted.cpu ?? 0) &&
    resources.memory >= (wanted.memory ?? 0) &&
    resources.storage >= (wanted.storage ?? 0) &&
    country === (wanted.country ?? country) &&
    (generation === 'older' || platform === (wanted.platform ?? platform))
  );
}
