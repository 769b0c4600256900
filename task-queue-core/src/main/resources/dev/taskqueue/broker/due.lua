-- Looks for scheduled tasks whose time has come.
-- KEYS  1 scheduled
-- ARGV  1 how many tasks at most, 2 after how many bytes to stop
-- returns in how many milliseconds the next one is due (0 where some are, -1 where none is scheduled), then those due
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if #first == 0 then
  return { -1 }
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wait = tonumber(first[2]) - now
if wait > 0 then
  return { math.ceil(wait) }
end
local reply, room = { 0 }, tonumber(ARGV[2])
for _, raw in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])) do
  if room <= 0 then
    break
  end
  reply[#reply + 1] = raw
  room = room - #raw
end
return reply
