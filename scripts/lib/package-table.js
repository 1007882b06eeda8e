/**
 * A Debian package and how to see that what it brings is there, whoever brought it: any one of the programs or files.
 *
 * @typedef {object} Requirement
 * @property {string} package
 * @property {readonly string[]} [programs]
 * @property {readonly string[]} [files]
 */

/**
 * What is known of this machine and this run.
 *
 * @typedef {object} Needs
 * @property {'run' | 'test' | 'compose'} purpose
 * @property {boolean} isMultipass Multipass serves the VMs, so QEMU and its guest image are not needed.
 * @property {boolean} isRedisGiven REDIS_URL names one.
 * @property {readonly string[]} imagePackages What building the guest image needs.
 */

/**
 * Looks at the machine.
 *
 * @typedef {object} Probe
 * @property {(name: string) => boolean} hasProgram
 * @property {(path: string) => boolean} hasFile
 */

const REDIS = { package: 'redis-server', programs: ['redis-server'] };

/** @type {readonly Requirement[]} */
const ALWAYS = [
  { package: 'nginx', programs: ['nginx'] },
  {
    package: 'libnginx-mod-stream',
    files: ['/usr/lib/nginx/modules/ngx_stream_module.so', '/usr/share/nginx/modules/ngx_stream_module.so'],
  },
  { package: 'openssh-client', programs: ['ssh', 'ssh-keygen'] },
];

/** @type {readonly Requirement[]} */
const QEMU = [
  { package: 'qemu-system-x86', programs: ['qemu-system-x86_64'] },
  { package: 'qemu-utils', programs: ['qemu-img'] },
  { package: 'genisoimage', programs: ['genisoimage'] },
  { package: 'nftables', programs: ['nft'] },
];

/** @type {readonly Requirement[]} */
const TESTS = [
  { package: 'openssh-server', programs: ['sshd'] },
  { package: 'shellcheck', programs: ['shellcheck'] },
];

/** @type {readonly Requirement[]} */
const CONTAINERS = [
  { package: 'docker.io', programs: ['dockerd'] },
  { package: 'docker-compose', programs: ['docker-compose'] },
  { package: 'iproute2', programs: ['ip'] },
];

/** How to see packages of an image's host-packages.list; others go by dpkg's own record. */
const IMAGE_TOOLS = new Map(
  /** @type {readonly Requirement[]} */ ([
    { package: 'debian-archive-keyring', files: ['/usr/share/keyrings/debian-archive-keyring.gpg'] },
    { package: 'e2fsprogs', programs: ['mke2fs'] },
    { package: 'fdisk', programs: ['sfdisk'] },
    { package: 'grub-common', programs: ['grub-mkimage'] },
    { package: 'grub-efi-amd64-bin', files: ['/usr/lib/grub/x86_64-efi/moddep.lst'] },
    { package: 'grub-pc-bin', files: ['/usr/lib/grub/i386-pc/boot.img'] },
    { package: 'mmdebstrap', programs: ['mmdebstrap'] },
    { package: 'mtools', programs: ['mformat'] },
    { package: 'qemu-utils', programs: ['qemu-img'] },
  ]).map((requirement) => [requirement.package, requirement]),
);

/**
 * @param {string} name
 * @returns {Requirement}
 */
function imageTool(name) {
  const recorded = ['', ':amd64', ':arm64'].map((suffix) => `/var/lib/dpkg/info/${name}${suffix}.list`);
  return IMAGE_TOOLS.get(name) ?? { package: name, files: recorded };
}

/**
 * The packages in the text of a host-packages.list: one in a line, `#` begins a comment.
 *
 * @param {string} text
 */
export function parsePackageList(text) {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
}

/**
 * What has to be there. The tests want everything, as they start everything.
 *
 * @param {Needs} needs
 * @returns {Requirement[]}
 */
export function requirements({ purpose, isMultipass, isRedisGiven, imagePackages }) {
  const isTest = purpose !== 'run';
  return [
    ...(isRedisGiven && !isTest ? [] : [REDIS]),
    ...ALWAYS,
    ...(isMultipass && !isTest ? [] : [...QEMU, ...imagePackages.map(imageTool)]),
    ...(isTest ? TESTS : []),
    ...(purpose === 'compose' ? CONTAINERS : []),
  ];
}

/**
 * The packages that bring what is missing, each once.
 *
 * @param {readonly Requirement[]} required
 * @param {Probe} probe
 */
export function missingPackages(required, { hasProgram, hasFile }) {
  const missing = required.filter(
    ({ programs = [], files = [] }) => !programs.some(hasProgram) && !files.some(hasFile),
  );
  return [...new Set(missing.map((requirement) => requirement.package))];
}

/**
 * Whether an nginx was built with the stream module inside, by what `nginx -V` prints. Where the module is a file of its
 * own, it says `--with-stream=dynamic`.
 *
 * @param {string} buildOptions
 */
export function hasStreamInside(buildOptions) {
  return buildOptions.split(/\s+/).includes('--with-stream');
}

/**
 * Whether packages come by apt here, by the text of /etc/os-release.
 *
 * @param {string} osRelease
 */
export function isDebianFamily(osRelease) {
  const family = osRelease
    .split('\n')
    .filter((line) => /^ID(_LIKE)?=/.test(line))
    .flatMap((line) =>
      line
        .replace(/^[^=]*=/, '')
        .replaceAll('"', '')
        .split(' '),
    );
  return family.some((name) => name === 'debian' || name === 'ubuntu');
}

/**
 * What an operator is told where we cannot install packages ourselves.
 *
 * @param {readonly string[]} packages
 * @param {boolean} isDebian
 */
export function installAdvice(packages, isDebian) {
  return isDebian
    ? [
        'Packages are missing, and installing them needs root. Type this, then start again:',
        `  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`,
      ]
    : [
        'Programs are missing, and only Debian and Ubuntu are known here. Install what brings these packages of Debian:',
        `  ${packages.join(' ')}`,
      ];
}
