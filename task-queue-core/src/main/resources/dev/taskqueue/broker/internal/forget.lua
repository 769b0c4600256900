-- Takes a worker off the register: when it leaves, or when it has been silent and empty for long.
-- Needs now_ms, add_history
-- KEYS  1 workers, 2 the worker's processing list, 3 silence, as visit.lua keeps it, 4 trial, 5 quiet, 6 what the worker says of
--       itself, 7 recent, 8 what the history's keys begin with
-- ARGV  1 the worker, 2 for how long it must have been silent (ms), 0 for a worker that leaves by itself, from 3 on what became
--       of its last tasks, see add_history.lua
-- returns 1, or 0 where the worker still holds tasks, has not been silent for so long, or was not registered
local call = redis.call
local workers, processing, silence, trial, quiet, info = unpack(KEYS, 1, 6)
local worker, least = ARGV[1], tonumber(ARGV[2])
add_history(KEYS[8], KEYS[7], 3)
if call('EXISTS', processing) == 1 then
  return 0
end
if least > 0 then
  local seen, gathered = string.match(call('HGET', silence, worker) or '', '^(%S+) (%d+) ')
  if not seen or seen ~= call('ZSCORE', workers, worker) or tonumber(gathered) < least then
    return 0
  end
end
redis.pcall('HDEL', silence, worker)
redis.pcall('HDEL', trial, worker)
redis.pcall('HDEL', quiet, worker)
redis.pcall('DEL', info)
local forgotten = call('ZREM', workers, worker)
if call('EXISTS', workers) == 0 then
  redis.pcall('DEL', silence)
end
return forgotten
