import { z } from 'zod';

/**
 * The name of an image as a requestor writes it: `24.04`, `ubuntu:24.04`, `noble`, `debian:12`. It can be neither a path,
 * a URL nor an option; which names exist is for the hypervisor's catalogue to say.
 */
export const ImageName = z
  .string()
  .min(1)
  .max(64)
  .regex(
    /^[a-z0-9]+(?:[.-][a-z0-9]+)*(?::[a-z0-9]+(?:[.-][a-z0-9]+)*)?$/,
    'must be a catalogue name such as ubuntu:24.04',
  )
  .brand<'ImageName'>()
  .meta({ id: 'ImageName', description: 'Name of an image in the catalogue.', example: 'ubuntu:24.04' });
export type ImageName = z.infer<typeof ImageName>;
