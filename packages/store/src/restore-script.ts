import { FREE_PORT, RESERVE } from './script-functions.ts';

/**
 * Writes the record of a VM, what it holds and its unfinished operations, as a manifest has them, where Redis has lost them
 * or has an older record. Where another VM holds the port by now, the free one that rests longest is taken.
 *
 * KEYS: 1 the record, 2 its tombstone, 3 vms, 4 reservations, 5 ports, 6 released ports, 7 busy ports, 8 events,
 * 9 pending operations, 10 store identity, 11… the operations.
 * ARGV[1]: `{id, revision, vm_json, holds: json | false, port_token, port?, created_ms, now_ms,
 * operations: [{id, revision, json, created_ms}], event, max_events, port_start, port_end}`. The token stands in `vm_json` and in
 * what the VM `holds` for the port (as a string); the record written has `revision` + 1.
 * Returns JSON: `{outcome: 'restored' | 'kept' | 'deleted' | 'no_port', revision, port}`, `revision` being what was there.
 */
export const RESTORE = `
${FREE_PORT}${RESERVE}
local input = cjson.decode(ARGV[1])
if redis.call('EXISTS', KEYS[2]) == 1 then return cjson.encode({outcome = 'deleted', revision = 0}) end
local revision = tonumber(redis.call('HGET', KEYS[1], 'revision') or '0')
if revision >= input.revision then return cjson.encode({outcome = 'kept', revision = revision}) end

local port = input.port
if port and (redis.call('HGET', KEYS[5], port) or input.id) ~= input.id then
  port = free_port(KEYS[5], KEYS[6], KEYS[7], input.port_start, input.port_end)
  if not port then return cjson.encode({outcome = 'no_port', revision = revision}) end
end
local function fill(json) return (string.gsub(json, '"' .. input.port_token .. '"', tostring(port))) end
reserve({reservations = KEYS[4], ports = KEYS[5], released = KEYS[6]}, input.id, input.holds and fill(input.holds) or nil, input.now_ms)
redis.call('HSET', KEYS[1], 'revision', input.revision + 1, 'json', fill(input.vm_json))
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
 * Moves a record away, if it is still what was read.
 *
 * KEYS: 1 the record, 2 where it goes. ARGV: 1 its JSON, 2 for how long it is kept there (ms). Returns 1 when it was moved, otherwise 0.
 */
export const SET_ASIDE = `
if redis.call('HGET', KEYS[1], 'json') ~= ARGV[1] then return 0 end
redis.call('RENAME', KEYS[1], KEYS[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 1
`;
