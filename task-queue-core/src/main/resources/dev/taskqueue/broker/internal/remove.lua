-- Ends a cancelled task where it waits, or lies dead, if it is still there.
-- Needs now_ms, has_succeeded, give_up, lane_to_push, add_scheduled, hold_unique, release_unique
-- KEYS  1 the place: a list or scheduled, 2 workers, 3 its idempotency key (the place stands in for one that it has not),
--       4 its status (the place stands in where statuses are not kept), 5 its unique key (the place stands in), 6 normal lane,
--       7 high lane, 8 low lane, 9 scheduled
-- ARGV  1 its bytes, 2 how many of a list's newest entries to look at, 3 what its idempotency key begins with while a claim of
--       this task holds it, 4 what it holds once the task has succeeded (both empty for a task without a key), 5 the suffix of
--       its status (empty where statuses are not kept), 6 how long that is kept (ms), 7 the id of a task that has a unique key
--       (else empty)
-- returns 1, or 0 where it is not there any more
local call = redis.call
local place, workers, lock, status, unique = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local raw, most, token, done, suffix, ttl, unique_id = unpack(ARGV)
if call('TYPE', place).ok == 'zset' then
  if call('ZREM', place, raw) == 0 then
    return 0
  end
else
  -- LREM alone would look through all of a long list for what has just left it.
  local found = call('LPOS', place, raw, 'MAXLEN', most)
  if not found then
    return 0
  end
  call('LREM', place, 1, raw)
end
give_up(workers, lock, token)
if unique_id ~= '' then
  release_unique(unique, unique_id, { KEYS[6], KEYS[7], KEYS[8] }, KEYS[9])
end
if suffix ~= '' and not has_succeeded(lock, done) then
  redis.pcall('SET', status, string.format('{"since":%d,', now_ms()) .. suffix, 'PX', ttl)
end
return 1
