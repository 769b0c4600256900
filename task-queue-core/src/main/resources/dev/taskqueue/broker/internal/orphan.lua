-- Registers the owner of a processing list that is not registered, as if it had just beaten: if it lives it beats again,
-- and if not, its tasks are taken back after one lease.
-- Needs now_ms
-- KEYS  1 workers, 2 the processing list
-- ARGV  1 the worker
-- returns 1, or 0 where it is registered or holds nothing, or -1 where the key is no list
local workers, processing = KEYS[1], KEYS[2]
local worker = ARGV[1]
local kind = redis.call('TYPE', processing).ok
if kind ~= 'list' then
  return kind == 'none' and 0 or -1
end
return redis.call('ZADD', workers, 'NX', string.format('%d', now_ms()), worker)
