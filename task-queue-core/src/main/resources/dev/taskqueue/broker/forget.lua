-- Takes a worker off the register: when it leaves, or when it has been silent and empty for long.
-- KEYS  1 workers, 2 the worker's processing list
-- ARGV  1 the worker, 2 how long it must have been silent (ms), 0 for a worker that leaves by itself
-- returns 1, or 0 where the worker still holds tasks, is alive, or was not registered
if redis.call('EXISTS', KEYS[2]) == 1 then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local beat = redis.call('ZSCORE', KEYS[1], ARGV[1])
if beat and tonumber(beat) <= now - ARGV[2] then
  return redis.call('ZREM', KEYS[1], ARGV[1])
end
return 0
