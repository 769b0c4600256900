-- Takes tasks back from a worker whose lease has run out: to the consuming end of their lanes, or, when that has
-- happened too often to one, to dead. Called with the newest claims first, so that the oldest is taken next.
-- From the second time on each comes back apart from the others, by way of scheduled: what was at hand when a poison
-- pill killed its worker must not be at hand the next time too.
-- Needs now_ms, error_of, lane_to_push, add_scheduled, has_succeeded
-- KEYS  1 workers, 2 the silent worker's processing list, 3 normal lane, 4 high lane, 5 low lane, 6 dead, 7 scheduled,
--       then three per task: its count of recoveries, its idempotency key (the normal lane stands in for one that it has
--       not), its status
-- ARGV  1 the silent worker, 2 the lease (ms), 3 recoveries allowed, 4 how long counts and final statuses are kept (ms),
--       5 the prefix of each status,
--       then six per task: its bytes, its lane (1 normal, 2 high, 3 low), its bytes as a dead letter, what its idempotency
--       key holds once it has succeeded (empty for a task without a key), the suffixes of its status when it is back and
--       when it is dead; both are empty where it has none
-- returns per task 1 (back in its lane, or on its way), 2 (dead), 0 (not in the list any more), or the error for which it
--         is still there; nothing if the worker is alive again
local call, pcall = redis.call, redis.pcall
local workers, processing, normal, dead, scheduled = KEYS[1], KEYS[2], KEYS[3], KEYS[6], KEYS[7]
local worker, lease, allowed, ttl = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local now = now_ms()
local beat = call('ZSCORE', workers, worker)
if beat and tonumber(beat) >= now - lease then
  return {}
end
local prefix = string.format('%s"since":%d,', ARGV[5], now)
local APART_MS = 200
local apart = 0

-- pcall, here and below: the task is out of its list, and no key of a wrong type may keep it from where it goes.
local function give_back(raw, lane, recoveries)
  local placed
  if recoveries > 1 then
    placed = add_scheduled(scheduled, now + apart * APART_MS, raw)
    apart = apart + 1
  else
    placed = pcall('RPUSH', lane_to_push(lane, normal), raw)
  end
  -- Not where it belongs, but where it is run.
  return error_of(placed) and error_of(pcall('RPUSH', normal, raw))
end

local results = {}
local key = 8
for arg = 6, #ARGV, 6 do
  local raw, done = ARGV[arg], ARGV[arg + 3]
  local count_key, lock, status = KEYS[key], KEYS[key + 1], KEYS[key + 2]
  local result = call('LREM', processing, 1, raw)
  if result == 1 then
    local known = pcall('GET', count_key)
    local recoveries = 1 + (type(known) == 'string' and tonumber(known) or 0)
    local refusal
    if recoveries > allowed then
      result = 2
      refusal = error_of(pcall('LPUSH', dead, ARGV[arg + 2]))
    else
      refusal = give_back(raw, KEYS[2 + ARGV[arg + 1]], recoveries)
    end
    local suffix = ARGV[arg + 3 + result]
    if refusal then
      call('LPUSH', processing, raw)
      result = refusal
    else
      pcall('INCR', count_key)
      pcall('PEXPIRE', count_key, ttl)
      if suffix ~= '' and not has_succeeded(lock, done) then
        if result == 2 then
          pcall('SET', status, prefix .. suffix, 'PX', ttl)
        else
          pcall('SET', status, prefix .. suffix)
        end
      end
    end
  end
  results[#results + 1] = result
  key = key + 3
end
return results
