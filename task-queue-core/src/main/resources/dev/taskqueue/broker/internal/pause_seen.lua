-- Asks whether a queue is paused, or the worker quiet, and acknowledges that it begins nothing more.
-- Needs now_ms
-- KEYS  1 paused marker, 2 the workers that have acknowledged, 3 workers, 4 quiet
-- ARGV  1 the worker, 2 1 to acknowledge, 0 to ask only
-- returns the marker's text, the beginning of one that is too long, false where the queue is not paused; and the same of who made
--         the worker quiet
local pcall = redis.pcall
local paused, seen, workers, quiet = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local worker, acknowledges = ARGV[1], ARGV[2] == '1'
local text, mark = pcall('GET', paused), pcall('HGET', quiet, worker)
if type(mark) == 'string' then
  mark = string.sub(mark, 1, 4096)
  -- As long as somebody heeds it: see quiet.lua.
  pcall('PEXPIRE', quiet, 604800000)
else
  mark = false
end
if not text then
  return { false, mark }
end
if acknowledges then
  -- See beat.lua.
  redis.call('PERSIST', workers)
  -- pcall: without its acknowledgement it begins nothing all the same. Kept a little longer than it is renewed.
  pcall('HSET', seen, worker, string.format('%d', now_ms()))
  pcall('PEXPIRE', seen, 60000)
end
return { type(text) == 'string' and string.sub(text, 1, 4096) or text.err, mark }
