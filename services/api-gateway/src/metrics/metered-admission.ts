import { isAppError } from '@golem-provider/service-kit';
import type { Metrics } from '@golem-provider/service-kit/metrics';
import type { Admission } from '@golem-provider/store';

/** An admission that counts what it accepts and, by their reasons, what it refuses. */
export function meteredAdmission(admission: Admission, metrics: Pick<Metrics, 'count'>): Admission {
  return {
    async admit(request) {
      try {
        const admitted = await admission.admit(request);
        metrics.count('admissions_total', {});
        return admitted;
      } catch (error) {
        const reason = isAppError(error) ? error.code : 'INTERNAL';
        metrics.count('admission_refusals_total', { reason });
        throw error;
      }
    },
  };
}
