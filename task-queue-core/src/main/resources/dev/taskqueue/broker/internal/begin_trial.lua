-- Moves the suspect that has waited longest into a worker's processing list, and says that it is on trial there.
-- Needs now_ms
-- KEYS  1 trial, 2 suspects, 3 the worker's processing list
-- ARGV  1 the worker, 2 alone, or beside if it runs others too, 3 the suspect's bytes, 4 its id
-- returns 1, or 0 where another worker was faster
local call = redis.call
local trial, suspects, processing = KEYS[1], KEYS[2], KEYS[3]
local worker, state, raw, id = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local kind = call('TYPE', processing).ok
if kind ~= 'list' and kind ~= 'none' then
  return redis.error_reply('WRONGTYPE the processing list is a ' .. kind)
end
kind = call('TYPE', trial).ok
if kind ~= 'hash' and kind ~= 'none' then
  return redis.error_reply('WRONGTYPE the record of trials is a ' .. kind)
end
if call('LREM', suspects, 1, raw) == 0 then
  return 0
end
call('LPUSH', processing, raw)
call('HSET', trial, worker, string.format('%s %d %s', state, now_ms(), id))
return 1
