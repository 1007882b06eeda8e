import type { NginxControl } from './nginx-control.ts';

/** Where the proxy keeps its files. Absolute paths. */
export interface NginxPlaces {
  /** The directory of an installation to manage; undefined for a private nginx. */
  readonly installation: string | undefined;
  /** The directory of the VMs' files. */
  readonly configDirectory: string;
  /** Prefix of the private nginx: its configuration and pid file. */
  readonly privatePrefix: string;
  readonly logDirectory: string;
}

/** An nginx that serves the VMs' files: the private one, or one that the operator runs. */
export interface NginxInstallation {
  readonly control: NginxControl;
  /** Whether the process is ours, so that nobody else looks after upgrades of the program. */
  readonly isPrivate: boolean;
  /**
   * Makes its configuration include the VMs' files. Resolves with whether it was changed, so that a reload is due.
   *
   * @throws AppError `PROXY_FAILED` when it cannot be; it is left as it was.
   */
  prepare(signal: AbortSignal): Promise<boolean>;
  /** What has to be out of the way before a start. @throws AppError `PROXY_FAILED` when starting it is not ours to do. */
  prepareStart(signal: AbortSignal): Promise<void>;
}
