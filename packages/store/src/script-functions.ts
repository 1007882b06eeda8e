/**
 * Lua functions that several scripts share; each is put before a script. They name the keys that they need as parameters, as
 * the scripts count theirs differently.
 */

/**
 * `refusal(keys)`: why the host takes nothing now, whatever is asked, and otherwise the monitor's sample as the second value.
 * `keys`: `monitor`, `monitor_fresh`, `worker`, `worker_fresh`.
 *
 * `held(reservations_key)`: what all VMs hold, and how many they are.
 *
 * `lack(sample, held, wanted)`: the refusal by the first dimension in which less than wanted is free; nil where there is none.
 */
export const CHECKS = `
local function refusal(keys)
  if redis.call('EXISTS', keys.worker_fresh) == 0 then return {refused = 'WORKER_UNAVAILABLE'} end
  local worker = cjson.decode(redis.call('GET', keys.worker) or '{}')
  if not worker.healthy then
    local reason = worker.reason
    if reason == cjson.null then reason = nil end
    return {refused = 'HYPERVISOR_UNAVAILABLE', reason = reason}
  end
  if redis.call('EXISTS', keys.monitor_fresh) == 0 then return {refused = 'SAMPLES_STALE'} end
  local sample = cjson.decode(redis.call('GET', keys.monitor))
  if #sample.breaches > 0 then return {refused = 'THRESHOLD_EXCEEDED', breaches = sample.breaches} end
  return nil, sample
end

local function held(reservations_key)
  local sums = {cpu_cores = 0, memory_gb = 0, storage_gb = 0}
  local count = 0
  for _, json in ipairs(redis.call('HVALS', reservations_key)) do
    local reservation = cjson.decode(json)
    for dimension, sum in pairs(sums) do sums[dimension] = sum + reservation[dimension] end
    count = count + 1
  end
  return sums, count
end

local function lack(sample, sums, wanted)
  for _, dimension in ipairs({'cpu_cores', 'memory_gb', 'storage_gb'}) do
    local available = math.max(0, sample.sellable[dimension] - sums[dimension])
    if wanted[dimension] > available then
      return {refused = 'RESOURCES_EXHAUSTED', dimension = dimension, available = available, wanted = wanted[dimension]}
    end
  end
end
`;

/**
 * `list_operation(key, id, created_ms, oldest_ms)`: puts an operation into the list of recent ones, and takes out what was
 * created before `oldest_ms`, so that the list never holds more than the operations of that time.
 */
export const LIST_OPERATION = `
local function list_operation(key, id, created_ms, oldest_ms)
  redis.call('ZADD', key, created_ms, id)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. oldest_ms)
end
`;

/**
 * `reserve(keys, id, json, now_ms)`: makes the VM hold exactly what `json` says, nothing where it is nil, whatever it held
 * before. A port that it no longer holds rests; one that is another VM's stays with that one. `keys`: `reservations`, `ports`,
 * `released`.
 */
export const RESERVE = `
local function reserve(keys, id, json, now_ms)
  local before = redis.call('HGET', keys.reservations, id)
  local port = json and cjson.decode(json).port
  local is_whole, stored = pcall(cjson.decode, before or '{}')
  local old = is_whole and stored.port
  if old and old ~= port and redis.call('HGET', keys.ports, old) == id then
    redis.call('HDEL', keys.ports, old)
    redis.call('ZADD', keys.released, now_ms, old)
  end
  if json then
    redis.call('HSET', keys.reservations, id, json)
    if redis.call('HSETNX', keys.ports, port, id) == 1 then redis.call('ZREM', keys.released, port) end
  else
    redis.call('HDEL', keys.reservations, id)
  end
end
`;

/**
 * `free_port(ports, released_ports, busy_ports, first, end_)`: the free port of a range, its end excluded, that rests longest; nil
 * when there is none. The first three are keys.
 */
export const FREE_PORT = `
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
