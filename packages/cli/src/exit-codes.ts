import { EXIT_CONFIG } from '@golem-provider/service-kit';

/** The exit codes of the commands beside 0, after sysexits(3); documented in `docs/cli.md`. */
export const EXIT_CODES = {
  /** It was tried and failed; the message says why. */
  failed: 1,
  /** The command line is wrong. */
  usage: 64,
  /** The provider refused what was asked for as wrong: a field, a name, a state. */
  refused: 65,
  /** There is no such VM or job. */
  notFound: 66,
  /** The provider does not answer. */
  unavailable: 69,
  /** A defect of the provider. */
  defect: 70,
  /** It cannot be done now and may be later: no resources, a limit, a rate. */
  tryLater: 75,
  /** The provider wants a token, or another one. */
  notAllowed: 77,
  /** A setting is wrong. */
  config: EXIT_CONFIG,
  /** Ended by Ctrl+C, as shells report it. */
  interrupted: 130,
} as const;

/** The exit code for an HTTP status of 400 or more. */
export function exitCodeOfStatus(status: number): number {
  switch (status) {
    case 401:
    case 403:
      return EXIT_CODES.notAllowed;
    case 404:
      return EXIT_CODES.notFound;
    case 429:
    case 503:
      return EXIT_CODES.tryLater;
    case 500:
      return EXIT_CODES.defect;
    default:
      return status < 500 ? EXIT_CODES.refused : EXIT_CODES.failed;
  }
}

/** Whether what a command ended with may be otherwise in a moment: the provider is away, or refuses for now. */
export function isPassing(exitCode: number): boolean {
  return exitCode === EXIT_CODES.unavailable || exitCode === EXIT_CODES.tryLater;
}
