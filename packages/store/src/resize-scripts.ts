/**
 * The Lua scripts of a resize: each is one atomic step, as in `scripts.ts`. Keys come in `KEYS`, all of one host; the rest
 * comes as one JSON document in `ARGV[1]`.
 */

/**
 * Accepts a resize: checks that what it needs in addition is free and reserves it, or changes nothing. Until the machine has
 * been changed, the larger of old and new is held in each dimension.
 *
 * KEYS: 1 events, 2 pending operations, 3 reservations, 4 monitor's report, 5 its freshness, 6 worker's report, 7 its
 * freshness, 8 the VM's record, 9 the operation's record.
 * ARGV[1]: `{id, target, expected, vm_json, operation_json, events: [json], operation_id, created_ms, max_events}`, where
 * `expected` is the revision that the VM's record must have.
 * Returns JSON: `{outcome: 'accepted'}`, `{outcome: 'changed'}` where the record has another revision, `{outcome:
 * 'unreserved'}` where the VM holds nothing, or `{refused: code, …}` with the numbers that explain it.
 */
export const ADMIT_RESIZE = `
local input = cjson.decode(ARGV[1])
local function refuse(reason) return cjson.encode(reason) end

if tonumber(redis.call('HGET', KEYS[8], 'revision') or '0') ~= input.expected then return '{"outcome":"changed"}' end
local json = redis.call('HGET', KEYS[3], input.id)
if not json then return '{"outcome":"unreserved"}' end
local own = cjson.decode(json)

if redis.call('EXISTS', KEYS[7]) == 0 then return refuse({refused = 'WORKER_UNAVAILABLE'}) end
local worker = cjson.decode(redis.call('GET', KEYS[6]) or '{}')
if not worker.healthy then
  local reason = worker.reason
  if reason == cjson.null then reason = nil end
  return refuse({refused = 'HYPERVISOR_UNAVAILABLE', reason = reason})
end

local dimensions = {'cpu_cores', 'memory_gb', 'storage_gb'}
local does_grow = false
for _, dimension in ipairs(dimensions) do
  if input.target[dimension] > own[dimension] then does_grow = true end
end
if does_grow then
  if redis.call('EXISTS', KEYS[5]) == 0 then return refuse({refused = 'SAMPLES_STALE'}) end
  local sample = cjson.decode(redis.call('GET', KEYS[4]))
  if #sample.breaches > 0 then return refuse({refused = 'THRESHOLD_EXCEEDED', breaches = sample.breaches}) end
  local held = {cpu_cores = 0, memory_gb = 0, storage_gb = 0}
  for _, other in ipairs(redis.call('HVALS', KEYS[3])) do
    local reservation = cjson.decode(other)
    for dimension, sum in pairs(held) do held[dimension] = sum + reservation[dimension] end
  end
  for _, dimension in ipairs(dimensions) do
    local more = input.target[dimension] - own[dimension]
    local available = math.max(0, sample.sellable[dimension] - held[dimension])
    if more > 0 and more > available then
      return refuse({refused = 'RESOURCES_EXHAUSTED', dimension = dimension, available = available, wanted = more})
    end
    own[dimension] = math.max(own[dimension], input.target[dimension])
  end
end

redis.call('HSET', KEYS[3], input.id, cjson.encode(own))
redis.call('HSET', KEYS[8], 'revision', input.expected + 1, 'json', input.vm_json)
redis.call('HSET', KEYS[9], 'revision', 1, 'json', input.operation_json)
redis.call('ZADD', KEYS[2], input.created_ms, input.operation_id)
for _, event in ipairs(input.events) do
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', input.max_events, '*', 'json', event)
end
return '{"outcome":"accepted"}'
`;

/**
 * Ends a resize: the VM's record and what it holds say the same, in one step. A VM that holds nothing is left so.
 *
 * KEYS: 1 the VM's record, 2 reservations. ARGV[1]: `{id, spec, expected, vm_json}`.
 * Returns 0 when done, 1 when the record has changed.
 */
export const SETTLE_RESIZE = `
local input = cjson.decode(ARGV[1])
if tonumber(redis.call('HGET', KEYS[1], 'revision') or '0') ~= input.expected then return 1 end
redis.call('HSET', KEYS[1], 'revision', input.expected + 1, 'json', input.vm_json)
local json = redis.call('HGET', KEYS[2], input.id)
if json then
  local own = cjson.decode(json)
  for _, dimension in ipairs({'cpu_cores', 'memory_gb', 'storage_gb'}) do own[dimension] = input.spec[dimension] end
  redis.call('HSET', KEYS[2], input.id, cjson.encode(own))
end
return 0
`;
