-- Tells that a worker lives, what it says of itself, and what became of its tasks.
-- Needs now_ms, add_history
-- KEYS  1 workers, 2 paused marker, 3 high lane, 4 normal lane, 5 low lane, 6 suspects, 7 the queue's format,
--       8 cancelled, 9 quiet, 10 what the worker says of itself, 11 recent, 12 what the history's keys begin with
-- ARGV  1 the worker, 2 the newest format that it knows, 3 what it says of itself (empty: nothing new), 4 how long that is
--       kept (ms), from 5 on see add_history.lua
-- returns the queue's format; unless that is newer than what the worker knows, also the time (ms), how many lanes hold
--         tasks, 1 while the queue is paused or the worker quiet, else 0, 1 while suspects wait for their trial, else 0, 1 while
--         tasks are cancelled, else 0, and 1 if the history has what was told, else 0
local call = redis.call
local workers, paused, high, normal, low, suspects, format, cancelled = unpack(KEYS, 1, 8)
local quiet, info, recent, history = unpack(KEYS, 9)
local worker, known = ARGV[1], tonumber(ARGV[2])
local current = tonumber(redis.pcall('GET', format)) or 0
if current > known then
  return { current }
end
local counted = add_history(history, recent, 5)
-- A full Redis refuses commands that may take memory, unless the script has written before. A beat takes none: refused, it
-- would make whoever works on a full queue look dead, and nobody would empty it. The history grows: it comes before this.
call('PERSIST', workers)
if current < known then
  call('SET', format, known)
end
local now = now_ms()
call('ZADD', workers, now, worker)
if ARGV[3] ~= '' then
  redis.pcall('SET', info, ARGV[3], 'PX', ARGV[4])
end
local waiting = call('EXISTS', high, normal, low)
-- Mostly none of them is there: one command tells that.
if call('EXISTS', paused, suspects, cancelled, quiet) == 0 then
  return { known, now, waiting, 0, 0, 0, counted }
end
local held_up = call('EXISTS', paused)
if held_up == 0 and type(redis.pcall('HGET', quiet, worker)) == 'string' then
  held_up = 1
end
return { known, now, waiting, held_up, call('EXISTS', suspects), call('EXISTS', cancelled), counted }
