import { createHash } from 'node:crypto';
import { GUEST_UIDS, type GuestNetwork, type Settings } from '@golem-provider/contracts';
import { AppError, type Logger } from '@golem-provider/service-kit';
import { CommandFailure, type CommandResult, type CommandRunner } from '../../exec/command-runner.ts';

/** Addresses that are not of the public internet (IANA's special-purpose registries), beside those of the host itself. */
const CLOSED_IPV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
] as const;
// Also what carries an IPv4 address within: mapped (::/8), NAT64 (64:ff9b::), Teredo (in 2001::/23), 6to4 (2002::/16).
const CLOSED_IPV6 = [
  '::/8',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
] as const;

const NFT_TIMEOUT_MS = 10_000;
// Where a service's PATH lacks the directories for administrators.
const NFT_PROGRAMS = ['nft', '/usr/sbin/nft', '/sbin/nft'] as const;

/** Name of the table of packet rules that belongs to a data directory. */
export function tableName(dataDirectory: string): string {
  return `golem_provider_${createHash('sha256').update(dataDirectory).digest('hex').slice(0, 8)}`;
}

/**
 * The packet rules, for `nft -f`: a table of our own, put in place of an earlier one in one transaction. They concern what
 * the users of machines send and nothing else: answers to connections from the host (ssh) pass, the host itself, private
 * and special addresses are closed, the internet is open. There is no way to the host's name server either, guests ask
 * public ones. Pure.
 *
 * The jump needs a packet with a known sender: a rule of the form "everyone but them" would also catch the kernel's own.
 */
export function renderRules(table: string): string {
  return `add table inet ${table}
delete table inet ${table}
table inet ${table} {
  chain output {
    type filter hook output priority filter; policy accept;
    meta skuid ${GUEST_UIDS.first}-${GUEST_UIDS.last} jump guests
  }
  chain guests {
    ct state established,related accept
    fib daddr type { local, broadcast, anycast, multicast } reject
    ip daddr { ${CLOSED_IPV4.join(', ')} } reject
    ip6 daddr { ${CLOSED_IPV6.join(', ')} } reject
  }
}
`;
}

/** Removes the table; not an error where there is none. For `nft -f`. */
function renderRemoval(table: string): string {
  return `add table inet ${table}\ndelete table inet ${table}\n`;
}

/** Keeps guests off the host and its networks. */
export interface GuestNetworkRules {
  /**
   * Puts the rules in place, also when they were there before, and says what guests get: `internet` only when the rules
   * hold, `isolated` where they cannot be set or the operator wants it so.
   */
  ensure(signal: AbortSignal): Promise<GuestNetwork>;
}

/** What the rules work with. */
export interface GuestNetworkDeps {
  readonly run: CommandRunner;
  readonly logger: Logger;
  readonly setting: Settings['GUEST_NETWORK'];
  /** Names the table. */
  readonly dataDirectory: string;
}

/** Runs `nft` wherever it is; undefined where it is not installed. */
async function runNft(run: CommandRunner, input: string, signal: AbortSignal): Promise<CommandResult | undefined> {
  for (const program of NFT_PROGRAMS) {
    try {
      return await run({ program, args: ['-f', '-'], input, timeoutMs: NFT_TIMEOUT_MS }, { signal });
    } catch (error) {
      if (!(error instanceof CommandFailure) || error.reason !== 'not_started') throw error;
    }
  }
  return undefined;
}

/** The rules by nftables. To be used only where QEMU runs under the users that the rules name. */
export function createGuestNetworkRules({ run, logger, setting, dataDirectory }: GuestNetworkDeps): GuestNetworkRules {
  let lastReason: string | undefined;
  const isolatedBecause = (reason: string): GuestNetwork => {
    if (reason !== lastReason) logger.warn({ reason }, 'guests have no way out: the packet rules cannot be set');
    lastReason = reason;
    return 'isolated';
  };
  return {
    async ensure(signal) {
      if (setting === 'isolated') return 'isolated';
      let result: CommandResult | undefined;
      try {
        result = await runNft(run, renderRules(tableName(dataDirectory)), signal);
      } catch (error) {
        if (!(error instanceof CommandFailure)) throw error;
        return isolatedBecause(error.message);
      }
      if (result === undefined) return isolatedBecause('nft is not installed');
      if (result.exitCode !== 0) return isolatedBecause(result.stderr.trim().slice(0, 500));
      lastReason = undefined;
      return 'internet';
    },
  };
}

/**
 * Takes the packet rules of a data directory away, for when its machines are gone for good. Nothing to do without nft or
 * the right to use it.
 *
 * @throws AppError `HYPERVISOR_FAILED` when nft refuses.
 */
export async function removeGuestNetworkRules(
  run: CommandRunner,
  dataDirectory: string,
  signal: AbortSignal,
): Promise<void> {
  const result = await runNft(run, renderRemoval(tableName(dataDirectory)), signal);
  if (result === undefined || result.exitCode === 0) return;
  // Who may not touch packet rules has set none either.
  if (/operation not permitted/i.test(result.stderr)) return;
  throw new AppError('HYPERVISOR_FAILED', `removing the packet rules: ${result.stderr.trim()}`);
}
