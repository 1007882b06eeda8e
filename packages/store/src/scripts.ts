/**
 * The Lua scripts: each is one atomic step. Keys come in `KEYS`, all of one host (one cluster slot); the rest comes as one
 * JSON document in `ARGV[1]`.
 */

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
 * 13 the operator's drain, 14 (only where the request has one) the idempotency key.
 * ARGV[1]: `{spec, max_vms, port_start, port_end, vm_prefix, tombstone_prefix,
 * candidates: [id], vm_json, operation_json, events: [json], operation_id, created_ms, max_events, id_token, port_token,
 * idempotency?: {fingerprint, ttl_ms}}`. In
 * the JSON texts the tokens stand for the id and (as a string) for the port, as both are known only here.
 * Returns JSON: `{id, port}`, `{bound: {fingerprint, operation_id, vm_id}}` where the idempotency key was used before, or
 * `{refused: code, …}` with the numbers that explain it.
 */
export const ADMIT = `
local input = cjson.decode(ARGV[1])
local function refuse(reason) return cjson.encode(reason) end

if input.idempotency then
  local bound = redis.call('HMGET', KEYS[14], 'fingerprint', 'operation_id', 'vm_id')
  if bound[1] then
    return cjson.encode({bound = {fingerprint = bound[1], operation_id = bound[2], vm_id = bound[3]}})
  end
end
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

local port, rested
for candidate = input.port_start, input.port_end - 1 do
  if redis.call('HEXISTS', KEYS[5], candidate) == 0 and redis.call('SISMEMBER', KEYS[7], candidate) == 0 then
    local released = tonumber(redis.call('ZSCORE', KEYS[6], candidate) or '0')
    if not port or released < rested then port, rested = candidate, released end
    if released == 0 then break end
  end
end
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
if input.idempotency then
  redis.call('HSET', KEYS[14], 'fingerprint', input.idempotency.fingerprint, 'operation_id', input.operation_id, 'vm_id', id)
  redis.call('PEXPIRE', KEYS[14], input.idempotency.ttl_ms)
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
export const MOVE_PORT = `
local json = redis.call('HGET', KEYS[1], ARGV[1])
if not json or redis.call('HGET', KEYS[2], ARGV[2]) ~= ARGV[1] then return -1 end
redis.call('SADD', KEYS[4], ARGV[2])
local port, rested
for candidate = tonumber(ARGV[3]), tonumber(ARGV[4]) - 1 do
  if redis.call('HEXISTS', KEYS[2], candidate) == 0 and redis.call('SISMEMBER', KEYS[4], candidate) == 0 then
    local released = tonumber(redis.call('ZSCORE', KEYS[3], candidate) or '0')
    if not port or released < rested then port, rested = candidate, released end
    if released == 0 then break end
  end
end
if not port then return 0 end
local reservation = cjson.decode(json)
reservation.port = port
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(reservation))
redis.call('HDEL', KEYS[2], ARGV[2])
redis.call('HSET', KEYS[2], port, ARGV[1])
redis.call('ZREM', KEYS[3], port)
return port
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
