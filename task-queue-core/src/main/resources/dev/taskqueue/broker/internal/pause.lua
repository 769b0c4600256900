-- Pauses a queue, in place of a pause that is there: workers begin nothing new. Each acknowledges it anew.
-- Needs now_ms, living_since, unacknowledged
-- KEYS  1 paused marker, 2 the workers that have acknowledged, 3 workers, 4 silence, as visit.lua keeps it
-- ARGV  1 the marker's text up to the times, 2 how long it lasts (ms; empty: until it is resumed), 3 until when it lasts (ms;
--       empty: as 2 says)
-- returns since when it is paused (ms), until when (ms; 0: until it is resumed), then the living workers that have yet to
--         acknowledge it; nothing where the end that was given has passed
local call = redis.call
local paused, seen, workers, silence = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local text, lasts, ends = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local now = now_ms()
ends = ends or lasts and now + lasts
if ends and ends <= now then
  return {}
end
-- See beat.lua: a full Redis is a reason to pause.
call('PERSIST', workers)
call('DEL', seen)
text = string.format('%s,"since":%d', text, now)
if ends then
  -- It ends by itself, whoever lives by then.
  call('SET', paused, string.format('%s,"until":%d}', text, ends), 'PX', string.format('%d', ends - now))
else
  call('SET', paused, text .. '}')
end
local reply = unacknowledged(workers, silence, seen)
table.insert(reply, 1, ends or 0)
table.insert(reply, 1, now)
return reply
