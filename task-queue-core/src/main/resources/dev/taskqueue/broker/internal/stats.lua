-- Counts the tasks in each place, and the workers; a key of a wrong type holds none.
-- Needs now_ms, living_since
-- KEYS  1 high lane, 2 normal lane, 3 low lane, 4 scheduled, 5 dead, 6 paused marker, 7 suspects, 8 workers,
--       9 silence, as visit.lua keeps it, then one processing list a worker
-- ARGV  1 for how long a task has been due that counts as overdue (ms), 2 how many of the oldest entries to read of a lane at
--       most, 3 after how many bytes to stop; no more than that is returned
-- returns the seven counts in that order (the marker's is 1 or 0), that of all the processing lists, how many workers
--         have beaten within two leases (one that was killed stays registered for longer), how many tasks are parked (of a
--         thousand types at most), the marker's text, the beginning of one that is too long (empty: none), how many in
--         scheduled have been due for so long, the score of the first in scheduled (empty: none), and the oldest entries of
--         each lane, the oldest first: a list for the high, the normal and the low one
local counts = {}
for i = 1, 7 do
  local count = redis.pcall(i == 4 and 'ZCARD' or i == 6 and 'EXISTS' or 'LLEN', KEYS[i])
  counts[i] = type(count) == 'number' and count or 0
end
local held = 0
for i = 10, #KEYS do
  local count = redis.pcall('LLEN', KEYS[i])
  held = held + (type(count) == 'number' and count or 0)
end
counts[8] = held
local living = redis.pcall('ZRANGEBYSCORE', KEYS[8], living_since(KEYS[9]), '+inf')
counts[9] = living.err and 0 or #living
local text = counts[6] == 1 and redis.pcall('GET', KEYS[6])
local types = redis.pcall('ZRANGE', KEYS[2] .. ':waiting', 0, 999)
counts[10] = 0
for _, kind in ipairs(types.err and {} or types) do
  local count = redis.pcall('LLEN', KEYS[2] .. ':waiting:' .. kind)
  counts[10] = counts[10] + (type(count) == 'number' and count or 0)
end
counts[11] = text and (type(text) == 'string' and string.sub(text, 1, 4096) or text.err) or ''
local late = redis.pcall('ZCOUNT', KEYS[4], '-inf', string.format('(%d', now_ms() - ARGV[1]))
counts[12] = type(late) == 'number' and late or 0
local first = redis.pcall('ZRANGE', KEYS[4], 0, 0, 'WITHSCORES')
counts[13] = first[2] or ''
for lane = 1, 3 do
  local room, oldest = tonumber(ARGV[3]), {}
  for i = 1, tonumber(ARGV[2]) do
    local entry = redis.pcall('LRANGE', KEYS[lane], -i, -i)[1]
    room = room - (entry and #entry or room)
    if room <= 0 then
      break
    end
    oldest[i] = entry
  end
  counts[13 + lane] = oldest
end
return counts
