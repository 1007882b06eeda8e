import { describeBreaches, type ErrorCode, ThresholdBreach, unitText, vmCountText } from '@golem-provider/contracts';
import { AppError } from '@golem-provider/service-kit';
import { z } from 'zod';

/** When a refused requestor may come again. */
const RETRY_AFTER_SECONDS = 30;

/** Why the host takes no more now, as the scripts say it, with the numbers that explain it. */
export const Refusal = z.discriminatedUnion('refused', [
  z.object({ refused: z.literal('THRESHOLD_EXCEEDED'), breaches: z.array(ThresholdBreach) }),
  z.object({ refused: z.literal('MAX_VMS_REACHED'), max_vms: z.int() }),
  z.object({
    refused: z.literal('RESOURCES_EXHAUSTED'),
    dimension: z.enum(['cpu_cores', 'memory_gb', 'storage_gb']),
    available: z.number(),
    wanted: z.number(),
  }),
  z.object({ refused: z.literal('HYPERVISOR_UNAVAILABLE'), reason: z.string().optional() }),
  z.object({ refused: z.enum(['DRAINING', 'WORKER_UNAVAILABLE', 'SAMPLES_STALE', 'PORTS_EXHAUSTED', 'ID_TAKEN']) }),
]);
export type Refusal = z.infer<typeof Refusal>;

/** What was asked for and what is free, in a sentence. */
function shortage({ dimension, wanted, available }: Extract<Refusal, { wanted: number }>, isGrowth: boolean): string {
  const asked = `${wanted}${isGrowth ? ' more' : ''} ${unitText(dimension, wanted)} ${wanted === 1 ? 'was' : 'were'}`;
  const free = available === 0 ? 'none is' : `${available} ${available === 1 ? 'is' : 'are'}`;
  return `${asked} asked for, ${free} free.`;
}

/** What was to be admitted: a new VM, or that one which exists holds more than it did. */
export type AdmissionSubject = 'new VM' | 'growth';

/** The code and the words of a refusal. */
export function explainRefusal(
  refusal: Refusal,
  subject: AdmissionSubject = 'new VM',
): { code: ErrorCode; detail: string } {
  switch (refusal.refused) {
    case 'THRESHOLD_EXCEEDED':
      return { code: refusal.refused, detail: `The host is over a limit: ${describeBreaches(refusal.breaches)}.` };
    case 'MAX_VMS_REACHED':
      return { code: refusal.refused, detail: `The host runs ${vmCountText(refusal.max_vms)} at most.` };
    case 'RESOURCES_EXHAUSTED':
      return { code: refusal.refused, detail: shortage(refusal, subject === 'growth') };
    case 'HYPERVISOR_UNAVAILABLE':
      return { code: refusal.refused, detail: refusal.reason ?? 'The hypervisor does not answer.' };
    case 'DRAINING':
      return { code: refusal.refused, detail: 'The operator takes no new VMs at present.' };
    case 'WORKER_UNAVAILABLE':
      return { code: refusal.refused, detail: 'The worker that makes VMs has not reported lately.' };
    case 'SAMPLES_STALE':
      return { code: refusal.refused, detail: 'The load of the host has not been sampled lately.' };
    case 'PORTS_EXHAUSTED':
      return { code: refusal.refused, detail: 'Every ssh port is in use.' };
    case 'ID_TAKEN':
      return { code: 'RATE_LIMITED', detail: 'Too many VMs of this name were made in this minute.' };
  }
}

/** The error of a refusal. */
export function refusalError(refusal: Refusal, doing: string, subject?: AdmissionSubject): AppError {
  const { code, detail } = explainRefusal(refusal, subject);
  return new AppError(code, `${doing}: ${detail}`, { publicDetail: detail, retryAfterSeconds: RETRY_AFTER_SECONDS });
}
