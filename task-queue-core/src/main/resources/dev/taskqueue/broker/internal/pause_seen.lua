-- Asks whether a queue is paused, and acknowledges that a worker begins nothing more of it.
-- Needs now_ms
-- KEYS  1 paused marker, 2 the workers that have acknowledged, 3 workers
-- ARGV  1 the worker, 2 1 to acknowledge, 0 to ask only
-- returns the marker's text, the beginning of one that is too long; false where the queue is not paused
local pcall = redis.pcall
local paused, seen, workers = KEYS[1], KEYS[2], KEYS[3]
local worker, acknowledges = ARGV[1], ARGV[2] == '1'
local text = pcall('GET', paused)
if not text then
  return false
end
if acknowledges then
  -- See beat.lua.
  redis.call('PERSIST', workers)
  -- pcall: without its acknowledgement it begins nothing all the same. Kept a little longer than it is renewed.
  pcall('HSET', seen, worker, string.format('%d', now_ms()))
  pcall('PEXPIRE', seen, 60000)
end
return type(text) == 'string' and string.sub(text, 1, 4096) or text.err
