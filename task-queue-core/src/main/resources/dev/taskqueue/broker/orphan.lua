-- Registers the owner of a processing list that is in no register, as if it had just beaten: if it lives it beats again,
-- and if not, its tasks are taken back after one lease.
-- KEYS  1 workers, 2 the processing list
-- ARGV  1 the worker
-- returns 1, or 0 where it is registered or holds nothing, or -1 where the key is no list
local kind = redis.call('TYPE', KEYS[2]).ok
if kind ~= 'list' then
  return kind == 'none' and 0 or -1
end
local time = redis.call('TIME')
return redis.call('ZADD', KEYS[1], 'NX', string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000)), ARGV[1])
