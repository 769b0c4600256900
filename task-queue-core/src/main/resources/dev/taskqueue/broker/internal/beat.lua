-- Tells that a worker lives.
-- Needs now_ms
-- KEYS  1 workers, 2 paused marker, 3 high lane, 4 normal lane, 5 low lane, 6 suspects, 7 the queue's format,
--       8 cancelled
-- ARGV  1 the worker, 2 the newest format that it knows
-- returns the queue's format; unless that is newer than what the worker knows, also the time (ms), how many lanes hold
--         tasks, 1 while the queue is paused, else 0, 1 while suspects wait for their trial, else 0, and 1 while tasks
--         are cancelled, else 0
local call = redis.call
local workers, paused, high, normal, low, suspects, format, cancelled = unpack(KEYS)
local worker, known = ARGV[1], tonumber(ARGV[2])
-- A full Redis refuses commands that may take memory, unless the script has written before. A beat takes none: refused, it
-- would make whoever works on a full queue look dead, and nobody would empty it.
call('PERSIST', workers)
local current = tonumber(redis.pcall('GET', format)) or 0
if current > known then
  return { current }
elseif current < known then
  call('SET', format, known)
end
local now = now_ms()
call('ZADD', workers, now, worker)
local waiting = call('EXISTS', high, normal, low)
-- Mostly none of them is there: one command tells that.
if call('EXISTS', paused, suspects, cancelled) == 0 then
  return { known, now, waiting, 0, 0, 0 }
end
return { known, now, waiting, call('EXISTS', paused), call('EXISTS', suspects), call('EXISTS', cancelled) }
