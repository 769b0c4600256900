-- Visits a page of workers and gathers how long each has been silent. A heartbeat that has changed starts anew; one that has
-- not adds the time since the last visit by anybody, but never more than a quarter of a lease at once. So neither an outage,
-- which nobody can visit in, nor a jump of the clock makes a worker look dead that is not.
-- Needs now_ms
-- KEYS  1 workers, 2 silence: per worker the heartbeat last seen, how long it has been seen unchanged (ms), when that was
--       last added to (ms); and, under names that no worker has, the lease and the time of the last visit (ms)
-- ARGV  1 the lease (ms), 2 how many workers to pass over, 3 how many to visit at most, 4 1 to leave it where anybody has
--       visited them lately, 0 to visit them all the same
-- returns how many were visited, then the workers that have been silent for a whole lease
local call = redis.call
local workers, silence = KEYS[1], KEYS[2]
local lease, offset, max = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local now = now_ms()
-- Each of n reapers comes as often as one alone would have to: that each then visits n workers would be n times too much.
if ARGV[4] == '1' and offset == 0 then
  local ago = now - (tonumber(call('HGET', silence, ':visited')) or 0)
  if ago >= 0 and ago < lease / 16 then
    return { 0 }
  end
end
-- Many reapers visit the same workers: what one has just added need not be written once more.
local least, most = lease / 32, lease / 4
if offset == 0 and call('HLEN', silence) > 100 + 2 * call('ZCARD', workers) then
  -- Records of workers that were lost from the register.
  call('DEL', silence)
end
if offset == 0 and call('HGET', silence, ':lease') ~= ARGV[1] then
  -- For those that have none of their own and ask who lives, as stats.lua does.
  call('HSET', silence, ':lease', ARGV[1])
end
if offset == 0 then
  call('HSET', silence, ':visited', string.format('%d', now))
end
local page = call('ZRANGE', workers, offset, offset + max - 1, 'WITHSCORES')
local reply = { #page / 2 }
for i = 1, #page, 2 do
  local worker, beat = page[i], page[i + 1]
  local seen, gathered, at = string.match(call('HGET', silence, worker) or '', '^(%S+) (%d+) (%d+)$')
  if seen ~= beat then
    call('HSET', silence, worker, string.format('%s 0 %d', beat, now))
  else
    gathered = tonumber(gathered)
    local since = now - at
    if since < 0 or since >= least then
      gathered = math.floor(gathered + math.max(0, math.min(since, most)))
      call('HSET', silence, worker, string.format('%s %d %d', beat, gathered, now))
    end
    if gathered >= lease then
      reply[#reply + 1] = worker
    end
  end
end
return reply
