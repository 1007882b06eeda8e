import { ImageName } from '@golem-provider/contracts';
import { SettingsError } from '@golem-provider/service-kit';

/** Architectures as image makers call them. */
export type ImageArchitecture = 'amd64' | 'arm64';

/** Where the disk of an image comes from. */
export type ImageSource =
  | {
      readonly kind: 'download';
      /** A qcow2 file. */
      readonly url: string;
      /** What it must be: listed under its file name in a list at `url`, or given outright; null where nothing says. */
      readonly checksum: ImageChecksum | null;
    }
  | { readonly kind: 'file'; readonly path: string };

/** What a download is held against. */
export type ImageChecksum =
  | { readonly algorithm: 'sha256' | 'sha512'; readonly listUrl: string }
  | { readonly algorithm: 'sha256'; readonly digest: string };

/** An image that can be had. */
export interface CatalogueImage {
  /** The name under which it is kept and shown. */
  readonly name: ImageName;
  /** Other names that mean the same. */
  readonly aliases: readonly ImageName[];
  readonly release: string;
  readonly source: ImageSource;
}

interface Release {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly release: string;
  readonly directory: string;
  readonly file: (architecture: ImageArchitecture) => string;
  readonly checksums: { readonly algorithm: 'sha256' | 'sha512'; readonly file: string };
}

function ubuntu(version: string, codename: string, moreAliases: readonly string[] = []): Release {
  return {
    name: `ubuntu:${version}`,
    aliases: [version, codename, `ubuntu:${codename}`, ...moreAliases],
    release: `Ubuntu ${version} LTS`,
    directory: `https://cloud-images.ubuntu.com/releases/${codename}/release`,
    file: (architecture) => `ubuntu-${version}-server-cloudimg-${architecture}.img`,
    checksums: { algorithm: 'sha256', file: 'SHA256SUMS' },
  };
}

const RELEASES: readonly Release[] = [
  ubuntu('24.04', 'noble', ['ubuntu', 'lts']),
  ubuntu('22.04', 'jammy'),
  ubuntu('20.04', 'focal'),
  {
    name: 'debian:12',
    aliases: ['debian', 'bookworm', 'debian:bookworm'],
    release: 'Debian GNU/Linux 12 (bookworm)',
    directory: 'https://cloud.debian.org/images/cloud/bookworm/latest',
    file: (architecture) => `debian-12-genericcloud-${architecture}.qcow2`,
    checksums: { algorithm: 'sha512', file: 'SHA512SUMS' },
  },
];

/** The image that is used where nothing else is said. */
export const UBUNTU_DEFAULT = ImageName.parse('ubuntu:24.04');

/** The image that can be built on a host that reaches no image server. */
export const BUILT_IMAGE = ImageName.parse('debian:12');

/** The images that every provider offers. */
export function standardCatalogue(architecture: ImageArchitecture): readonly CatalogueImage[] {
  return RELEASES.map(({ name, aliases, release, directory, file, checksums }) => ({
    name: ImageName.parse(name),
    aliases: aliases.map((alias) => ImageName.parse(alias)),
    release,
    source: {
      kind: 'download',
      url: `${directory}/${file(architecture)}`,
      checksum: { algorithm: checksums.algorithm, listUrl: `${directory}/${checksums.file}` },
    },
  }));
}

/** The directory of an image below that of all images. */
export function imageDirectoryName(name: ImageName): string {
  return name.replace(':', '-');
}

/** The image that a name or an alias means. */
export function resolveImage(images: readonly CatalogueImage[], name: string): CatalogueImage | undefined {
  return images.find((image) => image.name === name) ?? images.find((image) => image.aliases.some((a) => a === name));
}

const SETTING = 'GOLEM_PROVIDER_ALLOWED_IMAGES';

function parseSource(text: string): ImageSource | string {
  if (text.startsWith('/')) return { kind: 'file', path: text };
  if (!URL.canParse(text)) return 'must be a URL or an absolute path';
  const url = new URL(text);
  const digest = /^#sha256=([0-9a-f]{64})$/.exec(url.hash)?.[1];
  if (url.hash !== '' && digest === undefined) return 'the part after # must be sha256= and 64 hex digits';
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && digest !== undefined))
    return 'must be an https URL, or an http URL with #sha256=…';
  url.hash = '';
  return { kind: 'download', url: url.href, checksum: digest === undefined ? null : { algorithm: 'sha256', digest } };
}

/**
 * The operator's own images, added to those that every provider offers. Each entry of the setting is one of
 *
 * - `name=https://host/path.qcow2`, also with `#sha256=<hex>`, which is then checked;
 * - `name=http://host/path.qcow2#sha256=<hex>`;
 * - `name=/path/on/this/host.qcow2`, copied at its first use.
 *
 * A URL may hold no comma, as that separates the entries (`%2C` instead). A disk must be a qcow2 file without a backing file,
 * boot by BIOS and take its identity by cloud-init's NoCloud.
 *
 * @throws SettingsError with a line for each entry that is wrong.
 */
export function extendCatalogue(
  standard: readonly CatalogueImage[],
  allowedImages: readonly string[],
): readonly CatalogueImage[] {
  const images = [...standard];
  const problems: string[] = [];
  for (const entry of allowedImages) {
    const [first = '', ...rest] = entry.split('=');
    const name = ImageName.safeParse(first.trim());
    const source = parseSource(rest.join('=').trim());
    const isTaken = (other: CatalogueImage): boolean =>
      name.success &&
      (imageDirectoryName(other.name) === imageDirectoryName(name.data) || other.aliases.includes(name.data));
    if (!name.success) problems.push(`${SETTING}: ${entry}: the name must be such as myimage or myimage:1`);
    else if (rest.length === 0) problems.push(`${SETTING}: ${entry}: QEMU needs name=https://… or name=/path.qcow2`);
    else if (typeof source === 'string') problems.push(`${SETTING}: ${entry}: ${source}`);
    else if (images.some(isTaken)) problems.push(`${SETTING}: ${entry}: the name is taken`);
    else images.push({ name: name.data, aliases: [], release: name.data, source });
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return images;
}
