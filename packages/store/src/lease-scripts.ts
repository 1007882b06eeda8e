/** Lua scripts of the lease under which one worker acts for a host. */

/**
 * Gives the lease of a host to a worker, unless another one has it.
 *
 * KEYS: 1 lease, 2 token, 3 store identity. ARGV: 1 holder, 2 time to live (ms), 3 a holder that has ended, 4 floor of the
 * token, 5 an id for the data where they have none. Returns JSON: `{token, store_id, store_age_ms}` or `{held_by}`.
 */
export const ACQUIRE_LEASE = `
local holder = redis.call('HGET', KEYS[1], 'holder')
if holder and holder ~= ARGV[1] and holder ~= ARGV[3] then
  -- Had the clock been set back since it was renewed, the lease of a worker that is gone would last as much longer.
  redis.call('PEXPIRE', KEYS[1], ARGV[2], 'LT')
  return cjson.encode({held_by = holder})
end
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
