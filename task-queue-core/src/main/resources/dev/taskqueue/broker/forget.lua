-- Takes a worker off the register: when it leaves, or when it has been silent and empty for long.
-- Needs now_ms
-- KEYS  1 workers, 2 the worker's processing list
-- ARGV  1 the worker, 2 how long it must have been silent (ms), 0 for a worker that leaves by itself
-- returns 1, or 0 where the worker still holds tasks, is alive, or was not registered
local workers, processing = KEYS[1], KEYS[2]
local worker, silence = ARGV[1], ARGV[2]
if redis.call('EXISTS', processing) == 1 then
  return 0
end
local beat = redis.call('ZSCORE', workers, worker)
if beat and tonumber(beat) <= now_ms() - silence then
  return redis.call('ZREM', workers, worker)
end
return 0
