import { z } from 'zod';

/** An IPv4 address that a host can have: not this network (0/8), multicast, reserved or broadcast (224/3). */
export const HostIpv4 = z.ipv4({ abort: true, error: 'must be an IPv4 address' }).refine((address) => {
  const first = Number(address.split('.')[0]);
  return first !== 0 && first < 224;
}, 'must be an address that a host can have');
export type HostIpv4 = z.infer<typeof HostIpv4>;
