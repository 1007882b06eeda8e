import type { Finding } from '@golem-provider/contracts';
import { errorChain } from '@golem-provider/service-kit';
import type { CommandRunner } from '../exec/command-runner.ts';
import { findProgram } from '../exec/find-program.ts';
import { findNginx } from '../forwarding/nginx-program.ts';

const NGINX_REMEDY = 'Run `npm start`, which installs it, or `apt-get install nginx libnginx-mod-stream`.';

/** Whether there is an nginx that can forward TCP. */
export async function nginxFinding(run: CommandRunner, searchPath: string, signal: AbortSignal): Promise<Finding> {
  try {
    const { build } = await findNginx(run, searchPath, signal);
    return { name: 'nginx', verdict: 'ok', detail: `version ${build.version}, with its stream module`, remedy: null };
  } catch (error) {
    signal.throwIfAborted();
    return { name: 'nginx', verdict: 'problem', detail: errorChain(error), remedy: NGINX_REMEDY };
  }
}

/** Whether packet rules can be set, which is what lets guests of QEMU reach the internet and nothing of the host. */
export async function packetRulesFinding(searchPath: string, isRoot: boolean): Promise<Finding> {
  const name = 'packet rules';
  const hasProgram = (await findProgram('nft', `${searchPath}:/usr/sbin:/sbin`)) !== undefined;
  if (hasProgram && isRoot) return { name, verdict: 'ok', detail: 'guests reach the internet only', remedy: null };
  return {
    name,
    verdict: 'warning',
    detail: hasProgram
      ? 'only root can set them: guests have no way out'
      : 'nft is not installed: guests have no way out',
    remedy: hasProgram ? 'Run the provider as root.' : '`apt-get install nftables`.',
  };
}
