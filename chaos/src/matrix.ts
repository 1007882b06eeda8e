import {
  type ChaosCase,
  type ChaosPoint,
  type FaultName,
  KILLS,
  OPERATIONS,
  type OperationName,
  TROUBLES,
} from './chaos-case.ts';
import { createRandom, type Random } from '@golem-provider/testing';

/** The steps of each operation with a hypervisor whose launch starts the machine too, as the worker plans them. */
const STEPS: Readonly<Record<OperationName, readonly string[]>> = {
  create: ['make_keys', 'create_instance', 'forward_port', 'await_ssh'],
  stop: ['close_port', 'stop_instance'],
  start: ['start_instance', 'forward_port', 'await_ssh'],
  restart: ['stop_instance', 'start_instance', 'forward_port', 'await_ssh'],
  delete: ['close_port', 'delete_instance', 'remove_files', 'forget'],
  'ssh-key': ['apply_keys'],
  resize: ['resize_instance'],
};

const BY_GATEWAY = ['operation is accepted', 'operation is enqueued'];
/** So many points of each operation meet each trouble in the long form. */
const POINTS_PER_TROUBLE = 2;
const SHORT_CASES = 20;

/** All points of an operation, in the order in which they are come to. */
export function pointsOf(operation: OperationName): ChaosPoint[] {
  const steps = STEPS[operation].flatMap((step) => [`${step} begins`, `${step} ends`]);
  const byWorker = ['operation begins', ...steps, 'operation ends', 'operation is recorded'];
  return [
    ...BY_GATEWAY.map((name): ChaosPoint => ({ service: 'api-gateway', name })),
    ...byWorker.map((name): ChaosPoint => ({ service: 'vm-worker', name })),
  ];
}

/** Points at which a trouble meets work that is still to be done. */
function pointsOfTrouble(operation: OperationName): ChaosPoint[] {
  return pointsOf(operation).filter(({ service, name }) => service === 'vm-worker' && name !== 'operation is recorded');
}

/** The last step of each operation that cannot be done without a call of the hypervisor. */
const LAST_CALL: Readonly<Record<OperationName, string>> = {
  create: 'create_instance',
  stop: 'stop_instance',
  start: 'start_instance',
  restart: 'start_instance',
  delete: 'delete_instance',
  'ssh-key': 'apply_keys',
  resize: 'resize_instance',
};

const ADDRESS_FAULT: FaultName = 'hypervisor slow to tell an address';
/** What brings a machine up, and so asks for its address. */
const ASKING: ReadonlySet<OperationName> = new Set(['create', 'start', 'restart']);

/** Points after which the operation itself still meets a trouble: those of the hypervisor it meets by a call alone. */
function pointsToMeet(operation: OperationName, fault: FaultName): ChaosPoint[] {
  const points = pointsOfTrouble(operation);
  if (fault === ADDRESS_FAULT && !ASKING.has(operation)) return [];
  if (!fault.startsWith('hypervisor ')) return points;
  return points.slice(0, points.findIndex(({ name }) => name === `${LAST_CALL[operation]} begins`) + 1);
}

function killsOf(operation: OperationName): ChaosCase[] {
  return pointsOf(operation).flatMap((point) => KILLS.map((fault) => ({ operation, point, fault })));
}

function troublesOf(operation: OperationName, random: Random): ChaosCase[] {
  return TROUBLES.flatMap((fault) =>
    random
      .shuffle(pointsToMeet(operation, fault))
      .slice(0, POINTS_PER_TROUBLE)
      .map((point) => ({ operation, point, fault })),
  );
}

/** Every death at every point of every operation, and every trouble at some points of each, in an order that the seed gives. */
export function longForm(seed: number): ChaosCase[] {
  const random = createRandom(seed);
  return random.shuffle(OPERATIONS.flatMap((operation) => [...killsOf(operation), ...troublesOf(operation, random)]));
}

/** About twenty cases of the long form: each fault once, and each operation twice at least. */
export function shortForm(seed: number): ChaosCase[] {
  const random = createRandom(seed);
  const all = longForm(seed);
  const counts = new Map<OperationName, number>(OPERATIONS.map((operation) => [operation, 0]));
  const take = (fault: FaultName): ChaosCase => {
    const fewest = Math.min(...counts.values());
    const meeting = all.filter((other) => other.fault === fault);
    const seldom = meeting.filter(({ operation }) => counts.get(operation) === fewest);
    const chosen = random.pick(seldom.length > 0 ? seldom : meeting);
    counts.set(chosen.operation, (counts.get(chosen.operation) ?? 0) + 1);
    return chosen;
  };
  const faults: FaultName[] = [...KILLS, ...TROUBLES];
  while (faults.length < SHORT_CASES) faults.push(random.pick(KILLS));
  return random.shuffle(faults).map(take);
}
