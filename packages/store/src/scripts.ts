import { CHECKS, FREE_PORT, LIST_OPERATION, RESERVE } from './script-functions.ts';

/**
 * The Lua scripts: each is one atomic step. Keys come in `KEYS`, all of one host (one cluster slot); the rest comes as one
 * JSON document in `ARGV[1]`.
 */

/**
 * Compare-and-set of several records, all or none, with what their VMs hold by them and the events that tell of it.
 *
 * KEYS: 1 events, 2 pending operations, 3 reservations, 4 ports, 5 released ports, 6 monitor's report, 7 its freshness,
 * 8 worker's report, 9 its freshness, 10 recent operations, 11… the records.
 * ARGV[1]: `{writes: [{expected, json, ttl_ms?, operation?: {id, created_ms, is_done}, holds?: {id, json | false}}],
 * more?: resources, events: [json], max_events, now_ms, oldest_ms}`, where `expected` is the revision that must be there (0: no record
 * may be), `holds` what a VM holds from now on, and `more` how much more that is, if it has to be admitted.
 * Returns 0 when all was written, the position (from 1) of the record that has changed, or the JSON of a refusal.
 */
export const COMMIT = `
${CHECKS}${RESERVE}${LIST_OPERATION}
local input = cjson.decode(ARGV[1])
for i, write in ipairs(input.writes) do
  local revision = tonumber(redis.call('HGET', KEYS[i + 10], 'revision') or '0')
  if revision ~= write.expected then return i end
end
if input.more then
  local refused, sample = refusal({monitor = KEYS[6], monitor_fresh = KEYS[7], worker = KEYS[8], worker_fresh = KEYS[9]})
  refused = refused or lack(sample, held(KEYS[3]), input.more)
  if refused then return cjson.encode(refused) end
end
for i, write in ipairs(input.writes) do
  local key = KEYS[i + 10]
  redis.call('HSET', key, 'revision', write.expected + 1, 'json', write.json)
  if write.ttl_ms then redis.call('PEXPIRE', key, write.ttl_ms) end
  local operation = write.operation
  if operation then
    if operation.is_done then redis.call('ZREM', KEYS[2], operation.id)
    else redis.call('ZADD', KEYS[2], operation.created_ms, operation.id) end
    list_operation(KEYS[10], operation.id, operation.created_ms, input.oldest_ms)
  end
  if write.holds then
    local keys = {reservations = KEYS[3], ports = KEYS[4], released = KEYS[5]}
    reserve(keys, write.holds.id, write.holds.json or nil, input.now_ms)
  end
end
for _, event in ipairs(input.events) do
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', input.max_events, '*', 'json', event)
end
return 0
`;

/**
 * Admission: checks everything and reserves everything, or changes nothing.
 *
 * KEYS: 1 events, 2 pending operations, 3 vms, 4 reservations, 5 ports, 6 released ports, 7 busy ports,
 * 8 monitor's report, 9 its freshness, 10 worker's report, 11 its freshness, 12 the operation's record,
 * 13 the operator's drain, 14 recent operations, 15 (only where the request has one) the idempotency key.
 * ARGV[1]: `{spec, max_vms, port_start, port_end, vm_prefix, tombstone_prefix,
 * candidates: [id], vm_json, operation_json, events: [json], operation_id, created_ms, oldest_ms, max_events, id_token, port_token,
 * idempotency?: {fingerprint, ttl_ms}}`. In
 * the JSON texts the tokens stand for the id and (as a string) for the port, as both are known only here.
 * Returns JSON: `{id, port}`, `{bound: {fingerprint, operation_id, vm_id}}` where the idempotency key was used before, or
 * `{refused: code, …}` with the numbers that explain it.
 */
export const ADMIT = `
${CHECKS}${FREE_PORT}${LIST_OPERATION}
local input = cjson.decode(ARGV[1])
local function refuse(reason) return cjson.encode(reason) end

if input.idempotency then
  local bound = redis.call('HMGET', KEYS[15], 'fingerprint', 'operation_id', 'vm_id')
  if bound[1] then
    return cjson.encode({bound = {fingerprint = bound[1], operation_id = bound[2], vm_id = bound[3]}})
  end
end
if redis.call('EXISTS', KEYS[13]) == 1 then return refuse({refused = 'DRAINING'}) end
local refused, sample = refusal({monitor = KEYS[8], monitor_fresh = KEYS[9], worker = KEYS[10], worker_fresh = KEYS[11]})
if refused then return refuse(refused) end
local sums, count = held(KEYS[4])
if count >= input.max_vms then return refuse({refused = 'MAX_VMS_REACHED', max_vms = input.max_vms}) end
refused = lack(sample, sums, input.spec)
if refused then return refuse(refused) end

local port = free_port(KEYS[5], KEYS[6], KEYS[7], input.port_start, input.port_end)
if not port then return refuse({refused = 'PORTS_EXHAUSTED'}) end

local id
for _, candidate in ipairs(input.candidates) do
  if redis.call('EXISTS', input.vm_prefix .. candidate, input.tombstone_prefix .. candidate) == 0 then
    id = candidate
    break
  end
end
if not id then return refuse({refused = 'ID_TAKEN'}) end

local function fill(json)
  local filled = string.gsub(json, input.id_token, id)
  return (string.gsub(filled, '"' .. input.port_token .. '"', tostring(port)))
end
redis.call('HSET', input.vm_prefix .. id, 'revision', 1, 'json', fill(input.vm_json))
redis.call('ZADD', KEYS[3], input.created_ms, id)
local reservation = {cpu_cores = input.spec.cpu_cores, memory_gb = input.spec.memory_gb, storage_gb = input.spec.storage_gb, port = port}
redis.call('HSET', KEYS[4], id, cjson.encode(reservation))
redis.call('HSET', KEYS[5], port, id)
redis.call('ZREM', KEYS[6], port)
redis.call('HSET', KEYS[12], 'revision', 1, 'json', fill(input.operation_json))
redis.call('ZADD', KEYS[2], input.created_ms, input.operation_id)
list_operation(KEYS[14], input.operation_id, input.created_ms, input.oldest_ms)
for _, event in ipairs(input.events) do
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', input.max_events, '*', 'json', fill(event))
end
if input.idempotency then
  redis.call('HSET', KEYS[15], 'fingerprint', input.idempotency.fingerprint, 'operation_id', input.operation_id, 'vm_id', id)
  redis.call('PEXPIRE', KEYS[15], input.idempotency.ttl_ms)
end
return cjson.encode({id = id, port = port})
`;

/**
 * Removes the record of a VM of which nothing is left and gives back what it held, leaving a tombstone under its id.
 *
 * KEYS: 1 the record, 2 its tombstone, 3 vms, 4 events, 5 reservations, 6 ports, 7 released ports.
 * ARGV: 1 VM id, 2 expected revision, 3 tombstone's life (ms), 4 event, 5 how many events are kept, 6 now (ms).
 * Returns 0 when done, 1 when the record has changed.
 */
export const FORGET = `
${RESERVE}
local revision = redis.call('HGET', KEYS[1], 'revision')
if revision ~= ARGV[2] then return 1 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('SET', KEYS[2], '1', 'PX', ARGV[3])
reserve({reservations = KEYS[5], ports = KEYS[6], released = KEYS[7]}, ARGV[1], nil, ARGV[6])
redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[5], '*', 'json', ARGV[4])
return 0
`;

/**
 * Moves a VM from a port that another program took to the free one that rests longest, and marks the old one busy.
 *
 * KEYS: 1 the record, 2 reservations, 3 ports, 4 released ports, 5 busy ports.
 * ARGV[1]: `{id, expected, vm_json, reservation_json, port_token, old_port, port_start, port_end, now_ms}`; in the JSON texts
 * the token stands (as a string) for the port.
 * Returns the new port, 0 when none is free, -1 when the record has changed.
 */
export const MOVE_PORT = `
${FREE_PORT}${RESERVE}
local input = cjson.decode(ARGV[1])
if tonumber(redis.call('HGET', KEYS[1], 'revision') or '0') ~= input.expected then return -1 end
redis.call('SADD', KEYS[5], input.old_port)
local port = free_port(KEYS[3], KEYS[4], KEYS[5], input.port_start, input.port_end)
if not port then return 0 end
local function fill(json) return (string.gsub(json, '"' .. input.port_token .. '"', tostring(port))) end
redis.call('HSET', KEYS[1], 'revision', input.expected + 1, 'json', fill(input.vm_json))
reserve({reservations = KEYS[2], ports = KEYS[3], released = KEYS[4]}, input.id, fill(input.reservation_json), input.now_ms)
return port
`;

/**
 * Makes what a VM holds agree with its record, if neither has changed since they were compared.
 *
 * KEYS: 1 the record, 2 reservations, 3 ports, 4 released ports.
 * ARGV[1]: `{id, expected, seen: json | false, json | false, stale_ports: [port], now_ms}`; `expected` is the record's revision
 * (0: there is none), `stale_ports` are those that stand as the VM's and are not.
 * Returns 0 when something has changed meanwhile, 1 when it was mended, 2 when all was mended but that its port is held by
 * another VM.
 */
export const MEND = `
${RESERVE}
local input = cjson.decode(ARGV[1])
if tonumber(redis.call('HGET', KEYS[1], 'revision') or '0') ~= input.expected then return 0 end
if redis.call('HGET', KEYS[2], input.id) ~= input.seen then return 0 end
for _, port in ipairs(input.stale_ports) do
  if redis.call('HGET', KEYS[3], port) == input.id then
    redis.call('HDEL', KEYS[3], port)
    redis.call('ZADD', KEYS[4], input.now_ms, port)
  end
end
reserve({reservations = KEYS[2], ports = KEYS[3], released = KEYS[4]}, input.id, input.json or nil, input.now_ms)
if input.json and redis.call('HGET', KEYS[3], cjson.decode(input.json).port) ~= input.id then return 2 end
return 1
`;

/** Adds an event. KEYS: 1 events. ARGV: 1 event, 2 how many events are kept. */
export const ADD_EVENT = `
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'json', ARGV[1])
return 0
`;

/** Replaces the set of busy ports. KEYS: 1 busy ports. ARGV: the ports as a JSON array. */
export const SET_BUSY_PORTS = `
redis.call('DEL', KEYS[1])
for _, port in ipairs(cjson.decode(ARGV[1])) do redis.call('SADD', KEYS[1], port) end
return 0
`;

/** Saves a report and how long it counts as fresh. KEYS: 1 report, 2 its freshness. ARGV: 1 JSON, 2 freshness (ms). */
export const SAVE_REPORT = `
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], '1', 'PX', ARGV[2])
return 0
`;

/**
 * Keeps the first answer to the holder of an idempotency key.
 *
 * KEYS: 1 the idempotency key. ARGV: 1 the answer. Returns the answer that is kept, or false when the key has expired.
 */
export const KEEP_ANSWER = `
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
redis.call('HSETNX', KEYS[1], 'answer', ARGV[1])
return redis.call('HGET', KEYS[1], 'answer')
`;
