/**
 * The Lua scripts: each is one atomic step. Keys come in `KEYS`, all of one host (one cluster slot); the rest comes as one
 * JSON document in `ARGV[1]`.
 */

/** The free port of a range that rests longest; nil when there is none. Keys: ports, released ports, busy ports. */
const FREE_PORT = `
local function free_port(ports, released_ports, busy_ports, first, end_)
  local port, rested
  for candidate = first, end_ - 1 do
    if redis.call('HEXISTS', ports, candidate) == 0 and redis.call('SISMEMBER', busy_ports, candidate) == 0 then
      local released = tonumber(redis.call('ZSCORE', released_ports, candidate) or '0')
      if not port or released < rested then port, rested = candidate, released end
      if released == 0 then break end
    end
  end
  return port
end
`;

/**
 * Compare-and-set of several records, all or none, and the events that tell of it.
 *
 * KEYS: 1 events, 2 pending operations, 3… the records.
 * ARGV[1]: `{writes: [{expected, json, ttl_ms?, pending?: {id, score} | {id, done: true}}], events: [json], max_events}`,
 * where `expected` is the revision that must be there (0: no record may be).
 * Returns 0 when all was written, or the position (from 1) of the record that has changed.
 */
export const COMMIT = `
local input = cjson.decode(ARGV[1])
for i, write in ipairs(input.writes) do
  local revision = tonumber(redis.call('HGET', KEYS[i + 2], 'revision') or '0')
  if revision ~= write.expected then return i end
end
for i, write in ipairs(input.writes) do
  local key = KEYS[i + 2]
  redis.call('HSET', key, 'revision', write.expected + 1, 'json', write.json)
  if write.ttl_ms then redis.call('PEXPIRE', key, write.ttl_ms) end
  if write.pending then
    if write.pending.done then redis.call('ZREM', KEYS[2], write.pending.id)
    else redis.call('ZADD', KEYS[2], write.pending.score, write.pending.id) end
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
 * 13 the operator's drain.
 * ARGV[1]: `{spec, max_vms, port_start, port_end, vm_prefix, tombstone_prefix,
 * candidates: [id], vm_json, operation_json, events: [json], operation_id, created_ms, max_events, id_token, port_token}`. In
 * the JSON texts the tokens stand for the id and (as a string) for the port, as both are known only here.
 * Returns JSON: `{id, port}`, or `{refused: code, …}` with the numbers that explain it.
 */
export const ADMIT = `${FREE_PORT}
local input = cjson.decode(ARGV[1])
local function refuse(reason) return cjson.encode(reason) end

if redis.call('EXISTS', KEYS[13]) == 1 then return refuse({refused = 'DRAINING'}) end
if redis.call('EXISTS', KEYS[11]) == 0 then return refuse({refused = 'WORKER_UNAVAILABLE'}) end
local worker = cjson.decode(redis.call('GET', KEYS[10]) or '{}')
if not worker.healthy then
  local reason = worker.reason
  if reason == cjson.null then reason = nil end
  return refuse({refused = 'HYPERVISOR_UNAVAILABLE', reason = reason})
end
if redis.call('EXISTS', KEYS[9]) == 0 then return refuse({refused = 'SAMPLES_STALE'}) end
local sample = cjson.decode(redis.call('GET', KEYS[8]))
if #sample.breaches > 0 then return refuse({refused = 'THRESHOLD_EXCEEDED', breaches = sample.breaches}) end

local held = {cpu_cores = 0, memory_gb = 0, storage_gb = 0}
local count = 0
for _, json in ipairs(redis.call('HVALS', KEYS[4])) do
  local reservation = cjson.decode(json)
  for dimension, sum in pairs(held) do held[dimension] = sum + reservation[dimension] end
  count = count + 1
end
if count >= input.max_vms then return refuse({refused = 'MAX_VMS_REACHED', max_vms = input.max_vms}) end

for _, dimension in ipairs({'cpu_cores', 'memory_gb', 'storage_gb'}) do
  local available = math.max(0, sample.sellable[dimension] - held[dimension])
  if input.spec[dimension] > available then
    return refuse({refused = 'RESOURCES_EXHAUSTED', dimension = dimension, available = available, wanted = input.spec[dimension]})
  end
end

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
for _, event in ipairs(input.events) do
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', input.max_events, '*', 'json', fill(event))
end
return cjson.encode({id = id, port = port})
`;

/**
 * Gives back what a VM holds: its place, resources and port. Harmless when nothing is held any more.
 *
 * KEYS: 1 reservations, 2 ports, 3 released ports. ARGV: 1 VM id, 2 now (ms).
 */
export const RELEASE = `
local json = redis.call('HGET', KEYS[1], ARGV[1])
if not json then return 0 end
local port = cjson.decode(json).port
redis.call('HDEL', KEYS[1], ARGV[1])
if redis.call('HGET', KEYS[2], port) == ARGV[1] then
  redis.call('HDEL', KEYS[2], port)
  redis.call('ZADD', KEYS[3], ARGV[2], port)
end
return 1
`;

/**
 * Removes the record of a VM of which nothing is left, leaving a tombstone under its id.
 *
 * KEYS: 1 the record, 2 its tombstone, 3 vms, 4 events. ARGV: 1 VM id, 2 expected revision, 3 tombstone's life (ms), 4 event,
 * 5 how many events are kept. Returns 0 when done, 1 when the record has changed.
 */
export const FORGET = `
local revision = redis.call('HGET', KEYS[1], 'revision')
if revision ~= ARGV[2] then return 1 end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('SET', KEYS[2], '1', 'PX', ARGV[3])
redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[5], '*', 'json', ARGV[4])
return 0
`;

/**
 * Moves a VM from a port that another program took to the free one that rests longest, and marks the old one busy.
 *
 * KEYS: 1 reservations, 2 ports, 3 released ports, 4 busy ports. ARGV: 1 VM id, 2 port now, 3 range start, 4 range end.
 * Returns the new port, 0 when none is free, -1 when the VM does not hold that port.
 */
export const MOVE_PORT = `${FREE_PORT}
local json = redis.call('HGET', KEYS[1], ARGV[1])
if not json or redis.call('HGET', KEYS[2], ARGV[2]) ~= ARGV[1] then return -1 end
redis.call('SADD', KEYS[4], ARGV[2])
local port = free_port(KEYS[2], KEYS[3], KEYS[4], tonumber(ARGV[3]), tonumber(ARGV[4]))
if not port then return 0 end
local reservation = cjson.decode(json)
reservation.port = port
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(reservation))
redis.call('HDEL', KEYS[2], ARGV[2])
redis.call('HSET', KEYS[2], port, ARGV[1])
redis.call('ZREM', KEYS[3], port)
return port
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
 * Writes the record of a VM, what it holds and its unfinished operations, as a manifest has them, where Redis has lost them
 * or has an older record. Where another VM holds the port by now, the free one that rests longest is taken.
 *
 * KEYS: 1 the record, 2 its tombstone, 3 vms, 4 reservations, 5 ports, 6 released ports, 7 busy ports, 8 events,
 * 9 pending operations, 10 store identity, 11… the operations.
 * ARGV[1]: `{id, revision, vm_json, port_token, port?, spec, created_ms, operations: [{id, revision, json, created_ms}], event,
 * max_events, port_start, port_end}`. The token stands in `vm_json` for the port (as a string); the record written has
 * `revision` + 1.
 * Returns JSON: `{outcome: 'restored' | 'kept' | 'deleted' | 'no_port', revision, port}`, `revision` being what was there.
 */
export const RESTORE = `${FREE_PORT}
local input = cjson.decode(ARGV[1])
if redis.call('EXISTS', KEYS[2]) == 1 then return cjson.encode({outcome = 'deleted', revision = 0}) end
local revision = tonumber(redis.call('HGET', KEYS[1], 'revision') or '0')
if revision >= input.revision then return cjson.encode({outcome = 'kept', revision = revision}) end

local port = input.port
if port and (redis.call('HGET', KEYS[5], port) or input.id) ~= input.id then
  port = free_port(KEYS[5], KEYS[6], KEYS[7], input.port_start, input.port_end)
  if not port then return cjson.encode({outcome = 'no_port', revision = revision}) end
end
local held = redis.call('HGET', KEYS[4], input.id)
if held then
  local held_port = cjson.decode(held).port
  if redis.call('HGET', KEYS[5], held_port) == input.id then redis.call('HDEL', KEYS[5], held_port) end
  redis.call('HDEL', KEYS[4], input.id)
end
if port then
  local spec = input.spec
  local reservation = {cpu_cores = spec.cpu_cores, memory_gb = spec.memory_gb, storage_gb = spec.storage_gb, port = port}
  redis.call('HSET', KEYS[4], input.id, cjson.encode(reservation))
  redis.call('HSET', KEYS[5], port, input.id)
  redis.call('ZREM', KEYS[6], port)
end
local json = string.gsub(input.vm_json, '"' .. input.port_token .. '"', tostring(port))
redis.call('HSET', KEYS[1], 'revision', input.revision + 1, 'json', json)
redis.call('ZADD', KEYS[3], input.created_ms, input.id)
for i, operation in ipairs(input.operations) do
  local key = KEYS[i + 10]
  if tonumber(redis.call('HGET', key, 'revision') or '0') < operation.revision then
    redis.call('HSET', key, 'revision', operation.revision, 'json', operation.json)
    redis.call('PERSIST', key)
    redis.call('ZADD', KEYS[9], operation.created_ms, operation.id)
  end
end
redis.call('XADD', KEYS[8], 'MAXLEN', '~', input.max_events, '*', 'json', input.event)
local time = redis.call('TIME')
redis.call('HSET', KEYS[10], 'since_ms', string.format('%.0f', time[1] * 1000))
return cjson.encode({outcome = 'restored', revision = revision, port = port})
`;

/**
 * Gives the lease of a host to a worker, unless another one has it.
 *
 * KEYS: 1 lease, 2 token, 3 store identity. ARGV: 1 holder, 2 time to live (ms), 3 a holder that has ended, 4 floor of the
 * token, 5 an id for the data where they have none. Returns JSON: `{token, store_id, store_age_ms}` or `{held_by}`.
 */
export const ACQUIRE_LEASE = `
local holder = redis.call('HGET', KEYS[1], 'holder')
if holder and holder ~= ARGV[1] and holder ~= ARGV[3] then return cjson.encode({held_by = holder}) end
local token = math.max(tonumber(redis.call('GET', KEYS[2]) or '0'), tonumber(ARGV[4])) + 1
redis.call('SET', KEYS[2], string.format('%.0f', token))
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'token', string.format('%.0f', token), 'beat', 0)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000
if redis.call('EXISTS', KEYS[3]) == 0 then
  redis.call('HSET', KEYS[3], 'id', ARGV[5], 'since_ms', string.format('%.0f', now))
end
local store = redis.call('HMGET', KEYS[3], 'id', 'since_ms')
return cjson.encode({token = token, store_id = store[1], store_age_ms = math.max(0, now - tonumber(store[2]))})
`;

/**
 * Prolongs a lease. KEYS: 1 lease, 2 store identity. ARGV: 1 holder, 2 token, 3 time to live (ms), 4 this beat, 5 the last
 * beat that was confirmed. Returns 'renewed', 'gone', 'taken', or 'rolled_back' when a confirmed beat is not there.
 */
export const RENEW_LEASE = `
local held = redis.call('HMGET', KEYS[1], 'holder', 'token', 'beat')
if not held[1] then return 'gone' end
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then return 'taken' end
if tonumber(held[3]) < tonumber(ARGV[5]) then
  local time = redis.call('TIME')
  redis.call('HSET', KEYS[2], 'since_ms', string.format('%.0f', time[1] * 1000))
  return 'rolled_back'
end
redis.call('HSET', KEYS[1], 'beat', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 'renewed'
`;

/** Gives a lease back. KEYS: 1 lease. ARGV: 1 holder, 2 token. */
export const RELEASE_LEASE = `
local held = redis.call('HMGET', KEYS[1], 'holder', 'token')
if held[1] == ARGV[1] and held[2] == ARGV[2] then redis.call('DEL', KEYS[1]) end
return 0
`;
