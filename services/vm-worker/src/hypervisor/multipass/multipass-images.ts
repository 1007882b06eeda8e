import { ImageName } from '@golem-provider/contracts';
import { SettingsError } from '@golem-provider/service-kit';

/** An image that Multipass can launch. */
export interface MultipassImage {
  /** The name that is shown and recorded. */
  readonly name: ImageName;
  readonly aliases: readonly ImageName[];
  /** What `multipass launch` takes. */
  readonly launchName: string;
}

function ubuntu(version: string, codename: string, moreAliases: readonly string[] = []): MultipassImage {
  return {
    name: ImageName.parse(`ubuntu:${version}`),
    aliases: [version, codename, `ubuntu:${codename}`, ...moreAliases].map((alias) => ImageName.parse(alias)),
    launchName: version,
  };
}

/** The releases of Ubuntu that Multipass fetches by itself, newest first. */
export const MULTIPASS_IMAGES: readonly MultipassImage[] = [
  ubuntu('24.04', 'noble', ['ubuntu', 'lts']),
  ubuntu('22.04', 'jammy'),
  ubuntu('20.04', 'focal'),
];

/** The image of a VM whose request names none. */
export const MULTIPASS_DEFAULT_IMAGE = ImageName.parse('ubuntu:24.04');

/** The image that a name or an alias means; undefined where Multipass has none of that name. */
export function findMultipassImage(images: readonly MultipassImage[], name: string): MultipassImage | undefined {
  return images.find((image) => image.name === name) ?? images.find(({ aliases }) => aliases.some((a) => a === name));
}

const SETTING = 'GOLEM_PROVIDER_ALLOWED_IMAGES';

/** What Multipass is told for the right side of an entry; undefined where it is nothing that Multipass could launch. */
function launchNameOf(source: string): string | undefined {
  if (source.startsWith('/')) return `file://${source}`;
  if (/^(?:https|file):\/\/\S+$/.test(source)) return source;
  return ImageName.safeParse(source).success ? source : undefined;
}

/**
 * The operator's own images, added to those that every provider offers. Each entry of the setting is one of
 *
 * - `name`, which Multipass knows by that name (`multipass find`);
 * - `name=alias`, `name=https://host/path.img` or `name=/path/on/this/host.img`.
 *
 * @throws SettingsError with a line for each entry that is wrong.
 */
export function extendMultipassImages(
  standard: readonly MultipassImage[],
  allowedImages: readonly string[],
): readonly MultipassImage[] {
  const images = [...standard];
  const problems: string[] = [];
  for (const entry of allowedImages) {
    const [first = '', ...rest] = entry.split('=');
    const name = ImageName.safeParse(first.trim());
    const launchName = launchNameOf(rest.length === 0 ? first.trim() : rest.join('=').trim());
    if (!name.success) problems.push(`${SETTING}: ${entry}: the name must be such as myimage or myimage:1`);
    else if (launchName === undefined)
      problems.push(`${SETTING}: ${entry}: Multipass needs name, name=alias, name=https://… or name=/path.img`);
    else if (findMultipassImage(images, name.data) !== undefined)
      problems.push(`${SETTING}: ${entry}: the name is taken`);
    else images.push({ name: name.data, aliases: [], launchName });
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return images;
}
